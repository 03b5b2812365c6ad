/* Knows when taking a prefix away would do more harm than leaving it. */
#include "bgpctl/guard.h"

#include <string.h>

const char *guard_rule_name(enum guard_rule rule)
{
	static const char *const names[GUARD_RULES] = {
		[GUARD_LAST_SITE] = "last_site",
		[GUARD_MIN_SITES] = "min_sites",
		[GUARD_PANIC] = "panic_fraction",
		[GUARD_VELOCITY] = "max_withdraw_per_10min",
	};
	return rule < GUARD_RULES ? names[rule] : NULL;
}

/* A single prefix is no fraction: for it, the other rules speak. */
static bool panics(const struct guard_case *at)
{
	return at->announced >= 2 &&
	       (double)at->leaving > at->panic_fraction * (double)at->announced;
}

enum guard_rule guard_judge(const struct guard_case *at)
{
	if (at->force == GUARD_FORCE_PROOF || at->force == GUARD_FORCE_ORDER)
		return GUARD_PASS;
	if (at->others_announcing < at->min_sites)
		return at->others_announcing == 0 ? GUARD_LAST_SITE : GUARD_MIN_SITES;
	if (at->force == GUARD_FORCE_GO)
		return GUARD_PASS;
	if (panics(at))
		return GUARD_PANIC;
	if (at->just_before || at->recent >= at->max_recent)
		return GUARD_VELOCITY;
	return GUARD_PASS;
}

void guard_history_add(struct guard_history *history, uint8_t family, struct mono at)
{
	if (history->count == GUARD_HISTORY_MAX)
		memmove(history->of, history->of + 1, (--history->count) * sizeof *history->of);
	history->of[history->count].at = at;
	history->of[history->count++].family = family;
}

unsigned guard_history_within(const struct guard_history *history, uint8_t family, struct mono now,
			      int64_t window_ms)
{
	unsigned within = 0;
	for (size_t i = 0; i < history->count; i++)
		if ((family == 0 || history->of[i].family == family) &&
		    mono_ms_between(history->of[i].at, now) < window_ms)
			within++;
	return within;
}
