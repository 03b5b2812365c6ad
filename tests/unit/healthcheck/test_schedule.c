/* Starts: the interval is never exceeded, targets are spread, the heap keeps its order. */
#include "healthcheck/schedule.h"

#include "base/rng.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

enum { NS_PER_MS = 1000000 };

static void test_two_starts_are_never_further_apart_than_the_interval(void **state)
{
	(void)state;
	static const uint32_t intervals[] = {1, 10, 100, 1000, 5000, 60000, 86400000};
	struct rng rng;
	rng_init(&rng, 1);
	for (size_t i = 0; i < sizeof intervals / sizeof *intervals; i++) {
		uint64_t key = rng_next(&rng);
		struct mono at = {.ns = (int64_t)rng_below(&rng, UINT64_C(1) << 50)};
		at = schedule_slot(key, intervals[i], at, rng_next(&rng));
		for (int n = 0; n < 10000; n++) {
			struct mono next = schedule_slot(key, intervals[i], at, rng_next(&rng));
			assert_true(next.ns > at.ns);
			assert_true(next.ns - at.ns <= (int64_t)intervals[i] * NS_PER_MS);
			at = next;
		}
	}
}

static void test_a_late_start_keeps_the_phase_and_skips_what_is_missed(void **state)
{
	(void)state;
	uint64_t key = schedule_key("web|192.0.2.10");
	struct mono first = schedule_slot(key, 1000, (struct mono){.ns = 0}, 0);
	struct mono late = mono_add_ms(first, 10 * 950 + 400);
	assert_int_equal(schedule_slot(key, 1000, late, 0).ns, mono_add_ms(first, 11 * 950).ns);
}

static void test_ten_thousand_targets_start_evenly(void **state)
{
	(void)state;
	enum { TARGETS = 10000, BINS = 1000 };
	static unsigned bins[BINS];
	struct rng rng;
	rng_init(&rng, 2);
	int64_t from = INT64_C(1000000) * NS_PER_MS;
	for (int i = 0; i < TARGETS; i++) {
		char id[64];
		snprintf(id, sizeof id, "web|192.0.%d.%d", i / 256, i % 256);
		struct mono at = schedule_slot(schedule_key(id), 10000, (struct mono){.ns = from},
					       rng_next(&rng));
		bins[(at.ns - from) / (10 * NS_PER_MS) % BINS]++;
	}
	/* Ten are expected in ten milliseconds; forty would be a burst. */
	for (int i = 0; i < BINS; i++)
		assert_true(bins[i] < 40);
}

static void test_first_checks_come_soon_and_spread_over_two_milliseconds_each(void **state)
{
	(void)state;
	struct mono now = {.ns = 12345};
	struct rng rng;
	rng_init(&rng, 3);
	for (int i = 0; i < 10000; i++) {
		uint64_t key = rng_next(&rng);
		int64_t alone = schedule_first(key, 5000, 1, now).ns - now.ns;
		int64_t many = schedule_first(key, 5000, 100000, now).ns - now.ns;
		assert_in_range(alone, 0, 2 * NS_PER_MS);
		assert_in_range(many, 0, INT64_C(5000) * NS_PER_MS);
	}
}

static void test_the_heap_gives_items_in_order_of_time_under_random_changes(void **state)
{
	(void)state;
	enum { ITEMS = 500 };
	static struct schedule_item items[ITEMS];
	struct schedule schedule = {0};
	struct rng rng;
	rng_init(&rng, 4);
	for (int n = 0; n < 100000; n++) {
		struct schedule_item *item = &items[rng_below(&rng, ITEMS)];
		if (rng_below(&rng, 3) == 0)
			schedule_remove(&schedule, item);
		else
			schedule_put(&schedule, item,
				     (struct mono){.ns = (int64_t)rng_below(&rng, 1000)});
		if (n % 100 != 0)
			continue;
		int64_t least = INT64_MAX;
		size_t waiting = 0;
		for (int i = 0; i < ITEMS; i++) {
			waiting += items[i].place > 0;
			if (items[i].place > 0 && items[i].due.ns < least)
				least = items[i].due.ns;
		}
		assert_int_equal(waiting, schedule.count);
		if (waiting > 0)
			assert_int_equal(schedule_peek(&schedule)->due.ns, least);
	}
	int64_t before = -1;
	while (schedule_peek(&schedule) != NULL) {
		assert_true(schedule_peek(&schedule)->due.ns >= before);
		before = schedule_peek(&schedule)->due.ns;
		schedule_remove(&schedule, schedule_peek(&schedule));
	}
	schedule_fini(&schedule);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_two_starts_are_never_further_apart_than_the_interval),
		cmocka_unit_test(test_a_late_start_keeps_the_phase_and_skips_what_is_missed),
		cmocka_unit_test(test_ten_thousand_targets_start_evenly),
		cmocka_unit_test(test_first_checks_come_soon_and_spread_over_two_milliseconds_each),
		cmocka_unit_test(test_the_heap_gives_items_in_order_of_time_under_random_changes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
