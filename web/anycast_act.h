/* anycast_act: what people ask of the anycast controller over HTTP beyond how things are: what
 * would follow, and to go on after a foreign change of BIRD's configuration. */
#ifndef MERIDIAN_WEB_ANYCAST_ACT_H
#define MERIDIAN_WEB_ANYCAST_ACT_H

#include "web/app.h"

/* GET anycast/plan: what would be announced as the configuration is. */
struct response *anycast_plan_get(struct app *app, struct call *call);
/* POST anycast/plan[?prune=true]: as it would be with the document in the body. */
struct response *anycast_plan_post(struct app *app, struct call *call);
/* POST anycast/confirm {"id"} */
struct response *anycast_confirm(struct app *app, struct call *call);

#endif
