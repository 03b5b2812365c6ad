/* Sums of counters by a label. */
#include "web/traffic.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void test_samples_are_summed_by_a_label(void **state)
{
	(void)state;
	json_t *stats = json_loads("{\"metrics\":[{\"name\":\"other\",\"samples\":[{\"labels\":{"
				   "\"pool\":\"eu\"},\"value\":100}]},"
				   "{\"name\":\"n\",\"samples\":[{\"labels\":{\"pool\":\"eu\","
				   "\"s\":\"a\"},\"value\":1},"
				   "{\"labels\":{\"pool\":\"eu\",\"s\":\"b\"},\"value\":2},{"
				   "\"labels\":{\"pool\":\"us\"},\"value\":4},"
				   "{\"value\":8}]}]}",
				   0, NULL);
	json_t *sums = traffic_sums(stats, "n", "pool");
	assert_int_equal(json_object_size(sums), 2);
	assert_int_equal((int)json_number_value(json_object_get(sums, "eu")), 3);
	assert_int_equal((int)json_number_value(json_object_get(sums, "us")), 4);
	json_decref(sums);
	sums = traffic_sums(stats, "n", NULL);
	assert_int_equal((int)json_number_value(json_object_get(sums, "")), 15);
	json_decref(sums);
	json_decref(stats);
}

static void test_the_share_of_an_unknown_pool_is_not_known(void **state)
{
	(void)state;
	json_t *view = json_loads("{\"pools\":[{\"pool\":\"eu\",\"share\":0.25}]}", 0, NULL);
	assert_true(traffic_share(view, "eu") > 0.24 && traffic_share(view, "eu") < 0.26);
	assert_true(traffic_share(view, "us") < 0);
	json_decref(view);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_samples_are_summed_by_a_label),
		cmocka_unit_test(test_the_share_of_an_unknown_pool_is_not_known),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
