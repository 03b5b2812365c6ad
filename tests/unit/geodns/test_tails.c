/* The filter over the ends of zones: it may doubt, but never turns away a name of a zone that is
 * served. */
#include "geodns/tails.h"
#include "geodns/wire/name.h"
#include "geodns/wire/name_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

enum { ZONES = 500 };

static bool may_hold(const struct tails *tails, const char *text)
{
	uint8_t name[NAME_WIRE_MAX];
	size_t len = name_text_parse(text, name);
	assert_true(len > 0);
	return tails_may_hold(tails, name, len);
}

static void change(struct tails *tails, const char *text, bool put)
{
	uint8_t name[NAME_WIRE_MAX];
	size_t len = name_text_parse(text, name);
	assert_true(len > 0);
	(put ? tails_put : tails_remove)(tails, name, len);
}

static void test_names_below_a_zone_are_never_turned_away(void **state)
{
	struct quiesce *quiesce = quiesce_new(0);
	struct tails tails;
	char text[64];
	(void)state;
	tails_init(&tails, quiesce);
	for (unsigned i = 0; i < ZONES; i++) {
		snprintf(text, sizeof text, "zone%u.example", i);
		change(&tails, text, true);
	}
	for (unsigned i = 0; i < ZONES; i += 2) {
		snprintf(text, sizeof text, "zone%u.example", i);
		change(&tails, text, false);
	}
	for (unsigned i = 1; i < ZONES; i += 2) {
		snprintf(text, sizeof text, "a.b.zone%u.example", i);
		assert_true(may_hold(&tails, text));
	}
	tails_fini(&tails);
	quiesce_free(quiesce);
}

/* What is looked at is no more than the shortest apex has: "co" has four octets with the root's. */
static void test_a_short_apex_shortens_what_is_looked_at(void **state)
{
	struct quiesce *quiesce = quiesce_new(0);
	struct tails tails;
	(void)state;
	tails_init(&tails, quiesce);
	assert_false(may_hold(&tails, "www.example.com"));
	change(&tails, "example.com", true);
	assert_true(may_hold(&tails, "www.example.com"));
	assert_false(may_hold(&tails, "www.example.co"));
	assert_false(may_hold(&tails, "elsewhere.test"));
	change(&tails, "co", true);
	assert_true(may_hold(&tails, "www.example.com"));
	assert_true(may_hold(&tails, "www.example.co"));
	assert_false(may_hold(&tails, "elsewhere.test"));
	change(&tails, "co", false);
	assert_false(may_hold(&tails, "www.example.co"));
	change(&tails, ".", true);
	assert_true(may_hold(&tails, "elsewhere.test"));
	tails_fini(&tails);
	quiesce_free(quiesce);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names_below_a_zone_are_never_turned_away),
		cmocka_unit_test(test_a_short_apex_shortens_what_is_looked_at),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
