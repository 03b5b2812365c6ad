/* Events that no journal kept: each reader gets each once, and the newest are held. */
#include "healthcheck/unkept.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

static void add(struct unkept *unkept, int number)
{
	char to[16];
	snprintf(to, sizeof to, "%d", number);
	struct event event = {
		.time_ms = 1700000000123, .kind = "pool", .object = "pool/eu", .to = to};
	unkept_add(unkept, "healthcheck", &event);
}

static const char *text_of(const json_t *events, size_t i, const char *key)
{
	return json_string_value(json_object_get(json_array_get(events, i), key));
}

static void test_each_reader_gets_each_event_once_from_where_it_began(void **state)
{
	(void)state;
	struct unkept *unkept = unkept_new();
	json_t *events = json_array();
	add(unkept, 1);
	uint64_t early = 0, late = unkept_count(unkept);
	add(unkept, 2);
	unkept_take(unkept, &early, events);
	assert_int_equal(json_array_size(events), 2);
	unkept_take(unkept, &early, events);
	assert_int_equal(json_array_size(events), 2);
	json_array_clear(events);
	unkept_take(unkept, &late, events);
	assert_int_equal(json_array_size(events), 1);
	assert_string_equal(text_of(events, 0, "to"), "2");
	assert_string_equal(text_of(events, 0, "time"), "2023-11-14T22:13:20.123Z");
	assert_string_equal(text_of(events, 0, "daemon"), "healthcheck");
	assert_true(json_is_null(json_object_get(json_array_get(events, 0), "id")));
	assert_true(json_is_null(json_object_get(json_array_get(events, 0), "reason")));
	json_decref(events);
	unkept_free(unkept);
}

static void test_of_too_many_the_newest_are_held(void **state)
{
	(void)state;
	struct unkept *unkept = unkept_new();
	json_t *events = json_array();
	uint64_t seen = 0;
	for (int i = 0; i < UNKEPT_MAX + 5; i++)
		add(unkept, i);
	unkept_take(unkept, &seen, events);
	assert_int_equal(json_array_size(events), UNKEPT_MAX);
	assert_string_equal(text_of(events, 0, "to"), "5");
	assert_int_equal(seen, UNKEPT_MAX + 5);
	json_decref(events);
	unkept_free(unkept);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_reader_gets_each_event_once_from_where_it_began),
		cmocka_unit_test(test_of_too_many_the_newest_are_held),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
