/* The map from text: against a plain array, with removals that must not break probe sequences. */
#include "base/strmap.h"

#include "base/rng.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { KEYS = 500 };

static void test_an_empty_map_holds_nothing(void **state)
{
	(void)state;
	struct strmap map = {0};
	size_t cursor = 0;
	const char *key;
	void *value;
	assert_null(strmap_find(&map, "a"));
	assert_null(strmap_remove(&map, "a"));
	assert_false(strmap_next(&map, &cursor, &key, &value));
	strmap_fini(&map);
}

static void test_put_tells_what_was_there(void **state)
{
	(void)state;
	struct strmap map = {0};
	int first, second;
	assert_null(strmap_put(&map, "a", &first));
	assert_ptr_equal(strmap_put(&map, "a", &second), &first);
	assert_ptr_equal(strmap_find(&map, "a"), &second);
	assert_int_equal(map.count, 1);
	strmap_fini(&map);
}

static void test_a_random_walk_agrees_with_an_array(void **state)
{
	(void)state;
	struct strmap map = {0};
	struct rng rng;
	static int values[KEYS];
	void *there[KEYS] = {0};
	size_t count = 0;
	rng_init(&rng, 7);
	for (int step = 0; step < 200000; step++) {
		char key[16];
		size_t i = (size_t)rng_below(&rng, KEYS);
		snprintf(key, sizeof key, "k%zu", i);
		if (rng_below(&rng, 2) == 0) {
			assert_ptr_equal(strmap_put(&map, key, &values[i]), there[i]);
			count += there[i] == NULL;
			there[i] = &values[i];
		} else {
			assert_ptr_equal(strmap_remove(&map, key), there[i]);
			count -= there[i] != NULL;
			there[i] = NULL;
		}
		assert_int_equal(map.count, count);
		assert_ptr_equal(strmap_find(&map, key), there[i]);
	}
	size_t cursor = 0, seen = 0;
	const char *key;
	void *value;
	while (strmap_next(&map, &cursor, &key, &value)) {
		assert_ptr_equal(there[strtoul(key + 1, NULL, 10)], value);
		seen++;
	}
	assert_int_equal(seen, count);
	strmap_fini(&map);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_an_empty_map_holds_nothing),
		cmocka_unit_test(test_put_tells_what_was_there),
		cmocka_unit_test(test_a_random_walk_agrees_with_an_array),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
