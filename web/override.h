/* override: an operator's word against the checks, for a time and with a reason. */
#ifndef MERIDIAN_WEB_OVERRIDE_H
#define MERIDIAN_WEB_OVERRIDE_H

#include "web/app.h"

struct response *override_create(struct app *app, struct call *call);
struct response *override_put(struct app *app, struct call *call);

/* {"action", "reason", "author", "starts", "ends"}, or null where nothing is in force at NOW_MS. */
json_t *override_json(const struct model *model, const char *object, int64_t now_ms);

#endif
