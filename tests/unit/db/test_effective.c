/* Every combination of override, administrative state, verdict and what was before. */
#include "db/effective.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
/* cmocka wants the four above first */
#include <cmocka.h>

/* The table of effective.h, first row that fits; -1: any. BEFORE: the state before, else serving.
 */
enum { NO, YES, BEFORE };
static const struct {
	int override; /* -1 any, 0 none, 1 up, 2 down, 3 drain */
	int enabled, monitored, fresh, verdict, pending, suffice;
	int serving;
	const char *why;
} rows[] = {
	{1, -1, -1, -1, -1, -1, -1, YES, "override up"},
	{2, -1, -1, -1, -1, -1, -1, NO, "override down"},
	{3, -1, -1, -1, -1, -1, -1, NO, "drained"},
	{0, 0, -1, -1, -1, -1, -1, NO, "not enabled"},
	{0, 1, 0, -1, -1, -1, -1, YES, "not monitored"},
	{0, 1, 1, 1, VERDICT_DOWN, -1, -1, NO, "down"},
	{0, 1, 1, -1, VERDICT_NONE, -1, 1, NO, "pending"},
	{0, 1, 1, -1, -1, 1, 1, NO, "pending"},
	{0, 1, 1, 0, -1, -1, -1, BEFORE, "unknown, state kept"},
	{0, 1, 1, 1, VERDICT_UP, -1, -1, YES, "up"},
	{0, 1, 1, 1, VERDICT_DEGRADED, -1, -1, YES, "degraded"},
	{0, 1, 1, 1, VERDICT_UNKNOWN, -1, -1, BEFORE, "unknown, state kept"},
	{0, 1, 1, 1, VERDICT_NONE, -1, -1, BEFORE, "unknown, state kept"},
};

static bool fits(int wanted, int is)
{
	return wanted == -1 || wanted == is;
}

static void check(int over, int enabled, int monitored, int fresh, int verdict, int pending,
		  int suffice)
{
	size_t i = 0;
	while (!(fits(rows[i].override, over) && fits(rows[i].enabled, enabled) &&
		 fits(rows[i].monitored, monitored) && fits(rows[i].fresh, fresh) &&
		 fits(rows[i].verdict, verdict) && fits(rows[i].pending, pending) &&
		 fits(rows[i].suffice, suffice)))
		i++;
	assert_true(i < sizeof rows / sizeof *rows);
	for (int before = 0; before < 3; before++) {
		static const enum override_action actions[] = {OVERRIDE_UP, OVERRIDE_UP,
							       OVERRIDE_DOWN, OVERRIDE_DRAIN};
		struct effective_input input = {
			.has_override = over != 0,
			.override = actions[over],
			.enabled = enabled != 0,
			.monitored = monitored != 0,
			.others_suffice = suffice != 0,
			.fresh = fresh != 0,
			.health = {.verdict = (enum verdict)verdict, .pending = pending != 0},
			.has_before = before != 2,
			.before = before == 0 ? SERVING_NO : SERVING_YES,
		};
		struct effective effective = effective_state(&input);
		int wanted = rows[i].serving == BEFORE ? before != 0 : rows[i].serving;
		assert_int_equal(effective.serving == SERVING_YES, wanted);
		assert_string_equal(effective.why, rows[i].why);
	}
}

static void test_every_combination_counts_as_the_table_says(void **state)
{
	(void)state;
	for (int bits = 0; bits < 32; bits++)
		for (int over = 0; over < 4; over++)
			for (int verdict = VERDICT_NONE; verdict <= VERDICT_DOWN; verdict++)
				check(over, bits & 1, bits >> 1 & 1, bits >> 2 & 1, verdict,
				      bits >> 3 & 1, bits >> 4 & 1);
}

static void test_what_is_proved_is_earned_and_not_taken_out_by_hand(void **state)
{
	(void)state;
	for (int verdict = VERDICT_NONE; verdict <= VERDICT_DOWN; verdict++) {
		bool well = verdict == VERDICT_UP || verdict == VERDICT_DEGRADED;
		struct health_state health = {.verdict = (enum verdict)verdict};
		assert_int_equal(effective_is_proved(false, health), well);
		assert_false(effective_is_proved(true, health));
		health.pending = true;
		assert_false(effective_is_proved(false, health));
	}
	static const struct override up = {.action = OVERRIDE_UP}, down = {.action = OVERRIDE_DOWN},
				     drain = {.action = OVERRIDE_DRAIN};
	assert_false(effective_is_by_hand(true, NULL));
	assert_true(effective_is_by_hand(false, NULL));
	assert_false(effective_is_by_hand(true, &up));
	assert_true(effective_is_by_hand(true, &down));
	assert_true(effective_is_by_hand(true, &drain));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_combination_counts_as_the_table_says),
		cmocka_unit_test(test_what_is_proved_is_earned_and_not_taken_out_by_hand),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
