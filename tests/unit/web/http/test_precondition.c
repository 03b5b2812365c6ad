/* Which entity tags let a change through. */
#include "web/precondition.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void test_if_match_holds_for_the_strong_tag_of_the_revision_alone(void **state)
{
	(void)state;
	static const struct {
		const char *header;
		enum precondition result;
	} cases[] = {
		{NULL, PRECONDITION_ABSENT},
		{"\"17\"", PRECONDITION_HOLDS},
		{"*", PRECONDITION_HOLDS},
		{"\"16\", \"17\"", PRECONDITION_HOLDS},
		{"\"16\",\"17\"", PRECONDITION_HOLDS},
		{"\"1\"", PRECONDITION_FAILS},
		{"\"177\"", PRECONDITION_FAILS},
		{"W/\"17\"", PRECONDITION_FAILS},
		{"17", PRECONDITION_FAILS},
		{"\"17", PRECONDITION_FAILS},
		{"", PRECONDITION_FAILS},
		{"\"016\"", PRECONDITION_FAILS},
		{"\"\", \"17\"", PRECONDITION_HOLDS},
		{"W/\"1\", \"17\"", PRECONDITION_HOLDS},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		if (precondition_if_match(cases[i].header, true, 17) != cases[i].result)
			fail_msg("%s", cases[i].header != NULL ? cases[i].header : "(none)");
	}
}

static void test_if_match_fails_where_there_is_no_object(void **state)
{
	(void)state;
	assert_int_equal(precondition_if_match("*", false, 0), PRECONDITION_FAILS);
	assert_int_equal(precondition_if_match("\"0\"", false, 0), PRECONDITION_FAILS);
}

static void test_weak_tags_match_weakly(void **state)
{
	(void)state;
	assert_true(etag_matches_weakly("W/\"17\"", 17));
	assert_false(etag_matches("W/\"17\"", 17));
	assert_false(etag_matches_weakly("W/\"18\"", 17));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_if_match_holds_for_the_strong_tag_of_the_revision_alone),
		cmocka_unit_test(test_if_match_fails_where_there_is_no_object),
		cmocka_unit_test(test_weak_tags_match_weakly),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
