/* Holds the reader of MMDB files to what small files say, and to refusing those that are spoiled.
 */
#include "geodns/mmdb.h"

#include "base/mem.h"
#include "tests/unit/geodns/geoc/mmdb_writer.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static char folder[] = "/tmp/test_mmdb.XXXXXX";
static char path[64];

static int make_folder(void **state)
{
	(void)state;
	if (mkdtemp(folder) == NULL)
		return 1;
	snprintf(path, sizeof path, "%s/db", folder);
	return 0;
}

static int remove_folder(void **state)
{
	(void)state;
	unlink(path);
	return rmdir(folder);
}

/* What a file says, as a table that can be asked. */
struct read {
	struct place_set places;
	struct mmdb_content content;
	struct place_table table;
};

static bool read_back(const struct mmdb_writer *writer, enum place_source_kind kind,
		      struct read *read, struct error *error)
{
	static const struct place unknown = {0};
	memset(read, 0, sizeof *read);
	writer_write(writer, path);
	(void)place_set_add(&read->places, &unknown);
	if (!mmdb_read(path, kind, &read->places, &read->content, error))
		return false;
	read->table.places = read->places.places;
	read->table.place_count = read->places.count;
	if (kind == PLACE_FROM_ASN) {
		read->table.asn4 = range_list_view4(&read->content.ranges);
		read->table.asn6 = range_list_view6(&read->content.ranges);
	} else {
		read->table.place4 = range_list_view4(&read->content.ranges);
		read->table.place6 = range_list_view6(&read->content.ranges);
	}
	return true;
}

static void read_fini(struct read *read)
{
	place_set_fini(&read->places);
	mmdb_content_fini(&read->content);
}

static void assert_country(const struct read *read, const char *text, const char *country)
{
	struct addr addr;
	struct place_found found;
	assert_true(addr_parse(text, &addr));
	place_table_find(&read->table, &addr, &found);
	if (strcmp(found.place.country, country) != 0)
		fail_msg("%s is in \"%s\", wanted \"%s\"", text, found.place.country, country);
}

static void assert_refused(const struct mmdb_writer *writer, enum place_source_kind kind,
			   const char *why)
{
	struct read read;
	struct error error = {""};
	assert_false(read_back(writer, kind, &read, &error));
	if (strstr(error.text, why) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", error.text, why);
	read_fini(&read);
}

static struct mmdb_writer *sample(unsigned ip_version, unsigned record_size)
{
	struct mmdb_writer *writer = mem_new(struct mmdb_writer);
	writer_init(writer, ip_version, record_size, "Test-Country");
	int de = writer_country(writer, "DE"), us = writer_country(writer, "US");
	writer_insert(writer, "5.0.0.0/8", de);
	writer_insert(writer, "5.1.0.0/16", us);
	writer_insert(writer, "255.255.255.255/32", us);
	writer_insert(writer, "0.0.0.0/32", us);
	if (ip_version == 6) {
		writer_insert(writer, "2a00::/20", de);
		writer_insert(writer, "2a00::1/128", us);
	}
	return writer;
}

static void test_every_record_size_and_ip_version_is_read(void **state)
{
	(void)state;
	for (unsigned size = 24; size <= 32; size += 4) {
		for (unsigned version = 4; version <= 6; version += 2) {
			struct mmdb_writer *writer = sample(version, size);
			struct read read;
			struct error error = {""};
			if (!read_back(writer, PLACE_FROM_COUNTRY, &read, &error))
				fail_msg("%s", error.text);
			assert_country(&read, "5.0.0.0", "DE");
			assert_country(&read, "5.0.255.255", "DE");
			assert_country(&read, "5.1.0.0", "US");
			assert_country(&read, "5.2.0.0", "DE");
			assert_country(&read, "6.0.0.0", "");
			assert_country(&read, "0.0.0.0", "US");
			assert_country(&read, "0.0.0.1", "");
			assert_country(&read, "255.255.255.255", "US");
			assert_country(&read, "2a00::", version == 6 ? "DE" : "");
			assert_country(&read, "2a00::1", version == 6 ? "US" : "");
			assert_country(&read, "2a00::2", version == 6 ? "DE" : "");
			assert_country(&read, "::500:0", "");
			if (version == 4)
				assert_int_equal(read.table.place6.count, 0);
			assert_true(read.content.from.networks >= 4);
			assert_string_equal(read.content.from.description, "Test-Country");
			read_fini(&read);
			free(writer);
		}
	}
}

/* MaxMind's files give ::ffff:0:0/96 and 2002::/16 the IPv4 tree: looked up by the IPv4 inside. */
static void test_aliases_of_the_ipv4_tree_are_not_ranges_of_their_own(void **state)
{
	(void)state;
	struct mmdb_writer *writer = sample(6, 28);
	writer_insert(writer, "::ffff:0:0/96", WRITER_ALIAS);
	writer_insert(writer, "2002::/16", WRITER_ALIAS);
	struct read read;
	struct error error = {""};
	assert_true(read_back(writer, PLACE_FROM_COUNTRY, &read, &error));
	assert_country(&read, "::ffff:5.1.0.0", "");
	assert_country(&read, "2002:501::", "");
	assert_country(&read, "5.1.0.0", "US");
	assert_country(&read, "2a00::2", "DE");
	read_fini(&read);
	free(writer);
}

static void test_a_leaf_above_the_ipv4_tree_covers_ipv4(void **state)
{
	(void)state;
	struct mmdb_writer writer;
	struct read read;
	struct error error = {""};
	writer_init(&writer, 6, 24, "Test");
	writer_insert(&writer, "::/1", writer_country(&writer, "FR"));
	assert_true(read_back(&writer, PLACE_FROM_COUNTRY, &read, &error));
	assert_country(&read, "192.0.2.1", "FR");
	assert_country(&read, "2a00::1", "FR");
	assert_country(&read, "8000::", "");
	read_fini(&read);
}

static void test_a_city_brings_subdivision_and_coordinates(void **state)
{
	(void)state;
	struct mmdb_writer writer;
	struct read read;
	struct error error = {""};
	struct place_found found;
	struct addr addr;
	writer_init(&writer, 4, 24, "Test-City");
	int record = writer_record(&writer);
	put_map(&writer, 4);
	put_text(&writer, "continent");
	put_map(&writer, 1);
	put_text(&writer, "code");
	put_text(&writer, "NA");
	put_text(&writer, "country");
	put_map(&writer, 1);
	put_text(&writer, "iso_code");
	put_text(&writer, "US");
	put_text(&writer, "location");
	put_map(&writer, 2);
	put_text(&writer, "latitude");
	put_double(&writer, 37.75);
	put_text(&writer, "longitude");
	put_double(&writer, -122.5);
	put_text(&writer, "subdivisions");
	put_control(&writer, 11, 1);
	put_map(&writer, 1);
	put_text(&writer, "iso_code");
	put_text(&writer, "CA");
	writer_insert(&writer, "5.0.0.0/24", record);
	assert_true(read_back(&writer, PLACE_FROM_CITY, &read, &error));
	assert_true(addr_parse("5.0.0.9", &addr));
	place_table_find(&read.table, &addr, &found);
	assert_string_equal(found.place.continent, "NA");
	assert_string_equal(found.place.country, "US");
	assert_string_equal(found.place.subdivision, "CA");
	assert_int_equal(found.place.flags, PLACE_LOCATED);
	assert_true(fabsf(found.place.lat - 37.75F) < 0.001F);
	assert_true(fabsf(found.place.lon + 122.5F) < 0.001F);
	read_fini(&read);
}

static void test_an_asn_database_is_read(void **state)
{
	(void)state;
	struct mmdb_writer writer;
	struct read read;
	struct error error = {""};
	struct place_found found;
	struct addr addr;
	writer_init(&writer, 6, 24, "Test-ASN");
	writer_insert(&writer, "5.0.0.0/24", writer_asn(&writer, 64500));
	writer_insert(&writer, "2a00::/32", writer_asn(&writer, 4200000000));
	assert_true(read_back(&writer, PLACE_FROM_ASN, &read, &error));
	assert_true(addr_parse("5.0.0.9", &addr));
	place_table_find(&read.table, &addr, &found);
	assert_int_equal(found.asn, 64500);
	assert_true(addr_parse("2a00::9", &addr));
	place_table_find(&read.table, &addr, &found);
	assert_int_equal(found.asn, 4200000000);
	read_fini(&read);
}

static void test_a_database_of_another_kind_is_refused(void **state)
{
	(void)state;
	struct mmdb_writer *country = sample(6, 24), asn;
	writer_init(&asn, 6, 24, "GeoLite2-ASN");
	writer_insert(&asn, "5.0.0.0/24", writer_asn(&asn, 64500));
	assert_refused(country, PLACE_FROM_ASN, "is not an ASN database");
	assert_refused(&asn, PLACE_FROM_COUNTRY, "is not a country database");
	assert_refused(&asn, PLACE_FROM_CITY, "GeoLite2-ASN");
	free(country);
}

static void test_a_database_of_no_network_is_refused(void **state)
{
	(void)state;
	struct mmdb_writer writer;
	writer_init(&writer, 6, 24, "Test");
	assert_refused(&writer, PLACE_FROM_COUNTRY, "holds no network");
}

static void test_a_tree_that_runs_in_circles_is_refused(void **state)
{
	(void)state;
	for (unsigned version = 4; version <= 6; version += 2) {
		struct mmdb_writer *writer = sample(version, 24);
		writer->loop_node = 7;
		assert_refused(writer, PLACE_FROM_COUNTRY, "circles");
		free(writer);
	}
}

static void test_a_tree_that_points_outside_the_file_is_refused(void **state)
{
	(void)state;
	struct mmdb_writer *writer = sample(4, 32);
	writer->stray_node = 7;
	assert_refused(writer, PLACE_FROM_COUNTRY, "is damaged");
	free(writer);
}

static void test_a_record_that_cannot_be_decoded_is_refused(void **state)
{
	(void)state;
	struct mmdb_writer writer;
	writer_init(&writer, 4, 24, "Test");
	int record = writer_country(&writer, "DE");
	writer_insert(&writer, "5.0.0.0/8", record);
	int broken = writer_record(&writer);
	put_map(&writer, 20); /* of which none follow */
	writer_insert(&writer, "6.0.0.0/8", broken);
	assert_refused(&writer, PLACE_FROM_COUNTRY, "cannot be read");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_record_size_and_ip_version_is_read),
		cmocka_unit_test(test_aliases_of_the_ipv4_tree_are_not_ranges_of_their_own),
		cmocka_unit_test(test_a_leaf_above_the_ipv4_tree_covers_ipv4),
		cmocka_unit_test(test_a_city_brings_subdivision_and_coordinates),
		cmocka_unit_test(test_an_asn_database_is_read),
		cmocka_unit_test(test_a_database_of_another_kind_is_refused),
		cmocka_unit_test(test_a_database_of_no_network_is_refused),
		cmocka_unit_test(test_a_tree_that_runs_in_circles_is_refused),
		cmocka_unit_test(test_a_tree_that_points_outside_the_file_is_refused),
		cmocka_unit_test(test_a_record_that_cannot_be_decoded_is_refused),
	};
	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
