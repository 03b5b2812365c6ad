/* anycast_view: what the anycast controller says; what the configuration knows where it is silent.
 */
#ifndef MERIDIAN_WEB_ANYCAST_VIEW_H
#define MERIDIAN_WEB_ANYCAST_VIEW_H

#include "web/app.h"

/* The answer of GET anycast. REPLY is the controller's or NULL with WHY; both borrowed. */
json_t *anycast_view(const struct model *model, const char *site, const json_t *reply,
		     const char *why);
struct response *anycast_get(struct app *app, struct call *call);

#endif
