/* The whole handshake: at first, once a minute, and for as long as a certificate is not believed.
 */
#include "healthcheck/full_handshake.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { EVERY_MS = 60000 };

static struct mono at_ms(int64_t ms)
{
	return (struct mono){.ns = ms * INT64_C(1000000)};
}

static void test_the_first_check_shows_the_certificate(void **state)
{
	(void)state;
	struct full_handshake full = {0};
	assert_true(full_handshake_due(&full, at_ms(1), EVERY_MS));
	full_handshake_note(&full, false, false, at_ms(5)); /* it did not come so far */
	assert_true(full_handshake_due(&full, at_ms(6), EVERY_MS));
}

static void test_it_is_due_again_when_its_time_is_over_and_not_before(void **state)
{
	(void)state;
	struct full_handshake full = {0};
	full_handshake_note(&full, true, false, at_ms(1000));
	assert_false(full_handshake_due(&full, at_ms(1000), EVERY_MS));
	assert_false(full_handshake_due(&full, at_ms(60999), EVERY_MS));
	assert_true(full_handshake_due(&full, at_ms(61000), EVERY_MS));
	assert_true(full_handshake_due(&full, at_ms(1000), 0));
	full_handshake_note(&full, false, false, at_ms(61500)); /* a timeout on the way to it */
	assert_true(full_handshake_due(&full, at_ms(61500), EVERY_MS));
	full_handshake_note(&full, true, false, at_ms(62000));
	assert_false(full_handshake_due(&full, at_ms(121999), EVERY_MS));
}

static void test_every_interval_of_checks_sees_one_a_minute(void **state)
{
	(void)state;
	for (int64_t interval_ms = 100; interval_ms <= 120000; interval_ms += 700) {
		struct full_handshake full = {0};
		int64_t last_ms = 0;
		for (int64_t now_ms = 1; now_ms < 1000000; now_ms += interval_ms) {
			bool due = full_handshake_due(&full, at_ms(now_ms), EVERY_MS);
			if (due)
				last_ms = now_ms;
			full_handshake_note(&full, due, false, at_ms(now_ms));
			assert_true(now_ms - last_ms < EVERY_MS);
		}
	}
}

static void test_a_refused_certificate_is_looked_at_by_each_check_until_it_is_believed(void **state)
{
	(void)state;
	struct full_handshake full = {0};
	full_handshake_note(&full, true, false, at_ms(1000));
	full_handshake_note(&full, true, true, at_ms(61000));
	assert_true(full_handshake_due(&full, at_ms(61001), EVERY_MS));
	full_handshake_note(&full, false, false, at_ms(62000)); /* refused connection: no news */
	assert_true(full_handshake_due(&full, at_ms(62001), EVERY_MS));
	full_handshake_note(&full, true, false, at_ms(63000));
	assert_false(full_handshake_due(&full, at_ms(63001), EVERY_MS));
}

static void test_a_known_certificate_that_expires_is_looked_at_again(void **state)
{
	(void)state;
	struct full_handshake full = {0};
	full_handshake_note(&full, true, false, at_ms(1000));
	full_handshake_note(&full, false, true, at_ms(2000)); /* resumed, but out of its time */
	assert_true(full_handshake_due(&full, at_ms(2001), EVERY_MS));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_first_check_shows_the_certificate),
		cmocka_unit_test(test_it_is_due_again_when_its_time_is_over_and_not_before),
		cmocka_unit_test(test_every_interval_of_checks_sees_one_a_minute),
		cmocka_unit_test(
			test_a_refused_certificate_is_looked_at_by_each_check_until_it_is_believed),
		cmocka_unit_test(test_a_known_certificate_that_expires_is_looked_at_again),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
