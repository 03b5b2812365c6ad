/*
 * flap: a penalty for each time a target goes down, halved with time; a target that collects too
 * much of it is held down until it is quiet (pure). After RFC 2439's damping of routes.
 */
#ifndef MERIDIAN_HEALTHCHECK_FLAP_H
#define MERIDIAN_HEALTHCHECK_FLAP_H

#include "base/mono.h"

#include <stdbool.h>
#include <stdint.h>

/* Held when more than three and a half fresh times down stand against it, free again below one; at
 * most three half-lives long. */
enum { FLAP_EACH = 1000, FLAP_HOLD_ABOVE = 3500, FLAP_FREE_BELOW = 1000, FLAP_MAX = 8000 };

/* All zeros: quiet. */
struct flap {
	double penalty; /* as it was AT */
	struct mono at;
	bool held;
};

/* The target went down at NOW. HALF_LIFE_S 0: nothing is counted. */
void flap_went_down(struct flap *flap, uint32_t half_life_s, struct mono now);

double flap_penalty(const struct flap *flap, uint32_t half_life_s, struct mono now);

/* Milliseconds for which it is held down yet, rounded up; 0: it is free. */
uint32_t flap_held_ms(const struct flap *flap, uint32_t half_life_s, struct mono now);

#endif
