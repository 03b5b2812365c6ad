/* Names, of ours and of the DNS, and places: what is accepted, what it becomes, why others are not.
 */
#include "db/names.h"
#include "db/place.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
/* cmocka wants the four above first */
#include <cmocka.h>

#define L63 "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijk"
#define L61 "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghi"

static void test_our_names_have_one_to_63_plain_characters(void **state)
{
	(void)state;
	static const char *const good[] = {"a", "0", "eu-1", "a.b_c-d", L63};
	static const char *const bad[] = {"",	 "A",	"-a",	    ".a",   "_a",
					  "a b", "a/b", "\xc3\xa4", L63 "x"};
	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		assert_true(name_valid(good[i]));
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_false(name_valid(bad[i]));
}

static void test_dns_names_become_canonical_or_say_why_not(void **state)
{
	(void)state;
	static const struct {
		const char *text, *canonical, *wrong;
	} table[] = {
		{".", ".", NULL},
		{"Example.COM.", "example.com", NULL},
		{"*.a", "*.a", NULL},
		{"_sip._tcp.a", "_sip._tcp.a", NULL},
		{"a\\.b.c", "a\\.b.c", NULL},
		{"\\065.c", "a.c", NULL},
		{"a\\000b", "a\\000b", NULL},
		{"a\\;b", "a\\;b", NULL},
		{"\\x", "x", NULL},
		{L63 "." L63 "." L63 "." L61, L63 "." L63 "." L63 "." L61, NULL}, /* 255 octets */
		{L63 "." L63 "." L63 "." L61 "a", NULL, "longer than 255"},
		{L63 "a", NULL, "longer than 63"},
		{"", NULL, "is empty"},
		{"..", NULL, "empty label"},
		{".a", NULL, "empty label"},
		{"a..b", NULL, "empty label"},
		{"a b", NULL, "blank"},
		{"a\\", NULL, "escape"},
		{"a\\25", NULL, "escape"},
		{"a\\256", NULL, "escape"},
		{"b\xc3\xbc", NULL, "Punycode"},
	};
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		char out[DNS_NAME_TEXT_MAX];
		const char *wrong = dns_name_canonical(table[i].text, out);
		if (table[i].wrong == NULL) {
			assert_null(wrong);
			assert_string_equal(out, table[i].canonical);
		} else {
			assert_non_null(wrong);
			assert_non_null(strstr(wrong, table[i].wrong));
		}
	}
}

static void test_the_longest_escaped_name_fits_its_buffer(void **state)
{
	(void)state;
	char text[1200] = "", out[DNS_NAME_TEXT_MAX];
	size_t used = 0;
	for (int label = 0, octets = 1; octets < 255; label++) {
		int len = 255 - octets - 1 < 63 ? 255 - octets - 1 : 63;
		for (int i = 0; i < len; i++)
			used += (size_t)sprintf(text + used, "\\001");
		text[used++] = '.';
		octets += len + 1;
	}
	assert_null(dns_name_canonical(text, out));
	assert_int_equal(strlen(out), 4 * 250 + 3);
}

static void test_owners_become_relative_to_their_zone(void **state)
{
	(void)state;
	static const struct {
		const char *text, *zone, *owner; /* NULL: outside or too long */
	} table[] = {
		{"@", "example.com", "@"},
		{"WWW", "example.com", "www"},
		{"www.example.com", "example.com", "www.example.com"},
		{"www.Example.com.", "example.com", "www"},
		{"example.com.", "example.com", "@"},
		{"www.example.org.", "example.com", NULL},
		{"wwwexample.com.", "example.com", NULL},
		{"a\\.example.com.", "example.com", NULL},
		{".", "example.com", NULL},
		{"com.", ".", "com"},
		{"com", ".", "com"},
		{".", ".", "@"},
		{L63 "." L63 "." L63, "example.com", L63 "." L63 "." L63},
		{L63 "." L63 "." L63 "." L63, "example.com", NULL},
	};
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		char out[DNS_NAME_TEXT_MAX];
		const char *wrong = dns_owner_canonical(table[i].text, table[i].zone, out);
		assert_int_equal(wrong == NULL, table[i].owner != NULL);
		if (wrong == NULL)
			assert_string_equal(out, table[i].owner);
	}
}

static void test_host_names_are_letters_digits_and_hyphens_within(void **state)
{
	(void)state;
	static const char *const good[] = {"a", "lb.example.net", "lb.example.net.", "1a.b", "a-b"};
	static const char *const bad[] = {"",	".",	"192.0.2.1", "::1",   "-a.b",
					  "a-", "a..b", "a b",	     "a\\.b", "*.a"};
	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		assert_true(host_name_valid(good[i]));
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_false(host_name_valid(bad[i]));
}

static void test_places_are_continent_country_subdivision(void **state)
{
	(void)state;
	static const struct {
		const char *text, *country, *subdivision, *why; /* WHY NULL: good */
	} table[] = {
		{"EU", "", "", NULL},
		{"AS", "", "", NULL},
		{"AS-CN", "CN", "", NULL},
		{"NA-US-CA", "US", "CA", NULL},
		{"EU-GB-ENG", "GB", "ENG", NULL},
		{"EU-AT-9", "AT", "9", NULL},
		{"EU-XK", "XK", "", NULL},
		{"DE", NULL, NULL, "write EU-DE"},
		{"ZZ", NULL, NULL, "does not begin with a continent"},
		{"EU-US", NULL, NULL, "write NA-US"},
		{"EU-US-CA", NULL, NULL, "write NA-US-CA"},
		{"EU-ZZ", NULL, NULL, "no country"},
		{"", NULL, NULL, "is not a place"},
		{"eu", NULL, NULL, "is not a place"},
		{"EU-", NULL, NULL, "is not a place"},
		{"EU-DE-", NULL, NULL, "is not a place"},
		{"EU-DE-ABCD", NULL, NULL, "is not a place"},
		{"EU-DE-BE-X", NULL, NULL, "is not a place"},
		{"EUR", NULL, NULL, "is not a place"},
	};
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		struct place_name place;
		char why[128];
		bool good = place_parse(table[i].text, &place, why);
		assert_int_equal(good, table[i].why == NULL);
		if (good) {
			assert_string_equal(place.country, table[i].country);
			assert_string_equal(place.subdivision, table[i].subdivision);
		} else if (strstr(why, table[i].why) == NULL) {
			fail_msg("%s: \"%s\" lacks \"%s\"", table[i].text, why, table[i].why);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_our_names_have_one_to_63_plain_characters),
		cmocka_unit_test(test_dns_names_become_canonical_or_say_why_not),
		cmocka_unit_test(test_the_longest_escaped_name_fits_its_buffer),
		cmocka_unit_test(test_owners_become_relative_to_their_zone),
		cmocka_unit_test(test_host_names_are_letters_digits_and_hyphens_within),
		cmocka_unit_test(test_places_are_continent_country_subdivision),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
