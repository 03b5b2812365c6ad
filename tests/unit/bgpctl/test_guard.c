/* When a withdrawal is refused, how flapping is remembered, and which levels there are. */
#include "bgpctl/damping.h"
#include "bgpctl/guard.h"

#include "base/addr.h"
#include "bgpctl/level.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* A withdrawal that nothing speaks against. */
static struct guard_case harmless(void)
{
	return (struct guard_case){.others_announcing = 1,
				   .min_sites = 1,
				   .announced = 4,
				   .leaving = 1,
				   .panic_fraction = 0.5,
				   .max_recent = 3};
}

static void test_a_harmless_withdrawal_passes(void **state)
{
	struct guard_case at = harmless();
	(void)state;
	assert_int_equal(guard_judge(&at), GUARD_PASS);
}

static void test_the_last_site_stays(void **state)
{
	static const struct {
		unsigned others, min_sites;
		enum guard_rule rule;
	} cases[] = {
		{0, 0, GUARD_PASS},	 {0, 1, GUARD_LAST_SITE}, {1, 1, GUARD_PASS},
		{1, 2, GUARD_MIN_SITES}, {2, 2, GUARD_PASS},	  {0, 2, GUARD_LAST_SITE},
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct guard_case at = harmless();
		at.others_announcing = cases[i].others;
		at.min_sites = cases[i].min_sites;
		assert_int_equal(guard_judge(&at), cases[i].rule);
	}
}

static void test_most_of_a_site_does_not_leave_at_once(void **state)
{
	static const struct {
		unsigned leaving, announced;
		enum guard_rule rule;
	} cases[] = {
		{2, 4, GUARD_PASS}, {3, 4, GUARD_PANIC}, {4, 4, GUARD_PANIC},
		{1, 2, GUARD_PASS}, {2, 2, GUARD_PANIC}, {1, 1, GUARD_PASS},
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct guard_case at = harmless();
		at.leaving = cases[i].leaving;
		at.announced = cases[i].announced;
		assert_int_equal(guard_judge(&at), cases[i].rule);
	}
}

static void test_withdrawals_are_limited_in_number_and_pace(void **state)
{
	struct guard_case at = harmless();
	(void)state;
	at.recent = 2;
	assert_int_equal(guard_judge(&at), GUARD_PASS);
	at.recent = 3;
	assert_int_equal(guard_judge(&at), GUARD_VELOCITY);
	at.recent = 1;
	at.just_before = true;
	assert_int_equal(guard_judge(&at), GUARD_VELOCITY);
}

static void test_proof_and_orders_pass_every_rule_and_a_drain_all_but_the_last_site(void **state)
{
	struct guard_case at = {
		.min_sites = 1, .announced = 2, .leaving = 2, .recent = 9, .just_before = true};
	(void)state;
	at.force = GUARD_FORCE_PROOF;
	assert_int_equal(guard_judge(&at), GUARD_PASS);
	at.force = GUARD_FORCE_ORDER;
	assert_int_equal(guard_judge(&at), GUARD_PASS);
	at.force = GUARD_FORCE_GO;
	assert_int_equal(guard_judge(&at), GUARD_LAST_SITE);
	at.others_announcing = 1;
	assert_int_equal(guard_judge(&at), GUARD_PASS);
	at.force = GUARD_FORCE_NONE;
	assert_int_equal(guard_judge(&at), GUARD_PANIC);
}

static void test_every_rule_has_a_name_and_passing_has_none(void **state)
{
	(void)state;
	static const char *const names[GUARD_RULES] = {NULL, "last_site", "min_sites",
						       "panic_fraction", "max_withdraw_per_10min"};
	assert_null(guard_rule_name(GUARD_PASS));
	for (int rule = GUARD_PASS + 1; rule < GUARD_RULES; rule++)
		assert_string_equal(guard_rule_name((enum guard_rule)rule), names[rule]);
	assert_null(guard_rule_name(GUARD_RULES));
}

/* What stands in the include file, which people can edit, is a level only where it is one. */
static void test_a_tag_is_the_level_of_something_announced_or_none(void **state)
{
	static const char *const names[] = {NULL, "announced", "degraded", "draining"};
	(void)state;
	enum level level;
	for (uint32_t number = 1; number <= 3; number++) {
		assert_true(level_from_tag(number, &level));
		assert_int_equal(level, number);
		assert_string_equal(level_name(level), names[number]);
	}
	assert_string_equal(level_name(LEVEL_NONE), "withdrawn");
	static const uint32_t others[] = {0, 4, 53, UINT32_MAX};
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		assert_false(level_from_tag(others[i], &level));
}

static void test_history_counts_what_lies_in_the_window(void **state)
{
	struct guard_history history = {0};
	struct mono now = {.ns = 1000000000000};
	(void)state;
	for (int i = 0; i < 300; i++)
		guard_history_add(&history, i % 2 == 0 ? ADDR_IPV4 : ADDR_IPV6,
				  mono_add_ms(now, 1000 * i));
	now = mono_add_ms(now, 299000);
	assert_int_equal(guard_history_within(&history, 0, now, 5000), 5);
	assert_int_equal(guard_history_within(&history, ADDR_IPV4, now, 5000), 2);
	assert_int_equal(guard_history_within(&history, ADDR_IPV6, now, 5000), 3);
	assert_int_equal(guard_history_within(&history, 0, now, 600000), GUARD_HISTORY_MAX);
	assert_int_equal(guard_history_within(&history, 0, mono_add_ms(now, 5000), 5000), 0);
	/* As many as the pace lets through, at the most. */
	assert_true(GUARD_HISTORY_MAX >= 2 * (GUARD_WINDOW_MS / GUARD_VELOCITY_MS));
}

static void test_a_penalty_halves_in_its_half_life(void **state)
{
	struct damping damping = {0};
	struct mono start = {.ns = 1};
	(void)state;
	damping_add(&damping, 1000, start);
	double left = damping_penalty(&damping, mono_add_ms(start, 1000 * DAMPING_HALF_LIFE_S));
	assert_true(left > 499.9 && left < 500.1);
}

static void test_the_third_flap_is_suppressed_until_the_penalty_has_decayed(void **state)
{
	struct damping damping = {0};
	struct mono now = {.ns = 1};
	(void)state;
	damping_add(&damping, DAMPING_WITHDRAW, now);
	damping_add(&damping, DAMPING_WITHDRAW, mono_add_ms(now, 30000));
	assert_false(damping.suppressed);
	damping_add(&damping, DAMPING_WITHDRAW, mono_add_ms(now, 60000));
	assert_true(damping.suppressed);
	damping_update(&damping, mono_add_ms(now, 25 * 60000));
	assert_true(damping.suppressed);
	damping_update(&damping, mono_add_ms(now, 32 * 60000));
	assert_false(damping.suppressed);
}

static void test_suppression_lasts_an_hour_at_most(void **state)
{
	struct damping damping = {0};
	struct mono now = {.ns = 1};
	(void)state;
	for (int i = 0; i < 1000; i++)
		damping_add(&damping, DAMPING_WITHDRAW, now);
	assert_true(damping.penalty <= DAMPING_CEILING);
	damping_update(&damping, mono_add_ms(now, 3600001));
	assert_false(damping.suppressed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_harmless_withdrawal_passes),
		cmocka_unit_test(test_the_last_site_stays),
		cmocka_unit_test(test_most_of_a_site_does_not_leave_at_once),
		cmocka_unit_test(test_withdrawals_are_limited_in_number_and_pace),
		cmocka_unit_test(
			test_proof_and_orders_pass_every_rule_and_a_drain_all_but_the_last_site),
		cmocka_unit_test(test_every_rule_has_a_name_and_passing_has_none),
		cmocka_unit_test(test_a_tag_is_the_level_of_something_announced_or_none),
		cmocka_unit_test(test_history_counts_what_lies_in_the_window),
		cmocka_unit_test(test_a_penalty_halves_in_its_half_life),
		cmocka_unit_test(test_the_third_flap_is_suppressed_until_the_penalty_has_decayed),
		cmocka_unit_test(test_suppression_lasts_an_hour_at_most),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
