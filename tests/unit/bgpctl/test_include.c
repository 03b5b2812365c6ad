/* The file that BIRD includes. */
#include "bgpctl/include.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static struct include_entry entry(const char *prefix, enum level level, const char *reason)
{
	struct include_entry made = {.level = level};
	assert_true(prefix_parse(prefix, &made.prefix, NULL));
	snprintf(made.reason, sizeof made.reason, "%s", reason);
	return made;
}

static void test_the_file_is_sorted_tagged_and_whole(void **state)
{
	struct include_entry entries[] = {
		entry("2001:db8::/32", LEVEL_DEGRADED, "its pool cannot serve"),
		entry("198.51.100.0/24", LEVEL_NONE, "refused"),
		entry("192.0.2.0/24", LEVEL_ANNOUNCED, "well"),
	};
	(void)state;
	char *text = include_render(entries, 3, 7, "2026-11-20T12:00:00.000Z");
	assert_string_equal(text, "# meridian: announcements of this site, generation 7\n"
				  "# Written at 2026-11-20T12:00:00.000Z by meridian-bgpctl, which "
				  "replaces it whole: do "
				  "not edit.\n"
				  "\nprotocol static meridian4 {\n\tipv4;\n"
				  "\t# 192.0.2.0/24 announced: well\n"
				  "\troute 192.0.2.0/24 unreachable { "
				  "bgp_large_community.add((MERIDIAN_AS, 53, 1)); };\n"
				  "\t# 198.51.100.0/24 withdrawn: refused\n"
				  "}\n"
				  "\nprotocol static meridian6 {\n\tipv6;\n"
				  "\t# 2001:db8::/32 degraded: its pool cannot serve\n"
				  "\troute 2001:db8::/32 unreachable { "
				  "bgp_large_community.add((MERIDIAN_AS, 53, 2)); };\n"
				  "}\n");
	free(text);
}

static void test_what_was_rendered_is_read_back(void **state)
{
	struct include_entry entries[] = {
		entry("192.0.2.0/24", LEVEL_DRAINING, "ordered"),
		entry("198.51.100.0/24", LEVEL_NONE, "refused"),
		entry("2001:db8::/32", LEVEL_ANNOUNCED, "well"),
	};
	struct include_entry *found;
	size_t count;
	uint64_t generation;
	(void)state;
	char *text = include_render(entries, 3, 18446744073709551615u, "now");
	assert_true(include_parse(text, &found, &count, &generation));
	assert_true(generation == UINT64_MAX);
	assert_int_equal(count, 2);
	assert_int_equal(prefix_compare(&found[0].prefix, &entries[0].prefix), 0);
	assert_int_equal(found[0].level, LEVEL_DRAINING);
	assert_int_equal(found[1].level, LEVEL_ANNOUNCED);
	free(found);
	free(text);
}

static void test_a_reason_cannot_leave_its_comment(void **state)
{
	struct include_entry one =
		entry("192.0.2.0/24", LEVEL_NONE, "bad\n\troute 0.0.0.0/0 unreachable;\r#");
	(void)state;
	char *text = include_render(&one, 1, 1, "now");
	assert_null(strstr(text, "\n\troute"));
	assert_null(strchr(text, '\r'));
	free(text);
}

static void test_a_file_of_another_is_not_read(void **state)
{
	struct include_entry *found;
	size_t count;
	uint64_t generation;
	(void)state;
	assert_false(include_parse("protocol static meridian4 { }\n", &found, &count, &generation));
	assert_false(include_parse("", &found, &count, &generation));
}

static void test_the_file_is_replaced_and_leaves_nothing_beside_it(void **state)
{
	char folder[] = "/tmp/meridian-include-XXXXXX", path[64], beside[80];
	struct error error = {0};
	struct stat about;
	bool missing;
	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof path, "%s/announce.conf", folder);
	snprintf(beside, sizeof beside, "%s.new", path);
	assert_null(include_read(path, &missing, &error));
	assert_true(missing);
	assert_true(include_write(path, "first\n", &error));
	assert_true(include_write(path, "second\n", &error));
	char *text = include_read(path, &missing, &error);
	assert_non_null(text);
	assert_string_equal(text, "second\n");
	assert_int_equal(stat(path, &about), 0);
	assert_int_equal(about.st_mode & 0777, 0644);
	assert_int_equal(access(beside, F_OK), -1);
	free(text);
	unlink(path);
	rmdir(folder);
	assert_false(include_write(path, "third\n", &error));
	assert_non_null(strstr(error.text, path));
}

static void test_a_writer_that_was_stopped_in_the_middle_spoils_nothing(void **state)
{
	char folder[] = "/tmp/meridian-include-XXXXXX", path[64], beside[80];
	struct error error = {0};
	bool missing;
	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof path, "%s/announce.conf", folder);
	snprintf(beside, sizeof beside, "%s.new", path);
	int stopped = open(beside, O_WRONLY | O_CREAT, 0644);
	assert_int_equal(write(stopped, "half", 4), 4);
	assert_true(include_write(path, "whole\n", &error));
	assert_int_equal(write(stopped, " of it\n", 7), 7);
	assert_int_equal(close(stopped), 0);
	assert_int_equal(rename(beside, path), -1);
	char *text = include_read(path, &missing, &error);
	assert_string_equal(text, "whole\n");
	free(text);
	unlink(path);
	rmdir(folder);
}

static void test_a_pipe_in_the_place_of_the_file_holds_nobody_up(void **state)
{
	char folder[] = "/tmp/meridian-include-XXXXXX", path[64];
	struct error error = {0};
	bool missing;
	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof path, "%s/announce.conf", folder);
	assert_int_equal(mkfifo(path, 0644), 0);
	alarm(20);
	assert_null(include_read(path, &missing, &error));
	alarm(0);
	assert_false(missing);
	assert_non_null(strstr(error.text, path));
	assert_true(include_write(path, "file\n", &error));
	char *text = include_read(path, &missing, &error);
	assert_string_equal(text, "file\n");
	free(text);
	unlink(path);
	rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_file_is_sorted_tagged_and_whole),
		cmocka_unit_test(test_what_was_rendered_is_read_back),
		cmocka_unit_test(test_a_reason_cannot_leave_its_comment),
		cmocka_unit_test(test_a_file_of_another_is_not_read),
		cmocka_unit_test(test_the_file_is_replaced_and_leaves_nothing_beside_it),
		cmocka_unit_test(test_a_writer_that_was_stopped_in_the_middle_spoils_nothing),
		cmocka_unit_test(test_a_pipe_in_the_place_of_the_file_holds_nobody_up),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
