/* Addresses and prefixes: text both ways, containment, order, IPv4 inside IPv6. */
#include "base/addr.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct addr parsed(const char *text)
{
	struct addr addr;
	if (!addr_parse(text, &addr))
		fail_msg("\"%s\" is not parsed", text);
	return addr;
}

static void test_addresses_are_written_in_canonical_form(void **state)
{
	(void)state;
	static const char *const table[][2] = {
		{"192.0.2.1", "192.0.2.1"},
		{"2001:DB8:0:0:0:0:0:1", "2001:db8::1"}, /* RFC 5952 section 4 */
		{"::", "::"},
		{"::ffff:192.0.2.1", "::ffff:192.0.2.1"},
	};
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		char text[ADDR_TEXT_MAX];
		struct addr addr = parsed(table[i][0]);
		addr_format(&addr, text);
		assert_string_equal(text, table[i][1]);
	}
}

static void test_what_is_no_address_is_refused(void **state)
{
	(void)state;
	static const char *const table[] = {"",		"192.0.2", "192.0.2.256",  "192.0.2.1 ",
					    "01.2.3.4", ":::1",	   "fe80::1%eth0", "[::1]",
					    "host"};
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		struct addr addr;
		assert_false(addr_parse(table[i], &addr));
	}
}

static void test_a_prefix_has_no_bit_beyond_its_length(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		bool good;
		const char *why;
	} table[] = {
		{"192.0.2.0/24", true, NULL},
		{"0.0.0.0/0", true, NULL},
		{"::/0", true, NULL},
		{"2001:db8::/32", true, NULL},
		{"192.0.2.1", true, NULL},
		{"192.0.2.1/32", true, NULL},
		{"192.0.2.1/24", false, "beyond its length"},
		{"2001:db8::1/127", false, "beyond its length"},
		{"192.0.2.0/33", false, "not a number from 0"},
		{"192.0.2.0/", false, "not a number from 0"},
		{"192.0.2.0/024", false, "not a number from 0"},
		{"192.0.2.0/-1", false, "not a number from 0"},
		{"2001:db8::/129", false, "not a number from 0"},
		{"nonsense/8", false, "is not an IPv4 or IPv6 prefix"},
	};
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		struct prefix prefix;
		const char *why = NULL;
		assert_int_equal(prefix_parse(table[i].text, &prefix, &why), table[i].good);
		if (!table[i].good)
			assert_non_null(strstr(why, table[i].why));
	}
}

static void test_the_prefix_around_an_address_is_without_the_bits_beyond(void **state)
{
	(void)state;
	static const struct {
		const char *text, *around; /* NULL: none */
	} table[] = {
		{"192.0.2.77/24", "192.0.2.0/24"},
		{"192.0.2.77", "192.0.2.77/32"},
		{"2001:db8::ff/121", "2001:db8::80/121"},
		{"192.0.2.77/0", "0.0.0.0/0"},
		{"192.0.2.77/33", NULL},
		{"192.0.2.77/ 8", NULL},
		{"192.0.2.77/+8", NULL},
		{"192.0.2/24", NULL},
	};
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		struct prefix prefix;
		char text[PREFIX_TEXT_MAX];
		assert_int_equal(prefix_parse_around(table[i].text, &prefix),
				 table[i].around != NULL);
		if (table[i].around == NULL)
			continue;
		prefix_format(&prefix, text);
		assert_string_equal(text, table[i].around);
	}
}

static void test_a_prefix_contains_its_addresses_alone(void **state)
{
	(void)state;
	static const struct {
		const char *prefix, *addr;
		bool contains;
	} table[] = {
		{"192.0.2.0/25", "192.0.2.127", true},	{"192.0.2.0/25", "192.0.2.128", false},
		{"0.0.0.0/0", "255.255.255.255", true}, {"0.0.0.0/0", "::", false},
		{"::/0", "2001:db8::1", true},		{"2001:db8::/33", "2001:db8:8000::", false},
		{"192.0.2.1/32", "192.0.2.1", true},	{"192.0.2.1/32", "192.0.2.0", false},
	};
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		struct prefix prefix;
		struct addr addr = parsed(table[i].addr);
		assert_true(prefix_parse(table[i].prefix, &prefix, NULL));
		assert_int_equal(prefix_contains(&prefix, &addr), table[i].contains);
	}
}

static void test_the_order_is_total_with_ipv4_first(void **state)
{
	(void)state;
	static const char *const ascending[] = {
		"0.0.0.0", "192.0.2.1", "192.0.2.2", "255.255.255.255", "::", "::1", "ffff::"};
	for (size_t i = 0; i < sizeof ascending / sizeof *ascending; i++) {
		for (size_t j = 0; j < sizeof ascending / sizeof *ascending; j++) {
			struct addr a = parsed(ascending[i]), b = parsed(ascending[j]);
			int order = addr_compare(&a, &b);
			assert_int_equal((order > 0) - (order < 0), (i > j) - (i < j));
		}
	}
}

static void test_ipv4_is_found_inside_the_ipv6_forms_that_carry_it(void **state)
{
	(void)state;
	static const struct {
		const char *v6, *v4;
		unsigned bits;
	} table[] = {
		{"::ffff:192.0.2.1", "192.0.2.1", 96},	       /* RFC 4291 section 2.5.5.2 */
		{"64:ff9b::192.0.2.1", "192.0.2.1", 96},       /* RFC 6052 section 2.1 */
		{"2002:c000:201::1", "192.0.2.1", 16},	       /* RFC 3056 section 2 */
		{"2001:0:1:2:3:4:3fff:fdfe", "192.0.2.1", 96}, /* RFC 4380 section 4, inverted */
		{"2001:db8::1", NULL, 0},
		{"::192.0.2.1", NULL,
		 0}, /* the compatible form is no more (RFC 4291 section 2.5.5.1) */
		{"64:ff9b:1::1", NULL, 0},
		{"192.0.2.1", NULL, 0},
	};
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		struct addr v6 = parsed(table[i].v6), v4;
		unsigned bits;
		bool found = addr_embedded_ipv4(&v6, &v4, &bits);
		assert_int_equal(found, table[i].v4 != NULL);
		if (found) {
			struct addr wanted = parsed(table[i].v4);
			assert_true(addr_equal(&v4, &wanted));
			assert_int_equal(bits, table[i].bits);
		}
	}
}

static void test_masking_keeps_exactly_the_leading_bits(void **state)
{
	(void)state;
	for (unsigned len = 0; len <= 128; len++) {
		struct addr addr = parsed("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
		addr_mask(&addr, len);
		for (unsigned bit = 0; bit < 128; bit++)
			assert_int_equal(addr.bytes[bit / 8] >> (7 - bit % 8) & 1, bit < len);
	}
}

static void test_socket_addresses_come_back_as_they_went(void **state)
{
	(void)state;
	static const char *const table[] = {"192.0.2.1", "2001:db8::1"};
	for (size_t i = 0; i < 2; i++) {
		struct sockaddr_storage storage;
		struct addr in = parsed(table[i]), out;
		uint16_t port;
		addr_to_sockaddr(&in, 5353, &storage);
		assert_true(addr_from_sockaddr((const struct sockaddr *)&storage, &out, &port));
		assert_true(addr_equal(&in, &out));
		assert_int_equal(port, 5353);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_addresses_are_written_in_canonical_form),
		cmocka_unit_test(test_what_is_no_address_is_refused),
		cmocka_unit_test(test_a_prefix_has_no_bit_beyond_its_length),
		cmocka_unit_test(test_the_prefix_around_an_address_is_without_the_bits_beyond),
		cmocka_unit_test(test_a_prefix_contains_its_addresses_alone),
		cmocka_unit_test(test_the_order_is_total_with_ipv4_first),
		cmocka_unit_test(test_ipv4_is_found_inside_the_ipv6_forms_that_carry_it),
		cmocka_unit_test(test_masking_keeps_exactly_the_leading_bits),
		cmocka_unit_test(test_socket_addresses_come_back_as_they_went),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
