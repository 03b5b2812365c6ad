/* What of a request target, a query and a cookie is taken, and what is refused. */
#include "web/request.h"

#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static bool target(struct request *request, const char *text)
{
	*request = (struct request){0};
	return request_set_target(request, text);
}

static void test_query_is_decoded_and_path_is_not(void **state)
{
	(void)state;
	struct request request;
	assert_true(target(&request, "/api/a%2Fb?q=x%20y+z&dry_run&n="));
	assert_string_equal(request.path, "/api/a%2Fb");
	assert_string_equal(request_query(&request, "q"), "x y z");
	assert_true(request_flag(&request, "dry_run"));
	assert_string_equal(request_query(&request, "n"), "");
	assert_null(request_query(&request, "absent"));
	assert_false(request_flag(&request, "q"));
	request_fini(&request);
}

static void test_malformed_targets_are_refused(void **state)
{
	(void)state;
	static const char *const bad[] = {
		"",	   "*",		 "http://other/", "/%",	     "/%4",
		"/%zz",	   "/a%00b",	 "/a%0d%0ab",	  "/a#b",    "/%ff",
		"/%c0%af", "/%ed%a0%80", "/?a=%",	  "/?%0a=1", "/?a=%f5%80%80%80",
	};
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		struct request request;
		if (target(&request, bad[i]))
			fail_msg("taken: %s", bad[i]);
		request_fini(&request);
	}
}

static void test_a_target_longer_than_the_limit_is_refused(void **state)
{
	(void)state;
	char *text = calloc(1, REQUEST_TARGET_MAX + 2);
	struct request request;
	memset(text, 'a', REQUEST_TARGET_MAX);
	text[0] = '/';
	assert_true(target(&request, text));
	request_fini(&request);
	text[REQUEST_TARGET_MAX] = 'a';
	assert_false(target(&request, text));
	request_fini(&request);
	free(text);
}

static void test_more_parameters_than_the_limit_are_refused(void **state)
{
	(void)state;
	char text[4 * REQUEST_FIELDS_MAX + 8] = "/?";
	struct request request;
	for (int i = 0; i < REQUEST_FIELDS_MAX; i++)
		strcat(text, "a=&");
	assert_true(target(&request, text));
	request_fini(&request);
	strcat(text, "a=");
	assert_false(target(&request, text));
	request_fini(&request);
}

static void test_header_names_are_tokens_and_values_have_no_controls(void **state)
{
	(void)state;
	struct request request = {0};
	assert_true(request_add_header(&request, "X-Y", "a\tb"));
	assert_false(request_add_header(&request, "", "a"));
	assert_false(request_add_header(&request, "X Y", "a"));
	assert_false(request_add_header(&request, "X(Y", "a"));
	assert_false(request_add_header(&request, "X", "a\rb"));
	assert_false(request_add_header(&request, "X", "a\x7f"));
	assert_string_equal(request_header(&request, "x-y"), "a\tb");
	assert_int_equal(request_header_count(&request, "X-Y"), 1);
	request_fini(&request);
}

static void test_a_cookie_is_found_by_its_whole_name(void **state)
{
	(void)state;
	struct request request = {0};
	char value[8];
	assert_true(
		request_add_header(&request, "Cookie", "xmeridian=a; meridian2=b;meridian=c; z=d"));
	assert_true(request_cookie(&request, "meridian", value, sizeof value));
	assert_string_equal(value, "c");
	assert_true(request_cookie(&request, "z", value, sizeof value));
	assert_string_equal(value, "d");
	assert_false(request_cookie(&request, "meridia", value, sizeof value));
	request_fini(&request);
}

static void test_a_cookie_longer_than_its_room_is_none(void **state)
{
	(void)state;
	struct request request = {0};
	char value[4];
	assert_true(request_add_header(&request, "Cookie", "a=123; b=1234"));
	assert_true(request_cookie(&request, "a", value, sizeof value));
	assert_false(request_cookie(&request, "b", value, sizeof value));
	request_fini(&request);
}

static void test_encoding_and_decoding_give_back_the_text(void **state)
{
	(void)state;
	static const char text[] = "192.0.2.0/24 \"ü\" 100%";
	char *encoded = percent_encode(text);
	assert_string_equal(encoded, "192.0.2.0%2F24%20%22%C3%BC%22%20100%25");
	char *decoded = percent_decode(encoded, strlen(encoded), false);
	assert_string_equal(decoded, text);
	free(encoded);
	free(decoded);
}

static void test_methods_are_told_apart_exactly(void **state)
{
	(void)state;
	assert_int_equal(method_parse("GET"), METHOD_GET);
	assert_int_equal(method_parse("PATCH"), METHOD_PATCH);
	assert_int_equal(method_parse("get"), METHOD_OTHER);
	assert_int_equal(method_parse("TRACE"), METHOD_OTHER);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_query_is_decoded_and_path_is_not),
		cmocka_unit_test(test_malformed_targets_are_refused),
		cmocka_unit_test(test_a_target_longer_than_the_limit_is_refused),
		cmocka_unit_test(test_more_parameters_than_the_limit_are_refused),
		cmocka_unit_test(test_header_names_are_tokens_and_values_have_no_controls),
		cmocka_unit_test(test_a_cookie_is_found_by_its_whole_name),
		cmocka_unit_test(test_a_cookie_longer_than_its_room_is_none),
		cmocka_unit_test(test_encoding_and_decoding_give_back_the_text),
		cmocka_unit_test(test_methods_are_told_apart_exactly),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
