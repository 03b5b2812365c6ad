/* Certificates: their end by the days that a monitor asks for. */
#include "healthcheck/certificate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void test_the_end_of_a_certificate_is_judged_by_the_monitors_days(void **state)
{
	(void)state;
	const int64_t day = 86400000, end = 20000 * day;
	static const struct {
		int64_t days_before, ms;
		unsigned warn_days;
		int64_t left;
		enum certificate_state state;
	} table[] = {
		{30, 0, 21, 30, CERTIFICATE_WELL},     {21, 0, 21, 21, CERTIFICATE_WELL},
		{21, 1, 21, 20, CERTIFICATE_EXPIRING}, {1, 0, 21, 1, CERTIFICATE_EXPIRING},
		{0, 0, 21, 0, CERTIFICATE_EXPIRING},   {0, 1, 21, -1, CERTIFICATE_EXPIRED},
		{-1, 0, 21, -2, CERTIFICATE_EXPIRED},  {1, 0, 0, 1, CERTIFICATE_WELL},
		{0, 0, 0, 0, CERTIFICATE_WELL},	       {0, 1, 0, -1, CERTIFICATE_EXPIRED},
	};
	struct certificate certificate = {.not_after_ms = end};
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		int64_t now_ms = end - table[i].days_before * day + table[i].ms;
		assert_int_equal(certificate_days_left(&certificate, now_ms), table[i].left);
		assert_int_equal(certificate_judge(&certificate, table[i].warn_days, now_ms),
				 table[i].state);
	}
}

static void test_an_end_that_cannot_be_read_warns_of_nothing(void **state)
{
	(void)state;
	struct certificate certificate = {.not_after_ms = 0};
	assert_int_equal(certificate_judge(&certificate, 21, 1700000000000), CERTIFICATE_WELL);
}

static void test_each_state_has_a_name_that_leads_back(void **state)
{
	(void)state;
	enum certificate_state read = CERTIFICATE_EXPIRED;
	for (int i = CERTIFICATE_WELL; i <= CERTIFICATE_EXPIRED; i++) {
		assert_true(certificate_state_parse(
			certificate_state_name((enum certificate_state)i), &read));
		assert_int_equal(read, i);
	}
	assert_false(certificate_state_parse("ended", &read));
	assert_false(certificate_state_parse(NULL, &read));
	assert_int_equal(read, CERTIFICATE_EXPIRED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_end_of_a_certificate_is_judged_by_the_monitors_days),
		cmocka_unit_test(test_an_end_that_cannot_be_read_warns_of_nothing),
		cmocka_unit_test(test_each_state_has_a_name_that_leads_back),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
