/* Configuration that would take a prefix away from a site is refused unless the prefix is confirmed
 * by name. */
#include "base/mem.h"
#include "db/check.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants the four above first */
#include <cmocka.h>

static struct object *prefix_of(const char *sites)
{
	struct findings findings = {0};
	char *json = mem_printf("{\"prefix\": \"192.0.2.0/24\", \"address\": \"192.0.2.53\", "
				"\"sites\": [%s]}",
				sites);
	json_t *parsed = json_loads(json, 0, NULL);
	assert_non_null(parsed);
	struct object *object = codec_decode(KIND_PREFIX, parsed, NULL, "", &findings);
	if (object == NULL)
		fail_msg("%s: %s", json, findings.at[0].message);
	json_decref(parsed);
	free(json);
	return object;
}

/* What the change from BEFORE to AFTER (NULL: there is none) comes to under CONFIRMED. */
static bool blocks(const char *before, const char *after, const char *confirmed, char *message,
		   size_t size)
{
	struct changes changes = {0};
	struct findings findings = {0};
	if (after != NULL)
		changes_put(&changes, prefix_of(after), NULL);
	else
		changes_remove(&changes, KIND_PREFIX, "192.0.2.0/24", NULL);
	changes.at[0].before = before != NULL ? prefix_of(before) : NULL;
	bool blocked = check_sites(&changes, confirmed, &findings);
	assert_int_equal(blocked, findings.count == 1);
	snprintf(message, size, "%s", findings.count > 0 ? findings.at[0].message : "");
	if (blocked)
		assert_string_equal(findings.at[0].confirm, "prefix/192.0.2.0/24");
	findings_fini(&findings);
	changes_fini(&changes);
	return blocked;
}

static void test_sites_leave_a_prefix_only_when_it_is_confirmed_by_name(void **state)
{
	static const struct {
		const char *before, *after, *confirmed;
		bool blocked;
	} table[] = {
		{NULL, "\"fra\"", NULL, false},
		{"\"fra\"", "\"fra\"", NULL, false},
		{"\"fra\"", "\"fra\", \"ams\"", NULL, false},
		{"\"fra\", \"ams\"", "\"ams\", \"fra\"", NULL, false},
		{"\"fra\", \"ams\"", "\"fra\"", NULL, true},
		/* As many as before, but not the same: one place loses it. */
		{"\"fra\"", "\"ams\"", NULL, true},
		{"\"fra\"", NULL, NULL, true},
		{"\"fra\"", NULL, "", true},
		{"\"fra\"", NULL, "prefix/192.0.2.0/24", false},
		{"\"fra\"", NULL, "prefix/198.51.100.0/24,prefix/192.0.2.0/24", false},
		{"\"fra\"", NULL, "prefix/192.0.2.0/24,prefix/198.51.100.0/24", false},
		/* Nothing but the very name. */
		{"\"fra\"", NULL, "192.0.2.0/24", true},
		{"\"fra\"", NULL, "prefix/192.0.2.0/2", true},
		{"\"fra\"", NULL, "prefix/192.0.2.0/24x", true},
		{"\"fra\"", NULL, "prefix/*", true},
		{"\"fra\"", NULL, "true", true},
	};
	char message[300];
	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		if (blocks(table[i].before, table[i].after, table[i].confirmed, message,
			   sizeof message) != table[i].blocked)
			fail_msg("row %zu", i);
}

static void test_the_refusal_names_the_sites_and_the_way_out(void **state)
{
	char message[300];
	(void)state;
	assert_true(blocks("\"fra\", \"ams\", \"lon\"", "\"ams\"", NULL, message, sizeof message));
	assert_string_equal(message,
			    "prefix 192.0.2.0/24: would no longer be announced by fra, lon, which "
			    "leaves 1 site; confirm it by name: prefix/192.0.2.0/24");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sites_leave_a_prefix_only_when_it_is_confirmed_by_name),
		cmocka_unit_test(test_the_refusal_names_the_sites_and_the_way_out),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
