/* The whole API: who may call it, and that each route can be reached. */
#include "web/routes.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void test_every_write_of_the_api_needs_a_role(void **state)
{
	(void)state;
	struct route_table api = routes();
	for (size_t i = 0; i < api.count; i++) {
		const struct route *route = &api.at[i];
		bool log_in = route->method == METHOD_POST &&
			      strcmp(route->pattern, "/api/v1/session") == 0;
		if (route->method != METHOD_GET && !log_in && route->role == ROLE_NONE)
			fail_msg("open to everybody: %s", route->pattern);
		assert_non_null(route->handle);
		assert_true(strlen(route->summary) > 0);
	}
}

static void test_no_route_of_the_api_hides_another(void **state)
{
	(void)state;
	struct route_table api = routes();
	for (size_t i = 0; i < api.count; i++) {
		struct route_match match;
		assert_int_equal(route_find(&api, api.at[i].method, api.at[i].pattern, &match),
				 ROUTE_FOUND);
		if (match.route != &api.at[i])
			fail_msg("%s hides %s", match.route->pattern, api.at[i].pattern);
		route_match_fini(&match);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_write_of_the_api_needs_a_role),
		cmocka_unit_test(test_no_route_of_the_api_hides_another),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
