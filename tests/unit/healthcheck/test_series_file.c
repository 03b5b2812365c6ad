/* The file of series: slots add up, the old goes with its time, and the file is bounded. */
#include "healthcheck/series_file.h"

#include "db/sql.h"
#include "healthcheck/series.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define MS_PER_MINUTE INT64_C(60000)
#define MS_PER_DAY    INT64_C(86400000)

/* Midnight of a day, so that rows begin where it is easily seen. */
static const int64_t now_ms = 20000 * MS_PER_DAY;
static char folder[64], path[96];
static struct series_file *file;

static int setup(void **state)
{
	struct error error;
	(void)state;
	snprintf(folder, sizeof folder, "/tmp/meridian-series-XXXXXX");
	if (mkdtemp(folder) == NULL)
		return -1;
	snprintf(path, sizeof path, "%s/series", folder);
	file = series_file_open(path, &error);
	return file != NULL ? 0 : -1;
}

static int teardown(void **state)
{
	char command[128];
	(void)state;
	series_file_close(file);
	snprintf(command, sizeof command, "rm -r %s", folder);
	return system(command);
}

static void put(const char *key, int64_t at_ms, uint32_t checks, uint32_t passed, uint32_t mean_us,
		int64_t written_ms)
{
	struct error error = {.text = ""};
	struct series_point point = {.key = (char *)(uintptr_t)key,
				     .minute = at_ms / MS_PER_MINUTE,
				     .checks = checks,
				     .passed = passed,
				     .mean_us = mean_us};
	assert_true(series_file_write(file, &point, 1, written_ms, &error));
}

static json_t *get(const char *key, enum series_step step, int64_t since_ms, int64_t until_ms)
{
	struct error error;
	json_t *points = series_file_read(path, key, step, since_ms, until_ms, &error);
	assert_non_null(points);
	return points;
}

static size_t count(const char *key, enum series_step step)
{
	json_t *points = get(key, step, 0, INT64_MAX);
	size_t size = json_array_size(points);
	json_decref(points);
	return size;
}

static json_int_t number(const json_t *points, size_t i, const char *key)
{
	return json_integer_value(json_object_get(json_array_get(points, i), key));
}

static void test_minutes_add_up_to_hours_with_their_mean(void **state)
{
	(void)state;
	put("a", now_ms, 10, 10, 1000, now_ms);
	put("a", now_ms + MS_PER_MINUTE, 30, 15, 3000, now_ms);
	put("a", now_ms + 60 * MS_PER_MINUTE, 5, 5, 7000, now_ms);
	put("b", now_ms, 1, 0, 0, now_ms);
	json_t *minutes = get("a", SERIES_MINUTE, 0, INT64_MAX);
	json_t *hours = get("a", SERIES_HOUR, 0, INT64_MAX);
	assert_int_equal(json_array_size(minutes), 3);
	assert_int_equal(number(minutes, 1, "passed"), 15);
	assert_int_equal(json_array_size(hours), 2);
	assert_int_equal(number(hours, 0, "checks"), 40);
	assert_int_equal(number(hours, 0, "passed"), 25);
	assert_true(json_real_value(json_object_get(json_array_get(hours, 0), "mean_ms")) == 2.5);
	assert_string_equal(json_string_value(json_object_get(json_array_get(hours, 1), "time")),
			    "2024-10-04T01:00:00.000Z");
	json_decref(minutes);
	json_decref(hours);
}

static void test_a_minute_that_comes_in_two_parts_is_one_point(void **state)
{
	(void)state;
	put("a", now_ms, 10, 10, 1000, now_ms);
	put("a", now_ms, 10, 0, 3000, now_ms);
	json_t *minutes = get("a", SERIES_MINUTE, 0, INT64_MAX);
	assert_int_equal(json_array_size(minutes), 1);
	assert_int_equal(number(minutes, 0, "checks"), 20);
	assert_int_equal(number(minutes, 0, "passed"), 10);
	json_decref(minutes);
}

static void test_the_window_takes_its_begin_and_leaves_its_end(void **state)
{
	(void)state;
	for (int i = 0; i < 5; i++)
		put("a", now_ms + i * MS_PER_MINUTE, 1, 1, 1, now_ms);
	json_t *points =
		get("a", SERIES_MINUTE, now_ms + MS_PER_MINUTE, now_ms + 3 * MS_PER_MINUTE);
	assert_int_equal(json_array_size(points), 2);
	json_decref(points);
}

static void test_minutes_are_kept_seven_days_and_hours_four_hundred(void **state)
{
	(void)state;
	put("a", now_ms, 1, 1, 1, now_ms);
	put("b", now_ms + 7 * MS_PER_DAY, 1, 1, 1, now_ms + 7 * MS_PER_DAY);
	assert_int_equal(count("a", SERIES_MINUTE), 1);
	put("b", now_ms + 7 * MS_PER_DAY, 1, 1, 1, now_ms + 7 * MS_PER_DAY + 60 * MS_PER_MINUTE);
	assert_int_equal(count("a", SERIES_MINUTE), 0);
	assert_int_equal(count("a", SERIES_HOUR), 1);
	put("b", now_ms + 400 * MS_PER_DAY, 1, 1, 1, now_ms + 400 * MS_PER_DAY);
	assert_int_equal(count("a", SERIES_HOUR), 1);
	put("b", now_ms + 401 * MS_PER_DAY, 1, 1, 1, now_ms + 401 * MS_PER_DAY);
	assert_int_equal(count("a", SERIES_HOUR), 0);
}

/* Rows as a year of very many targets leaves them, by SQL: one at a time would take minutes. */
static void fill(const char *table, int rows, int an_hour, int64_t first)
{
	struct error error;
	char text[512];
	struct sql *sql = sql_open(path, SQL_WRITE, &error);
	assert_non_null(sql);
	snprintf(text, sizeof text,
		 "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < %d) "
		 "INSERT INTO %s SELECT 'k' || i, %lld + i / %d, x'00' FROM n;",
		 rows, table, (long long)first, an_hour);
	if (!sql_begin(sql, SQL_WRITE, &error) || !sql_run(sql, text, &error) ||
	    !sql_commit(sql, &error))
		fail_msg("%s", error.text);
	sql_close(sql);
}

static int64_t rows_of(const char *statement)
{
	struct error error;
	struct sql *sql = sql_open(path, SQL_READ, &error);
	assert_non_null(sql);
	struct sql_query *query = sql_query(sql, statement);
	assert_int_equal(sql_step(query), SQL_ROW);
	int64_t rows = sql_int(query, 0);
	sql_finish(query);
	sql_close(sql);
	return rows;
}

static void test_more_rows_than_the_bound_cost_the_oldest(void **state)
{
	(void)state;
	int64_t hour = now_ms / MS_PER_MINUTE / 60;
	/* None of them is too old. */
	fill("hour", SERIES_HOUR_ROWS_MAX + 5000, 1000, hour - 1010);
	fill("minute", SERIES_MINUTE_ROWS_MAX + 5000, 4000, hour - 120);
	put("a", now_ms, 1, 1, 1, now_ms);
	assert_true(rows_of("SELECT count(*) FROM hour") <= SERIES_HOUR_ROWS_MAX);
	assert_true(rows_of("SELECT count(*) FROM minute") <= SERIES_MINUTE_ROWS_MAX);
	assert_int_equal(count("a", SERIES_HOUR), 1);
	assert_int_equal(count("a", SERIES_MINUTE), 1);
	assert_true(rows_of("SELECT min(hour) FROM hour") > hour - 1010);
	assert_true(rows_of("SELECT min(hour) FROM minute") > hour - 120);
	assert_true(rows_of("SELECT max(hour) FROM hour") == hour - hour % 24);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_minutes_add_up_to_hours_with_their_mean, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_a_minute_that_comes_in_two_parts_is_one_point,
						setup, teardown),
		cmocka_unit_test_setup_teardown(test_the_window_takes_its_begin_and_leaves_its_end,
						setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_minutes_are_kept_seven_days_and_hours_four_hundred, setup, teardown),
		cmocka_unit_test_setup_teardown(test_more_rows_than_the_bound_cost_the_oldest,
						setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
