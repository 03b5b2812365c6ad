/* Cookies are those of RFC 9018, octet by octet, and good for whom and when it says. */
#include "geodns/cookie.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define SECRET	   "e5e973e5a6b2a43f48e7dc849e37bfcf\n"
#define OLD_SECRET "dd3bdf9344b678b185a6f5cb60fca715\n"
#define NEW_SECRET "445536bcd2513298075a5d379663c962\n"

static size_t from_hex(const char *text, uint8_t *out)
{
	size_t len = strlen(text) / 2;
	for (size_t i = 0; i < len; i++) {
		unsigned octet;
		assert_int_equal(sscanf(text + 2 * i, "%2x", &octet), 1);
		out[i] = (uint8_t)octet;
	}
	return len;
}

struct exchange {
	const char *what, *secrets, *client, *sent;
	uint32_t now_s;
	bool proven;
	const char *answer;
};

static void check(const struct exchange *exchange)
{
	struct cookie_secrets secrets;
	struct addr client;
	uint8_t sent[40], out[COOKIE_LEN], expected[COOKIE_LEN];
	unsigned line;
	assert_true(cookie_read_secrets(exchange->secrets, &secrets, &line));
	assert_true(addr_parse(exchange->client, &client));
	size_t len = from_hex(exchange->sent, sent);
	assert_int_equal(from_hex(exchange->answer, expected), COOKIE_LEN);
	bool proven = cookie_answer(&secrets, sent, len, &client, exchange->now_s, out);
	if (proven != exchange->proven || memcmp(out, expected, COOKIE_LEN) != 0)
		fail_msg("%s", exchange->what);
}

static void test_exchanges_of_rfc_9018_appendix_a_give_its_octets(void **state)
{
	(void)state;
	static const struct exchange exchanges[] = {
		{"A.1: learning a new server cookie", SECRET, "198.51.100.100", "2464c4abcf10c957",
		 1559731985, false, "2464c4abcf10c957010000005cf79f111f8130c3eee29480"},
		{"A.2: the same client learning a renewed one", SECRET, "198.51.100.100",
		 "2464c4abcf10c957010000005cf79f111f8130c3eee29480", 1559734385, true,
		 "2464c4abcf10c957010000005cf7a871d4a564a1442aca77"},
		{"A.3: reserved octets set; two hours later it is too old to prove anything",
		 SECRET, "203.0.113.203", "fc93fc62807ddb8601abcdef5cf78f71a314227b6679ebf5",
		 1559734700, false, "fc93fc62807ddb86010000005cf7a9acf73a7810aca2381e"},
		{"A.3: its hash takes the reserved octets along", SECRET, "203.0.113.203",
		 "fc93fc62807ddb8601abcdef5cf78f71a314227b6679ebf5", 1559727985 + 60, true,
		 "fc93fc62807ddb8601abcdef5cf78f71a314227b6679ebf5"},
		{"A.4: over IPv6, made with a secret that was rolled over", NEW_SECRET OLD_SECRET,
		 "2001:db8:220:1:59de:d0f4:8769:82b8",
		 "22681ab97d52c298010000005cf7c57926556bd0934c72f8", 1559741961, true,
		 "22681ab97d52c298010000005cf7c609a6bb79d16625507a"},
	};
	for (size_t i = 0; i < sizeof exchanges / sizeof *exchanges; i++)
		check(&exchanges[i]);
}

enum { MADE = 1000000 };

static bool proves(uint32_t now_s, const char *client_text, size_t len, int flip)
{
	struct cookie_secrets secrets;
	struct addr maker, client;
	unsigned line;
	uint8_t cookie[40] = "8 octets", out[COOKIE_LEN];
	assert_true(cookie_read_secrets(SECRET, &secrets, &line));
	assert_true(addr_parse("192.0.2.1", &maker) && addr_parse(client_text, &client));
	assert_false(cookie_answer(&secrets, cookie, COOKIE_CLIENT_LEN, &maker, MADE, out));
	memcpy(cookie, out, sizeof out);
	if (flip >= 0)
		cookie[flip] ^= 1;
	return cookie_answer(&secrets, cookie, len, &client, now_s, out);
}

static void test_cookie_holds_for_an_hour_and_for_clocks_five_minutes_apart(void **state)
{
	(void)state;
	static const struct {
		int32_t age_s;
		bool good;
	} cases[] = {{0, true},	    {1800, true}, {1801, true},	 {3600, true},
		     {3601, false}, {-300, true}, {-301, false}, {INT32_MAX, false}};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		uint32_t now_s = MADE + (uint32_t)cases[i].age_s; /* modulo 2^32 */
		bool good = proves(now_s, "192.0.2.1", COOKIE_LEN, -1);
		if (good != cases[i].good)
			fail_msg("age %d", cases[i].age_s);
	}
}

static void test_cookie_proves_nothing_for_another_client_or_with_any_bit_changed(void **state)
{
	(void)state;
	assert_true(proves(MADE, "192.0.2.1", COOKIE_LEN, -1));
	assert_false(proves(MADE, "192.0.2.2", COOKIE_LEN, -1));
	assert_false(proves(MADE, "2001:db8::1", COOKIE_LEN, -1));
	for (int octet = 0; octet < COOKIE_LEN; octet++)
		assert_false(proves(MADE, "192.0.2.1", COOKIE_LEN, octet));
}

static void test_cookie_of_another_length_is_somebody_elses(void **state)
{
	(void)state;
	static const size_t lengths[] = {8, 16, 23, 25, 32, 40};
	for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++)
		assert_false(proves(MADE, "192.0.2.1", lengths[i], -1));
}

static void test_young_cookie_is_kept_and_an_old_one_renewed(void **state)
{
	(void)state;
	check(&(struct exchange){"half an hour", SECRET, "198.51.100.100",
				 "2464c4abcf10c957010000005cf79f111f8130c3eee29480",
				 1559731985 + 1800, true,
				 "2464c4abcf10c957010000005cf79f111f8130c3eee29480"});
}

static void test_secrets_are_read_line_by_line_and_a_bad_line_is_named(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		unsigned count, line; /* count 0: refused */
	} cases[] = {
		{SECRET, 1, 0},
		{"# ours\n\n" NEW_SECRET "  \n" OLD_SECRET, 2, 0},
		{"E5E973E5A6B2A43F48E7DC849E37BFCF", 1, 0},
		{"e5e973e5a6b2a43f48e7dc849e37bfcf \r\n", 1, 0},
		{SECRET SECRET SECRET SECRET, 4, 0},
		{SECRET SECRET SECRET SECRET SECRET, 0, 5},
		{"", 0, 0},
		{"# none\n", 0, 0},
		{SECRET "short\n", 0, 2},
		{"e5e973e5a6b2a43f48e7dc849e37bfcg\n", 0, 1},
		{"e5e973e5a6b2a43f48e7dc849e37bfgf\n", 0, 1},
		{"e5e973e5a6b2a43f48e7dc849e37bfcf00\n", 0, 1},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct cookie_secrets secrets;
		unsigned line;
		bool good = cookie_read_secrets(cases[i].text, &secrets, &line);
		if (good != (cases[i].count > 0) || line != cases[i].line ||
		    (good && secrets.count != cases[i].count))
			fail_msg("case %zu: line %u", i, line);
	}
}

/* The vectors of SipHash's authors: key 00..0f, data 00, 01, .. of each length. */
static void test_siphash_gives_its_authors_values(void **state)
{
	(void)state;
	uint8_t key[SIPHASH_KEY_LEN], data[15];
	for (uint8_t i = 0; i < sizeof key; i++)
		key[i] = i;
	for (uint8_t i = 0; i < sizeof data; i++)
		data[i] = i;
	assert_true(siphash24(key, data, 15) == UINT64_C(0xa129ca6149be45e5));
	assert_true(siphash24(key, data, 0) == UINT64_C(0x726fdb47dd0e0e31));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_exchanges_of_rfc_9018_appendix_a_give_its_octets),
		cmocka_unit_test(test_cookie_holds_for_an_hour_and_for_clocks_five_minutes_apart),
		cmocka_unit_test(
			test_cookie_proves_nothing_for_another_client_or_with_any_bit_changed),
		cmocka_unit_test(test_cookie_of_another_length_is_somebody_elses),
		cmocka_unit_test(test_young_cookie_is_kept_and_an_old_one_renewed),
		cmocka_unit_test(test_secrets_are_read_line_by_line_and_a_bad_line_is_named),
		cmocka_unit_test(test_siphash_gives_its_authors_values),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
