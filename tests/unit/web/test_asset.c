/* The table of the page's files. */
#include "web/asset.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void test_assets_are_sorted_for_the_search(void **state)
{
	(void)state;
	for (size_t i = 1; i < asset_count; i++)
		assert_true(strcmp(asset_table[i - 1].path, asset_table[i].path) < 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_assets_are_sorted_for_the_search),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
