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
		cmocka_unit_test(test_nothing_is_stale_that_is_not_known),
		cmocka_unit_test(test_an_old_place_database_is_stale),
		cmocka_unit_test(test_the_status_is_read_as_the_responder_writes_it),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
