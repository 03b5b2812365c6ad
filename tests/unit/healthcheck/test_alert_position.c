/* How far a receiver was told: what is written is read again, also where there was no journal yet.
 */
#include "healthcheck/alert_position.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static char folder[64];

static int start(void **state)
{
	(void)state;
	snprintf(folder, sizeof folder, "/tmp/meridian-position-XXXXXX");
	return mkdtemp(folder) != NULL ? 0 : -1;
}

static int stop(void **state)
{
	char command[128];
	(void)state;
	snprintf(command, sizeof command, "rm -r %s", folder);
	return system(command);
}

static void assert_position(const char *name, const char *wanted)
{
	char *cursor = alert_position_read(folder, name);
	if (wanted == NULL) {
		assert_null(cursor);
	} else {
		assert_non_null(cursor);
		assert_string_equal(cursor, wanted);
	}
	free(cursor);
}

static void test_each_receiver_has_a_position_of_its_own_until_it_is_forgotten(void **state)
{
	(void)state;
	assert_position("ops", NULL);
	alert_position_write(folder, "ops", "bgpctl:17,healthcheck:42");
	alert_position_write(folder, "mail", "");
	assert_position("ops", "bgpctl:17,healthcheck:42");
	assert_position("mail", "");
	alert_position_write(folder, "ops", "bgpctl:18,healthcheck:42");
	assert_position("ops", "bgpctl:18,healthcheck:42");
	alert_position_forget(folder, "ops");
	alert_position_forget(folder, "ops");
	assert_position("ops", NULL);
	assert_position("mail", "");
}

static void test_a_file_that_is_none_of_ours_is_no_position(void **state)
{
	char path[128];
	(void)state;
	for (int empty = 0; empty < 2; empty++) {
		snprintf(path, sizeof path, "%s/alert-ops.position", folder);
		FILE *file = fopen(path, "w");
		assert_non_null(file);
		fputs(empty == 1 ? "" : "something\nelse\n", file);
		fclose(file);
		assert_position("ops", NULL);
	}
}

static void test_a_folder_that_is_not_there_costs_the_position_alone(void **state)
{
	(void)state;
	alert_position_write("/nonexistent", "ops", "healthcheck:1");
	assert_null(alert_position_read("/nonexistent", "ops"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_each_receiver_has_a_position_of_its_own_until_it_is_forgotten, start,
			stop),
		cmocka_unit_test_setup_teardown(test_a_file_that_is_none_of_ours_is_no_position,
						start, stop),
		cmocka_unit_test(test_a_folder_that_is_not_there_costs_the_position_alone),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
