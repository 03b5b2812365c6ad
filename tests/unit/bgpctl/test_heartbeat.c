/* The controller's sign of life, as who watches it reads it. */
#include "bgpctl/heartbeat.h"

#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[] = "/tmp/mdn-beat-XXXXXX";
static const struct instance instance = {.bird_dir = folder};
static const struct mono then = {.ns = INT64_C(5000000000)};

static int make_folder(void **state)
{
	(void)state;
	return mkdtemp(folder) == NULL;
}

static int remove_folder(void **state)
{
	(void)state;
	return rmdir(folder);
}

static bool age(int64_t after_ms, int64_t *age_ms)
{
	return heartbeat_age(&instance, mono_add_ms(then, after_ms), age_ms);
}

static void test_it_grows_old_from_the_last_beat_on_and_an_orderly_end_takes_it_away(void **state)
{
	struct heartbeat heartbeat;
	int64_t age_ms = -1;
	(void)state;
	assert_false(age(0, &age_ms));
	heartbeat_open(&heartbeat, &instance);
	heartbeat_beat(&heartbeat, mono_add_ms(then, -1000));
	heartbeat_beat(&heartbeat, then);
	assert_true(age(2500, &age_ms));
	assert_int_equal(age_ms, 2500);
	heartbeat_close(&heartbeat, false);
	assert_true(age(60000, &age_ms));
	assert_int_equal(age_ms, 60000);
	heartbeat_open(&heartbeat, &instance);
	heartbeat_beat(&heartbeat, then);
	heartbeat_close(&heartbeat, true);
	assert_false(age(0, &age_ms));
}

static void test_one_of_before_the_last_boot_or_of_nobody_is_none(void **state)
{
	static const char *const texts[] = {"", "\n", "alive\n", "0\n", "-5\n", "5000000001\n"};
	char *path = mem_printf("%s/heartbeat", folder);
	int64_t age_ms;
	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		FILE *file = fopen(path, "w");
		assert_non_null(file);
		assert_true(fputs(texts[i], file) >= 0);
		assert_int_equal(fclose(file), 0);
		assert_false(age(0, &age_ms));
	}
	assert_int_equal(unlink(path), 0);
	free(path);
}

static void test_a_folder_that_comes_late_is_beaten_into_then(void **state)
{
	struct instance later = {.bird_dir = mem_printf("%s/later", folder)};
	struct heartbeat heartbeat;
	int64_t age_ms;
	(void)state;
	heartbeat_open(&heartbeat, &later);
	heartbeat_beat(&heartbeat, then);
	assert_false(heartbeat_age(&later, then, &age_ms));
	assert_int_equal(mkdir(later.bird_dir, 0700), 0);
	heartbeat_beat(&heartbeat, then);
	assert_true(heartbeat_age(&later, then, &age_ms));
	heartbeat_close(&heartbeat, true);
	assert_int_equal(rmdir(later.bird_dir), 0);
	free(later.bird_dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_it_grows_old_from_the_last_beat_on_and_an_orderly_end_takes_it_away),
		cmocka_unit_test(test_one_of_before_the_last_boot_or_of_nobody_is_none),
		cmocka_unit_test(test_a_folder_that_comes_late_is_beaten_into_then),
	};
	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
