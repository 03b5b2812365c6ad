/* What binds a controller after a restart as it did before, and what a file in disorder comes to.
 */
#include "bgpctl/memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct mono now = {.ns = INT64_C(1000000000000)};

static struct announcement *item_at(enum level level)
{
	struct prefix prefix;
	assert_true(prefix_parse("192.0.2.0/24", &prefix, NULL));
	return announcement_new(&prefix, level, now);
}

static void test_a_restart_forgets_no_limit(void **state)
{
	struct guard_history history = {0}, recalled = {0};
	struct announcement *item = item_at(LEVEL_NONE), *again = item_at(LEVEL_NONE);
	(void)state;
	guard_history_add(&history, ADDR_IPV4, mono_add_ms(now, -2000));
	guard_history_add(&history, ADDR_IPV6, mono_add_ms(now, -1000));
	item->state.was_announced = item->state.left = true;
	item->state.announced_at = mono_add_ms(now, -30000);
	item->state.left_at = mono_add_ms(now, -1000);
	for (int i = 0; i < 3; i++)
		damping_add(&item->state.damping, DAMPING_WITHDRAW, mono_add_ms(now, -1000));
	char *text = memory_render(&history, &item, 1);
	json_t *memory = memory_read(text);
	assert_non_null(memory);
	memory_recall_history(memory, &recalled, now);
	assert_int_equal(guard_history_within(&recalled, 0, now, GUARD_WINDOW_MS), 2);
	assert_int_equal(guard_history_within(&recalled, ADDR_IPV6, now, GUARD_VELOCITY_MS), 1);
	memory_recall(memory, again, now);
	assert_true(again->state.damping.suppressed);
	assert_true(damping_penalty(&again->state.damping, now) ==
		    damping_penalty(&item->state.damping, now));
	assert_true(prefix_left_within(&again->state, GUARD_PANIC_MS, now));
	/* It is not yet proved well, and when it was announced last is no reason to hold it up
	 * longer than at a start, but for the gap. */
	assert_true(again->state.gap_holds && !again->state.was_announced);
	assert_int_equal(mono_ms_between(again->state.announced_at, now), 30000);
	assert_int_equal(again->state.phase, PREFIX_HELD);
	json_decref(memory);
	free(text);
	announcement_free(item, NULL);
	announcement_free(again, NULL);
}

static void test_the_gap_between_two_announcements_holds_over_a_restart(void **state)
{
	static const struct prefix_params params = {
		.boot_hold_up_ms = 10000, .hold_up_ms = 30000, .announce_gap_ms = 60000};
	const struct prefix_input input = {.cause = CAUSE_WELL,
					   .reason = "",
					   .configured = true,
					   .others_announcing = 1,
					   .min_sites = 1};
	struct announcement *item = item_at(LEVEL_NONE);
	(void)state;
	item->state.gap_holds = true;
	item->state.announced_at = mono_add_ms(now, -30000);
	prefix_track(&item->state, &input, now);
	struct prefix_wish wish =
		prefix_wish(&item->state, &input, &params, mono_add_ms(now, 29999));
	assert_int_equal(wish.level, LEVEL_NONE);
	wish = prefix_wish(&item->state, &input, &params, mono_add_ms(now, 30000));
	assert_int_equal(wish.level, LEVEL_ANNOUNCED);
	announcement_free(item, NULL);
}

static void test_what_was_announced_is_not_called_gone(void **state)
{
	struct announcement *item = item_at(LEVEL_ANNOUNCED);
	json_t *memory = memory_read("{\"prefixes\": {\"192.0.2.0/24\": {\"left_at_ns\": 5, "
				     "\"announced_at_ns\": 7}}}");
	(void)state;
	memory_recall(memory, item, now);
	assert_false(item->state.left);
	assert_true(item->state.announced_at.ns == 7);
	json_decref(memory);
	announcement_free(item, NULL);
}

static void test_a_memory_in_disorder_binds_nobody(void **state)
{
	static const char *const texts[] = {
		NULL,
		"",
		"{",
		"[]",
		"{\"withdrawals\": 7, \"prefixes\": []}",
		"{\"withdrawals\": [1, {}, {\"at_ns\": -1, \"family\": 4}, {\"at_ns\": 5}, "
		"{\"at_ns\": 5, \"family\": 260}, {\"at_ns\": 1000000000001, \"family\": 4}], "
		"\"prefixes\": {\"192.0.2.0/24\": {\"penalty\": 1e99, \"at_ns\": 5, "
		"\"suppressed\": true, \"announced_at_ns\": \"x\", \"left_at_ns\": 0}}}",
		"{\"prefixes\": {\"192.0.2.0/24\": {\"penalty\": 100, \"at_ns\": 1000000000001, "
		"\"suppressed\": true, \"announced_at_ns\": 1000000000001}}}",
	};
	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		struct guard_history history = {0};
		struct announcement *item = item_at(LEVEL_NONE);
		const struct prefix_state before = item->state;
		json_t *memory = memory_read(texts[i]);
		memory_recall_history(memory, &history, now);
		memory_recall(memory, item, now);
		assert_int_equal(history.count, 0);
		assert_memory_equal(&item->state, &before, sizeof before);
		json_decref(memory);
		announcement_free(item, NULL);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_restart_forgets_no_limit),
		cmocka_unit_test(test_the_gap_between_two_announcements_holds_over_a_restart),
		cmocka_unit_test(test_what_was_announced_is_not_called_gone),
		cmocka_unit_test(test_a_memory_in_disorder_binds_nobody),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
