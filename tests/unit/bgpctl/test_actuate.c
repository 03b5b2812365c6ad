/* What is never put into the file that BIRD includes: an older decision, and an empty one. */
#include "bgpctl/actuate.h"

#include "base/mono.h"
#include "bgpctl/events.h"
#include "bgpctl/include.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static char folder[] = "/tmp/meridian-actuate-XXXXXX";
static char include[64], nobody[64], events[64];

static int make_folder(void **state)
{
	(void)state;
	if (mkdtemp(folder) == NULL)
		return -1;
	snprintf(include, sizeof include, "%s/announce.conf", folder);
	snprintf(nobody, sizeof nobody, "%s/bird.ctl", folder);
	snprintf(events, sizeof events, "%s/events", folder);
	return mkdir(events, 0755);
}

static int remove_folder(void **state)
{
	char command[96];
	(void)state;
	snprintf(command, sizeof command, "rm -rf %s", folder);
	return system(command);
}

static struct include_entry entry(enum level level)
{
	struct include_entry made = {.level = level, .reason = "ordered"};
	assert_true(prefix_parse("192.0.2.0/24", &made.prefix, NULL));
	return made;
}

static void write_file(enum level level, uint64_t generation)
{
	struct include_entry one = entry(level);
	struct error error = {0};
	char *text = include_render(&one, 1, generation, "earlier");
	assert_true(include_write(include, text, &error));
	free(text);
}

static void assert_file(const char *text, enum level level, uint64_t generation)
{
	struct include_entry *found;
	size_t count;
	uint64_t seen;
	assert_non_null(text);
	assert_true(include_parse(text, &found, &count, &seen));
	assert_true(seen == generation);
	assert_int_equal(count, level != LEVEL_NONE);
	if (level != LEVEL_NONE)
		assert_int_equal(found[0].level, level);
	free(found);
}

/* A decision at LEVEL about the one prefix, made on GENERATION; BIRD is down, the file is not. */
static struct actuate_job job_of(struct include_entry *one, size_t count, uint64_t generation)
{
	return (struct actuate_job){.socket = nobody,
				    .include = include,
				    .entries = one,
				    .count = count,
				    .generation = generation,
				    .apply = true};
}

static void test_a_decision_replaces_the_file_it_was_made_on(void **state)
{
	struct include_entry one = entry(LEVEL_NONE);
	struct actuate_job job = job_of(&one, 1, 7);
	(void)state;
	write_file(LEVEL_ANNOUNCED, 7);
	actuate_run(&job);
	assert_false(job.refused || job.stale);
	assert_true(job.withdraws && !job.announces);
	assert_file(job.file, LEVEL_NONE, 8);
	actuate_fini(&job);
}

static void test_an_older_decision_leaves_a_newer_file_and_learns_its_generation(void **state)
{
	struct include_entry one = entry(LEVEL_ANNOUNCED);
	struct actuate_job job = job_of(&one, 1, 7);
	(void)state;
	write_file(LEVEL_NONE, 8);
	actuate_run(&job);
	assert_true(job.refused && job.stale);
	assert_non_null(strstr(job.failure, "of generation 8, the decision of 7"));
	assert_file(job.file, LEVEL_NONE, 8);
	assert_string_equal(job.hash_before, job.hash_after);
	assert_string_equal(job.said, "");
	assert_true(job.generation == 8);
	actuate_fini(&job);
}

/* Another writer, that has the folder for itself for MS, and then withdraws if it WRITES. */
static pid_t start_writer(int ms, bool writes)
{
	const struct timespec pause = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L};
	int ready[2];
	char octet;
	assert_int_equal(pipe(ready), 0);
	pid_t writer = fork();
	if (writer == 0) {
		int lock = include_lock(include);
		(void)!write(ready[1], "", 1);
		nanosleep(&pause, NULL);
		if (writes)
			write_file(LEVEL_NONE, 8);
		_exit(lock < 0);
	}
	assert_int_equal(read(ready[0], &octet, 1), 1);
	close(ready[0]);
	close(ready[1]);
	return writer;
}

static void test_two_writers_do_not_overwrite_each_other(void **state)
{
	struct include_entry one = entry(LEVEL_ANNOUNCED);
	struct actuate_job job = job_of(&one, 1, 7);
	int status;
	(void)state;
	write_file(LEVEL_DEGRADED, 7);
	pid_t writer = start_writer(100, true);
	actuate_run(&job);
	assert_int_equal(waitpid(writer, &status, 0), writer);
	assert_int_equal(status, 0);
	/* Else both would be of generation 8, and the withdrawal would be lost. */
	assert_true(job.stale);
	assert_file(job.file, LEVEL_NONE, 8);
	actuate_fini(&job);
}

static void test_a_writer_that_stands_still_holds_nobody_up(void **state)
{
	struct include_entry one = entry(LEVEL_NONE);
	struct actuate_job job = job_of(&one, 1, 7);
	(void)state;
	write_file(LEVEL_ANNOUNCED, 7);
	pid_t writer = start_writer(60000, false);
	const struct mono start = mono_now();
	actuate_run(&job);
	assert_true(mono_ms_between(start, mono_now()) < 10 * INCLUDE_LOCK_MS);
	assert_file(job.file, LEVEL_NONE, 8);
	actuate_fini(&job);
	assert_int_equal(kill(writer, SIGKILL), 0);
	assert_int_equal(waitpid(writer, NULL, 0), writer);
}

static void test_an_empty_decision_does_not_take_away_what_is_announced(void **state)
{
	struct actuate_job job = job_of(NULL, 0, 7);
	(void)state;
	write_file(LEVEL_ANNOUNCED, 7);
	actuate_run(&job);
	assert_true(job.refused && !job.stale);
	assert_non_null(strstr(job.failure, "empty decision"));
	assert_file(job.file, LEVEL_ANNOUNCED, 7);
	assert_string_equal(job.hash_before, job.hash_after);
	actuate_fini(&job);
}

static void test_an_empty_decision_where_nothing_is_announced_is_none_to_fear(void **state)
{
	struct actuate_job job = job_of(NULL, 0, 7);
	(void)state;
	write_file(LEVEL_NONE, 7);
	actuate_run(&job);
	assert_false(job.refused);
	assert_file(job.file, LEVEL_NONE, 8);
	actuate_fini(&job);
}

/* As the controller does it: a decision of no prefix at all, applied and taken back. */
static void decide_nothing(struct controller *controller, const struct instance *instance)
{
	char before[sizeof controller->applier.refused];
	memcpy(before, controller->applier.refused, sizeof before);
	struct actuate_job *job =
		applier_job(&controller->applier, instance, NULL, 0, APPLIER_APPLY);
	actuate_run(job);
	applier_take(&controller->applier, job, NULL, 0, mono_now());
	events_refusal(controller, before);
}

static void test_what_is_refused_is_told_once(void **state)
{
	struct controller controller = {.applier = {.adopted = true, .generation = 7}};
	struct instance instance = {.bird_socket = nobody, .bird_include = include};
	struct error error = {0};
	char path[80];
	(void)state;
	snprintf(path, sizeof path, "%s/bgpctl.db", events);
	controller.journal = journal_open(path, "bgpctl");
	write_file(LEVEL_ANNOUNCED, 7);
	decide_nothing(&controller, &instance);
	decide_nothing(&controller, &instance);
	journal_close(controller.journal, 5000);
	const struct journal_filter all = {.object = "daemon/bgpctl"};
	json_t *list = journal_read(events, &all, NULL, &error);
	assert_int_equal(json_array_size(list), 1);
	const json_t *event = json_array_get(list, 0);
	assert_string_equal(json_string_value(json_object_get(event, "to")), "refusing");
	assert_non_null(strstr(json_string_value(json_object_get(event, "reason")), "empty"));
	assert_int_equal(
		json_integer_value(json_object_get(json_object_get(event, "data"), "generation")),
		7);
	json_decref(list);
	applier_fini(&controller.applier);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_decision_replaces_the_file_it_was_made_on),
		cmocka_unit_test(
			test_an_older_decision_leaves_a_newer_file_and_learns_its_generation),
		cmocka_unit_test(test_two_writers_do_not_overwrite_each_other),
		cmocka_unit_test(test_a_writer_that_stands_still_holds_nobody_up),
		cmocka_unit_test(test_an_empty_decision_does_not_take_away_what_is_announced),
		cmocka_unit_test(test_an_empty_decision_where_nothing_is_announced_is_none_to_fear),
		cmocka_unit_test(test_what_is_refused_is_told_once),
	};
	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
