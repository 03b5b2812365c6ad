/* Doubt: every state against every thing that can be learnt in it. */
#include "healthcheck/doubt.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static struct mono at_ms(int64_t ms)
{
	return (struct mono){.ns = ms * 1000000};
}

static void test_more_than_half_that_fail_raise_a_doubt_and_half_do_not(void **state)
{
	(void)state;
	static const struct {
		size_t well, failing;
		bool doubts;
	} table[] = {{0, 0, false}, {1, 0, false}, {1, 1, true},   {2, 1, false},
		     {3, 2, true},  {4, 2, false}, {10, 5, false}, {10, 6, true}};
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		struct doubt doubt = {.well = table[i].well, .failing = table[i].failing};
		assert_int_equal(doubt_look(&doubt, at_ms(1)),
				 table[i].doubts ? DOUBT_ASK : DOUBT_NOTHING);
		assert_int_equal(doubt_holds(&doubt), table[i].doubts);
	}
}

static void test_each_answer_leads_to_its_state(void **state)
{
	(void)state;
	static const struct {
		enum doubt_state from;
		enum way_out way;
		enum doubt_state to;
		enum doubt_action action;
	} table[] = {
		{DOUBT_SURE, WAY_OUT_UNKNOWN, DOUBT_SURE, DOUBT_NOTHING},
		{DOUBT_SURE, WAY_OUT_OPEN, DOUBT_SURE, DOUBT_NOTHING},
		{DOUBT_SURE, WAY_OUT_CLOSED, DOUBT_SURE, DOUBT_NOTHING},
		{DOUBT_ASKING, WAY_OUT_UNKNOWN, DOUBT_TRUSTING, DOUBT_GO_ON},
		{DOUBT_ASKING, WAY_OUT_OPEN, DOUBT_TRUSTING, DOUBT_GO_ON},
		{DOUBT_ASKING, WAY_OUT_CLOSED, DOUBT_FROZEN, DOUBT_FREEZE},
		{DOUBT_TRUSTING, WAY_OUT_UNKNOWN, DOUBT_TRUSTING, DOUBT_NOTHING},
		{DOUBT_TRUSTING, WAY_OUT_OPEN, DOUBT_TRUSTING, DOUBT_NOTHING},
		{DOUBT_TRUSTING, WAY_OUT_CLOSED, DOUBT_TRUSTING, DOUBT_NOTHING},
		{DOUBT_FROZEN, WAY_OUT_UNKNOWN, DOUBT_FROZEN, DOUBT_NOTHING},
		{DOUBT_FROZEN, WAY_OUT_OPEN, DOUBT_SURE, DOUBT_FORGIVE},
		{DOUBT_FROZEN, WAY_OUT_CLOSED, DOUBT_FROZEN, DOUBT_NOTHING},
	};
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		struct doubt doubt = {.state = table[i].from, .well = 2, .failing = 2};
		assert_int_equal(doubt_learn(&doubt, table[i].way, at_ms(1)), table[i].action);
		assert_int_equal(doubt.state, table[i].to);
	}
}

static void test_a_doubt_ends_by_itself_when_those_that_failed_pass(void **state)
{
	(void)state;
	struct doubt doubt = {.state = DOUBT_ASKING, .well = 4, .failing = 2};
	assert_int_equal(doubt_look(&doubt, at_ms(1)), DOUBT_GO_ON);
	assert_int_equal(doubt.state, DOUBT_SURE);
	doubt = (struct doubt){.state = DOUBT_FROZEN, .well = 4, .failing = 0};
	assert_int_equal(doubt_look(&doubt, at_ms(1)), DOUBT_NOTHING);
	assert_int_equal(doubt.state, DOUBT_FROZEN);
}

static void test_trust_ends_after_its_time_and_a_majority_is_asked_about_again(void **state)
{
	(void)state;
	struct doubt doubt = {.state = DOUBT_TRUSTING, .well = 4, .failing = 4, .since = at_ms(10)};
	assert_int_equal(doubt_look(&doubt, at_ms(9 + DOUBT_TRUST_MS)), DOUBT_NOTHING);
	assert_int_equal(doubt.state, DOUBT_TRUSTING);
	assert_int_equal(doubt_look(&doubt, at_ms(10 + DOUBT_TRUST_MS)), DOUBT_NOTHING);
	assert_int_equal(doubt_look(&doubt, at_ms(10 + DOUBT_TRUST_MS)), DOUBT_ASK);
}

static void test_counting_replaces_what_a_target_was(void **state)
{
	(void)state;
	struct doubt doubt = {0};
	struct doubt_part a = {0}, b = {0};
	doubt_count(&doubt, &a, (struct doubt_part){.well = true, .failing = true});
	doubt_count(&doubt, &b, (struct doubt_part){.well = true});
	assert_int_equal(doubt.well, 2);
	assert_int_equal(doubt.failing, 1);
	doubt_count(&doubt, &a, (struct doubt_part){.well = true});
	doubt_count(&doubt, &b, (struct doubt_part){0});
	assert_int_equal(doubt.well, 1);
	assert_int_equal(doubt.failing, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_more_than_half_that_fail_raise_a_doubt_and_half_do_not),
		cmocka_unit_test(test_each_answer_leads_to_its_state),
		cmocka_unit_test(test_a_doubt_ends_by_itself_when_those_that_failed_pass),
		cmocka_unit_test(
			test_trust_ends_after_its_time_and_a_majority_is_asked_about_again),
		cmocka_unit_test(test_counting_replaces_what_a_target_was),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
