/* overview: the first page in one call: is everybody served, what changed, what needs somebody. */
#ifndef MERIDIAN_WEB_OVERVIEW_H
#define MERIDIAN_WEB_OVERVIEW_H

#include "web/app.h"

struct response *overview_get(struct app *app, struct call *call);

#endif
