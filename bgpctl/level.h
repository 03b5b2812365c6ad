/*
 * level: how strongly a prefix is announced. The number is the state tag that stands in the include
 * file as the last part of a large community, and that BIRD's export filter maps to attributes.
 */
#ifndef MERIDIAN_BGPCTL_LEVEL_H
#define MERIDIAN_BGPCTL_LEVEL_H

#include <stdbool.h>
#include <stdint.h>

/* Above LEVEL_NONE the prefix is announced; only the way to LEVEL_NONE can take traffic away. */
enum level { LEVEL_NONE = 0, LEVEL_ANNOUNCED = 1, LEVEL_DEGRADED = 2, LEVEL_DRAINING = 3 };

/* The middle part of the large community (MERIDIAN_AS, LEVEL_TAG, level): 53, as in DNS. */
enum { LEVEL_TAG = 53 };

/* "withdrawn", "announced", "degraded", "draining" */
const char *level_name(enum level level);

/* False where NUMBER is none of the levels that are announced. */
bool level_from_tag(uint32_t number, enum level *level) __attribute__((warn_unused_result));

#endif
