/* Knows which clock never steps. */
#include "base/mono.h"

#include <time.h>

static struct mono read_clock(clockid_t clock)
{
	struct timespec t;
	clock_gettime(clock, &t);
	return (struct mono){.ns = (int64_t)t.tv_sec * 1000000000 + t.tv_nsec};
}

struct mono mono_now(void)
{
	return read_clock(CLOCK_MONOTONIC);
}

struct mono mono_coarse(void)
{
	return read_clock(CLOCK_MONOTONIC_COARSE);
}

int64_t mono_ms_between(struct mono earlier, struct mono later)
{
	return (later.ns - earlier.ns) / 1000000;
}

int64_t mono_us_between(struct mono earlier, struct mono later)
{
	return (later.ns - earlier.ns) / 1000;
}

struct mono mono_add_ms(struct mono t, int64_t ms)
{
	return (struct mono){.ns = t.ns + ms * 1000000};
}
