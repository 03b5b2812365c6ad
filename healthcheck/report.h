/* report: what the fleet knows, as JSON for the control socket. */
#ifndef MERIDIAN_HEALTHCHECK_REPORT_H
#define MERIDIAN_HEALTHCHECK_REPORT_H

#include "healthcheck/alerts.h"
#include "healthcheck/conscience.h"
#include "healthcheck/feed.h"
#include "healthcheck/publisher.h"
#include "healthcheck/recital.h"

#include <jansson.h>

/* Of more endpoints the last results are left out unless they are asked for: they take 0.1 ms
 * each. */
enum { REPORT_HISTORY_MAX = 200 };

/* Inside a handler: {"time", "targets": [...]} later. ARGS (NULL: all) may hold "pool" (a name),
 * "id" (an endpoint's id) to leave others out, and "history" (a boolean). */
void report_health(struct recitals *recitals, const struct fleet *fleet, const json_t *args);

/* How the daemon does and what is wrong with it. All is borrowed. */
struct report_sources {
	int64_t started_ms;
	struct feed_status feed;
	const struct fleet *fleet;
	const struct runner_numbers *runner;
	const struct publisher *publisher;
	struct alerts *alerts;
	const struct conscience *conscience;
	const char *events_dir;
	uint64_t events_lost;
	bool lost_lately; /* some of them in the last minute */
};
json_t *report_status(const struct report_sources *sources);

/* One result alone: {"ok", "reason", "phases_ms", "cert"}. */
json_t *report_result(const struct probe_result *result);

/* Inside a handler: {"metrics": [...]} of all that is measured, later. */
struct report_numbers {
	const struct fleet *fleet;
	const struct tally *tally;
	const struct runner_numbers *runner;
	const struct histogram *turns;
	int64_t revision;
	uint64_t stalled_ms, events_lost, series_lost;
	uint64_t apply_us; /* of the last change of configuration */
	bool frozen;
};
void report_stats(struct recitals *recitals, const struct report_numbers *numbers);

#endif
