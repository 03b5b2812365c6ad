/* endpoint: the endpoints of a pool as resources. They are stored in their pool, so that the pool's
 * revision is theirs. */
#ifndef MERIDIAN_WEB_ENDPOINT_H
#define MERIDIAN_WEB_ENDPOINT_H

#include "web/app.h"

struct response *endpoint_list(struct app *app, struct call *call);
struct response *endpoint_create(struct app *app, struct call *call);
struct response *endpoint_get(struct app *app, struct call *call);
struct response *endpoint_put(struct app *app, struct call *call);
struct response *endpoint_patch(struct app *app, struct call *call);
struct response *endpoint_delete(struct app *app, struct call *call);

#endif
