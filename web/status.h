/* status: all daemons at a glance. */
#ifndef MERIDIAN_WEB_STATUS_H
#define MERIDIAN_WEB_STATUS_H

#include "web/app.h"
#include "web/ask.h"

/* This daemon's own answer to `status`. */
json_t *status_of_web(struct app *app);
/* GET status, of ANSWERS to `status` (borrowed). */
json_t *status_view(struct app *app, const struct answer answers[DAEMON_COUNT]);

struct response *status_get(struct app *app, struct call *call);
struct response *stats_get(struct app *app, struct call *call);

#endif
