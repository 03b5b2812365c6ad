/* Holds the place table file to: what was written is what is read, and nothing unsound is read. */
#include "geodns/place_table.h"

#include "base/mem.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

enum { PLACES = 3, RANGES = 4 };

/* A sound table; each test spoils its own copy. */
struct sample {
	struct place places[PLACES];
	uint32_t start4[RANGES], value4[RANGES], asn_start4[2], asn_value4[2];
	uint64_t hi6[RANGES], lo6[RANGES];
	uint32_t value6[RANGES];
	struct place_table table;
};

static struct sample *sample_new(void)
{
	struct sample *sample = mem_new(struct sample);
	place_set_country(&sample->places[1], "DE");
	place_set_country(&sample->places[2], "US");
	place_set_subdivision(&sample->places[2], "CA");
	memcpy(sample->start4, (uint32_t[]){0, 0x05000000, 0x05000100, 0xffffffff}, 16);
	memcpy(sample->value4, (uint32_t[]){0, 1, 2, 1}, 16);
	memcpy(sample->asn_start4, (uint32_t[]){0, 0x05000080}, 8);
	memcpy(sample->asn_value4, (uint32_t[]){0, 64500}, 8);
	memcpy(sample->hi6, (uint64_t[]){0, UINT64_C(0x2a00) << 48, UINT64_C(0x2a00) << 48, -1UL},
	       32);
	memcpy(sample->lo6, (uint64_t[]){0, 0, 16, -1UL}, 32);
	memcpy(sample->value6, (uint32_t[]){0, 1, 2, 0}, 16);
	struct place_table *table = &sample->table;
	table->places = sample->places;
	table->place_count = PLACES;
	table->place4 = (struct ranges4){sample->start4, sample->value4, RANGES};
	table->asn4 = (struct ranges4){sample->asn_start4, sample->asn_value4, 2};
	table->place6 = (struct ranges6){sample->hi6, sample->lo6, sample->value6, RANGES};
	table->from[PLACE_FROM_COUNTRY].networks = 7;
	strcpy(table->from[PLACE_FROM_COUNTRY].description, "Test-Country");
	table->built_ms = 1234;
	return sample;
}

/* The file image of TABLE, on the heap. */
static void *image_of(const struct place_table *table, size_t *len)
{
	struct error error = {""};
	int fd = memfd_create("table", 0);
	assert_true(place_table_write(table, fd, &error));
	struct stat status;
	assert_int_equal(fstat(fd, &status), 0);
	*len = (size_t)status.st_size;
	void *image = mem_array(*len, 1);
	assert_int_equal(pread(fd, image, *len, 0), *len);
	close(fd);
	return image;
}

static void assert_refused(const struct place_table *table, const char *what)
{
	size_t len;
	struct place_table read;
	struct error error = {""};
	void *image = image_of(table, &len);
	if (place_table_view(image, len, &read, &error))
		fail_msg("a table is taken: %s", what);
	assert_true(error.text[0] != '\0');
	free(image);
}

static void test_what_was_written_is_found_again(void **state)
{
	(void)state;
	static const struct {
		const char *addr, *country, *subdivision;
		uint32_t asn;
		uint8_t prefix_len;
	} cases[] = {
		{"0.0.0.0", "", "", 0, 6},
		{"5.0.0.0", "DE", "", 0, 25},
		{"5.0.0.255", "DE", "", 64500, 25},
		{"5.0.1.0", "US", "CA", 64500, 24},
		{"255.255.255.255", "DE", "", 64500, 32},
		{"2a00::f", "DE", "", 0, 124},
		{"2a00::10", "US", "CA", 0, 124},
		{"2a00::20", "US", "CA", 0, 123},
		{"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "", "", 0, 128},
		{"::1", "", "", 0, 3},
	};
	struct sample *sample = sample_new();
	size_t len;
	struct place_table read;
	struct error error = {""};
	void *image = image_of(&sample->table, &len);
	assert_true(place_table_view(image, len, &read, &error));
	assert_int_equal(read.built_ms, 1234);
	assert_string_equal(read.from[PLACE_FROM_COUNTRY].description, "Test-Country");
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct addr addr;
		struct place_found found;
		assert_true(addr_parse(cases[i].addr, &addr));
		place_table_find(&read, &addr, &found);
		assert_string_equal(found.place.country, cases[i].country);
		assert_string_equal(found.place.subdivision, cases[i].subdivision);
		assert_int_equal(found.asn, cases[i].asn);
		if (found.prefix_len != cases[i].prefix_len)
			fail_msg("%s/%u", cases[i].addr, found.prefix_len);
	}
	free(image);
	free(sample);
}

static void test_no_table_knows_nothing(void **state)
{
	(void)state;
	struct addr addr;
	struct place_found found;
	assert_true(addr_parse("5.0.0.1", &addr));
	place_table_find(NULL, &addr, &found);
	assert_false(place_is_known(&found.place));
	assert_int_equal(found.prefix_len, 0);
}

static void test_every_flipped_bit_is_refused(void **state)
{
	(void)state;
	struct sample *sample = sample_new();
	size_t len;
	struct place_table read;
	struct error error;
	unsigned char *image = image_of(&sample->table, &len);
	for (size_t bit = 0; bit < 8 * len; bit++) {
		image[bit / 8] ^= (unsigned char)(1u << bit % 8);
		if (place_table_view(image, len, &read, &error))
			fail_msg("bit %zu is not missed", bit);
		image[bit / 8] ^= (unsigned char)(1u << bit % 8);
	}
	assert_true(place_table_view(image, len, &read, &error));
	free(image);
	free(sample);
}

static void test_every_cut_is_refused(void **state)
{
	(void)state;
	struct sample *sample = sample_new();
	size_t len;
	struct place_table read;
	struct error error;
	unsigned char *image = image_of(&sample->table, &len);
	for (size_t cut = 0; cut < len; cut++) {
		assert_false(place_table_view(image, cut, &read, &error));
		/* Sealed, the length is right again, and the sections do not fit. */
		unsigned char *copy = mem_dup(image, len);
		place_table_seal(copy, cut & ~(size_t)7);
		assert_false(place_table_view(copy, cut & ~(size_t)7, &read, &error));
		free(copy);
	}
	free(image);
	free(sample);
}

static void test_unsound_ranges_are_refused(void **state)
{
	(void)state;
	struct sample *sample = sample_new();
	sample->start4[0] = 1;
	assert_refused(&sample->table, "IPv4 does not begin at 0");
	sample->start4[0] = 0;
	sample->start4[2] = sample->start4[1];
	assert_refused(&sample->table, "IPv4 starts are equal");
	sample->start4[2] = 0x05000100;
	sample->value4[3] = PLACES;
	assert_refused(&sample->table, "an IPv4 value is no place");
	sample->value4[3] = 1;
	sample->lo6[2] = 0;
	assert_refused(&sample->table, "IPv6 starts are equal");
	sample->lo6[2] = 16;
	sample->hi6[0] = 1;
	assert_refused(&sample->table, "IPv6 does not begin at 0");
	sample->hi6[0] = 0;
	sample->value6[0] = PLACES;
	assert_refused(&sample->table, "an IPv6 value is no place");
	sample->value6[0] = 0;
	sample->asn_start4[1] = 0;
	assert_refused(&sample->table, "ASN starts are equal");
	free(sample);
}

static void test_unsound_places_are_refused(void **state)
{
	(void)state;
	struct sample *sample = sample_new();
	struct place *place = &sample->places[1];
	const struct place sound = *place;
	place->lat = NAN;
	assert_refused(&sample->table, "a latitude is no number");
	*place = sound;
	place->lon = 181;
	assert_refused(&sample->table, "a longitude is beyond 180");
	*place = sound;
	memcpy(place->country, "DEU", 3);
	assert_refused(&sample->table, "a country is not ended");
	*place = sound;
	place->subdivision[1] = 'X';
	assert_refused(&sample->table, "something follows the end of a text");
	*place = sound;
	place->flags = PLACE_FLAGS + 1;
	assert_refused(&sample->table, "a flag is unheard of");
	*place = sound;
	sample->places[0] = sound;
	assert_refused(&sample->table, "place 0 is known");
	memset(&sample->places[0], 0, sizeof sample->places[0]);
	memset(sample->table.from[0].description, 'x', sizeof sample->table.from[0].description);
	assert_refused(&sample->table, "a description is not ended");
	free(sample);
}

static void test_what_is_no_table_is_refused_with_the_file_named(void **state)
{
	(void)state;
	struct error error = {""};
	assert_null(place_table_open("/nonexistent/places.tbl", &error));
	assert_non_null(strstr(error.text, "/nonexistent/places.tbl"));
	assert_null(place_table_open("/dev/zero", &error));
	assert_null(place_table_open("/proc/self/exe", &error));
	assert_non_null(strstr(error.text, "is not a place table"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_was_written_is_found_again),
		cmocka_unit_test(test_no_table_knows_nothing),
		cmocka_unit_test(test_every_flipped_bit_is_refused),
		cmocka_unit_test(test_every_cut_is_refused),
		cmocka_unit_test(test_unsound_ranges_are_refused),
		cmocka_unit_test(test_unsound_places_are_refused),
		cmocka_unit_test(test_what_is_no_table_is_refused_with_the_file_named),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
