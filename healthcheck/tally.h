/* tally: what all results add up to, for the metrics. */
#ifndef MERIDIAN_HEALTHCHECK_TALLY_H
#define MERIDIAN_HEALTHCHECK_TALLY_H

#include "base/strmap.h"
#include "healthcheck/histogram.h"
#include "healthcheck/probe.h"

enum { TALLY_OUTCOMES = 3, TALLY_REASONS = PROBE_REASON_LOCAL + 1 };

/* All zeros: empty. */
struct tally {
	struct strmap monitors; /* name -> struct tally_monitor */
	struct histogram name, connect, tls, first_byte, total;
};

void tally_fini(struct tally *tally);
void tally_add(struct tally *tally, const char *monitor, const struct probe_result *result);

/* Appends meridian_probe_results_total and meridian_probe_duration_seconds to METRICS. */
void tally_metrics(const struct tally *tally, json_t *metrics);

#endif
