/* What a pool's prepared answers hold, down to endpoints that the store would refuse. */
#include "geodns/poolset.h"

#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* RFC 1034 section 3.6.2: one CNAME at a name, and none that is not a name. */
static void test_a_host_name_that_is_none_is_left_out(void **state)
{
	(void)state;
	static const struct {
		const char *first, *second;
		unsigned named;
		const char *answer; /* RDATA, as it ends in zeros */
	} table[] = {
		{"a.test", "b.test", 2, "\1a\4test"},
		{"", "b.test", 1, "\1b\4test"},
		{"a.test", "..", 1, "\1a\4test"},
		{"a..test", "b.test", 1, "\1b\4test"},
		{"", "", 0, NULL},
	};
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		char first[16], second[16];
		strcpy(first, table[i].first);
		strcpy(second, table[i].second);
		struct endpoint endpoints[] = {{.name = first, .address = first, .weight = 1},
					       {.name = second, .address = second, .weight = 1}};
		const struct pool pool = {
			.cname = true, .endpoints = endpoints, .endpoint_count = 2};
		struct poolset *set = poolset_new(&pool, (const bool[]){true, true});
		assert_int_equal(set->named, table[i].named);
		assert_int_equal(set->cname.count, table[i].named);
		assert_int_equal(set->a.count + set->aaaa.count, 0);
		uint8_t out[512];
		size_t len;
		if (table[i].answer != NULL) {
			assert_int_equal(poolset_write(set, &set->cname, 30,
						       (struct poolset_pick){0}, out, sizeof out,
						       &len),
					 1);
			size_t rdata = strlen(table[i].answer) + 1;
			assert_int_equal(len, POOLSET_RECORD_FIXED + rdata);
			assert_memory_equal(out + POOLSET_RECORD_FIXED, table[i].answer, rdata);
		}
		free(set);
	}
}

/* As many as the set can count, of which an answer has as many as fit. */
static void test_a_set_has_as_many_candidates_as_it_can_count(void **state)
{
	(void)state;
	enum { MORE = UINT16_MAX + 2 };
	char name[] = "e";
	struct endpoint *endpoints = mem_array(MORE, sizeof *endpoints);
	bool *chosen = mem_array(MORE, sizeof *chosen);
	for (size_t i = 0; i < MORE; i++) {
		endpoints[i] = (struct endpoint){
			.name = name, .address = name, .weight = 1, .ip.family = ADDR_IPV4};
		chosen[i] = true;
	}
	struct pool pool = {.endpoints = endpoints, .max_answers = 2};
	for (pool.endpoint_count = MORE - 3; pool.endpoint_count <= MORE; pool.endpoint_count++) {
		struct poolset *set = poolset_new(&pool, chosen);
		size_t most = pool.endpoint_count < UINT16_MAX ? pool.endpoint_count : UINT16_MAX;
		assert_int_equal(set->a.count, most);
		assert_int_equal(set->named, most);
		assert_int_equal(set->a.take, 2);
		free(set);
	}
	free(endpoints);
	free(chosen);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_host_name_that_is_none_is_left_out),
		cmocka_unit_test(test_a_set_has_as_many_candidates_as_it_can_count),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
