/* Flaps: how much is too much, for how long, and that quiet ends it. */
#include "healthcheck/flap.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static struct mono at_s(int64_t s)
{
	return (struct mono){.ns = s * INT64_C(1000000000)};
}

/* Goes down COUNT times, EVERY_S apart, beginning at 1 s. */
static struct flap down(unsigned count, int64_t every_s, uint32_t half_life_s)
{
	struct flap flap = {0};
	for (unsigned i = 0; i < count; i++)
		flap_went_down(&flap, half_life_s, at_s(1 + i * every_s));
	return flap;
}

static void test_three_times_down_in_a_row_are_free_and_four_are_held(void **state)
{
	(void)state;
	struct flap three = down(3, 2, 60), four = down(4, 2, 60);
	assert_int_equal(flap_held_ms(&three, 60, at_s(5)), 0);
	assert_true(flap_held_ms(&four, 60, at_s(7)) > 100000);
}

static void test_going_down_once_a_minute_is_never_held(void **state)
{
	(void)state;
	for (unsigned count = 1; count < 200; count++) {
		struct flap flap = down(count, 60, 60);
		assert_int_equal(flap_held_ms(&flap, 60, at_s(1 + 60 * (count - 1))), 0);
	}
}

static void test_held_ends_with_quiet_after_three_half_lives_at_most(void **state)
{
	(void)state;
	struct flap flap = down(1000, 1, 60);
	uint32_t held_ms = flap_held_ms(&flap, 60, at_s(1000));
	assert_true(held_ms <= 3 * 60000 + 1 && held_ms > 3 * 60000 - 1000);
	assert_true(flap_held_ms(&flap, 60, at_s(1000 + 179)) > 0);
	assert_int_equal(flap_held_ms(&flap, 60, at_s(1000 + 181)), 0);
}

static void test_once_held_it_stays_so_below_the_threshold(void **state)
{
	(void)state;
	struct flap flap = down(4, 1, 60);
	assert_true(flap_penalty(&flap, 60, at_s(64)) < FLAP_HOLD_ABOVE);
	assert_true(flap_held_ms(&flap, 60, at_s(64)) > 0);
}

static void test_a_half_life_of_zero_counts_nothing(void **state)
{
	(void)state;
	struct flap flap = down(100, 1, 0);
	assert_int_equal(flap_held_ms(&flap, 0, at_s(100)), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_three_times_down_in_a_row_are_free_and_four_are_held),
		cmocka_unit_test(test_going_down_once_a_minute_is_never_held),
		cmocka_unit_test(test_held_ends_with_quiet_after_three_half_lives_at_most),
		cmocka_unit_test(test_once_held_it_stays_so_below_the_threshold),
		cmocka_unit_test(test_a_half_life_of_zero_counts_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
