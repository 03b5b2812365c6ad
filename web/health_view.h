/*
 * health_view: what the checker says, together with overrides and administrative state, and what
 * follows for each pool. The dashboard's truth of "is everybody served".
 */
#ifndef MERIDIAN_WEB_HEALTH_VIEW_H
#define MERIDIAN_WEB_HEALTH_VIEW_H

#include "web/app.h"

/*
 * {"time", "fresh", "problems", "pools"} of MODEL. REPLY is the checker's `health` or NULL with
 * WHY. ONLY names one pool, or is NULL. All are borrowed.
 */
json_t *health_view(struct app *app, const struct model *model, const json_t *reply,
		    const char *why, const char *only);

struct response *health_get_all(struct app *app, struct call *call);
/* ?id=endpoint/POOL/NAME&step=minute|hour&since=TIME&until=TIME, as the checker keeps it. */
struct response *health_get_series(struct app *app, struct call *call);

#endif
