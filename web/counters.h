/* counters: what the web daemon counts of itself. Thread-safe. */
#ifndef MERIDIAN_WEB_COUNTERS_H
#define MERIDIAN_WEB_COUNTERS_H

#include "web/app.h"

struct counters *counters_new(void);
void counters_free(struct counters *counters);

/* One answered request. ROUTE is a pattern of the router or a constant, never what a client sent.
 */
void counters_request(struct counters *counters, const char *route, unsigned status);

/* {"metrics": [...]}: this daemon's answer to `stats`. */
json_t *counters_stats(struct app *app);

#endif
