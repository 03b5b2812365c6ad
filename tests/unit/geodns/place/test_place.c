/* Holds places, distances and the list of unroutable addresses to tables. */
#include "geodns/distance.h"
#include "geodns/place.h"
#include "geodns/unroutable.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void test_countries_bring_their_continent_and_centroid(void **state)
{
	(void)state;
	static const struct {
		const char *code, *country, *continent;
		bool located;
	} cases[] = {
		{"DE", "DE", "EU", true}, {"US", "US", "NA", true}, {"UK", "GB", "EU", true},
		{"EU", "", "EU", true},	  {"AP", "", "AS", true},   {"AN", "", "NA", true},
		{"??", "", "", false},	  {"ZZ", "", "", false},    {"", "", "", false},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct place place = {0};
		place_set_country(&place, cases[i].code);
		assert_string_equal(place.country, cases[i].country);
		assert_string_equal(place.continent, cases[i].continent);
		assert_int_equal(place.flags, cases[i].located ? 3 : 0);
		assert_int_equal(place_is_known(&place), cases[i].located);
	}
}

static void test_a_databases_continent_wins_over_the_table(void **state)
{
	(void)state;
	struct place place = {0};
	place_set_continent(&place, "AS");
	place_set_country(&place, "CY");
	assert_string_equal(place.continent, "AS");
	assert_true(fabsf(place.lat - 35) < 1); /* Cyprus, not the middle of Asia */
}

static void test_coordinates_are_not_replaced_by_a_centroid(void **state)
{
	(void)state;
	struct place place = {0};
	assert_true(place_set_position(&place, 52.5, 13.4));
	place_set_country(&place, "DE");
	place_set_continent(&place, "EU");
	assert_int_equal(place.flags, PLACE_LOCATED);
	assert_true(fabsf(place.lat - 52.5F) < 0.001F);
}

static void test_what_is_no_coordinate_is_left_alone(void **state)
{
	(void)state;
	struct place place = {0};
	assert_false(place_set_position(&place, 90.5, 0));
	assert_false(place_set_position(&place, 0, -180.5));
	assert_false(place_set_position(&place, NAN, 0));
	assert_int_equal(place.flags, 0);
}

static void test_subdivisions_are_one_to_three_letters_or_digits(void **state)
{
	(void)state;
	static const struct {
		const char *code, *wanted;
	} cases[] = {{"CA", "CA"}, {"13", "13"}, {"ENG", "ENG"}, {"", ""}, {"ABCD", ""}, {"c", ""}};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct place place = {0};
		place_set_subdivision(&place, cases[i].code);
		assert_string_equal(place.subdivision, cases[i].wanted);
	}
}

static void test_distances_hold_across_the_antimeridian_and_at_the_poles(void **state)
{
	(void)state;
	static const struct {
		double lat1, lon1, lat2, lon2, km;
	} cases[] = {
		{50.11, 8.68, 50.11, 8.68, 0},
		{50.11, 8.68, 40.71, -74.01, 6202},   /* Frankfurt, New York */
		{-17.8, 178.0, -17.8, -178.0, 423.5}, /* Fiji and beyond the antimeridian */
		{0, 179.9, 0, -179.9, 22.2},
		{90, 0, 90, 135, 0},	    /* a pole is one point */
		{89.9, 0, 89.9, 180, 22.2}, /* over the pole, not around it */
		{-90, 0, 90, 0, 20015.1},
		{0, 0, 0, 180, 20015.1},
		{0.0001, 0, 0, 180, 20015.1},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		double km = distance_km(cases[i].lat1, cases[i].lon1, cases[i].lat2, cases[i].lon2);
		double back =
			distance_km(cases[i].lat2, cases[i].lon2, cases[i].lat1, cases[i].lon1);
		if (!(fabs(km - cases[i].km) <= 0.001 * cases[i].km + 0.1))
			fail_msg("case %zu: %f km", i, km);
		assert_true(fabs(km - back) < 0.001);
	}
}

static void test_unroutable_addresses_end_where_their_ranges_do(void **state)
{
	(void)state;
	static const struct {
		const char *addr;
		bool unroutable;
	} cases[] = {
		{"0.0.0.0", true},
		{"0.255.255.255", true},
		{"1.0.0.0", false},
		{"9.255.255.255", false},
		{"10.0.0.0", true},
		{"10.255.255.255", true},
		{"11.0.0.0", false},
		{"100.63.255.255", false},
		{"100.64.0.0", true},
		{"100.128.0.0", false},
		{"127.0.0.1", true},
		{"169.254.1.1", true},
		{"172.15.255.255", false},
		{"172.16.0.0", true},
		{"172.31.255.255", true},
		{"172.32.0.0", false},
		{"192.0.2.1", true},
		{"192.167.255.255", false},
		{"192.168.0.0", true},
		{"192.169.0.0", false},
		{"198.17.255.255", false},
		{"198.18.0.0", true},
		{"203.0.113.7", true},
		{"223.255.255.255", false},
		{"224.0.0.1", true},
		{"255.255.255.255", true},
		{"8.8.8.8", false},
		{"::", true},
		{"::1", true},
		{"1fff::", true},
		{"2000::", false},
		{"2001:db8::1", true},
		{"2001:db9::", false},
		{"2600::1", false},
		{"3fff::1", true},
		{"4000::", true},
		{"fc00::1", true},
		{"fe80::1", true},
		{"ff02::1", true},
		{"::ffff:8.8.8.8", false},
		{"::ffff:10.0.0.1", true},
		{"2002:808:808::", false},
		{"2002:a00:1::", true},
		{"64:ff9b::808:808", false},
		{"64:ff9b:1::1", true},
		{"64:ff9b::1:0:0:0", true},
		/* Teredo: the client is 10.0.0.1, inverted. */
		{"2001:0:4136:e378:8000:63bf:f5ff:fffe", true},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct addr addr;
		assert_true(addr_parse(cases[i].addr, &addr));
		if (unroutable_contains(&addr) != cases[i].unroutable)
			fail_msg("%s", cases[i].addr);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_countries_bring_their_continent_and_centroid),
		cmocka_unit_test(test_a_databases_continent_wins_over_the_table),
		cmocka_unit_test(test_coordinates_are_not_replaced_by_a_centroid),
		cmocka_unit_test(test_what_is_no_coordinate_is_left_alone),
		cmocka_unit_test(test_subdivisions_are_one_to_three_letters_or_digits),
		cmocka_unit_test(test_distances_hold_across_the_antimeridian_and_at_the_poles),
		cmocka_unit_test(test_unroutable_addresses_end_where_their_ranges_do),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
