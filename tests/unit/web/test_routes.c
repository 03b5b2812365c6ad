/* The whole API: who may call it, and that each route can be reached. */
#include "web/openapi.h"
#include "web/routes.h"

#include <stdlib.h>
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

static void check_references(const json_t *root, const json_t *at)
{
	static const char prefix[] = "#/components/schemas/";
	const json_t *schemas = json_object_get(json_object_get(root, "components"), "schemas");
	const char *key, *name = json_string_value(json_object_get(at, "$ref"));
	json_t *value;
	size_t i;
	if (name != NULL && (strncmp(name, prefix, strlen(prefix)) != 0 ||
			     json_object_get(schemas, name + strlen(prefix)) == NULL))
		fail_msg("leads nowhere: %s", name);
	json_object_foreach((json_t *)(uintptr_t)at, key, value) check_references(root, value);
	json_array_foreach((json_t *)(uintptr_t)at, i, value) check_references(root, value);
}

static void test_every_reference_of_the_description_leads_somewhere(void **state)
{
	(void)state;
	struct route_table api = routes();
	json_t *document = openapi_document(&api);
	assert_non_null(document);
	check_references(document, document);
	const json_t *put =
		json_object_get(json_object_get(json_object_get(document, "paths"),
						"/api/v1/pools/{pool}/endpoints/{name}"),
				"put");
	char *text = json_dumps(put, JSON_COMPACT);
	assert_non_null(strstr(text, "schemas/Endpoint\""));
	free(text);
	json_decref(document);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_write_of_the_api_needs_a_role),
		cmocka_unit_test(test_no_route_of_the_api_hides_another),
		cmocka_unit_test(test_every_reference_of_the_description_leads_somewhere),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
