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
		assert_int_equal(doubt_holds(&doubt, DOUBT_BEHIND, at_ms(9)), table[i].doubts);
		assert_int_equal(doubt_holds(&doubt, DOUBT_ON_LINK, at_ms(9)), table[i].doubts);
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
		assert_int_equal(doubt_learn(&doubt, table[i].way, at_ms(1), at_ms(2)),
				 table[i].action);
		assert_int_equal(doubt.state, table[i].to);
	}
}

static void test_how_many_fail_ends_no_doubt(void **state)
{
	(void)state;
	for (size_t failing = 0; failing <= 4; failing++) {
		struct doubt doubt = {.state = DOUBT_ASKING, .well = 4, .failing = failing};
		assert_int_equal(doubt_look(&doubt, at_ms(1)), DOUBT_NOTHING);
		assert_int_equal(doubt.state, DOUBT_ASKING);
		doubt.state = DOUBT_FROZEN;
		assert_int_equal(doubt_look(&doubt, at_ms(1)), DOUBT_NOTHING);
		assert_int_equal(doubt.state, DOUBT_FROZEN);
	}
}

static void test_an_open_way_leaves_trust_only_where_most_still_fail(void **state)
{
	(void)state;
	struct doubt doubt = {.state = DOUBT_ASKING, .well = 4, .failing = 2};
	assert_int_equal(doubt_learn(&doubt, WAY_OUT_OPEN, at_ms(1), at_ms(2)), DOUBT_GO_ON);
	assert_int_equal(doubt.state, DOUBT_SURE);
	doubt = (struct doubt){.state = DOUBT_ASKING, .well = 4, .failing = 3};
	assert_int_equal(doubt_learn(&doubt, WAY_OUT_OPEN, at_ms(1), at_ms(2)), DOUBT_GO_ON);
	assert_int_equal(doubt.state, DOUBT_TRUSTING);
}

static void test_one_failure_of_many_is_doubted_unless_the_way_is_proven(void **state)
{
	(void)state;
	static const struct {
		enum doubt_state state;
		bool witness;
		int64_t proof_ms, began_ms; /* proof 0: there never was any */
		bool asks;
	} table[] = {
		{DOUBT_SURE, true, 0, 500, true},
		{DOUBT_SURE, true, 1000, 900, false},
		{DOUBT_SURE, true, 1000, 1000, false},
		{DOUBT_SURE, true, 1000, 1000 + DOUBT_PROOF_MS, false},
		{DOUBT_SURE, true, 1000, 1001 + DOUBT_PROOF_MS, true},
		{DOUBT_SURE, false, 1000, 1001 + DOUBT_PROOF_MS, false},
		{DOUBT_SURE, false, 0, 500, false},
		{DOUBT_TRUSTING, true, 1000, 1001 + DOUBT_PROOF_MS, true},
		{DOUBT_ASKING, true, 0, 500, false},
		{DOUBT_FROZEN, true, 0, 500, false},
	};
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		for (int place = DOUBT_ON_LINK; place < DOUBT_PLACES; place++) {
			struct doubt doubt = {.state = table[i].state, .well = 1000, .failing = 1};
			doubt.proof[place] = at_ms(table[i].proof_ms);
			assert_int_equal(doubt_fail(&doubt, (enum doubt_place)place,
						    at_ms(table[i].began_ms), table[i].witness,
						    at_ms(5000)),
					 table[i].asks ? DOUBT_ASK : DOUBT_NOTHING);
			assert_int_equal(doubt.state,
					 table[i].asks ? DOUBT_ASKING : table[i].state);
		}
	}
}

static void test_a_pass_ends_a_doubt_it_is_younger_than(void **state)
{
	(void)state;
	static const struct {
		enum doubt_state from;
		enum doubt_place place;
		size_t failing, failing_behind; /* of nine */
		int64_t began_ms;
		enum doubt_state to;
		enum doubt_action action;
	} table[] = {
		{DOUBT_ASKING, DOUBT_BEHIND, 1, 1, 99, DOUBT_ASKING, DOUBT_NOTHING},
		{DOUBT_ASKING, DOUBT_BEHIND, 1, 1, 100, DOUBT_ASKING, DOUBT_NOTHING},
		{DOUBT_ASKING, DOUBT_BEHIND, 1, 1, 101, DOUBT_SURE, DOUBT_GO_ON},
		{DOUBT_ASKING, DOUBT_BEHIND, 5, 5, 101, DOUBT_TRUSTING, DOUBT_GO_ON},
		{DOUBT_FROZEN, DOUBT_BEHIND, 1, 1, 100, DOUBT_FROZEN, DOUBT_NOTHING},
		{DOUBT_FROZEN, DOUBT_BEHIND, 1, 1, 101, DOUBT_SURE, DOUBT_FORGIVE},
		{DOUBT_SURE, DOUBT_BEHIND, 1, 1, 101, DOUBT_SURE, DOUBT_NOTHING},
		{DOUBT_TRUSTING, DOUBT_BEHIND, 5, 5, 101, DOUBT_TRUSTING, DOUBT_NOTHING},
		{DOUBT_ASKING, DOUBT_ON_LINK, 1, 0, 100, DOUBT_ASKING, DOUBT_NOTHING},
		{DOUBT_ASKING, DOUBT_ON_LINK, 1, 0, 101, DOUBT_SURE, DOUBT_GO_ON},
		{DOUBT_ASKING, DOUBT_ON_LINK, 2, 1, 101, DOUBT_ASKING, DOUBT_NOTHING},
		{DOUBT_FROZEN, DOUBT_ON_LINK, 4, 0, 101, DOUBT_SURE, DOUBT_FORGIVE},
		{DOUBT_FROZEN, DOUBT_ON_LINK, 5, 0, 101, DOUBT_FROZEN, DOUBT_NOTHING},
		{DOUBT_FROZEN, DOUBT_ON_LINK, 1, 1, 101, DOUBT_FROZEN, DOUBT_NOTHING},
	};
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		struct doubt doubt = {.state = table[i].from,
				      .well = 9,
				      .failing = table[i].failing,
				      .failing_at = {[DOUBT_BEHIND] = table[i].failing_behind},
				      .since = at_ms(100)};
		assert_int_equal(
			doubt_reach(&doubt, table[i].place, at_ms(table[i].began_ms), at_ms(150)),
			table[i].action);
		assert_int_equal(doubt.state, table[i].to);
		assert_int_equal(doubt.proof[DOUBT_ON_LINK].ns, at_ms(table[i].began_ms).ns);
		assert_int_equal(doubt.proof[DOUBT_BEHIND].ns,
				 table[i].place == DOUBT_BEHIND ? at_ms(table[i].began_ms).ns : 0);
	}
}

static void test_proof_is_the_latest_and_only_an_open_way_gives_it(void **state)
{
	(void)state;
	struct doubt doubt = {0};
	doubt_learn(&doubt, WAY_OUT_CLOSED, at_ms(10), at_ms(11));
	doubt_learn(&doubt, WAY_OUT_UNKNOWN, at_ms(10), at_ms(11));
	assert_int_equal(doubt.proof[DOUBT_BEHIND].ns, 0);
	assert_int_equal(doubt.proof[DOUBT_ON_LINK].ns, 0);
	doubt_learn(&doubt, WAY_OUT_OPEN, at_ms(20), at_ms(21));
	doubt_reach(&doubt, DOUBT_BEHIND, at_ms(15), at_ms(22));
	assert_int_equal(doubt.proof[DOUBT_BEHIND].ns, at_ms(20).ns);
	assert_int_equal(doubt.proof[DOUBT_ON_LINK].ns, at_ms(20).ns);
	doubt_reach(&doubt, DOUBT_ON_LINK, at_ms(25), at_ms(30));
	assert_int_equal(doubt.proof[DOUBT_BEHIND].ns, at_ms(20).ns);
	assert_int_equal(doubt.proof[DOUBT_ON_LINK].ns, at_ms(25).ns);
}

/* Who is on the link is let go by another there, but not for what began before that one did. */
static void test_what_is_on_the_link_is_held_until_another_there_has_passed(void **state)
{
	(void)state;
	struct doubt doubt = {.state = DOUBT_FROZEN,
			      .well = 6,
			      .failing = 2,
			      .failing_at = {[DOUBT_BEHIND] = 1},
			      .since = at_ms(100)};
	assert_true(doubt_holds(&doubt, DOUBT_BEHIND, at_ms(250)));
	assert_true(doubt_holds(&doubt, DOUBT_ON_LINK, at_ms(250)));
	doubt_reach(&doubt, DOUBT_ON_LINK, at_ms(200), at_ms(201));
	doubt_reach(&doubt, DOUBT_ON_LINK, at_ms(300), at_ms(301));
	assert_true(doubt_holds(&doubt, DOUBT_BEHIND, at_ms(250)));
	assert_true(doubt_holds(&doubt, DOUBT_ON_LINK, at_ms(200)));
	assert_false(doubt_holds(&doubt, DOUBT_ON_LINK, at_ms(201)));
	doubt.failing = 4;
	assert_true(doubt_holds(&doubt, DOUBT_ON_LINK, at_ms(201)));
	doubt.state = DOUBT_TRUSTING;
	assert_false(doubt_holds(&doubt, DOUBT_BEHIND, at_ms(250)));
}

/* A family that is reached says nothing of the other, and lets go of its own alone. */
static void test_one_family_behind_the_gateway_is_no_proof_for_the_other(void **state)
{
	(void)state;
	struct doubt doubt = {.state = DOUBT_FROZEN,
			      .well = 9,
			      .failing = 2,
			      .failing_at = {[DOUBT_BEHIND] = 1, [DOUBT_BEHIND_IPV6] = 1},
			      .since = at_ms(100)};
	assert_int_equal(doubt_reach(&doubt, DOUBT_BEHIND_IPV6, at_ms(200), at_ms(201)),
			 DOUBT_NOTHING);
	assert_int_equal(doubt.proof[DOUBT_BEHIND].ns, 0);
	assert_int_equal(doubt.proof[DOUBT_ON_LINK].ns, at_ms(200).ns);
	assert_true(doubt_holds(&doubt, DOUBT_BEHIND, at_ms(300)));
	assert_false(doubt_holds(&doubt, DOUBT_BEHIND_IPV6, at_ms(300)));
	doubt.failing_at[DOUBT_BEHIND] = 0;
	assert_int_equal(doubt_reach(&doubt, DOUBT_BEHIND_IPV6, at_ms(400), at_ms(401)),
			 DOUBT_FORGIVE);
}

static void test_a_check_that_began_before_a_doubt_was_forgiven_is_forgiven_too(void **state)
{
	(void)state;
	struct doubt doubt = {.state = DOUBT_FROZEN, .well = 6, .failing = 1};
	assert_int_equal(doubt_learn(&doubt, WAY_OUT_OPEN, at_ms(90), at_ms(100)), DOUBT_FORGIVE);
	for (int place = DOUBT_ON_LINK; place < DOUBT_PLACES; place++) {
		assert_true(doubt_holds(&doubt, (enum doubt_place)place, at_ms(100)));
		assert_false(doubt_holds(&doubt, (enum doubt_place)place, at_ms(101)));
	}
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
	doubt_count(&doubt, &a,
		    (struct doubt_part){.well = true, .failing = true, .place = DOUBT_BEHIND});
	doubt_count(&doubt, &b, (struct doubt_part){.well = true, .place = DOUBT_BEHIND});
	assert_int_equal(doubt.failing_at[DOUBT_BEHIND], 1);
	doubt_count(&doubt, &a, (struct doubt_part){.well = true, .failing = true});
	assert_int_equal(doubt.failing, 1);
	assert_int_equal(doubt.failing_at[DOUBT_BEHIND], 0);
	assert_int_equal(doubt.failing_at[DOUBT_ON_LINK], 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_more_than_half_that_fail_raise_a_doubt_and_half_do_not),
		cmocka_unit_test(test_each_answer_leads_to_its_state),
		cmocka_unit_test(test_how_many_fail_ends_no_doubt),
		cmocka_unit_test(test_an_open_way_leaves_trust_only_where_most_still_fail),
		cmocka_unit_test(test_one_failure_of_many_is_doubted_unless_the_way_is_proven),
		cmocka_unit_test(test_a_pass_ends_a_doubt_it_is_younger_than),
		cmocka_unit_test(test_proof_is_the_latest_and_only_an_open_way_gives_it),
		cmocka_unit_test(test_what_is_on_the_link_is_held_until_another_there_has_passed),
		cmocka_unit_test(test_one_family_behind_the_gateway_is_no_proof_for_the_other),
		cmocka_unit_test(
			test_a_check_that_began_before_a_doubt_was_forgiven_is_forgiven_too),
		cmocka_unit_test(
			test_trust_ends_after_its_time_and_a_majority_is_asked_about_again),
		cmocka_unit_test(test_counting_replaces_what_a_target_was),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
