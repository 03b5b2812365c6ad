/* The words of a command line: options, operands, and what is said where they are wrong. */
#include "cli/options.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static bool flag;
static const char *value;
static struct option_list list;
static struct operands operands;

static const struct option_spec specs[] = {
	{.name = "json", .flag = &flag},
	{.name = "reason", .value = &value},
	{.name = "apply", .list = &list},
	{.name = NULL},
};
static const struct command command = {"test", "WORDS", "Tests.", NULL};

/* What options_read makes of WORDS, which end with NULL; 1 to 3 operands are wanted. */
static int read_words(const char *const *words)
{
	static char text[32][64]; /* values point into it until the next reading */
	char *argv[32] = {NULL};
	int argc = 0;
	flag = false;
	value = NULL;
	list = (struct option_list){0};
	argv[argc++] = strcpy(text[0], "test");
	while (words[argc - 1] != NULL && argc < 31) {
		assert_true(strlen(words[argc - 1]) < sizeof text[argc]);
		argv[argc] = strcpy(text[argc], words[argc - 1]);
		argc++;
	}
	return options_read(&command, argc, argv, specs, 1, 3, &operands, NULL);
}

#define READ(...) read_words((const char *const[]){__VA_ARGS__, NULL})

static void test_options_stand_before_between_and_after_operands(void **state)
{
	(void)state;
	assert_int_equal(
		READ("--json", "one", "--reason", "why", "two", "--apply=a", "--apply", "b"), -1);
	assert_true(flag);
	assert_string_equal(value, "why");
	assert_int_equal(operands.count, 2);
	assert_string_equal(operands.at[0], "one");
	assert_string_equal(operands.at[1], "two");
	assert_int_equal(list.count, 2);
	assert_string_equal(list.at[0], "a");
	assert_string_equal(list.at[1], "b");
}

static void test_a_value_may_begin_with_dashes_and_may_be_empty(void **state)
{
	(void)state;
	assert_int_equal(READ("one", "--reason", "--json"), -1);
	assert_string_equal(value, "--json");
	assert_false(flag);
	assert_int_equal(READ("one", "--reason="), -1);
	assert_string_equal(value, "");
}

static void test_after_two_dashes_every_word_is_an_operand(void **state)
{
	(void)state;
	assert_int_equal(READ("--", "--json", "--"), -1);
	assert_false(flag);
	assert_int_equal(operands.count, 2);
	assert_string_equal(operands.at[0], "--json");
	assert_string_equal(operands.at[1], "--");
}

static void test_a_single_dash_is_an_operand(void **state)
{
	(void)state;
	assert_int_equal(READ("-"), -1);
	assert_string_equal(operands.at[0], "-");
}

static void test_wrong_words_are_a_matter_of_usage(void **state)
{
	(void)state;
	assert_int_equal(READ("one", "--nothing"), EXIT_USAGE);
	assert_int_equal(READ("one", "--jso"), EXIT_USAGE);
	assert_int_equal(READ("one", "--json=yes"), EXIT_USAGE);
	assert_int_equal(READ("one", "--reason"), EXIT_USAGE);
	assert_int_equal(READ("--json"), EXIT_USAGE);
	assert_int_equal(READ("one", "two", "three", "four"), EXIT_USAGE);
	assert_int_equal(READ("one", "two", "three"), -1);
}

static void test_an_option_given_too_often_is_refused(void **state)
{
	(void)state;
	char *argv[2 * OPTION_REPEAT_MAX + 5] = {NULL};
	char word[] = "--apply", file[] = "f", name[] = "test", operand[] = "one";
	int argc = 0;
	argv[argc++] = name;
	argv[argc++] = operand;
	list = (struct option_list){0};
	for (int i = 0; i < OPTION_REPEAT_MAX; i++) {
		argv[argc++] = word;
		argv[argc++] = file;
	}
	assert_int_equal(options_read(&command, argc, argv, specs, 1, 3, &operands, NULL), -1);
	argv[argc++] = word;
	argv[argc++] = file;
	list = (struct option_list){0};
	assert_int_equal(options_read(&command, argc, argv, specs, 1, 3, &operands, NULL),
			 EXIT_USAGE);
}

static void test_help_ends_before_anything_else_is_asked(void **state)
{
	(void)state;
	assert_int_equal(READ("--help"), EXIT_DONE);
	assert_int_equal(READ("one", "--help", "--nothing"), EXIT_DONE);
}

static void test_a_number_is_whole_and_decimal_and_not_negative(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		bool good;
		long long number;
	} cases[] = {{"0", true, 0},
		     {"65535", true, 65535},
		     {"9223372036854775807", true, INT64_MAX},
		     {"9223372036854775808", false, 0},
		     {"-1", false, 0},
		     {"", false, 0},
		     {"1x", false, 0},
		     {"0x10", false, 0},
		     {"1.5", false, 0},
		     {"one", false, 0}};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		long long number;
		assert_int_equal(option_number(cases[i].text, &number), cases[i].good);
		if (cases[i].good)
			assert_true(number == cases[i].number);
	}
}

static void test_the_author_is_the_user_behind_sudo(void **state)
{
	(void)state;
	setenv("SUDO_USER", "alice", 1);
	char *author = command_author();
	assert_string_equal(author, "cli:alice");
	free(author);
	unsetenv("SUDO_USER");
	author = command_author();
	assert_memory_equal(author, "cli:", 4);
	assert_string_not_equal(author, "cli:alice");
	free(author);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_options_stand_before_between_and_after_operands),
		cmocka_unit_test(test_a_value_may_begin_with_dashes_and_may_be_empty),
		cmocka_unit_test(test_after_two_dashes_every_word_is_an_operand),
		cmocka_unit_test(test_a_single_dash_is_an_operand),
		cmocka_unit_test(test_wrong_words_are_a_matter_of_usage),
		cmocka_unit_test(test_an_option_given_too_often_is_refused),
		cmocka_unit_test(test_help_ends_before_anything_else_is_asked),
		cmocka_unit_test(test_a_number_is_whole_and_decimal_and_not_negative),
		cmocka_unit_test(test_the_author_is_the_user_behind_sudo),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
