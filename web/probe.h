/* probe: what a supervisor or a balancer in front asks the web daemon. */
#ifndef MERIDIAN_WEB_PROBE_H
#define MERIDIAN_WEB_PROBE_H

#include "web/app.h"

struct response *probe_alive(struct app *app, struct call *call);
struct response *probe_ready(struct app *app, struct call *call);

#endif
