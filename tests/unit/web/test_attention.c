/* What needs somebody, and in which order. */
#include "web/attention.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static json_t *read_json(const char *text)
{
	json_t *json = json_loads(text, 0, NULL);
	assert_non_null(json);
	return json;
}

static const char *member(const json_t *list, size_t i, const char *key)
{
	const char *text = json_string_value(json_object_get(json_array_get(list, i), key));
	return text != NULL ? text : "(none)";
}

static void test_the_worst_stands_first_with_its_reason_and_share(void **state)
{
	(void)state;
	json_t *health = read_json("{\"pools\":[{\"name\":\"eu\",\"state\":\"down\",\"reason\":"
				   "\"eu1: refused\",\"override\":null,"
				   "\"endpoints\":[{\"id\":\"endpoint/eu/"
				   "eu1\",\"pool\":\"eu\",\"endpoint\":\"eu1\",\"enabled\":true,"
				   "\"state\":\"down\",\"reason\":\"refused\",\"since\":\"2026-01-"
				   "01T00:00:00.000Z\"}]}]}");
	json_t *anycast = read_json(
		"{\"prefixes\":[{\"prefix\":\"192.0.2.0/24\",\"state\":\"draining\"},{\"prefix\":"
		"\"198.51.100.0/24\",\"state\":\"announced\"}]}");
	json_t *status = read_json("{\"problems\":[{\"daemon\":\"geodns\",\"text\":\"is away\"}]}");
	json_t *traffic = read_json("{\"pools\":[{\"pool\":\"eu\",\"share\":0.5}]}");
	json_t *list = attention_list(health, anycast, status, traffic);
	assert_int_equal(json_array_size(list), 4);
	assert_string_equal(member(list, 0, "object"), "pool/eu");
	assert_string_equal(member(list, 0, "severity"), "critical");
	assert_string_equal(member(list, 0, "reason"), "eu1: refused");
	assert_true(json_real_value(json_object_get(json_array_get(list, 0), "share")) > 0.49);
	assert_string_equal(member(list, 1, "link"), "/pools/eu/eu1");
	assert_string_equal(member(list, 2, "object"), "daemon/geodns");
	assert_string_equal(member(list, 3, "object"), "prefix/192.0.2.0/24");
	assert_string_equal(member(list, 3, "severity"), "info");
	json_decref(list);
	json_decref(health);
	json_decref(anycast);
	json_decref(status);
	json_decref(traffic);
}

static void test_an_endpoint_that_is_switched_off_needs_nobody(void **state)
{
	(void)state;
	json_t *health = read_json(
		"{\"pools\":[{\"name\":\"eu\",\"state\":\"healthy\",\"endpoints\":[{\"id\":"
		"\"endpoint/eu/eu1\","
		"\"pool\":\"eu\",\"endpoint\":\"eu1\",\"enabled\":false,\"state\":\"down\"}]}]}");
	json_t *list = attention_list(health, NULL, NULL, NULL);
	assert_int_equal(json_array_size(list), 0);
	json_decref(list);
	json_decref(health);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_worst_stands_first_with_its_reason_and_share),
		cmocka_unit_test(test_an_endpoint_that_is_switched_off_needs_nobody),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
