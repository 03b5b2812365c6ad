/* Knows the buckets: from below the cost of an answer to beyond what a client would notice. */
#include "geodns/durations.h"

static const int64_t limits_ns[DURATIONS_BUCKETS - 1] = {
	250, 1000, 2500, 5000, 10000, 25000, 100000, 1000000, 10000000, 100000000};

int64_t durations_limit_ns(unsigned at)
{
	return limits_ns[at];
}

static void add(_Atomic uint64_t *counter, uint64_t more)
{
	uint64_t before = atomic_load_explicit(counter, memory_order_relaxed);
	atomic_store_explicit(counter, before + more, memory_order_relaxed);
}

void durations_add(struct durations *durations, int64_t ns)
{
	unsigned at = 0;
	while (at < DURATIONS_BUCKETS - 1 && ns > limits_ns[at])
		at++;
	add(&durations->buckets[at], 1);
	add(&durations->sum_ns, ns > 0 ? (uint64_t)ns : 0);
}
