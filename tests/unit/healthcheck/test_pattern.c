/* Patterns: found or not, and given up where they would search for ever. */
#include "healthcheck/pattern.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static enum pattern_result search(const char *text, const char *body, size_t len)
{
	struct error error = {.text = ""};
	struct pattern *pattern = pattern_new(text, &error);
	if (pattern == NULL)
		fail_msg("%s", error.text);
	enum pattern_result result = pattern_search(pattern, body, len);
	pattern_free(pattern);
	return result;
}

static void test_a_pattern_is_looked_for_anywhere_in_any_octets(void **state)
{
	(void)state;
	static const char body[] = "\xff\xfe\0status: ok\n";
	assert_int_equal(search("status: (ok|warm)", body, sizeof body - 1), PATTERN_FOUND);
	assert_int_equal(search("^status", body, sizeof body - 1), PATTERN_MISSING);
	assert_int_equal(search("(?i)STATUS", body, sizeof body - 1), PATTERN_FOUND);
	assert_int_equal(search("down", body, sizeof body - 1), PATTERN_MISSING);
	assert_int_equal(search("^$", "", 0), PATTERN_FOUND);
}

/* Each of these backtracks for longer than the universe lasts on what it nearly matches. */
static void test_catastrophic_patterns_end(void **state)
{
	(void)state;
	static char body[64 << 10];
	static const char *const patterns[] = {
		"(a+)+$",   "(a|aa)+$",	 "(a|a?)+$", "(.*a){20}$", "^(([a-z])+.)+[A-Z]([a-z])+$",
		"(?:a*)*b", "((a+)*)*c", "(x+x+)+y",
	};
	memset(body, 'a', sizeof body);
	body[sizeof body - 1] = '!';
	for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++)
		assert_int_not_equal(search(patterns[i], body, sizeof body), PATTERN_FOUND);
	assert_int_equal(search("(a+)+$", body, sizeof body), PATTERN_TOO_COSTLY);
	assert_int_equal(search("(a|aa)+$", body, sizeof body), PATTERN_TOO_COSTLY);
}

static void test_what_is_no_pattern_is_said_with_its_place(void **state)
{
	(void)state;
	struct error error;
	assert_null(pattern_new("a(b", &error));
	assert_string_equal(error.text, "\"a(b\" is no regular expression: missing closing "
					"parenthesis at offset 3");
	assert_null(pattern_new("\\C", &error)); /* would look behind the text's units */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_pattern_is_looked_for_anywhere_in_any_octets),
		cmocka_unit_test(test_catastrophic_patterns_end),
		cmocka_unit_test(test_what_is_no_pattern_is_said_with_its_place),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
