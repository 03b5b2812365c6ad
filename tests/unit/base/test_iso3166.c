/* Holds base/iso3166.c to the codes of the standard and to coordinates that are on the right side
 * of the world. */
#include "base/iso3166.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void test_every_two_letters_find_their_own_country_or_none(void **state)
{
	(void)state;
	unsigned found = 0;
	for (char a = 'A'; a <= 'Z'; a++) {
		for (char b = 'A'; b <= 'Z'; b++) {
			const char code[3] = {a, b, '\0'};
			const struct iso3166_country *country = iso3166_find(code);
			if (country == NULL)
				continue;
			found++;
			assert_string_equal(country->code, code);
			assert_non_null(iso3166_find_continent(country->continent));
			assert_true(fabsf(country->lat) <= 90 && fabsf(country->lon) <= 180);
		}
	}
	assert_int_equal(found, 250); /* 249 of ISO 3166-1 and XK */
}

static void test_codes_that_are_no_country_are_not_found(void **state)
{
	(void)state;
	static const char *const codes[] = {"", "D", "DEU", "de", "??", "EU", "AP", "UK", "AN"};
	for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
		assert_null(iso3166_find(codes[i]));
}

static void test_centroids_lie_where_the_countries_are(void **state)
{
	(void)state;
	static const struct {
		const char *code, *continent;
		float lat, lon;
	} known[] = {
		{"DE", "EU", 51, 10},	{"US", "NA", 39, -98},	{"CN", "AS", 36, 104},
		{"AU", "OC", -25, 134}, {"BR", "SA", -10, -53}, {"ZA", "AF", -29, 25},
		{"CY", "EU", 35, 33},	{"TR", "AS", 39, 35},	{"FJ", "OC", -18, 178},
	};
	for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
		const struct iso3166_country *country = iso3166_find(known[i].code);
		assert_non_null(country);
		assert_string_equal(country->continent, known[i].continent);
		assert_true(fabsf(country->lat - known[i].lat) <= 2);
		assert_true(fabsf(country->lon - known[i].lon) <= 2);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_two_letters_find_their_own_country_or_none),
		cmocka_unit_test(test_codes_that_are_no_country_are_not_found),
		cmocka_unit_test(test_centroids_lie_where_the_countries_are),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
