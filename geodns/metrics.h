/* metrics: the responder's counters and gauges as JSON, from which the web daemon makes /metrics.
 */
#ifndef MERIDIAN_GEODNS_METRICS_H
#define MERIDIAN_GEODNS_METRICS_H

#include "geodns/responder.h"

#include <jansson.h>

/* {"metrics": [{"name", "type", "help", "samples": [{"labels", "value"}]}]} */
json_t *metrics_stats(const struct responder *responder);

/* {"time", "queries", "services": {"example.com/www": {"eu": 12, "us": 3}}} */
json_t *metrics_answers(const struct responder *responder);

#endif
