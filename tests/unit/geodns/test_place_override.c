/* Holds overrides and the explanation of a place to tables, and to geomap, which answers. */
#include "geodns/place_override.h"

#include "base/rng.h"
#include "geodns/geomap.h"
#include "geodns/place_pattern.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum { OVERRIDES = 8 };

static struct place places[3];
static const uint32_t start4[] = {0, 0x05000000, 0x05010000};
static const uint32_t value4[] = {0, 1, 2};
static const uint64_t hi6[] = {0, UINT64_C(0x2a00) << 48, UINT64_C(0x2a01) << 48};
static struct place_table table;
static struct place_override overrides[OVERRIDES];

static void init_override(struct place_override *override, const char *cidr, const char *place,
			  uint32_t asn)
{
	char text[16] = "";
	struct geo_override geo = {.asn = asn};
	assert_true(prefix_parse(cidr, &geo.cidr, NULL));
	if (place != NULL) {
		strcpy(text, place);
		geo.place = text;
	}
	place_override_init(override, &geo);
}

static int set_up(void **state)
{
	(void)state;
	place_set_country(&places[1], "DE");
	if (!place_set_position(&places[1], 52.5, 13.4))
		return 1;
	place_set_country(&places[2], "US");
	table.places = places;
	table.place_count = 3;
	table.place4 = (struct ranges4){start4, value4, 3};
	table.place6 = (struct ranges6){hi6, NULL, value4, 3};
	init_override(&overrides[0], "5.0.0.0/12", "EU-FR", 0);
	init_override(&overrides[1], "5.0.7.0/24", NULL, 64500);
	init_override(&overrides[2], "5.0.7.128/25", "NA-US-CA", 0);
	init_override(&overrides[3], "10.0.0.0/8", "EU-DE", 0);
	init_override(&overrides[4], "2a00::/32", "AS-JP", 0);
	init_override(&overrides[5], "2002:5f0::/32", "OC-AU", 0);
	init_override(&overrides[6], "2a00:0:0:1::8/125", "SA-BR", 0);
	init_override(&overrides[7], "192.0.2.0/24", "nonsense", 7);
	return 0;
}

static void explain(const char *text, struct place_explanation *explanation)
{
	struct addr addr;
	assert_true(addr_parse(text, &addr));
	place_explain(&table, overrides, OVERRIDES, &addr, explanation);
}

static void test_the_narrowest_override_wins_field_by_field(void **state)
{
	(void)state;
	static const struct {
		const char *addr, *place, *prefix, *source;
		uint32_t asn;
		bool unroutable;
	} cases[] = {
		{"5.0.1.1", "EU-FR", "5.0.0.0/22", "override", 0, false},
		{"5.0.7.1", "EU-FR", "5.0.7.0/25", "override", 64500, false},
		{"5.0.7.129", "NA-US-CA", "5.0.7.128/25", "override", 64500, false},
		{"5.16.0.1", "NA-US", "5.16.0.0/12", "database", 0, false},
		{"4.0.0.1", "", "4.0.0.0/8", "none", 0, false},
		{"10.9.9.9", "EU-DE", "10.0.0.0/8", "override", 0, false},
		{"127.0.0.1", "", "64.0.0.0/2", "none", 0, true},
		{"192.0.2.7", "NA-US", "192.0.2.0/24", "override", 7, false},
		{"2a00:0:1::", "AS-JP", "2a00:0:1::/48", "override", 0, false},
		{"2a00:0:0:1::9", "SA-BR", "2a00:0:0:1::8/125", "override", 0, false},
		{"2a00:1::", "EU-DE", "2a00:1::/32", "database", 0, false},
		/* Looked up by the IPv4 address inside, but for the one that an override names. */
		{"::ffff:5.0.7.129", "NA-US-CA", "5.0.7.128/25", "override", 64500, false},
		{"2002:500:781::1", "NA-US-CA", "5.0.7.128/25", "override", 64500, false},
		{"2002:5f0:1::1", "OC-AU", "2002:5f0::/32", "override", 0, false},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct place_explanation explanation;
		char place[PLACE_PATTERN_TEXT_MAX], prefix[PREFIX_TEXT_MAX];
		explain(cases[i].addr, &explanation);
		place_pattern_write(&explanation.place, place);
		prefix_format(&explanation.prefix, prefix);
		if (strcmp(place, cases[i].place) != 0 || strcmp(prefix, cases[i].prefix) != 0 ||
		    strcmp(place_source_name(explanation.source), cases[i].source) != 0 ||
		    explanation.asn != cases[i].asn ||
		    explanation.unroutable != cases[i].unroutable)
			fail_msg("%s: %s in %s of %s, AS%u", cases[i].addr, place, prefix,
				 place_source_name(explanation.source), explanation.asn);
	}
}

static void test_a_place_of_the_same_country_keeps_its_coordinates(void **state)
{
	(void)state;
	struct place_override same, other;
	uint32_t asn = 0;
	init_override(&same, "5.0.0.0/16", "EU-DE", 0);
	init_override(&other, "5.0.0.0/16", "EU-FR", 0);
	struct place place = places[1];
	place_override_apply(&same, &place, &asn);
	assert_true(fabsf(place.lon - 13.4F) < 0.01F);
	place_override_apply(&other, &place, &asn);
	assert_true(fabsf(place.lon - 2.5F) < 0.5F); /* the middle of France */
	assert_int_equal(place.flags, PLACE_LOCATED | PLACE_CENTROID);
}

static void test_coordinates_alone_leave_the_country(void **state)
{
	(void)state;
	struct place_override override;
	struct geo_override geo = {.position = {48.1, 11.6, true}};
	uint32_t asn = 5;
	assert_true(prefix_parse("5.0.0.0/16", &geo.cidr, NULL));
	place_override_init(&override, &geo);
	struct place place = places[1];
	place_override_apply(&override, &place, &asn);
	assert_string_equal(place.country, "DE");
	assert_true(fabsf(place.lat - 48.1F) < 0.01F);
	assert_int_equal(asn, 5);
}

/* Coordinates that the operator writes go before the country's, whoever said which. */
static void test_coordinates_beside_a_place_are_its_coordinates(void **state)
{
	(void)state;
	static const struct {
		const char *place;
		bool says_position;
		float lat;
	} cases[] = {
		{"EU-DE", true,
		 48.1F}, /* the same country as before, with coordinates of its own */
		{"EU-DE", false, 52.5F},
		{"EU-FR", true, 48.1F},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct place_override override;
		char text[16];
		strcpy(text, cases[i].place);
		struct geo_override geo = {.place = text,
					   .position = {48.1, 11.6, cases[i].says_position}};
		uint32_t asn = 5;
		assert_true(prefix_parse("5.0.0.0/16", &geo.cidr, NULL));
		place_override_init(&override, &geo);
		struct place place = places[1];
		place_override_apply(&override, &place, &asn);
		assert_true(fabsf(place.lat - cases[i].lat) < 0.01F);
		assert_int_equal(place.flags, PLACE_LOCATED);
		assert_int_equal(asn, 5);
	}
}

/* An address of which the databases know the network alone. */
static void test_a_network_without_a_place_is_of_the_database(void **state)
{
	(void)state;
	static const uint32_t start[] = {0, 0x06000000, 0x07000000}, asns[] = {0, 64496, 0};
	struct place_table with_asns = table;
	with_asns.asn4 = (struct ranges4){start, asns, 3};
	static const struct {
		const char *addr, *source;
		uint32_t asn;
	} cases[] = {{"4.0.0.1", "none", 0},
		     {"6.1.2.3", "database", 64496},
		     {"5.16.0.1", "database", 0}};
	with_asns.place4 = (struct ranges4){(const uint32_t[]){0, 0x05000000, 0x06000000},
					    (const uint32_t[]){0, 1, 0}, 3};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct place_explanation explanation;
		struct addr addr;
		assert_true(addr_parse(cases[i].addr, &addr));
		place_explain(&with_asns, overrides, OVERRIDES, &addr, &explanation);
		assert_string_equal(place_source_name(explanation.source), cases[i].source);
		assert_int_equal(explanation.asn, cases[i].asn);
		assert_int_equal(place_is_known(&explanation.place), i == 2);
	}
}

static void test_patterns_match_what_lies_in_them(void **state)
{
	(void)state;
	static const struct {
		const char *pattern, *place;
		bool matches;
	} cases[] = {
		{"EU", "EU-DE", true},		{"EU", "EU", true},
		{"EU", "NA-US", false},		{"EU-DE", "EU-DE", true},
		{"EU-DE", "EU", false},		{"EU-DE", "EU-FR", false},
		{"NA-US", "NA-US-CA", true},	{"NA-US-CA", "NA-US", false},
		{"NA-US-CA", "NA-US-CA", true}, {"NA-US-CA", "NA-US-NY", false},
		{"NA-US-CA", "NA-CA", false},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct place pattern, place;
		assert_true(place_pattern_read(cases[i].pattern, &pattern));
		assert_true(place_pattern_read(cases[i].place, &place));
		if (place_pattern_matches(&pattern, &place) != cases[i].matches)
			fail_msg("%s in %s", cases[i].place, cases[i].pattern);
	}
	const struct place unknown = {0};
	struct place pattern;
	assert_true(place_pattern_read("EU", &pattern));
	assert_false(place_pattern_matches(&pattern, &unknown));
	assert_false(place_pattern_matches(&unknown, &unknown));
	assert_false(place_pattern_read("DE", &pattern));
}

/* The value says all that a client has, so that equal values mean equal explanations. */
static uint32_t rank(void *context, const struct geomap_client *client)
{
	(void)context;
	const struct place *place = client->place;
	return (uint32_t)(place->country[0] << 16 | place->country[1] << 8 |
			  place->subdivision[0]) ^
	       client->asn;
}

static void test_what_is_explained_is_what_is_answered(void **state)
{
	(void)state;
	static const char *const bases[] = {
		"5.0.7.128",  "5.16.0.0",	"10.0.0.0",	  "2a00::",  "2a00:0:0:1::8",
		"2002:5f0::", "2002:500:780::", "::ffff:5.0.7.0", "0.0.0.0", "2600::"};
	const struct geomap_input input = {.table = &table,
					   .overrides = overrides,
					   .override_count = OVERRIDES,
					   .by_asn = true,
					   .rank = rank};
	struct geomap *map = geomap_new(&input);
	struct rng rng;
	rng_init(&rng, 11);
	for (int i = 0; i < 200000; i++) {
		struct addr addr;
		struct place_explanation explanation;
		assert_true(addr_parse(bases[rng_below(&rng, 10)], &addr));
		for (uint64_t bits = rng_below(&rng, 4); bits > 0; bits--) {
			uint64_t bit = rng_below(&rng, addr_bits(&addr));
			addr.bytes[bit / 8] ^= (uint8_t)(0x80 >> bit % 8);
		}
		place_explain(&table, overrides, OVERRIDES, &addr, &explanation);
		struct geomap_found found = geomap_find(map, &addr);
		const struct geomap_client client = {&explanation.place, explanation.asn,
						     GEOMAP_NO_TAG};
		uint32_t wanted = explanation.unroutable ? GEOMAP_NO_PLACE : rank(NULL, &client);
		if (found.value != wanted) {
			char text[ADDR_TEXT_MAX];
			addr_format(&addr, text);
			fail_msg("%s: %x, explained %x", text, found.value, wanted);
		}
	}
	geomap_free(map);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_narrowest_override_wins_field_by_field),
		cmocka_unit_test(test_a_place_of_the_same_country_keeps_its_coordinates),
		cmocka_unit_test(test_coordinates_alone_leave_the_country),
		cmocka_unit_test(test_coordinates_beside_a_place_are_its_coordinates),
		cmocka_unit_test(test_a_network_without_a_place_is_of_the_database),
		cmocka_unit_test(test_patterns_match_what_lies_in_them),
		cmocka_unit_test(test_what_is_explained_is_what_is_answered),
	};
	return cmocka_run_group_tests(tests, set_up, NULL);
}
