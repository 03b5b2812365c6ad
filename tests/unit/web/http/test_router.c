/* Which route a method and a path lead to. */
#include "web/router.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const struct route table[] = {
	{.method = METHOD_GET, .pattern = "/zones"},
	{.method = METHOD_POST, .pattern = "/zones"},
	{.method = METHOD_GET, .pattern = "/zones/{zone}"},
	{.method = METHOD_GET, .pattern = "/zones/{zone}/records/{name}/{type}"},
	{.method = METHOD_DELETE, .pattern = "/prefixes/{prefix+}"},
};
static const struct route_table all = {table, sizeof table / sizeof table[0]};

static void test_parameters_are_decoded_after_the_path_is_split(void **state)
{
	(void)state;
	struct route_match match;
	assert_int_equal(route_find(&all, METHOD_GET, "/zones/0%2F25.example/records/@/NS", &match),
			 ROUTE_FOUND);
	assert_ptr_equal(match.route, &table[3]);
	assert_int_equal(match.parameter_count, 3);
	assert_string_equal(match.parameter[0], "0/25.example");
	assert_string_equal(match.parameter[1], "@");
	assert_string_equal(match.parameter[2], "NS");
	route_match_fini(&match);
}

static void test_the_rest_of_a_path_may_hold_slashes_of_either_form(void **state)
{
	(void)state;
	static const char *const paths[] = {"/prefixes/192.0.2.0/24", "/prefixes/192.0.2.0%2F24"};
	for (int i = 0; i < 2; i++) {
		struct route_match match;
		assert_int_equal(route_find(&all, METHOD_DELETE, paths[i], &match), ROUTE_FOUND);
		assert_string_equal(match.parameter[0], "192.0.2.0/24");
		route_match_fini(&match);
	}
}

static void test_head_is_answered_by_get(void **state)
{
	(void)state;
	struct route_match match;
	assert_int_equal(route_find(&all, METHOD_HEAD, "/zones", &match), ROUTE_FOUND);
	assert_ptr_equal(match.route, &table[0]);
	route_match_fini(&match);
}

static void test_a_known_path_with_another_method_tells_the_methods(void **state)
{
	(void)state;
	struct route_match match;
	char text[64];
	assert_int_equal(route_find(&all, METHOD_PUT, "/zones", &match), ROUTE_NO_METHOD);
	route_methods_format(match.methods, text);
	assert_string_equal(text, "GET, HEAD, POST");
	route_match_fini(&match);
}

static void test_what_is_not_quite_a_path_is_not_found(void **state)
{
	(void)state;
	static const char *const paths[] = {"/",	  "/zone",
					    "/zones/",	  "/zones//records/a/A",
					    "/zones/a/",  "/zones/a/records/b",
					    "/prefixes/", "/prefixes",
					    "/zonesx"};
	for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
		struct route_match match;
		if (route_find(&all, METHOD_GET, paths[i], &match) != ROUTE_NO_PATH)
			fail_msg("found: %s", paths[i]);
		route_match_fini(&match);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parameters_are_decoded_after_the_path_is_split),
		cmocka_unit_test(test_the_rest_of_a_path_may_hold_slashes_of_either_form),
		cmocka_unit_test(test_head_is_answered_by_get),
		cmocka_unit_test(test_a_known_path_with_another_method_tells_the_methods),
		cmocka_unit_test(test_what_is_not_quite_a_path_is_not_found),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
