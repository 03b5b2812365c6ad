/* Which HTTP answers a monitor is content with, and what it says of the others. */
#include "healthcheck/answer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define LINES_MAX 6

/* What MONITOR says of the answer of LINES, a list that ends with NULL, and BODY. */
static struct probe_result judged(const struct monitor *monitor, const char *const *lines,
				  const char *body)
{
	struct answer answer;
	struct probe_result result = {.outcome = PROBE_PASSED};
	answer_init(&answer, monitor);
	answer_begin(&answer);
	for (size_t i = 0; i < LINES_MAX && lines[i] != NULL; i++)
		assert_true(answer_line(&answer, lines[i], strlen(lines[i])));
	if (body != NULL)
		assert_true(answer_body(&answer, body, strlen(body)));
	answer_judge(&answer, &result);
	answer_fini(&answer);
	return result;
}

static void expect(const char *why, struct probe_result got, enum probe_reason reason,
		   const char *text)
{
	enum probe_outcome outcome = reason == PROBE_REASON_NONE    ? PROBE_PASSED
				     : reason == PROBE_REASON_LOCAL ? PROBE_SAYS_NOTHING
								    : PROBE_FAILED;
	if (got.outcome != outcome || got.reason != reason || strcmp(got.text, text) != 0)
		fail_msg("%s: outcome %d, \"%s\"", why, (int)got.outcome, got.text);
}

/* RFC 9110 section 15, RFC 9112 section 4. */
static void test_the_status_is_that_of_the_last_status_line(void **state)
{
	static struct status_range ranges[] = {{200, 299}, {304, 304}};
	static char text[] = "200-299,304";
	static const struct monitor two = {
		.expect_status = ranges, .expect_status_count = 2, .expect_status_text = text};
	static const struct monitor usual = {.expect_status_count = 0};
	static const struct {
		const char *lines[LINES_MAX];
		const struct monitor *monitor;
		const char *text; /* "": passed */
	} table[] = {
		{{"HTTP/1.1 200 OK"}, &usual, ""},
		{{"HTTP/2 204\r\n"}, &usual, ""},
		{{"HTTP/1.1 299"}, &usual, ""},
		{{"HTTP/1.1 199 x"}, &usual, "status 199, wanted 200-299"},
		{{"HTTP/1.1 300 x"}, &usual, "status 300, wanted 200-299"},
		{{"HTTP/1.1 304 Not Modified"}, &two, ""},
		{{"HTTP/1.1 303 See Other"}, &two, "status 303, wanted 200-299,304"},
		{{"HTTP/1.1 305 x"}, &two, "status 305, wanted 200-299,304"},
		{{"HTTP/1.1 100 Continue", "", "HTTP/1.1 200 OK"}, &usual, ""},
		{{"HTTP/1.1 200 OK", "Status: 500", "HTTP: 500"}, &usual, ""},
		{{"HTTP/1.1 20"}, &usual, "status 0, wanted 200-299"},
		{{"HTTP/1.1 2x0 OK"}, &usual, "status 0, wanted 200-299"},
		{{"HTTP/1.1"}, &usual, "status 0, wanted 200-299"},
		{{"200 OK"}, &usual, "status 0, wanted 200-299"},
		{{NULL}, &usual, "status 0, wanted 200-299"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		bool passed = table[i].text[0] == '\0';
		expect(table[i].lines[0] != NULL ? table[i].lines[0] : "nothing",
		       judged(table[i].monitor, table[i].lines, NULL),
		       passed ? PROBE_REASON_NONE : PROBE_REASON_STATUS, table[i].text);
	}
}

static char one_name[] = "X-Health", one_value[] = "up", two_name[] = "Server",
	    two_value[] = "nginx";
static struct header wanted[] = {{one_name, one_value}, {two_name, two_value}};

/* RFC 9110 section 5.1: names without case; 5.2: a field may come more than once; 5.5: blanks
 * around a value are no part of it. Each sentence is about the field that it names. */
static void test_each_wanted_field_holds_its_text(void **state)
{
	static const struct {
		const char *why, *lines[LINES_MAX];
		const char *text;
	} table[] = {
		{"both", {"HTTP/1.1 200", "X-Health: up", "Server: nginx/1.22"}, ""},
		{"in another case, without and with blanks",
		 {"HTTP/1.1 200", "x-health:up\r\n", "SERVER: \t nginx \t\r\n"},
		 ""},
		{"the second of two fields of a name",
		 {"HTTP/1.1 200", "X-Health: down", "X-Health: up", "Server: nginx"},
		 ""},
		{"another value",
		 {"HTTP/1.1 200", "X-Health:  down ", "Server: nginx"},
		 "header X-Health is \"down\", wanted \"up\""},
		{"two other values",
		 {"HTTP/1.1 200", "X-Health: down", "X-Health: off", "Server: nginx"},
		 "header X-Health is \"down\", wanted \"up\""},
		{"an empty value",
		 {"HTTP/1.1 200", "X-Health: ", "Server: nginx"},
		 "header X-Health is \"\", wanted \"up\""},
		{"the first is missing, the second as wanted",
		 {"HTTP/1.1 200", "Server: nginx"},
		 "header X-Health is missing, wanted \"up\""},
		{"the first is missing, the second another",
		 {"HTTP/1.1 200", "Server: apache"},
		 "header X-Health is missing, wanted \"up\""},
		{"the first as wanted, the second another",
		 {"HTTP/1.1 200", "X-Health: up", "Server: apache"},
		 "header Server is \"apache\", wanted \"nginx\""},
		{"the first is another, then as wanted; the second is missing",
		 {"HTTP/1.1 200", "X-Health: down", "X-Health: up"},
		 "header Server is missing, wanted \"nginx\""},
		{"both are others, the second before",
		 {"HTTP/1.1 200", "Server: apache", "X-Health: down"},
		 "header X-Health is \"down\", wanted \"up\""},
		{"a name that begins alike",
		 {"HTTP/1.1 200", "X-Health-Old: up", "X-Heal: up", "no field"},
		 "header X-Health is missing, wanted \"up\""},
		{"of an interim answer",
		 {"HTTP/1.1 103 Early Hints", "X-Health: up", "Server: nginx", "HTTP/1.1 200 OK"},
		 "header X-Health is missing, wanted \"up\""},
		{"another one, of an interim answer",
		 {"HTTP/1.1 103 Early Hints", "X-Health: down", "HTTP/1.1 200 OK"},
		 "header X-Health is missing, wanted \"up\""},
	};
	static const struct monitor monitor = {.expect_headers = wanted, .expect_header_count = 2};
	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		expect(table[i].why, judged(&monitor, table[i].lines, NULL),
		       table[i].text[0] == '\0' ? PROBE_REASON_NONE : PROBE_REASON_HEADER,
		       table[i].text);
}

static void test_a_value_that_is_long_is_told_by_its_begin(void **state)
{
	static const struct monitor monitor = {.expect_headers = wanted, .expect_header_count = 1};
	char line[600] = "X-Health: ";
	(void)state;
	memset(line + 10, 'x', 500);
	const char *lines[LINES_MAX] = {"HTTP/1.1 200", line};
	struct probe_result result = judged(&monitor, lines, NULL);
	assert_int_equal(result.reason, PROBE_REASON_HEADER);
	assert_non_null(strstr(result.text, "wanted \"up\""));
}

static char text_ok[] = "ok", regex_ok[] = "^all (is )?well$", regex_bad[] = "(",
	    regex_costly[] = "^(a+)+$";

/* The body is looked at where all before it is as wanted. */
static void test_the_body_holds_its_text_and_matches_its_pattern(void **state)
{
	static const struct monitor text = {.expect_body = text_ok},
				    pattern = {.expect_body_regex = regex_ok},
				    both = {.expect_body = text_ok, .expect_body_regex = regex_ok},
				    bad = {.expect_body_regex = regex_bad},
				    none = {.expect_status_count = 0};
	static const struct {
		const struct monitor *monitor;
		const char *body;
		enum probe_reason reason;
		const char *text;
	} table[] = {
		{&none, "whatever", PROBE_REASON_NONE, ""},
		{&none, NULL, PROBE_REASON_NONE, ""},
		{&text, "all is ok here", PROBE_REASON_NONE, ""},
		{&text, "no", PROBE_REASON_BODY, "body lacks \"ok\" (2 octets read)"},
		{&text, NULL, PROBE_REASON_BODY, "body lacks \"ok\" (0 octets read)"},
		{&pattern, "all is well", PROBE_REASON_NONE, ""},
		{&pattern, "all well", PROBE_REASON_NONE, ""},
		{&pattern, "well", PROBE_REASON_BODY,
		 "body does not match \"^all (is )?well$\" (4 octets read)"},
		{&pattern, NULL, PROBE_REASON_BODY,
		 "body does not match \"^all (is )?well$\" (0 octets read)"},
		{&both, "ok", PROBE_REASON_BODY,
		 "body does not match \"^all (is )?well$\" (2 octets read)"},
		{&both, "all well", PROBE_REASON_BODY, "body lacks \"ok\" (8 octets read)"},
	};
	static const char *const well[LINES_MAX] = {"HTTP/1.1 200 OK"}, *const ill[LINES_MAX] = {
										"HTTP/1.1 500 No"};
	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		expect(table[i].body, judged(table[i].monitor, well, table[i].body),
		       table[i].reason, table[i].text);
		expect("another status", judged(table[i].monitor, ill, table[i].body),
		       PROBE_REASON_STATUS, "status 500, wanted 200-299");
	}
	/* What is wrong with the monitor is not the target's fault. */
	struct probe_result result = judged(&bad, well, "x");
	assert_int_equal(result.outcome, PROBE_SAYS_NOTHING);
	assert_int_equal(result.reason, PROBE_REASON_LOCAL);
	assert_true(result.text[0] != '\0');
	expect("another status", judged(&bad, ill, "x"), PROBE_REASON_STATUS,
	       "status 500, wanted 200-299");
}

/* As docs/configuration.md says: a search that backtracks without end says nothing of the target.
 */
static void test_a_pattern_that_takes_too_long_says_nothing(void **state)
{
	static const struct monitor costly = {.expect_body_regex = regex_costly};
	static const char *const well[LINES_MAX] = {"HTTP/1.1 200 OK"};
	char body[64];
	(void)state;
	memset(body, 'a', 62);
	strcpy(body + 62, "!");
	expect("costly", judged(&costly, well, body), PROBE_REASON_LOCAL,
	       "\"^(a+)+$\" takes too long to match against this body; make it simpler");
}

/* The first 64 KB of a body count, and as much of a head. */
static void test_only_so_much_of_an_answer_is_read(void **state)
{
	static const struct monitor text = {.expect_body = text_ok},
				    pattern = {.expect_body_regex = regex_ok};
	static char octets[ANSWER_BODY_MAX + 2];
	(void)state;
	memset(octets, '.', sizeof octets);
	memcpy(octets + ANSWER_BODY_MAX, "ok", 2);
	for (int last = 0; last <= 1; last++) {
		struct answer answer;
		struct probe_result result = {.outcome = PROBE_PASSED};
		answer_init(&answer, &text);
		answer_begin(&answer);
		assert_true(answer_wants_body(&answer));
		assert_true(answer_line(&answer, "HTTP/1.1 200", 12));
		/* Up to the last octet that counts, then one piece across it. */
		assert_true(answer_body(&answer, octets + last, ANSWER_BODY_MAX - 1));
		assert_false(answer.body_cut);
		assert_false(answer_body(&answer, octets + last + ANSWER_BODY_MAX - 1, 2));
		assert_int_equal(answer.body_octets, ANSWER_BODY_MAX);
		answer_judge(&answer, &result);
		expect("cut", result, PROBE_REASON_BODY, "body lacks \"ok\" (first 64 KB read)");
		/* A new answer knows nothing of it. */
		answer_begin(&answer);
		assert_int_equal(answer.body_octets, 0);
		assert_int_equal(answer.status, 0);
		answer_fini(&answer);
	}
	struct answer answer;
	struct probe_result result = {.outcome = PROBE_PASSED};
	answer_init(&answer, &pattern);
	answer_begin(&answer);
	assert_true(answer_line(&answer, "HTTP/1.1 200", 12));
	assert_false(answer_body(&answer, octets, sizeof octets));
	answer_judge(&answer, &result);
	expect("cut", result, PROBE_REASON_BODY,
	       "body does not match \"^all (is )?well$\" (first 65536 octets read)");
	answer_begin(&answer);
	assert_true(answer_line(&answer, octets, ANSWER_HEADERS_MAX));
	assert_false(answer_line(&answer, octets, 1));
	assert_true(answer.headers_cut);
	answer_fini(&answer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_status_is_that_of_the_last_status_line),
		cmocka_unit_test(test_each_wanted_field_holds_its_text),
		cmocka_unit_test(test_a_value_that_is_long_is_told_by_its_begin),
		cmocka_unit_test(test_the_body_holds_its_text_and_matches_its_pattern),
		cmocka_unit_test(test_a_pattern_that_takes_too_long_says_nothing),
		cmocka_unit_test(test_only_so_much_of_an_answer_is_read),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
