/* Which codings a client accepts. */
#include "web/coding.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void test_a_coding_is_used_where_it_is_accepted(void **state)
{
	(void)state;
	static const struct {
		const char *header, *coding;
		unsigned wanted;
	} cases[] = {
		{NULL, "gzip", 0},
		{"", "gzip", 0},
		{"gzip", "gzip", 1000},
		{"GZIP", "gzip", 1000},
		{"deflate, gzip;q=0.5, br", "gzip", 500},
		{"deflate, gzip;q=0.5, br", "br", 1000},
		{"gzip;q=0", "gzip", 0},
		{"*", "br", 1000},
		{"br;q=0, *", "br", 0},
		{"gzipx", "gzip", 0},
		{"identity", "gzip", 0},
		{"gzip; q=7", "gzip", 1000},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		if (accepts_coding(cases[i].header, cases[i].coding) != cases[i].wanted)
			fail_msg("%s of %s", cases[i].coding,
				 cases[i].header != NULL ? cases[i].header : "(none)");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_coding_is_used_where_it_is_accepted),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
