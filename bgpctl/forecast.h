/*
 * forecast: what would be announced if the configuration were another: the same decision on copies,
 * nothing written, nothing said to BIRD.
 */
#ifndef MERIDIAN_BGPCTL_FORECAST_H
#define MERIDIAN_BGPCTL_FORECAST_H

#include "bgpctl/controller.h"

#include <jansson.h>

/*
 * ARGS: {"changes": [{"kind": "prefix"|"override"|"safety", "id", "object": {...}|null}]}, or NULL
 * for none. Returns {"site", "prefixes": [{"prefix", "now", "then", "later", "reason",
 * "blocked_by"}], "exports": [{"peer", "prefix", "now", "then"}], "file": {"path", "before",
 * "after"}}; "then" is the first decision, "later" where it leads when all else stays; or a
 * failure.
 */
json_t *forecast(const struct controller *controller, const json_t *args);

#endif
