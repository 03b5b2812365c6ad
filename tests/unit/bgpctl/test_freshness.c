/* When the responder's data is too old, and when nothing can be said. */
#include "bgpctl/freshness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const struct freshness_limits limits = {.config_s = 60, .places_days = 30};

static const char *judged(struct freshness *freshness, int64_t revision, int64_t newest, int at_s)
{
	const struct freshness_seen seen = {.revision = revision, .places_built_ms = -1};
	const struct mono start = {.ns = INT64_C(1000000000000)};
	freshness_judge(freshness, &seen, newest, &limits, mono_add_ms(start, 1000 * at_s), 0);
	return freshness->text;
}

static void test_a_responder_that_stays_behind_is_stale_after_its_time(void **state)
{
	struct freshness freshness = {0};
	(void)state;
	assert_string_equal(judged(&freshness, 3, 4, 0), "");
	assert_string_equal(judged(&freshness, 3, 5, 59), "");
	assert_string_equal(judged(&freshness, 3, 5, 60),
			    "the responder answers from revision 3 for more than 60 s; the store "
			    "is newer");
	assert_string_equal(judged(&freshness, 5, 5, 61), "");
	assert_string_equal(judged(&freshness, 5, 6, 62), "");
}

static void test_a_responder_that_follows_a_store_that_never_rests_is_not_stale(void **state)
{
	struct freshness freshness = {0};
	(void)state;
	for (int at_s = 0; at_s < 1000; at_s++)
		assert_string_equal(judged(&freshness, 100 + at_s, 102 + at_s, at_s), "");
	/* Where it stops to follow, it is. */
	assert_string_equal(judged(&freshness, 1100, 1200, 1000), "");
	assert_string_equal(judged(&freshness, 1100, 1300, 1059), "");
	assert_string_not_equal(judged(&freshness, 1100, 1300, 1061), "");
	/* And a store that was put back to an older state has nothing to wait for. */
	assert_string_equal(judged(&freshness, 1100, 1100, 1062), "");
	assert_string_equal(judged(&freshness, 1100, 1101, 1063), "");
}

static void test_what_could_not_be_asked_is_as_it_was(void **state)
{
	const struct freshness_seen nothing = {.revision = -1, .places_built_ms = -1};
	const struct freshness_seen seen = {.revision = 7, .places_built_ms = -1};
	struct freshness_seen known = {.revision = 5, .places_built_ms = 1000};
	(void)state;
	freshness_take(&known, &nothing);
	assert_int_equal(known.revision, 5);
	assert_int_equal(known.places_built_ms, 1000);
	/* One that has no place database says so. */
	freshness_take(&known, &seen);
	assert_int_equal(known.revision, 7);
	assert_int_equal(known.places_built_ms, -1);
}

static void test_nothing_is_stale_that_is_not_known(void **state)
{
	struct freshness freshness = {0};
	(void)state;
	for (int at_s = 0; at_s < 1000; at_s += 100) {
		assert_string_equal(judged(&freshness, -1, 9, at_s), "");
		assert_string_equal(judged(&freshness, 3, -1, at_s), "");
		/* Newer than what we read: ours is old, not his. */
		assert_string_equal(judged(&freshness, 9, 3, at_s), "");
	}
}

static void test_an_old_place_database_is_stale(void **state)
{
	struct freshness freshness = {0};
	struct freshness_seen seen = {.revision = 1, .places_built_ms = 1000};
	const struct mono now = {.ns = 1};
	(void)state;
	freshness_judge(&freshness, &seen, 1, &limits, now, 1000 + 30 * INT64_C(86400000) - 1);
	assert_string_equal(freshness.text, "");
	freshness_judge(&freshness, &seen, 1, &limits, now, 1000 + 30 * INT64_C(86400000));
	assert_string_equal(freshness.text, "the responder's place database is older than 30 days");
}

static void test_without_a_limit_nothing_is_stale(void **state)
{
	static const struct freshness_limits none = {0, 0}, config = {.config_s = 60},
					     places = {.places_days = 30};
	static const struct {
		const struct freshness_limits *limits;
		const char *text;
	} cases[] = {
		{&none, ""},
		{&config, "the responder answers from revision 1 for more than 60 s; the store is "
			  "newer"},
		{&places, "the responder's place database is older than 30 days"},
		{&limits, "the responder answers from revision 1 for more than 60 s; the store is "
			  "newer"},
	};
	const struct freshness_seen seen = {.revision = 1, .places_built_ms = 0};
	const struct mono start = {.ns = 1};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct freshness freshness = {0};
		for (int day = 0; day <= 400; day += 100)
			freshness_judge(&freshness, &seen, 2, cases[i].limits,
					mono_add_ms(start, day * INT64_C(86400000)),
					day * INT64_C(86400000));
		assert_string_equal(freshness.text, cases[i].text);
	}
}

static void test_of_a_status_only_what_is_there_is_read(void **state)
{
	static const struct {
		const char *status;
		int64_t revision, built_ms;
	} cases[] = {
		{"{}", -1, -1},
		{"{\"revision\": 7}", 7, -1},
		{"{\"revision\": \"7\", \"places\": null}", -1, -1},
		{"{\"places\": {\"city\": {\"built\": \"1970-01-02T00:00:00Z\"}, \"country\": "
		 "{\"built\": \"1970-01-03T00:00:00Z\"}}}",
		 -1, 86400000},
		{"{\"places\": {\"city\": {\"built\": \"yesterday\"}, \"country\": {\"built\": "
		 "\"1970-01-03T00:00:00Z\"}}}",
		 -1, 172800000},
		{"{\"places\": {\"city\": {\"built\": \"yesterday\"}}}", -1, -1},
		{"{\"places\": {\"city\": {\"built\": 1}}}", -1, -1},
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		json_t *status = json_loads(cases[i].status, 0, NULL);
		assert_non_null(status);
		struct freshness_seen seen = freshness_read(status);
		assert_int_equal(seen.revision, cases[i].revision);
		assert_int_equal(seen.places_built_ms, cases[i].built_ms);
		json_decref(status);
	}
}

static void test_the_status_is_read_as_the_responder_writes_it(void **state)
{
	json_t *status = json_loads("{\"revision\": 7, \"places\": {\"city\": null, \"country\": "
				    "{\"built\": \"1970-01-02T00:00:00Z\"}}}",
				    0, NULL);
	(void)state;
	struct freshness_seen seen = freshness_read(status);
	assert_int_equal(seen.revision, 7);
	assert_int_equal(seen.places_built_ms, 86400000);
	seen = freshness_read(NULL);
	assert_int_equal(seen.revision, -1);
	assert_int_equal(seen.places_built_ms, -1);
	json_decref(status);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_responder_that_stays_behind_is_stale_after_its_time),
		cmocka_unit_test(
			test_a_responder_that_follows_a_store_that_never_rests_is_not_stale),
		cmocka_unit_test(test_what_could_not_be_asked_is_as_it_was),
		cmocka_unit_test(test_nothing_is_stale_that_is_not_known),
		cmocka_unit_test(test_an_old_place_database_is_stale),
		cmocka_unit_test(test_without_a_limit_nothing_is_stale),
		cmocka_unit_test(test_of_a_status_only_what_is_there_is_read),
		cmocka_unit_test(test_the_status_is_read_as_the_responder_writes_it),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
