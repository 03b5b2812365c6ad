/* Whole decisions where somebody has given an order: down, drain, up, freeze, stop. */
#include "tests/unit/bgpctl/plan_site.h"

static void test_an_order_down_withdraws_and_its_end_announces_again(void **state)
{
	struct site *site = announced_site(1);
	(void)state;
	pass_s(site, GAP_S);
	site->items[0].facts.others_announcing = 0;
	site->items[0].facts.order = ORDER_DOWN;
	site->items[0].facts.order_reason = "maintenance";
	pass_s(site, 0);
	assert_int_equal(site->states[0].level, LEVEL_NONE);
	assert_string_equal(site->states[0].reason, "maintenance");
	assert_string_equal(site->states[0].actor, "admin");
	pass_s(site, 1000);
	assert_int_equal(site->states[0].level, LEVEL_NONE);
	site->items[0].facts.order = ORDER_NONE;
	pass_s(site, 0);
	assert_int_equal(site->states[0].level, LEVEL_ANNOUNCED);
}

static void test_a_drain_withdraws_after_its_time(void **state)
{
	struct site *site = announced_site(1);
	(void)state;
	site->items[0].facts.order = ORDER_DRAIN;
	pass_s(site, 19);
	assert_int_equal(site->states[0].level, LEVEL_DRAINING);
	pass_s(site, 1);
	assert_int_equal(site->states[0].level, LEVEL_NONE);
	assert_string_equal(prefix_state_name(&site->states[0]), "withdrawn");
}

static void test_a_drain_of_the_last_site_goes_on_draining(void **state)
{
	struct site *site = announced_site(1);
	(void)state;
	site->items[0].facts.others_announcing = 0;
	site->items[0].facts.order = ORDER_DRAIN;
	pass_s(site, 100);
	assert_int_equal(site->states[0].level, LEVEL_DRAINING);
	assert_int_equal(site->states[0].blocked_by, GUARD_LAST_SITE);
	site->items[0].facts.order = ORDER_NONE;
	pass_s(site, 0);
	assert_int_equal(site->states[0].level, LEVEL_ANNOUNCED);
}

static void test_a_drain_does_not_wait_for_its_time_where_nobody_answers(void **state)
{
	struct site *site = announced_site(1);
	(void)state;
	site->items[0].facts.order = ORDER_DRAIN;
	pass_s(site, 2);
	assert_int_equal(site->states[0].level, LEVEL_DRAINING);
	found_bad(site, 0, EVIDENCE_HARD);
	pass_s(site, 0);
	assert_int_equal(site->states[0].level, LEVEL_NONE);
	assert_int_equal(site->states[0].phase, PREFIX_MAINTENANCE);
	/* As the last site it goes on: nobody else answers either. */
	site = announced_site(1);
	site->items[0].facts.others_announcing = 0;
	site->items[0].facts.order = ORDER_DRAIN;
	found_bad(site, 0, EVIDENCE_HARD);
	pass_s(site, 2);
	assert_int_equal(site->states[0].level, LEVEL_DRAINING);
	assert_int_equal(site->states[0].blocked_by, GUARD_LAST_SITE);
}

static void test_proof_takes_away_what_is_no_longer_of_this_site_too(void **state)
{
	struct site *site = announced_site(1);
	(void)state;
	site->items[0].facts.others_announcing = 0;
	site->items[0].facts.configured = false;
	pass_s(site, 1);
	assert_int_equal(site->states[0].level, LEVEL_DEGRADED);
	found_bad(site, 0, EVIDENCE_PROOF);
	pass_s(site, 0);
	assert_int_equal(site->states[0].level, LEVEL_NONE);
}

static void test_an_order_up_goes_past_hold_up_and_backends(void **state)
{
	struct site *site = site_with(1);
	(void)state;
	site->items[0].facts.order = ORDER_UP;
	site->items[0].facts.pools = 1;
	site->items[0].facts.backends_withdraw = true;
	pass_s(site, 0);
	assert_int_equal(site->states[0].level, LEVEL_ANNOUNCED);
	found_bad(site, 0, EVIDENCE_PROOF);
	pass_s(site, 0);
	assert_int_equal(site->states[0].level, LEVEL_NONE);
}

static void test_a_stop_withdraws_everything_whatever_the_guard_says(void **state)
{
	struct site *site = announced_site(4);
	(void)state;
	for (size_t i = 0; i < 4; i++) {
		site->items[i].facts.others_announcing = 0;
		site->items[i].facts.stopping = true;
	}
	pass_s(site, 0);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(site->states[i].level, LEVEL_NONE);
}

static void test_frozen_holds_exactly_what_is_there(void **state)
{
	struct site *site = announced_site(1);
	(void)state;
	site->items[0].facts.frozen = true;
	found_bad(site, 0, EVIDENCE_PROOF);
	pass_s(site, 100);
	assert_int_equal(site->states[0].level, LEVEL_ANNOUNCED);
}

static void test_an_order_by_name_holds_while_all_else_is_frozen(void **state)
{
	struct site *site = announced_site(2);
	(void)state;
	for (size_t i = 0; i < 2; i++) {
		site->items[i].facts.frozen = true;
		site->items[i].facts.freeze_reason = "storm";
	}
	site->items[0].facts.order = ORDER_DOWN;
	pass_s(site, 1);
	assert_int_equal(site->states[0].level, LEVEL_NONE);
	/* And is called what it is, or it would be no event. */
	assert_string_equal(prefix_state_name(&site->states[0]), "withdrawn");
	assert_int_equal(site->states[1].level, LEVEL_ANNOUNCED);
	assert_string_equal(prefix_state_name(&site->states[1]), "frozen");
	assert_string_equal(site->states[1].reason, "frozen as it is: storm");
}

static void test_a_prefix_that_is_frozen_away_stays_away(void **state)
{
	struct site *site = site_with(1);
	(void)state;
	site->items[0].facts.frozen = true;
	pass_s(site, 1000);
	assert_int_equal(site->states[0].level, LEVEL_NONE);
	site->items[0].facts.frozen = false;
	pass_s(site, 1);
	assert_int_equal(site->states[0].level, LEVEL_ANNOUNCED);
}

static void test_a_stop_drains_first_and_then_withdraws(void **state)
{
	struct site *site = announced_site(1);
	(void)state;
	site->items[0].facts.stopping = true;
	site->items[0].facts.stop_drain_ms = 5000;
	site->items[0].facts.frozen = true;
	pass_s(site, 4);
	assert_int_equal(site->states[0].level, LEVEL_DRAINING);
	assert_string_equal(prefix_state_name(&site->states[0]), "draining");
	pass_s(site, 2);
	assert_int_equal(site->states[0].level, LEVEL_NONE);
	assert_true(site->states[0].proved);
}

static void test_a_stop_does_not_drain_a_responder_that_answers_nobody(void **state)
{
	struct site *site = announced_site(1);
	(void)state;
	site->items[0].facts.stopping = true;
	site->items[0].facts.stop_drain_ms = 5000;
	found_bad(site, 0, EVIDENCE_HARD);
	pass_s(site, 0);
	assert_int_equal(site->states[0].level, LEVEL_NONE);
}

static void test_a_stop_does_not_drain_a_responder_that_is_gone(void **state)
{
	struct site *site = announced_site(1);
	(void)state;
	site->items[0].facts.stopping = true;
	site->items[0].facts.stop_drain_ms = 5000;
	found_bad(site, 0, EVIDENCE_PROOF);
	pass_s(site, 0);
	assert_int_equal(site->states[0].level, LEVEL_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_an_order_down_withdraws_and_its_end_announces_again),
		cmocka_unit_test(test_a_drain_withdraws_after_its_time),
		cmocka_unit_test(test_a_drain_of_the_last_site_goes_on_draining),
		cmocka_unit_test(test_a_drain_does_not_wait_for_its_time_where_nobody_answers),
		cmocka_unit_test(test_proof_takes_away_what_is_no_longer_of_this_site_too),
		cmocka_unit_test(test_an_order_up_goes_past_hold_up_and_backends),
		cmocka_unit_test(test_a_stop_withdraws_everything_whatever_the_guard_says),
		cmocka_unit_test(test_frozen_holds_exactly_what_is_there),
		cmocka_unit_test(test_an_order_by_name_holds_while_all_else_is_frozen),
		cmocka_unit_test(test_a_prefix_that_is_frozen_away_stays_away),
		cmocka_unit_test(test_a_stop_drains_first_and_then_withdraws),
		cmocka_unit_test(test_a_stop_does_not_drain_a_responder_that_is_gone),
		cmocka_unit_test(test_a_stop_does_not_drain_a_responder_that_answers_nobody),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
