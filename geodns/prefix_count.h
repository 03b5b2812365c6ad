/*
 * prefix_count: how many of something each client prefix holds: an IPv4 /24, an IPv6 /56.
 */
#ifndef MERIDIAN_GEODNS_PREFIX_COUNT_H
#define MERIDIAN_GEODNS_PREFIX_COUNT_H

#include "base/addr.h"

struct prefix_count;

/* Room for MOST prefixes at once. The caller frees with prefix_count_free(). */
struct prefix_count *prefix_count_new(unsigned most)
	__attribute__((warn_unused_result, returns_nonnull));
void prefix_count_free(struct prefix_count *counts);

/* The prefix that ADDR is counted under; never 0. */
uint64_t prefix_count_key(const struct addr *addr);

unsigned prefix_count_get(const struct prefix_count *counts, uint64_t key);

/* One more; there must be room. */
void prefix_count_add(struct prefix_count *counts, uint64_t key);

/* One less; there must be one. */
void prefix_count_remove(struct prefix_count *counts, uint64_t key);

#endif
