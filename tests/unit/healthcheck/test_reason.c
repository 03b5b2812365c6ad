/* Reasons: who is to blame for an error number, and text that any JSON may hold. */
#include "healthcheck/reason.h"
#include "healthcheck/tls_words.h"

#include <errno.h>
#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void test_errors_of_this_machine_say_nothing_of_the_target(void **state)
{
	(void)state;
	static const int ours[] = {EMFILE, ENFILE, ENOMEM, ENOBUFS, EADDRNOTAVAIL, EACCES, EPERM};
	static const struct {
		int code;
		enum probe_reason reason;
	} theirs[] = {
		{ECONNREFUSED, PROBE_REASON_REFUSED},	 {EHOSTUNREACH, PROBE_REASON_UNREACHABLE},
		{ENETUNREACH, PROBE_REASON_UNREACHABLE}, {ETIMEDOUT, PROBE_REASON_TIMEOUT},
		{ECONNRESET, PROBE_REASON_CLOSED},	 {0, PROBE_REASON_CLOSED},
	};
	for (size_t i = 0; i < sizeof ours / sizeof *ours; i++) {
		struct probe_result result = {0};
		reason_errno(&result, ours[i], REASON_CONNECTING, "192.0.2.10:443");
		assert_int_equal(result.outcome, PROBE_SAYS_NOTHING);
		assert_int_equal(result.reason, PROBE_REASON_LOCAL);
	}
	for (size_t i = 0; i < sizeof theirs / sizeof *theirs; i++) {
		struct probe_result result = {0};
		reason_errno(&result, theirs[i].code, REASON_CONNECTING, "192.0.2.10:443");
		assert_int_equal(result.outcome, PROBE_FAILED);
		assert_int_equal(result.reason, theirs[i].reason);
		assert_non_null(strstr(result.text, "192.0.2.10:443"));
	}
}

static void test_sentences_carry_their_values(void **state)
{
	(void)state;
	struct probe_result result = {0};
	reason_timeout(&result, 2000, REASON_AWAITING_ANSWER, "192.0.2.10:443");
	assert_string_equal(
		result.text,
		"timeout after 2000 ms to 192.0.2.10:443 while waiting for the first byte");
	reason_status(&result, 503, "200-299,304");
	assert_string_equal(result.text, "status 503, wanted 200-299,304");
	reason_body(&result, "ok", 65536, true);
	assert_string_equal(result.text, "body lacks \"ok\" (first 64 KB read)");
	reason_body(&result, "ok", 17, false);
	assert_string_equal(result.text, "body lacks \"ok\" (17 octets read)");
}

static void test_any_text_becomes_valid_json(void **state)
{
	(void)state;
	static const char *const table[][2] = {
		{"plain", "plain"},
		{"gr\xc3\xbc\xc3\x9f", "gr\xc3\xbc\xc3\x9f"},
		{"cut \xc3", "cut ?"},
		{"cut \xe2\x82", "cut ??"},
		{"bad \xff\xfe", "bad ??"},
		{"line\r\nnext\x7f", "line??next?"},
		{"long \xe0\x80\x80", "long ???"},
		{"long \xf0\x8f\xbf\xbf", "long ????"},
		{"half \xed\xa0\x80", "half ???"},
		{"high \xf4\x90\x80\x80", "high ????"},
		{"\xe0\xa0\x80\xed\x9f\xbf", "\xe0\xa0\x80\xed\x9f\xbf"},
		{"\xf0\x90\x80\x80\xf4\x8f\xbf\xbf", "\xf0\x90\x80\x80\xf4\x8f\xbf\xbf"},
	};
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		struct probe_result result = {0};
		reason_set(&result, PROBE_FAILED, PROBE_REASON_PROTOCOL, "%s", table[i][0]);
		assert_string_equal(result.text, table[i][1]);
		json_t *json = json_string(result.text);
		assert_non_null(json);
		json_decref(json);
	}
	/* A long text is cut where its buffer ends, perhaps inside a character. */
	char wanted[400];
	for (size_t i = 0; i + 2 < sizeof wanted; i += 2)
		memcpy(wanted + i, "\xc3\xbc", 3);
	for (size_t shift = 0; shift < 2; shift++) {
		struct probe_result result = {0};
		reason_set(&result, PROBE_FAILED, PROBE_REASON_BODY, "%s%s", shift ? "x" : "",
			   wanted);
		json_t *json = json_string(result.text);
		assert_non_null(json);
		json_decref(json);
	}
}

static void test_openssl_errors_are_told_in_words(void **state)
{
	(void)state;
	static const char *const table[][2] = {
		{"OpenSSL SSL_connect: error:0A000410:SSL routines::sslv3 alert handshake failure",
		 "the server sent the alert \"handshake failure\" (40)"},
		{"error:0A00045C:SSL routines::tlsv13 alert certificate required",
		 "the server sent the alert \"certificate required\" (116)"},
		{"error:0A00010B:SSL routines::wrong version number",
		 "the server does not speak TLS"},
		{"error:0A000102:SSL routines::unsupported protocol",
		 "the server's TLS version is below the monitor's min_tls"},
	};
	char out[160];
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		assert_true(tls_words(table[i][0], out, sizeof out));
		assert_string_equal(out, table[i][1]);
	}
	assert_false(tls_words("Connection reset by peer", out, sizeof out));
	assert_false(tls_words("error:", out, sizeof out));
	assert_false(tls_words("error:xyz", out, sizeof out));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_errors_of_this_machine_say_nothing_of_the_target),
		cmocka_unit_test(test_sentences_carry_their_values),
		cmocka_unit_test(test_any_text_becomes_valid_json),
		cmocka_unit_test(test_openssl_errors_are_told_in_words),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
