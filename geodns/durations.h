/*
 * durations: how long answers take, as a histogram that one thread writes and anyone reads.
 */
#ifndef MERIDIAN_GEODNS_DURATIONS_H
#define MERIDIAN_GEODNS_DURATIONS_H

#include <stdatomic.h>
#include <stdint.h>

enum { DURATIONS_BUCKETS = 11 }; /* the last is for what is longer than all */

struct durations {
	_Atomic uint64_t buckets[DURATIONS_BUCKETS]; /* each without those below it */
	_Atomic uint64_t sum_ns;
};

/* The most that bucket AT, below DURATIONS_BUCKETS - 1, holds. */
int64_t durations_limit_ns(unsigned at);

/* The writer's: one more that took NS. */
void durations_add(struct durations *durations, int64_t ns);

#endif
