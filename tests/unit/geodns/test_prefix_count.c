/* Holds the count of connections a client prefix to what a plain array counts. */
#include "geodns/prefix_count.h"

#include "base/rng.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static uint64_t key_of(const char *text)
{
	struct addr addr;
	assert_true(addr_parse(text, &addr));
	return prefix_count_key(&addr);
}

static void test_clients_of_one_24_or_one_56_count_as_one(void **state)
{
	(void)state;
	assert_true(key_of("192.0.2.1") == key_of("192.0.2.254"));
	assert_false(key_of("192.0.2.1") == key_of("192.0.3.1"));
	assert_true(key_of("2001:db8::1") == key_of("2001:db8:0:ff::1"));
	assert_false(key_of("2001:db8::1") == key_of("2001:db8:0:100::1"));
	assert_false(key_of("0.0.0.0") == key_of("::"));
	assert_false(key_of("0.0.0.0") == 0);
	assert_false(key_of("::") == 0);
}

static void test_counts_stay_right_through_random_additions_and_removals(void **state)
{
	(void)state;
	enum { KEYS = 300, MOST = 40, STEPS = 200000 };
	unsigned expected[KEYS] = {0}, total = 0;
	uint64_t keys[KEYS];
	struct prefix_count *counts = prefix_count_new(MOST);
	struct rng rng;
	rng_init(&rng, 1);
	for (unsigned i = 0; i < KEYS; i++)
		keys[i] = (uint64_t)ADDR_IPV4 << 24 | i;
	for (unsigned step = 0; step < STEPS; step++) {
		unsigned key = (unsigned)rng_below(&rng, KEYS);
		if (expected[key] > 0 && rng_below(&rng, 2) == 0) {
			prefix_count_remove(counts, keys[key]);
			expected[key]--;
			total--;
		} else if (total < MOST) {
			prefix_count_add(counts, keys[key]);
			expected[key]++;
			total++;
		}
		unsigned other = (unsigned)rng_below(&rng, KEYS);
		assert_int_equal(prefix_count_get(counts, keys[other]), expected[other]);
		if (total == MOST && rng_below(&rng, 8) == 0) {
			for (unsigned i = 0; i < KEYS; i++) {
				for (; expected[i] > 0; expected[i]--, total--)
					prefix_count_remove(counts, keys[i]);
			}
		}
	}
	prefix_count_free(counts);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_clients_of_one_24_or_one_56_count_as_one),
		cmocka_unit_test(test_counts_stay_right_through_random_additions_and_removals),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
