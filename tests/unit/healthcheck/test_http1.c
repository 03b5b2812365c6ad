/* HTTP/1.1 answers: each kind of body, whole and octet by octet, and what must not be believed. */
#include "healthcheck/http1.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static char wanted[] = "ok";
static const struct monitor searching = {.expect_body = wanted};

struct outcome {
	enum http1_result result;
	unsigned status;
	size_t body;
	bool keeps_alive;
};

/* Feeds TEXT in pieces of STEP octets; CLOSE: then the connection ends. */
static struct outcome read_in_steps(const char *text, size_t step, bool head_request, bool close)
{
	struct answer answer;
	struct http1 http1 = {0};
	struct outcome outcome = {.result = HTTP1_MORE};
	answer_init(&answer, &searching);
	http1_begin(&http1, &answer, head_request);
	size_t len = strlen(text);
	for (size_t at = 0; at < len && outcome.result == HTTP1_MORE; at += step)
		outcome.result = http1_take(&http1, text + at, len - at < step ? len - at : step);
	if (outcome.result == HTTP1_MORE && close)
		outcome.result = http1_closed(&http1);
	outcome.status = answer.status;
	outcome.body = answer.body_octets;
	outcome.keeps_alive = http1_keeps_alive(&http1);
	http1_fini(&http1);
	answer_fini(&answer);
	return outcome;
}

static const struct {
	const char *text;
	bool head_request, close;
	struct outcome outcome;
} table[] = {
	{"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok\n",
	 false,
	 false,
	 {HTTP1_DONE, 200, 3, true}},
	{"HTTP/1.1 200 OK\nContent-Length: 3\n\nok\n", false, false, {HTTP1_DONE, 200, 3, true}},
	{"HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\nok\n",
	 false,
	 false,
	 {HTTP1_DONE, 200, 3, false}},
	{"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
	 false,
	 false,
	 {HTTP1_DONE, 200, 0, false}},
	{"HTTP/1.1 200\r\nConnection: foo, Close\r\nContent-Length: 0\r\n\r\n",
	 false,
	 false,
	 {HTTP1_DONE, 200, 0, false}},
	{"HTTP/1.1 204 None\r\n\r\n", false, false, {HTTP1_DONE, 204, 0, true}},
	{"HTTP/1.1 304 Same\r\nContent-Length: 99\r\n\r\n",
	 false,
	 false,
	 {HTTP1_DONE, 304, 0, true}},
	{"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n", true, false, {HTTP1_DONE, 200, 0, true}},
	{"HTTP/1.1 200 OK\r\n\r\nok until the end", false, true, {HTTP1_DONE, 200, 16, false}},
	{"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok", false, true, {HTTP1_CUT, 200, 2, true}},
	{"HTTP/1.1 200 OK\r\nContent-", false, true, {HTTP1_CUT, 200, 0, false}},
	{"", false, true, {HTTP1_CUT, 0, 0, false}},
	{"HTTP/1.1 200 OK\r\nTransfer-Encoding: "
	 "chunked\r\n\r\n2\r\nok\r\nA;x=y\r\n0123456789\r\n0\r\nT: v\r\n\r\n",
	 false,
	 false,
	 {HTTP1_DONE, 200, 12, true}},
	{"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\nContent-Length: "
	 "1\r\n\r\n1\r\nx\r\n0\r\n\r\n",
	 false,
	 false,
	 {HTTP1_DONE, 200, 1, true}},
	{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok!\r\n",
	 false,
	 false,
	 {HTTP1_MALFORMED, 200, 2, true}},
	{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
	 false,
	 false,
	 {HTTP1_MALFORMED, 200, 0, true}},
	{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n",
	 false,
	 false,
	 {HTTP1_MALFORMED, 200, 0, true}},
	{"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n",
	 false,
	 false,
	 {HTTP1_MALFORMED, 200, 0, false}},
	{"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n",
	 false,
	 false,
	 {HTTP1_MALFORMED, 200, 0, false}},
	{"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n",
	 false,
	 false,
	 {HTTP1_MALFORMED, 200, 0, false}},
	{"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nLink: x\r\n\r\nHTTP/1.1 503 "
	 "No\r\nContent-Length: 0\r\n\r\n",
	 false,
	 false,
	 {HTTP1_DONE, 503, 0, true}},
	{"SSH-2.0-OpenSSH\r\n", false, false, {HTTP1_NOT_HTTP, 0, 0, false}},
	{"HTTP/1.1 20x OK\r\n", false, false, {HTTP1_NOT_HTTP, 0, 0, false}},
	{"HTTP/2 200\r\n", false, false, {HTTP1_NOT_HTTP, 200, 0, false}},
};

static void test_each_answer_is_read_the_same_in_pieces_of_any_size(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		size_t len = strlen(table[i].text);
		for (size_t step = 1; step <= len + 1; step++) {
			struct outcome got = read_in_steps(table[i].text, step,
							   table[i].head_request, table[i].close);
			assert_int_equal(got.result, table[i].outcome.result);
			assert_int_equal(got.status, table[i].outcome.status);
			if (got.result != HTTP1_DONE)
				continue;
			assert_int_equal(got.body, table[i].outcome.body);
			assert_int_equal(got.keeps_alive, table[i].outcome.keeps_alive);
		}
	}
}

static void test_what_follows_an_answer_ends_the_connection(void **state)
{
	(void)state;
	const char *two = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nHTTP/1.1 200 OK\r\n";
	assert_false(read_in_steps(two, strlen(two), false, false).keeps_alive);
}

/* LEN octets of FILL behind HEAD. */
static enum http1_result read_long(const char *head, char fill, size_t len)
{
	size_t head_len = strlen(head);
	char *text = malloc(head_len + len + 1);
	assert_non_null(text);
	memcpy(text, head, head_len);
	memset(text + head_len, fill, len);
	text[head_len + len] = '\0';
	enum http1_result result = read_in_steps(text, 1000, false, false).result;
	free(text);
	return result;
}

static void test_a_line_or_a_body_without_end_is_not_kept_beyond_its_limit(void **state)
{
	(void)state;
	assert_int_equal(read_long("HTTP/1.1 200 OK\r\nX: ", 'x', 70000), HTTP1_HEAD_TOO_LONG);
	assert_int_equal(read_long("", 'x', 70000), HTTP1_NOT_HTTP);
	assert_int_equal(read_long("HTTP/1.1 200 OK\r\n\r\n", 'x', 65536), HTTP1_MORE);
	assert_int_equal(read_long("HTTP/1.1 200 OK\r\n\r\n", 'x', 65537), HTTP1_DONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_answer_is_read_the_same_in_pieces_of_any_size),
		cmocka_unit_test(test_what_follows_an_answer_ends_the_connection),
		cmocka_unit_test(test_a_line_or_a_body_without_end_is_not_kept_beyond_its_limit),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
