/* The last results: fifty, in order, and equal sentences kept once. */
#include "healthcheck/history.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void add(struct history *history, int64_t time_ms, enum probe_outcome outcome,
		const char *text)
{
	struct probe_result result = {.outcome = outcome, .phases = {.total_us = 1500}};
	snprintf(result.text, sizeof result.text, "%s", text);
	history_add(history, time_ms, &result);
}

static void test_the_last_fifty_are_kept_oldest_first(void **state)
{
	(void)state;
	struct history history = {0};
	assert_null(history_last(&history));
	for (int i = 0; i < 3 * HISTORY_MAX + 7; i++)
		add(&history, 1000 * i, PROBE_PASSED, "");
	json_t *all = history_json(&history);
	assert_int_equal(json_array_size(all), HISTORY_MAX);
	assert_string_equal(json_string_value(json_object_get(json_array_get(all, 0), "time")),
			    "1970-01-01T00:01:47.000Z");
	assert_int_equal(history_last(&history)->time_ms, 1000 * (3 * HISTORY_MAX + 6));
	json_decref(all);
	history_fini(&history);
}

static void test_equal_sentences_in_a_row_are_one_text(void **state)
{
	(void)state;
	struct history history = {0};
	add(&history, 1, PROBE_FAILED, "status 503, wanted 200-299");
	const char *first = history_reason(history_last(&history));
	add(&history, 2, PROBE_FAILED, "status 503, wanted 200-299");
	assert_ptr_equal(history_reason(history_last(&history)), first);
	add(&history, 3, PROBE_FAILED, "status 500, wanted 200-299");
	assert_string_equal(history_reason(history_last(&history)), "status 500, wanted 200-299");
	add(&history, 4, PROBE_PASSED, "");
	assert_null(history_reason(history_last(&history)));
	for (int i = 0; i < 200; i++) /* texts leave with their last user */
		add(&history, i, PROBE_FAILED, i % 3 == 0 ? "a" : "b");
	history_fini(&history);
}

static void test_what_said_nothing_is_null_and_phases_not_reached_are_absent(void **state)
{
	(void)state;
	struct history history = {0};
	add(&history, 1, PROBE_SAYS_NOTHING, "not checked");
	json_t *all = history_json(&history);
	const json_t *entry = json_array_get(all, 0);
	assert_true(json_is_null(json_object_get(entry, "ok")));
	assert_true(json_real_value(json_object_get(entry, "total_ms")) == 1.5);
	assert_null(json_object_get(entry, "connect_ms"));
	assert_null(json_object_get(entry, "name_ms"));
	json_decref(all);
	history_fini(&history);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_last_fifty_are_kept_oldest_first),
		cmocka_unit_test(test_equal_sentences_in_a_row_are_one_text),
		cmocka_unit_test(test_what_said_nothing_is_null_and_phases_not_reached_are_absent),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
