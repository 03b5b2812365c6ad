/* The age of geo databases: what is old, and that nothing known is nothing told. */
#include "healthcheck/geo_age.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void test_a_database_is_old_when_its_days_are_over(void **state)
{
	(void)state;
	const int64_t day = 86400000, built = 20000 * day;
	static const struct {
		int64_t built, age_days, more_ms;
		uint32_t limit_d;
		enum geo_age age;
	} table[] = {
		{1, 0, 0, 45, GEO_AGE_FRESH},	     {1, 45, 0, 45, GEO_AGE_FRESH},
		{1, 45, 1, 45, GEO_AGE_OLD},	     {1, 46, 0, 45, GEO_AGE_OLD},
		{1, 400, 0, 0, GEO_AGE_FRESH},	     {1, 2, 0, 1, GEO_AGE_OLD},
		{0, 0, 0, 45, GEO_AGE_UNKNOWN},	     {0, 400, 0, 1, GEO_AGE_UNKNOWN},
		{1, -10, 0, 45, GEO_AGE_FRESH}, /* a clock that is behind */
		{1, 36500, 0, 36500, GEO_AGE_FRESH},
	};
	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		assert_int_equal(geo_age_judge(table[i].built * built,
					       built + table[i].age_days * day + table[i].more_ms,
					       table[i].limit_d),
				 table[i].age);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_database_is_old_when_its_days_are_over),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
