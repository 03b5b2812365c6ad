/* event: the time line: what the journals hold, and the live stream. */
#ifndef MERIDIAN_WEB_EVENT_H
#define MERIDIAN_WEB_EVENT_H

#include "web/app.h"

struct response *event_list(struct app *app, struct call *call);
struct response *event_stream(struct app *app, struct call *call);

#endif
