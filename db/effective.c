/* Knows which of override, administrative state and verdict goes before which. */
#include "db/effective.h"

static struct effective is(enum serving serving, const char *why)
{
	return (struct effective){.serving = serving, .why = why};
}

static struct effective by_override(enum override_action action)
{
	switch (action) {
	case OVERRIDE_UP:
		return is(SERVING_YES, "override up");
	case OVERRIDE_DRAIN:
		return is(SERVING_NO, "drained");
	case OVERRIDE_DOWN:
	case OVERRIDE_FREEZE: /* of prefixes alone, which are not judged here */
		break;
	}
	return is(SERVING_NO, "override down");
}

/* What is told of a checker that is gone is still new. */
static bool waits(const struct effective_input *input)
{
	bool is_new = input->health.pending || input->health.verdict == VERDICT_NONE;
	bool is_down = input->fresh && input->health.verdict == VERDICT_DOWN;
	return is_new && input->others_suffice && !is_down;
}

static struct effective by_verdict(const struct effective_input *input)
{
	switch (input->health.verdict) {
	case VERDICT_UP:
	case VERDICT_DEGRADED:
		return is(SERVING_YES, input->health.verdict == VERDICT_UP ? "up" : "degraded");
	case VERDICT_DOWN:
		return is(SERVING_NO, "down");
	case VERDICT_NONE:
	case VERDICT_UNKNOWN:
		break;
	}
	return is(input->has_before ? input->before : SERVING_YES, "unknown, state kept");
}

bool effective_is_by_hand(bool enabled, const struct override *override)
{
	return !enabled || (override != NULL && override->action != OVERRIDE_UP);
}

bool effective_is_proved(bool by_hand, struct health_state health)
{
	return !by_hand && (health.verdict == VERDICT_UP || health.verdict == VERDICT_DEGRADED) &&
	       !health.pending;
}

bool effective_do_suffice(const struct pool *pool, size_t proved)
{
	return proved > 0 && proved >= pool->min_healthy;
}

struct effective effective_state(const struct effective_input *input)
{
	if (input->has_override)
		return by_override(input->override);
	if (!input->enabled)
		return is(SERVING_NO, "not enabled");
	if (!input->monitored)
		return is(SERVING_YES, "not monitored");
	if (waits(input))
		return (struct effective){.serving = SERVING_NO, .why = "pending", .waits = true};
	struct effective_input seen = *input;
	if (!input->fresh)
		seen.health.verdict = VERDICT_UNKNOWN;
	return by_verdict(&seen);
}
