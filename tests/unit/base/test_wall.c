/* Times and durations as people write them, and the sentence of an error. */
#include "base/wall.h"

#include "base/error.h"
#include "base/rng.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void test_rfc_3339_times_are_read_with_any_offset(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		bool good;
		int64_t ms;
	} table[] = {
		{"1970-01-01T00:00:00Z", true, 0},
		{"1970-01-01T00:00:00.250Z", true, 250},
		{"1970-01-01T01:00:00+01:00", true, 0},
		{"1969-12-31T19:00:00-05:00", true, 0},
		{"2026-11-20T12:00:00.123456Z", true, INT64_C(1795176000123)},
		{"2026-11-20 12:00:00Z", false, 0},
		{"2026-11-20T12:00:00", false, 0},
		{"2026-11-20T12:00:00.Z", false, 0},
		{"2026-11-20T12:00:00Zx", false, 0},
		{"2026-11-20T12:00:00+1:00", false, 0},
		{"", false, 0},
	};
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		int64_t ms = 0;
		if (wall_parse(table[i].text, &ms) != table[i].good)
			fail_msg("\"%s\"", table[i].text);
		assert_int_equal(ms, table[i].ms);
	}
}

static void test_what_is_written_is_read_back(void **state)
{
	(void)state;
	struct rng rng;
	rng_init(&rng, 3);
	for (int i = 0; i < 10000; i++) {
		char text[WALL_TEXT_MAX];
		int64_t ms = (int64_t)rng_below(&rng, UINT64_C(4102444800000)), back = -1;
		wall_format(ms, text);
		assert_true(wall_parse(text, &back));
		assert_int_equal(back, ms);
	}
}

static void test_durations_take_one_unit(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		bool good;
		int64_t ms;
	} table[] = {
		{"90", true, 90000},   {"90s", true, 90000},
		{"500ms", true, 500},  {"15m", true, 900000},
		{"2h", true, 7200000}, {"7d", true, 604800000},
		{"0", true, 0},	       {"", false, 0},
		{"-1s", false, 0},     {"1w", false, 0},
		{"1h30m", false, 0},   {" 1s", false, 0},
		{"99999d", false, 0},  {"99999999999999999999s", false, 0},
	};
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		int64_t ms = 0;
		if (duration_parse_ms(table[i].text, &ms) != table[i].good)
			fail_msg("\"%s\"", table[i].text);
		assert_int_equal(ms, table[i].ms);
	}
}

static void test_an_error_is_cut_and_never_overflows(void **state)
{
	(void)state;
	struct error error;
	char longer[2000];
	memset(longer, 'x', sizeof longer - 1);
	longer[sizeof longer - 1] = '\0';
	error_set(&error, "%s", longer);
	assert_int_equal(strlen(error.text), sizeof error.text - 1);
	error_prefix(&error, "%s", longer);
	assert_int_equal(strlen(error.text), sizeof error.text - 1);
	errno = ENOENT;
	error_set_errno(&error, "cannot open %s", "/x");
	assert_string_equal(error.text, "cannot open /x: No such file or directory");
	error_prefix(&error, "zone %d", 7);
	assert_string_equal(error.text, "zone 7: cannot open /x: No such file or directory");
	error_set(NULL, "nobody asks");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rfc_3339_times_are_read_with_any_offset),
		cmocka_unit_test(test_what_is_written_is_read_back),
		cmocka_unit_test(test_durations_take_one_unit),
		cmocka_unit_test(test_an_error_is_cut_and_never_overflows),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
