/* zone: a zone as a resource: it is created and deleted together with its records and services. */
#ifndef MERIDIAN_WEB_ZONE_H
#define MERIDIAN_WEB_ZONE_H

#include "web/app.h"

struct response *zone_create(struct app *app, struct call *call);
struct response *zone_delete(struct app *app, struct call *call);

#endif
