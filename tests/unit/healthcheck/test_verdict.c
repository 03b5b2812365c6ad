/* Verdicts: every small series of results against an independent reading of the rules. */
#include "healthcheck/verdict.h"

#include "base/rng.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const struct verdict_rules usual = {
	.rise = 2, .fall = 3, .degraded_above_ms = 800, .interval_ms = 5000, .recheck_ms = 1000};

/* One letter a result: p quick pass, s slow pass, f failure, n says nothing. */
static struct verdict_sample sample(char letter)
{
	switch (letter) {
	case 'p':
		return (struct verdict_sample){VERDICT_PASS, 10};
	case 's':
		return (struct verdict_sample){VERDICT_PASS, 900};
	case 'f':
		return (struct verdict_sample){VERDICT_FAIL, 10};
	default:
		return (struct verdict_sample){VERDICT_SAYS_NOTHING, 10};
	}
}

static struct verdict_step play(const struct verdict_rules *rules, struct verdict_memory memory,
				const char *series)
{
	struct verdict_step step = {.memory = memory};
	for (; *series != '\0'; series++)
		step = verdict_apply(rules, step.memory, sample(*series));
	return step;
}

static struct verdict_memory held(enum verdict verdict)
{
	return verdict_resume((struct health_state){.verdict = verdict});
}

static void test_each_series_leads_to_its_verdict(void **state)
{
	(void)state;
	static const struct {
		enum verdict from;
		const char *series;
		enum verdict to;
	} table[] = {
		{VERDICT_UNKNOWN, "", VERDICT_UNKNOWN},
		{VERDICT_UNKNOWN, "p", VERDICT_UNKNOWN},
		{VERDICT_UNKNOWN, "pp", VERDICT_UP},
		{VERDICT_UNKNOWN, "ss", VERDICT_DEGRADED},
		{VERDICT_UNKNOWN, "sp", VERDICT_DEGRADED},
		{VERDICT_UNKNOWN, "spp", VERDICT_UP},
		{VERDICT_UNKNOWN, "ff", VERDICT_UNKNOWN},
		{VERDICT_UNKNOWN, "fff", VERDICT_DOWN},
		{VERDICT_UNKNOWN, "pfpfpf", VERDICT_UNKNOWN},
		{VERDICT_UNKNOWN, "pnp", VERDICT_UP},
		{VERDICT_UP, "ff", VERDICT_UP},
		{VERDICT_UP, "fff", VERDICT_DOWN},
		{VERDICT_UP, "ffpff", VERDICT_UP},
		{VERDICT_UP, "fnfnf", VERDICT_DOWN},
		{VERDICT_UP, "ss", VERDICT_UP},
		{VERDICT_UP, "sss", VERDICT_DEGRADED},
		{VERDICT_UP, "fsf", VERDICT_DEGRADED},
		{VERDICT_UP, "sspss", VERDICT_UP},
		{VERDICT_UP, "nnnnnn", VERDICT_UP},
		{VERDICT_DEGRADED, "p", VERDICT_DEGRADED},
		{VERDICT_DEGRADED, "pp", VERDICT_UP},
		{VERDICT_DEGRADED, "psp", VERDICT_DEGRADED},
		{VERDICT_DEGRADED, "fff", VERDICT_DOWN},
		{VERDICT_DEGRADED, "sf", VERDICT_DEGRADED},
		{VERDICT_DOWN, "p", VERDICT_DOWN},
		{VERDICT_DOWN, "pfp", VERDICT_DOWN},
		{VERDICT_DOWN, "pp", VERDICT_UP},
		{VERDICT_DOWN, "ps", VERDICT_DEGRADED},
		{VERDICT_DOWN, "ss", VERDICT_DEGRADED},
	};
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		enum verdict to = play(&usual, held(table[i].from), table[i].series).memory.verdict;
		if (to != table[i].to)
			fail_msg("%s + %s gave %s, wanted %s", verdict_name(table[i].from),
				 table[i].series, verdict_name(to), verdict_name(table[i].to));
	}
}

static void test_a_target_is_pending_until_its_first_verdict(void **state)
{
	(void)state;
	assert_true(verdict_begin().pending);
	assert_true(play(&usual, verdict_begin(), "p").memory.pending);
	assert_true(play(&usual, verdict_begin(), "pff").memory.pending);
	assert_false(play(&usual, verdict_begin(), "fff").memory.pending);
	assert_false(play(&usual, verdict_begin(), "pp").memory.pending);
	assert_false(play(&usual, verdict_begin(), "ppfff").memory.pending);
}

static void test_a_word_of_an_earlier_run_holds_until_results_change_it(void **state)
{
	(void)state;
	struct verdict_memory up = held(VERDICT_UP);
	assert_int_equal(up.verdict, VERDICT_UP);
	assert_false(up.pending);
	assert_int_equal(play(&usual, up, "ff").memory.verdict, VERDICT_UP);
	assert_int_equal(held(VERDICT_NONE).verdict, VERDICT_UNKNOWN);
	assert_true(held(VERDICT_NONE).pending);
}

static void test_flip_after_is_the_least_time_to_the_change_under_way(void **state)
{
	(void)state;
	struct verdict_memory up = held(VERDICT_UP);
	assert_int_equal(play(&usual, up, "p").flip_after_s, 0);
	assert_int_equal(play(&usual, up, "f").flip_after_s, 2);
	assert_int_equal(play(&usual, up, "ff").flip_after_s, 1);
	assert_int_equal(play(&usual, up, "fff").flip_after_s, 0);
	assert_int_equal(play(&usual, held(VERDICT_DOWN), "p").flip_after_s, 1);
	assert_int_equal(play(&usual, verdict_begin(), "n").flip_after_s, 2);
	struct verdict_rules slow = usual;
	slow.recheck_ms = 0; /* then interval_ms holds */
	assert_int_equal(play(&slow, up, "f").flip_after_s, 10);
	slow.interval_ms = 200;
	assert_int_equal(play(&slow, up, "f").flip_after_s, 1);
	slow.interval_ms = 4000000000u;
	assert_int_equal(play(&slow, up, "f").flip_after_s, UINT16_MAX);
}

static void test_recheck_is_used_only_when_it_is_shorter_than_the_interval(void **state)
{
	(void)state;
	struct verdict_rules rules = usual;
	assert_int_equal(verdict_recheck_ms(&rules), 1000);
	rules.recheck_ms = 9000;
	assert_int_equal(verdict_recheck_ms(&rules), 5000);
	rules.recheck_ms = 0;
	assert_int_equal(verdict_recheck_ms(&rules), 5000);
}

static void test_zero_counts_act_as_one(void **state)
{
	(void)state;
	struct verdict_rules rules = {.interval_ms = 1000};
	assert_int_equal(play(&rules, verdict_begin(), "s").memory.verdict, VERDICT_UP);
	assert_int_equal(play(&rules, held(VERDICT_UP), "f").memory.verdict, VERDICT_DOWN);
}

/* A streak longer than can be counted goes on to be one. */
static void test_a_streak_beyond_all_counting_is_not_forgotten(void **state)
{
	(void)state;
	struct verdict_rules rules = usual;
	rules.rise = rules.fall = UINT16_MAX;
	static const struct {
		char letter;
		enum verdict from, to;
	} table[] = {
		{'f', VERDICT_UP, VERDICT_DOWN},
		{'s', VERDICT_UP, VERDICT_DEGRADED},
		{'p', VERDICT_DOWN, VERDICT_UP},
		{'p', VERDICT_DEGRADED, VERDICT_UP},
	};
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		struct verdict_step step = {.memory = held(table[i].from)};
		for (unsigned n = 1; n <= 3u * UINT16_MAX; n++) {
			step = verdict_apply(&rules, step.memory, sample(table[i].letter));
			assert_int_equal(step.memory.verdict,
					 n < UINT16_MAX ? table[i].from : table[i].to);
		}
	}
}

/* How many at the end of SERIES are among LETTERS, blanks ("n") left out. */
static unsigned tail(const char *series, const char *letters)
{
	unsigned count = 0;
	for (size_t i = strlen(series); i > 0; i--) {
		if (series[i - 1] == 'n')
			continue;
		if (strchr(letters, series[i - 1]) == NULL)
			break;
		count++;
	}
	return count;
}

/* The rules read anew from the whole series at each step, without counters. */
static enum verdict expected(enum verdict before, const char *series, unsigned rise, unsigned fall)
{
	if (tail(series, "f") >= fall)
		return VERDICT_DOWN;
	if (before == VERDICT_UP)
		return tail(series, "fs") >= fall ? VERDICT_DEGRADED : VERDICT_UP;
	if (before == VERDICT_DEGRADED)
		return tail(series, "p") >= rise ? VERDICT_UP : VERDICT_DEGRADED;
	if (tail(series, "p") >= rise)
		return VERDICT_UP;
	return tail(series, "ps") >= rise ? VERDICT_DEGRADED : before;
}

static void check_series(const struct verdict_rules *rules, enum verdict from, const char *series)
{
	struct verdict_step step = {.memory = held(from)};
	enum verdict want = from;
	char so_far[128] = "";
	for (size_t i = 0; series[i] != '\0'; i++) {
		so_far[i] = series[i];
		so_far[i + 1] = '\0';
		enum verdict before = step.memory.verdict;
		step = verdict_apply(rules, step.memory, sample(series[i]));
		if (series[i] != 'n')
			want = expected(want, so_far, rules->rise, rules->fall);
		if (step.memory.verdict != want)
			fail_msg("%s + %s gave %s, wanted %s", verdict_name(from), so_far,
				 verdict_name(step.memory.verdict), verdict_name(want));
		assert_int_equal(step.changed, step.memory.verdict != before);
		assert_int_equal(step.turning, step.flip_after_s > 0);
		if (series[i] == 'n')
			assert_false(step.changed);
	}
}

static void test_every_series_of_eight_results_agrees_with_the_rules_read_anew(void **state)
{
	(void)state;
	static const enum verdict from[] = {VERDICT_UNKNOWN, VERDICT_UP, VERDICT_DEGRADED,
					    VERDICT_DOWN};
	for (uint16_t rise = 1; rise <= 3; rise++) {
		for (uint16_t fall = 1; fall <= 3; fall++) {
			struct verdict_rules rules = usual;
			rules.rise = rise;
			rules.fall = fall;
			for (unsigned n = 0; n < 4u * 65536u; n++) {
				char series[9];
				for (unsigned i = 0; i < 8; i++)
					series[i] = "psfn"[n >> (2 * i) & 3];
				series[8] = '\0';
				check_series(&rules, from[n >> 16], series);
			}
		}
	}
}

static void test_random_long_series_agree_and_never_flip_before_flip_after(void **state)
{
	(void)state;
	struct rng rng;
	rng_init(&rng, 20261120);
	for (int round = 0; round < 20000; round++) {
		struct verdict_rules rules = usual;
		rules.rise = (uint16_t)(1 + rng_below(&rng, 6));
		rules.fall = (uint16_t)(1 + rng_below(&rng, 6));
		char series[101];
		for (unsigned i = 0; i < 100; i++) /* runs, so that long streaks come */
			series[i] = i > 0 && rng_below(&rng, 3) > 0 ? series[i - 1]
								    : "psfn"[rng_below(&rng, 4)];
		series[100] = '\0';
		check_series(&rules, VERDICT_UNKNOWN, series);
		struct verdict_memory memory = verdict_begin();
		unsigned not_before = 0;
		for (unsigned i = 0; i < 100; i++) {
			struct verdict_step step = verdict_apply(&rules, memory, sample(series[i]));
			if (step.changed && i < not_before)
				fail_msg("changed at %u, promised not before %u", i, not_before);
			/* recheck_ms is a second: flip_after_s counts results */
			not_before = step.turning ? i + step.flip_after_s : 0;
			memory = step.memory;
		}
	}
}

static void test_nothing_gets_worse_while_frozen_and_what_was_counted_counts_later(void **state)
{
	(void)state;
	static const struct {
		enum verdict from;
		const char *series;
		enum verdict frozen, later;
	} table[] = {
		{VERDICT_UP, "fff", VERDICT_UP, VERDICT_DOWN},
		{VERDICT_UP, "sss", VERDICT_UP, VERDICT_DEGRADED},
		{VERDICT_UP, "ffp", VERDICT_UP, VERDICT_UP},
		{VERDICT_UNKNOWN, "fff", VERDICT_UNKNOWN, VERDICT_DOWN},
		{VERDICT_UNKNOWN, "pp", VERDICT_UP, VERDICT_UP},
		{VERDICT_UNKNOWN, "ss", VERDICT_DEGRADED, VERDICT_DEGRADED},
		{VERDICT_DOWN, "pp", VERDICT_UP, VERDICT_UP},
		{VERDICT_DOWN, "ss", VERDICT_DEGRADED, VERDICT_DEGRADED},
		{VERDICT_DEGRADED, "fff", VERDICT_DEGRADED, VERDICT_DOWN},
		{VERDICT_DEGRADED, "pp", VERDICT_UP, VERDICT_UP},
	};
	struct verdict_rules frozen = usual;
	frozen.frozen = true;
	struct verdict_sample again = {.kind = VERDICT_RECONSIDER};
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		struct verdict_step step = play(&frozen, held(table[i].from), table[i].series);
		assert_int_equal(step.memory.verdict, table[i].frozen);
		struct verdict_memory forgiven = verdict_forgive(step.memory);
		assert_int_equal(verdict_apply(&usual, step.memory, again).memory.verdict,
				 table[i].later);
		assert_int_equal(verdict_apply(&usual, forgiven, again).memory.verdict,
				 table[i].frozen);
	}
}

static void test_who_is_held_down_rises_when_the_time_is_over(void **state)
{
	(void)state;
	struct verdict_rules holding = usual;
	holding.held_down_ms = 90000;
	struct verdict_step step = play(&holding, held(VERDICT_DOWN), "pppp");
	assert_int_equal(step.memory.verdict, VERDICT_DOWN);
	assert_int_equal(step.flip_after_s, 90);
	assert_false(step.turning);
	assert_int_equal(play(&usual, step.memory, "p").memory.verdict, VERDICT_UP);
	assert_int_equal(play(&holding, held(VERDICT_UP), "fff").memory.verdict, VERDICT_DOWN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_series_leads_to_its_verdict),
		cmocka_unit_test(test_a_target_is_pending_until_its_first_verdict),
		cmocka_unit_test(test_a_word_of_an_earlier_run_holds_until_results_change_it),
		cmocka_unit_test(test_flip_after_is_the_least_time_to_the_change_under_way),
		cmocka_unit_test(test_recheck_is_used_only_when_it_is_shorter_than_the_interval),
		cmocka_unit_test(test_zero_counts_act_as_one),
		cmocka_unit_test(test_a_streak_beyond_all_counting_is_not_forgotten),
		cmocka_unit_test(
			test_every_series_of_eight_results_agrees_with_the_rules_read_anew),
		cmocka_unit_test(test_random_long_series_agree_and_never_flip_before_flip_after),
		cmocka_unit_test(
			test_nothing_gets_worse_while_frozen_and_what_was_counted_counts_later),
		cmocka_unit_test(test_who_is_held_down_rises_when_the_time_is_over),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
