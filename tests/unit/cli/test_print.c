/* What results look like: tables that hostile text cannot bend, times, and what differs. */
#include "cli/print.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static char printed[8192];
static int kept;

/* What is printed between begin() and end() lands in `printed`. */
static void begin(void)
{
	fflush(stdout);
	kept = dup(STDOUT_FILENO);
	FILE *file = tmpfile();
	dup2(fileno(file), STDOUT_FILENO);
	fclose(file);
}

static void end(void)
{
	fflush(stdout);
	ssize_t len = pread(STDOUT_FILENO, printed, sizeof printed - 1, 0);
	printed[len > 0 ? len : 0] = '\0';
	dup2(kept, STDOUT_FILENO);
	close(kept);
}

static void print_cells(size_t columns, const char *const *heads, const char *const *cells,
			size_t count)
{
	struct table table;
	table_init(&table, columns, heads);
	for (size_t i = 0; i < count; i++)
		table_cell(&table, cells[i]);
	begin();
	table_print(&table);
	end();
}

static void test_columns_are_as_wide_as_their_widest_cell_counted_in_characters(void **state)
{
	(void)state;
	static const char *const heads[] = {"NAME", "STATE"}, *const cells[] = {
								      "zürich", "up", "a-long-name",
								      "down",	NULL, ""};
	print_cells(2, heads, cells, 6);
	assert_string_equal(printed, "NAME         STATE\n"
				     "zürich       up\n"
				     "a-long-name  down\n"
				     "-            -\n");
}

static void test_control_characters_of_a_reason_move_no_cursor(void **state)
{
	(void)state;
	static const char *const heads[] = {"REASON"}, *const cells[] = {
							       "body \x1b[2J\r\nis \x7f wrong\t"};
	print_cells(1, heads, cells, 1);
	assert_string_equal(printed, "REASON\nbody ?[2J??is ? wrong?\n");
}

static void test_a_table_of_many_rows_is_printed_whole(void **state)
{
	(void)state;
	static const char *const heads[] = {"A", "B", "C"};
	struct table table;
	char text[16];
	table_init(&table, 3, heads);
	for (int i = 0; i < 300; i++) {
		snprintf(text, sizeof text, "%d", i);
		table_cell(&table, text);
	}
	begin();
	table_print(&table);
	end();
	assert_non_null(strstr(printed, "\n297  298  299\n"));
	size_t lines = 0;
	for (const char *c = printed; *c != '\0'; c++)
		lines += *c == '\n';
	assert_int_equal(lines, 101);
}

static void test_a_member_is_its_text_or_its_json_or_nothing(void **state)
{
	(void)state;
	json_t *object = json_pack("{s:s, s:i, s:n, s:b, s:f}", "text", "up", "number", 7, "null",
				   "flag", 1, "real", 39.8);
	assert_string_equal(member_text(object, "text"), "up");
	assert_string_equal(member_text(object, "number"), "7");
	assert_string_equal(member_text(object, "null"), "");
	assert_string_equal(member_text(object, "missing"), "");
	assert_string_equal(member_text(object, "flag"), "true");
	assert_string_equal(member_text(object, "real"), "39.8");
	assert_string_equal(member_text(NULL, "text"), "");
	json_decref(object);
}

static void test_a_member_longer_than_its_place_is_cut(void **state)
{
	(void)state;
	char text[3000];
	memset(text, 'x', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	json_t *object = json_pack("{s:s, s:[s]}", "text", text, "list", text);
	assert_true(strlen(member_text(object, "text")) < 2000);
	assert_true(strlen(member_text(object, "list")) < 2000);
	json_decref(object);
}

static void test_a_time_is_told_in_its_largest_unit(void **state)
{
	(void)state;
	const int64_t then = 1700000000000; /* 2023-11-14T22:13:20Z */
	static const struct {
		int64_t after_ms;
		const char *text;
	} cases[] = {{0, "0 s ago"},
		     {999, "0 s ago"},
		     {59999, "59 s ago"},
		     {60000, "1 min ago"},
		     {3599999, "59 min ago"},
		     {3600000, "1 h ago"},
		     {86399999, "23 h ago"},
		     {86400000, "1 d ago"},
		     {INT64_C(86400000) * 400, "400 d ago"}};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_string_equal(ago_text("2023-11-14T22:13:20.000Z", then + cases[i].after_ms),
				    cases[i].text);
	assert_string_equal(ago_text("", then), "");
	assert_string_equal(ago_text("yesterday", then), "");
}

static void test_a_time_of_a_clock_that_is_ahead_is_now(void **state)
{
	(void)state;
	assert_string_equal(ago_text("2023-11-14T22:13:20.000Z", 1699999990000), "0 s ago");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_columns_are_as_wide_as_their_widest_cell_counted_in_characters),
		cmocka_unit_test(test_control_characters_of_a_reason_move_no_cursor),
		cmocka_unit_test(test_a_table_of_many_rows_is_printed_whole),
		cmocka_unit_test(test_a_member_is_its_text_or_its_json_or_nothing),
		cmocka_unit_test(test_a_member_longer_than_its_place_is_cut),
		cmocka_unit_test(test_a_time_is_told_in_its_largest_unit),
		cmocka_unit_test(test_a_time_of_a_clock_that_is_ahead_is_now),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
