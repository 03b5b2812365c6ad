/* zone_file: a zone as an RFC 1035 master file, text/dns (RFC 4027). */
#ifndef MERIDIAN_WEB_ZONE_FILE_H
#define MERIDIAN_WEB_ZONE_FILE_H

#include "web/app.h"

struct response *zone_file_get(struct app *app, struct call *call);
/* Makes the zone's records what the file holds; a zone that is not there yet is created. */
struct response *zone_file_put(struct app *app, struct call *call);

#endif
