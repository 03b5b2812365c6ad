/* Master files: RFC 1035 section 5, $TTL of RFC 2308 section 4, and what is refused with line and
 * column. */
#include "db/zonefile.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static char got[8192];

static bool collect(void *context, const struct zonefile_entry *entry, struct zonefile_error *error)
{
	size_t used = strlen(got);
	(void)context;
	(void)error;
	if (entry->has_ttl)
		snprintf(got + used, sizeof got - used, "%s %u %s %s\n", entry->owner, entry->ttl,
			 entry->type, entry->data);
	else
		snprintf(got + used, sizeof got - used, "%s - %s %s\n", entry->owner, entry->type,
			 entry->data);
	return true;
}

static bool read_text(const char *text, struct zonefile_error *error)
{
	got[0] = '\0';
	return zonefile_read(text, strlen(text), "example.com", collect, NULL, error);
}

static void test_entries_are_read_as_rfc_1035_section_5_says(void **state)
{
	(void)state;
	static const struct {
		const char *text, *wanted;
	} table[] = {
		{"", ""},
		{"\n  \n; only a comment\n", ""},
		{"www A 192.0.2.1\n", "www.example.com - A 192.0.2.1\n"},
		{"www A 192.0.2.1", "www.example.com - A 192.0.2.1\n"},
		{"@ NS ns1\n", "example.com - NS ns1\n"},
		{"$TTL 1h\nwww A 192.0.2.1\n", "www.example.com 3600 A 192.0.2.1\n"},
		{"www 60 IN A 192.0.2.1\n  IN 120 A 192.0.2.2\n\tA 192.0.2.3\n",
		 "www.example.com 60 A 192.0.2.1\nwww.example.com 120 A 192.0.2.2\nwww.example.com "
		 "120 A 192.0.2.3\n"},
		{"$ORIGIN sub\nwww A 192.0.2.1\n$ORIGIN example.org.\nwww A 192.0.2.2\n",
		 "www.sub.example.com - A 192.0.2.1\nwww.example.org - A 192.0.2.2\n"},
		{"@ SOA ns1 host ( 1 ; serial\n 2 3\n 4 5 )\nwww A 192.0.2.1\n",
		 "example.com - SOA ns1 host 1 2 3 4 5\nwww.example.com - A 192.0.2.1\n"},
		{"t TXT \"a ; ( b\" \"c\\\"d\" e\\;f\n",
		 "t.example.com - TXT \"a ; ( b\" \"c\\\"d\" e\\;f\n"},
		{"WWW.Example.COM. A 192.0.2.1 ; end\r\n", "www.example.com - A 192.0.2.1\n"},
		{"*.w CNAME www\n", "*.w.example.com - CNAME www\n"},
		{"a\\.b A 192.0.2.1\n", "a\\.b.example.com - A 192.0.2.1\n"},
		{"3600 A 192.0.2.1\n", "3600.example.com - A 192.0.2.1\n"},
		{"\xef\xbb\xbfwww CLASS1 60 A 192.0.2.1\n", "www.example.com 60 A 192.0.2.1\n"},
		{"x TYPE65280 \\# 2 abcd\n", "x.example.com - TYPE65280 \\# 2 abcd\n"},
	};
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		struct zonefile_error error;
		if (!read_text(table[i].text, &error))
			fail_msg("\"%s\": %zu:%zu %s", table[i].text, error.at.line,
				 error.at.column, error.text);
		assert_string_equal(got, table[i].wanted);
	}
}

static void test_an_error_tells_line_and_column(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		size_t line, column;
		const char *part;
	} table[] = {
		{"www A 192.0.2.1\n$INCLUDE other\n", 2, 1, "$INCLUDE is not taken"},
		{"$GENERATE 1-9 h$ A 192.0.2.$\n", 1, 1, "$GENERATE is not taken"},
		{"$TTL soon\n", 1, 6, "\"soon\" is not a TTL"},
		{"$TTL\n", 2, 1, "value is missing"},
		{"$TTL 1 2\n", 1, 8, "takes one value"},
		{"$WHAT 1\n", 1, 1, "no directive $WHAT"},
		{"  A 192.0.2.1\n", 1, 1, "no owner"},
		{"www\n", 1, 1, "type is missing"},
		{"www A 192.0.2.1\n  60 IN\n", 2, 1, "type is missing"},
		{"www CH TXT x\n", 1, 5, "class IN"},
		{"www CLASS3 TXT x\n", 1, 5, "class IN"},
		{"www IN IN A 192.0.2.1\n", 1, 8, "a second time"},
		{"www 1 2 A 192.0.2.1\n", 1, 7, "is no TTL, or the second"},
		{"www 5x A 192.0.2.1\n", 1, 5, "\"5x\" stands where a type must"},
		{"www 2147483648 A 192.0.2.1\n", 1, 5, "at most 2147483647 seconds"},
		{"\xef\xbb\xbf$WHAT 1\n", 1, 1, "no directive $WHAT"},
		{"t TXT \"open\n", 1, 7, "not closed"},
		{"t TXT open\\\nx A 192.0.2.1\n", 1, 11, "nothing behind it"},
		{"t TXT \"open\\\n\"\n", 1, 12, "nothing behind it"},
		{"t TXT open\\", 1, 11, "nothing behind it"},
		{"www A 192.0.2.1 )\n", 1, 17, "without"},
		{"@ SOA a b ( 1 2 3 4 5\n", 2, 1, "inside parentheses"},
	};
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		struct zonefile_error error;
		assert_false(read_text(table[i].text, &error));
		if (strstr(error.text, table[i].part) == NULL || error.at.line != table[i].line ||
		    error.at.column != table[i].column)
			fail_msg("\"%s\": %zu:%zu %s", table[i].text, error.at.line,
				 error.at.column, error.text);
	}
}

static void test_ttls_take_units_up_to_31_bits(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		bool good;
		uint32_t ttl;
	} table[] = {
		{"0", true, 0},
		{"3600", true, 3600},
		{"1h30m", true, 5400},
		{"2W", true, 1209600},
		{"2147483647", true, INT32_MAX},
		{"2147483648", false, 0},
		{"", false, 0},
		{"h", false, 0},
		{"1x", false, 0},
		{"99999999999", false, 0},
		{"-1", false, 0},
	};
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		uint32_t ttl = 0;
		assert_int_equal(zonefile_ttl_parse(table[i].text, &ttl), table[i].good);
		assert_int_equal(ttl, table[i].ttl);
	}
}

static bool refuse_data(void *context, const struct zonefile_entry *entry,
			struct zonefile_error *error)
{
	struct zonefile_place *places = context;
	places[0] = entry->at;
	places[1] = entry->type_at;
	places[2] = entry->data_at;
	snprintf(error->text, sizeof error->text, "as the callee says");
	return false;
}

static void test_an_entry_tells_where_owner_type_and_data_stand(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		struct zonefile_place owner, type, data;
	} table[] = {
		{"www A 192.0.2.1\n", {1, 1}, {1, 5}, {1, 7}},
		{"; first\n\nx\t60 IN A 1\n", {3, 1}, {3, 9}, {3, 11}},
		{"@ IN SOA ( ; comment\n   ns1 host 1 2 3 4 5 )\n", {1, 1}, {1, 6}, {2, 4}},
		{"www ( 60\n A\n\n 192.0.2.1 )\n", {1, 1}, {2, 2}, {4, 2}},
		{"www A\n", {1, 1}, {1, 5}, {1, 6}},
	};
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		struct zonefile_place places[3] = {{0, 0}};
		struct zonefile_error error;
		assert_false(zonefile_read(table[i].text, strlen(table[i].text), "example.com",
					   refuse_data, places, &error));
		assert_string_equal(error.text, "as the callee says");
		assert_int_equal(places[0].line, table[i].owner.line);
		assert_int_equal(places[0].column, table[i].owner.column);
		assert_int_equal(places[1].line, table[i].type.line);
		assert_int_equal(places[1].column, table[i].type.column);
		assert_int_equal(places[2].line, table[i].data.line);
		assert_int_equal(places[2].column, table[i].data.column);
	}
}

static void test_a_zero_octet_is_no_text(void **state)
{
	(void)state;
	struct zonefile_error error;
	static const char inside[] = "a A 192.0.2.1\nt TXT \"a\0b\"\n";
	assert_false(
		zonefile_read(inside, sizeof inside - 1, "example.com", collect, NULL, &error));
	assert_int_equal(error.at.line, 2);
	assert_int_equal(error.at.column, 9);
	assert_false(zonefile_read("\0", 1, "example.com", collect, NULL, &error));
	assert_non_null(strstr(error.text, "not a text file"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_entries_are_read_as_rfc_1035_section_5_says),
		cmocka_unit_test(test_an_error_tells_line_and_column),
		cmocka_unit_test(test_ttls_take_units_up_to_31_bits),
		cmocka_unit_test(test_an_entry_tells_where_owner_type_and_data_stand),
		cmocka_unit_test(test_a_zero_octet_is_no_text),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
