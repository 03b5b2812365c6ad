/* The Prometheus text of what daemons count. */
#include "web/metrics.h"

#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void test_families_of_several_daemons_are_put_together(void **state)
{
	(void)state;
	json_t *stats =
		json_loads("[{\"metrics\":[{\"name\":\"m_a\",\"type\":\"gauge\",\"help\":\"A\\nb."
			   "\",\"samples\":["
			   "{\"labels\":{\"d\":\"x\"},\"value\":1}]},{\"name\":\"m_b\",\"type\":"
			   "\"histogram\",\"help\":\"B."
			   "\",\"samples\":[{\"suffix\":\"_bucket\",\"labels\":{\"le\":\"0.1\"},"
			   "\"value\":3},{\"suffix\":"
			   "\"_sum\",\"value\":0.25}]}]},{\"metrics\":[{\"name\":\"m_a\",\"type\":"
			   "\"gauge\",\"help\":\"A.\","
			   "\"samples\":[{\"labels\":{\"d\":\"y\\\"\\\\z\"},\"value\":2}]}]}]",
			   0, NULL);
	assert_non_null(stats);
	char *text = metrics_format(stats);
	assert_string_equal(text, "# HELP m_a A\\nb.\n# TYPE m_a gauge\nm_a{d=\"x\"} 1\n"
				  "m_a{d=\"y\\\"\\\\z\"} 2\n"
				  "# HELP m_b B.\n# TYPE m_b histogram\nm_b_bucket{le=\"0.1\"} 3\n"
				  "m_b_sum 0.25\n");
	free(text);
	json_decref(stats);
}

static void test_stats_of_another_shape_give_no_text(void **state)
{
	(void)state;
	json_t *stats = json_loads("[null, 1, {\"metrics\": 5}, {\"metrics\": [{}, 3]}]", 0, NULL);
	char *text = metrics_format(stats);
	assert_string_equal(text, "");
	free(text);
	json_decref(stats);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_families_of_several_daemons_are_put_together),
		cmocka_unit_test(test_stats_of_another_shape_give_no_text),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
