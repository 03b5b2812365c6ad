/* histogram: counts of durations in the buckets of a Prometheus histogram. */
#ifndef MERIDIAN_HEALTHCHECK_HISTOGRAM_H
#define MERIDIAN_HEALTHCHECK_HISTOGRAM_H

#include <jansson.h>
#include <stdint.h>

enum { HISTOGRAM_BUCKETS = 12 };

/* All zeros: empty. One thread's. */
struct histogram {
	uint64_t counts[HISTOGRAM_BUCKETS + 1]; /* the last: above all bounds */
	uint64_t sum_us;
};

void histogram_add(struct histogram *histogram, uint64_t us);

/* Appends the samples (_bucket, _sum, _count) to SAMPLES, each with LABEL=VALUE unless LABEL is
 * NULL. */
void histogram_samples(const struct histogram *histogram, const char *label, const char *value,
		       json_t *samples);

#endif
