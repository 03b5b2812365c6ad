/* How often somebody may try. */
#include "web/limiter.h"

#include <stdio.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const struct mono start = {1000000000};

static void test_a_burst_is_let_through_and_then_one_each_refill(void **state)
{
	(void)state;
	struct limiter *limiter = limiter_new(3, 30000);
	for (int i = 0; i < 3; i++)
		assert_int_equal(limiter_take(limiter, "a", start), 0);
	assert_int_equal(limiter_take(limiter, "a", start), 31);
	assert_int_equal(limiter_take(limiter, "a", mono_add_ms(start, 29999)), 1);
	assert_int_equal(limiter_take(limiter, "a", mono_add_ms(start, 30000)), 0);
	assert_true(limiter_take(limiter, "a", mono_add_ms(start, 30001)) > 0);
	limiter_free(limiter);
}

static void test_keys_do_not_touch_each_other(void **state)
{
	(void)state;
	struct limiter *limiter = limiter_new(1, 1000);
	assert_int_equal(limiter_take(limiter, "a", start), 0);
	assert_int_equal(limiter_take(limiter, "b", start), 0);
	assert_true(limiter_take(limiter, "a", start) > 0);
	limiter_free(limiter);
}

static void test_a_token_given_back_can_be_taken_again(void **state)
{
	(void)state;
	struct limiter *limiter = limiter_new(1, 1000);
	assert_int_equal(limiter_take(limiter, "a", start), 0);
	limiter_give(limiter, "a");
	limiter_give(limiter, "a");
	assert_int_equal(limiter_take(limiter, "a", start), 0);
	assert_true(limiter_take(limiter, "a", start) > 0);
	limiter_free(limiter);
}

static void test_the_longest_untouched_key_makes_room(void **state)
{
	(void)state;
	struct limiter *limiter = limiter_new(1, 1000000);
	for (int i = 0; i < LIMITER_KEYS_MAX + 1; i++) {
		char key[16];
		snprintf(key, sizeof key, "k%d", i);
		assert_int_equal(limiter_take(limiter, key, mono_add_ms(start, i)), 0);
	}
	struct mono later = mono_add_ms(start, LIMITER_KEYS_MAX + 1);
	assert_true(limiter_take(limiter, "k1", later) > 0);
	assert_int_equal(limiter_take(limiter, "k0", later), 0);
	limiter_free(limiter);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_burst_is_let_through_and_then_one_each_refill),
		cmocka_unit_test(test_keys_do_not_touch_each_other),
		cmocka_unit_test(test_a_token_given_back_can_be_taken_again),
		cmocka_unit_test(test_the_longest_untouched_key_makes_room),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
