/* mono: a point on the clock that never steps (CLOCK_MONOTONIC), for every interval, deadline and
 * timeout. */
#ifndef MERIDIAN_BASE_MONO_H
#define MERIDIAN_BASE_MONO_H

#include <stdint.h>

struct mono {
	int64_t ns;
};

struct mono mono_now(void);

/* The same as of the kernel's last tick, some milliseconds ago at most, at a fraction of the cost.
 */
struct mono mono_coarse(void);

/* LATER - EARLIER, rounded towards zero; negative when LATER is earlier. */
int64_t mono_ms_between(struct mono earlier, struct mono later);
int64_t mono_us_between(struct mono earlier, struct mono later);

struct mono mono_add_ms(struct mono t, int64_t ms);

#endif
