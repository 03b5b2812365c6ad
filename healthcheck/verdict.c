/* Knows when a series of results turns a verdict. */
#include "healthcheck/verdict.h"

#include <assert.h>

struct verdict_memory verdict_begin(void)
{
	return (struct verdict_memory){.verdict = VERDICT_UNKNOWN, .pending = true};
}

struct verdict_memory verdict_resume(struct health_state held)
{
	if (held.verdict == VERDICT_NONE)
		return verdict_begin();
	return (struct verdict_memory){.verdict = held.verdict, .pending = held.pending};
}

uint32_t verdict_recheck_ms(const struct verdict_rules *rules)
{
	bool usable = rules->recheck_ms > 0 && rules->recheck_ms < rules->interval_ms;
	return usable ? rules->recheck_ms : rules->interval_ms;
}

static uint16_t at_least_one(uint16_t count)
{
	return count > 0 ? count : 1;
}

static uint16_t one_more(uint16_t count)
{
	return count < UINT16_MAX ? (uint16_t)(count + 1) : count;
}

static void count(struct verdict_memory *memory, bool pass, bool quick)
{
	memory->passed = pass ? one_more(memory->passed) : 0;
	memory->failed = pass ? 0 : one_more(memory->failed);
	memory->quick = quick ? one_more(memory->quick) : 0;
	memory->unquick = quick ? 0 : one_more(memory->unquick);
}

static enum verdict judge(const struct verdict_memory *memory, uint16_t rise, uint16_t fall)
{
	if (memory->failed >= fall)
		return VERDICT_DOWN;
	switch (memory->verdict) {
	case VERDICT_UP:
		return memory->unquick >= fall ? VERDICT_DEGRADED : VERDICT_UP;
	case VERDICT_DEGRADED:
		return memory->quick >= rise ? VERDICT_UP : VERDICT_DEGRADED;
	case VERDICT_NONE:
	case VERDICT_UNKNOWN:
	case VERDICT_DOWN:
		break;
	}
	if (memory->passed < rise)
		return memory->verdict;
	return memory->quick >= rise ? VERDICT_UP : VERDICT_DEGRADED;
}

static bool is_worse(enum verdict now, enum verdict before)
{
	return now != before &&
	       (now == VERDICT_DOWN || (now == VERDICT_DEGRADED && before == VERDICT_UP));
}

/* What becomes of BEFORE, when NOW is what the results alone would make of it. */
static enum verdict restrain(const struct verdict_rules *rules, enum verdict before,
			     enum verdict now)
{
	if (rules->frozen && is_worse(now, before))
		return before;
	if (rules->held_down_ms > 0 && before == VERDICT_DOWN)
		return before;
	return now;
}

struct verdict_memory verdict_forgive(struct verdict_memory memory)
{
	memory.failed = memory.unquick = 0;
	return memory;
}

/* Results still missing until STREAK is NEEDED; at least one. */
static uint16_t missing(uint16_t streak, uint16_t needed)
{
	return streak < needed ? (uint16_t)(needed - streak) : 1;
}

static uint16_t lesser(uint16_t a, uint16_t b)
{
	return a < b ? a : b;
}

/*
 * Results that are at least missing until the verdict changes; 0: no change is under way. Once one
 * is, every way out counts, also one not begun: it may be the shorter.
 */
static uint16_t until_change(const struct verdict_memory *memory, uint16_t rise, uint16_t fall)
{
	uint16_t failing = missing(memory->failed, fall);
	switch (memory->verdict) {
	case VERDICT_UP:
		if (memory->unquick == 0)
			return 0;
		return lesser(failing, missing(memory->unquick, fall));
	case VERDICT_DEGRADED:
		if (memory->failed == 0 && memory->quick == 0)
			return 0;
		return lesser(failing, missing(memory->quick, rise));
	case VERDICT_DOWN:
		return memory->passed > 0 ? missing(memory->passed, rise) : 0;
	case VERDICT_NONE:
	case VERDICT_UNKNOWN:
		break;
	}
	return lesser(failing, missing(memory->passed, rise));
}

static uint16_t whole_seconds(uint64_t ms)
{
	uint64_t seconds = ms / 1000;
	if (seconds == 0)
		return 1;
	return seconds < UINT16_MAX ? (uint16_t)seconds : UINT16_MAX;
}

struct verdict_step verdict_apply(const struct verdict_rules *rules, struct verdict_memory memory,
				  struct verdict_sample sample)
{
	assert(memory.verdict != VERDICT_NONE);
	uint16_t rise = at_least_one(rules->rise), fall = at_least_one(rules->fall);
	struct verdict_step step = {.memory = memory};
	if (sample.kind == VERDICT_PASS || sample.kind == VERDICT_FAIL) {
		bool pass = sample.kind == VERDICT_PASS;
		bool slow =
			rules->degraded_above_ms > 0 && sample.total_ms > rules->degraded_above_ms;
		count(&step.memory, pass, pass && !slow);
	}
	if (sample.kind != VERDICT_SAYS_NOTHING) {
		step.memory.verdict =
			restrain(rules, memory.verdict, judge(&step.memory, rise, fall));
		step.memory.pending = step.memory.verdict == VERDICT_UNKNOWN;
	}
	step.changed = step.memory.verdict != memory.verdict;
	if (rules->held_down_ms > 0 && step.memory.verdict == VERDICT_DOWN) {
		/* Checking it more often would not end it sooner. */
		step.flip_after_s = step.memory.passed > 0 ? whole_seconds(rules->held_down_ms) : 0;
		return step;
	}
	uint16_t left = until_change(&step.memory, rise, fall);
	step.turning = left > 0;
	if (step.turning)
		step.flip_after_s = whole_seconds((uint64_t)left * verdict_recheck_ms(rules));
	return step;
}
