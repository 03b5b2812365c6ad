/* Rates are kept to the response, per network and class, and nobody pays for another's flood. */
#include "geodns/rrl.h"

#include "base/rng.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static const struct mono start = {.ns = INT64_C(5000000000)};

static struct rrl *with(unsigned rate, unsigned slip, unsigned share)
{
	struct rrl_settings settings = {.rate = rate, .slip = slip, .share = share};
	return rrl_new(&settings, 42);
}

static struct addr address(const char *text)
{
	struct addr addr;
	assert_true(addr_parse(text, &addr));
	return addr;
}

/* How many of COUNT responses pass at once. */
static unsigned passed(struct rrl *rrl, const char *source, enum rrl_class class_, uint64_t name,
		       unsigned count, struct mono now)
{
	struct addr addr = address(source);
	unsigned passes = 0;
	for (unsigned i = 0; i < count; i++)
		passes += rrl_account(rrl, &addr, class_, name, now) == RRL_PASS;
	return passes;
}

static void test_a_second_of_responses_passes_at_once_and_then_the_rate(void **state)
{
	(void)state;
	static const unsigned rates[] = {1, 2, 7, 200, 1000000};
	for (size_t i = 0; i < sizeof rates / sizeof *rates; i++) {
		struct rrl *rrl = with(rates[i], 1, 1);
		unsigned many = 3 * rates[i];
		assert_int_equal(passed(rrl, "192.0.2.1", RRL_NORMAL, 1, many, start), rates[i]);
		struct mono later = mono_add_ms(start, 1000);
		assert_int_equal(passed(rrl, "192.0.2.1", RRL_NORMAL, 1, many, later), rates[i]);
		rrl_free(rrl);
	}
}

static void test_rate_is_refilled_evenly_whatever_is_asked_meanwhile(void **state)
{
	(void)state;
	struct rrl *rrl = with(100, 1, 1);
	unsigned passes = 0;
	for (int ms = 0; ms < 10000; ms++)
		passes += passed(rrl, "192.0.2.1", RRL_ERROR, 0, 5, mono_add_ms(start, ms));
	/* The first second's 100 at once, and 100 in each of the ten. */
	assert_in_range(passes, 1099, 1100);
	rrl_free(rrl);
}

static void test_rate_is_divided_among_workers(void **state)
{
	(void)state;
	struct rrl *rrl = with(200, 1, 4);
	assert_int_equal(passed(rrl, "192.0.2.1", RRL_NORMAL, 1, 500, start), 50);
	rrl_free(rrl);
	rrl = with(2, 1, 4); /* half of one a second: one now, the next in two seconds */
	assert_int_equal(passed(rrl, "192.0.2.1", RRL_NORMAL, 1, 10, start), 1);
	assert_int_equal(passed(rrl, "192.0.2.1", RRL_NORMAL, 1, 10, mono_add_ms(start, 1999)), 0);
	assert_int_equal(passed(rrl, "192.0.2.1", RRL_NORMAL, 1, 10, mono_add_ms(start, 2000)), 1);
	rrl_free(rrl);
}

static void test_source_is_a_24_or_a_56(void **state)
{
	(void)state;
	static const struct {
		const char *one, *other;
		bool same;
	} cases[] = {
		{"192.0.2.1", "192.0.2.254", true},
		{"192.0.2.1", "192.0.3.1", false},
		{"2001:db8:1:2300::1", "2001:db8:1:23ff::1", true},
		{"2001:db8:1:2300::1", "2001:db8:1:2400::1", false},
		{"192.0.2.1", "c000:2::", false},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct rrl *rrl = with(10, 1, 1);
		(void)passed(rrl, cases[i].one, RRL_NORMAL, 1, 10, start);
		unsigned left = passed(rrl, cases[i].other, RRL_NORMAL, 1, 10, start);
		if (left != (cases[i].same ? 0 : 10))
			fail_msg("%s and %s: %u left", cases[i].one, cases[i].other, left);
		rrl_free(rrl);
	}
}

static void test_name_takes_part_where_data_are_told_and_not_where_names_are_made_up(void **state)
{
	(void)state;
	static const struct {
		enum rrl_class class_;
		bool by_name;
	} cases[] = {{RRL_NORMAL, true},
		     {RRL_EMPTY, true},
		     {RRL_NXDOMAIN, false},
		     {RRL_WILDCARD, false},
		     {RRL_ERROR, false}};
	struct rrl *rrl = with(10, 1, 1);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		/* Each class begins with an account of its own. */
		assert_int_equal(passed(rrl, "192.0.2.1", cases[i].class_, 7, 20, start), 10);
		assert_int_equal(passed(rrl, "192.0.2.1", cases[i].class_, 8, 20, start),
				 cases[i].by_name ? 10 : 0);
	}
	rrl_free(rrl);
}

static void test_slip_says_which_of_those_beyond_are_truncated(void **state)
{
	(void)state;
	static const struct {
		unsigned slip, truncated;
	} cases[] = {{0, 0}, {1, 60}, {2, 30}, {3, 20}, {100, 1}};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct rrl *rrl = with(1, cases[i].slip, 1);
		struct addr addr = address("192.0.2.1");
		unsigned counts[3] = {0};
		for (unsigned n = 0; n < 61; n++)
			counts[rrl_account(rrl, &addr, RRL_NORMAL, 1, start)]++;
		assert_int_equal(counts[RRL_PASS], 1);
		assert_int_equal(counts[RRL_TRUNCATE], cases[i].truncated);
		assert_int_equal(counts[RRL_DROP], 60 - cases[i].truncated);
		rrl_free(rrl);
	}
}

static void test_rate_of_0_is_no_limit(void **state)
{
	(void)state;
	assert_null(with(0, 1, 1));
}

static void test_allow_list_holds_for_its_prefixes_alone(void **state)
{
	(void)state;
	struct rrl_settings settings = {.rate = 1, .slip = 1, .share = 1, .allow_count = 2};
	const char *why;
	assert_true(prefix_parse("127.0.0.0/8", &settings.allow[0], &why));
	assert_true(prefix_parse("2001:db8::/32", &settings.allow[1], &why));
	struct rrl *rrl = rrl_new(&settings, 1);
	static const struct {
		const char *source;
		bool allowed;
	} cases[] = {{"127.0.0.1", true},	 {"127.255.255.255", true}, {"128.0.0.1", false},
		     {"2001:db8:ffff::1", true}, {"2001:db9::1", false},    {"::1", false}};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct addr addr = address(cases[i].source);
		assert_int_equal(rrl_allows(rrl, &addr), cases[i].allowed);
	}
	rrl_free(rrl);
}

/* A source that stays within its rate, while another floods, and then a million forged ones. */
static void test_flood_of_others_never_costs_a_quiet_source_a_response(void **state)
{
	(void)state;
	struct rrl *rrl = with(20, 1, 1);
	struct rng rng;
	rng_init(&rng, 7);
	struct addr flooder = address("198.51.100.1");
	for (int ms = 0; ms < 20000; ms += 100) {
		struct mono now = mono_add_ms(start, ms);
		for (int i = 0; i < 5000; i++) {
			struct addr forged = {.family = ADDR_IPV4};
			uint64_t chance = rng_next(&rng);
			memcpy(forged.bytes, &chance, 4);
			(void)rrl_account(rrl, &forged, RRL_NORMAL, 1, now);
			(void)rrl_account(rrl, &flooder, RRL_NORMAL, 1, now);
		}
		/* Two in 100 ms are its 20 a second. */
		assert_int_equal(passed(rrl, "203.0.113.1", RRL_NORMAL, 1, 2, now), 2);
	}
	/* And the flooder, among all those forged, is known for what it is. */
	assert_int_equal(
		passed(rrl, "198.51.100.77", RRL_NORMAL, 1, 100, mono_add_ms(start, 19900)), 0);
	rrl_free(rrl);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_second_of_responses_passes_at_once_and_then_the_rate),
		cmocka_unit_test(test_rate_is_refilled_evenly_whatever_is_asked_meanwhile),
		cmocka_unit_test(test_rate_is_divided_among_workers),
		cmocka_unit_test(test_source_is_a_24_or_a_56),
		cmocka_unit_test(
			test_name_takes_part_where_data_are_told_and_not_where_names_are_made_up),
		cmocka_unit_test(test_slip_says_which_of_those_beyond_are_truncated),
		cmocka_unit_test(test_rate_of_0_is_no_limit),
		cmocka_unit_test(test_allow_list_holds_for_its_prefixes_alone),
		cmocka_unit_test(test_flood_of_others_never_costs_a_quiet_source_a_response),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
