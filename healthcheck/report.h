/* report: what the fleet knows, as JSON for the control socket. */
#ifndef MERIDIAN_HEALTHCHECK_REPORT_H
#define MERIDIAN_HEALTHCHECK_REPORT_H

#include "healthcheck/fleet.h"

#include <jansson.h>

/* Of more endpoints the last results are left out unless they are asked for: they take 0.1 ms each,
 * and checks wait meanwhile. */
enum { REPORT_HISTORY_MAX = 200 };

/* {"time", "targets": [...]}. ARGS (NULL: all) may hold "pool" (a name), "id" (an endpoint's id) to
 * leave others out, and "history" (a boolean). */
json_t *report_health(const struct fleet *fleet, const json_t *args);

/* One result alone: {"ok", "reason", "phases_ms", "cert"}. */
json_t *report_result(const struct probe_result *result);

/* {"metrics": [...]} of all that is measured. */
struct report_numbers {
	const struct fleet *fleet;
	const struct tally *tally;
	const struct runner_numbers *runner;
	int64_t revision;
	uint64_t stalled_ms, events_lost, apply_us; /* of the last change of configuration */
	bool frozen;
};
json_t *report_stats(const struct report_numbers *numbers);

#endif
