/* Lists as comma-separated text. */
#include "web/csv.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const struct csv_column columns[] = {
	{"name", false}, {"count", false}, {"reason", true}, {NULL, false}};

static void check(const char *items, const char *expected)
{
	json_t *json = json_loads(items, 0, NULL);
	struct response *response = csv_response(json, columns);
	assert_string_equal(response->body, expected);
	response_free(response);
	json_decref(json);
}

static void test_rows_stand_below_their_heads(void **state)
{
	(void)state;
	check("[]", "name,count,reason\r\n");
	check("[{\"name\": \"a\", \"count\": 3, \"more\": 1}, {\"reason\": null}]",
	      "name,count,reason\r\na,3,\r\n,,\r\n");
}

static void test_quotes_commas_and_line_ends_are_quoted(void **state)
{
	(void)state;
	check("[{\"name\": \"a,b\", \"reason\": \"says \\\"no\\\"\\nand ends\"}]",
	      "name,count,reason\r\n\"a,b\",,\"says \"\"no\"\"\nand ends\"\r\n");
}

static void test_text_of_others_is_never_a_formula(void **state)
{
	(void)state;
	check("[{\"name\": \"@\", \"count\": -1, \"reason\": \"=HYPERLINK(1)\"}]",
	      "name,count,reason\r\n@,-1,\"'=HYPERLINK(1)\"\r\n");
}

static void test_list_in_a_cell_becomes_rows(void **state)
{
	(void)state;
	check("[{\"name\": \"www\", \"count\": [1, 2]}, {\"name\": \"none\", \"count\": []}]",
	      "name,count,reason\r\nwww,1,\r\nwww,2,\r\nnone,,\r\n");
}

static bool wanted(const char *target, const char *accept)
{
	struct request request = {0};
	assert_true(request_set_target(&request, target));
	if (accept != NULL)
		assert_true(request_add_header(&request, "Accept", accept));
	bool is = csv_wanted(&request);
	request_fini(&request);
	return is;
}

static void test_csv_is_given_to_who_asks_for_it(void **state)
{
	(void)state;
	assert_false(wanted("/", NULL));
	assert_false(wanted("/", "*/*"));
	assert_true(wanted("/", "text/csv"));
	assert_true(wanted("/?format=csv", "application/json"));
	assert_false(wanted("/?format=json", "text/csv"));
	assert_false(wanted("/", "application/json, text/csv"));
	assert_true(wanted("/", "text/csv, application/json"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows_stand_below_their_heads),
		cmocka_unit_test(test_quotes_commas_and_line_ends_are_quoted),
		cmocka_unit_test(test_text_of_others_is_never_a_formula),
		cmocka_unit_test(test_list_in_a_cell_becomes_rows),
		cmocka_unit_test(test_csv_is_given_to_who_asks_for_it),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
