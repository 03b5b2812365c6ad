/* The health table: packing, one writer, a read-only reader in another mapping, held-over words. */
#include "db/health.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static char path[64];

static int make_path(void **state)
{
	(void)state;
	snprintf(path, sizeof path, "/tmp/meridian-health-XXXXXX");
	int fd = mkstemp(path);
	if (fd < 0)
		return -1;
	close(fd);
	return unlink(path);
}

static int remove_path(void **state)
{
	(void)state;
	unlink(path);
	return 0;
}

static void test_every_state_survives_packing(void **state)
{
	(void)state;
	for (int verdict = VERDICT_NONE; verdict <= VERDICT_DOWN; verdict++) {
		struct health_state in = {.verdict = (enum verdict)verdict,
					  .pending = verdict % 2 == 0,
					  .flip_after_s = 65535,
					  .since_s = UINT32_MAX};
		struct health_state out = health_unpack(health_pack(in));
		assert_int_equal(out.verdict, in.verdict);
		assert_int_equal(out.pending, in.pending);
		assert_int_equal(out.flip_after_s, in.flip_after_s);
		assert_int_equal(out.since_s, in.since_s);
	}
}

static void test_a_reader_sees_what_the_writer_set(void **state)
{
	(void)state;
	struct error error = {0};
	struct health_table *writer = health_open_writer(path, &error),
			    *reader = health_open_reader(path, &error);
	assert_non_null(writer);
	assert_non_null(reader);
	uint64_t key = health_key("endpoint/eu/eu1");
	assert_int_equal(health_get(reader, key).verdict, VERDICT_NONE);
	uint32_t before = health_sequence(reader);
	assert_true(health_set(writer, "endpoint/eu/eu1",
			       (struct health_state){.verdict = VERDICT_UP, .since_s = 7}));
	assert_int_equal(health_get(reader, key).verdict, VERDICT_UP);
	assert_int_equal(health_get(reader, key).since_s, 7);
	assert_int_not_equal(health_sequence(reader), before);
	health_remove(writer, "endpoint/eu/eu1");
	assert_int_equal(health_get(reader, key).verdict, VERDICT_NONE);
	health_close(reader);
	health_close(writer);
}

static void test_an_unchanged_word_wakes_nobody(void **state)
{
	(void)state;
	struct health_table *writer = health_open_writer(path, NULL);
	struct health_state up = {.verdict = VERDICT_UP};
	assert_true(health_set(writer, "endpoint/eu/eu1", up));
	uint32_t before = health_sequence(writer);
	assert_true(health_set(writer, "endpoint/eu/eu1", up));
	assert_int_equal(health_sequence(writer), before);
	health_close(writer);
}

static void test_words_outlive_their_writer(void **state)
{
	(void)state;
	struct health_table *writer = health_open_writer(path, NULL);
	assert_true(health_set(writer, "endpoint/eu/eu1",
			       (struct health_state){.verdict = VERDICT_DOWN}));
	health_close(writer);
	writer = health_open_writer(path, NULL);
	assert_int_equal(health_get(writer, health_key("endpoint/eu/eu1")).verdict, VERDICT_DOWN);
	health_close(writer);
}

static void test_a_stale_beat_is_not_fresh(void **state)
{
	(void)state;
	struct health_table *writer = health_open_writer(path, NULL);
	struct mono now = mono_now();
	assert_false(health_fresh(writer, now));
	health_beat(writer, now);
	assert_true(health_fresh(writer, mono_add_ms(now, HEALTH_STALE_MS)));
	assert_false(health_fresh(writer, mono_add_ms(now, HEALTH_STALE_MS + 1)));
	health_close(writer);
}

static void test_many_targets_come_and_go_without_filling_the_table(void **state)
{
	(void)state;
	struct health_table *writer = health_open_writer(path, NULL);
	char id[64];
	for (int round = 0; round < 20; round++) {
		for (int i = 0; i < 10000; i++) {
			snprintf(id, sizeof id, "endpoint/p%d/e%d", round, i);
			assert_true(health_set(writer, id,
					       (struct health_state){.verdict = VERDICT_UP}));
		}
		for (int i = 0; i < 10000; i++) {
			snprintf(id, sizeof id, "endpoint/p%d/e%d", round, i);
			assert_int_equal(health_get(writer, health_key(id)).verdict, VERDICT_UP);
			health_remove(writer, id);
		}
	}
	health_close(writer);
}

static bool keep_one(void *context, uint64_t key)
{
	return key == *(uint64_t *)context;
}

static void test_retain_forgets_what_is_not_kept(void **state)
{
	(void)state;
	struct health_table *writer = health_open_writer(path, NULL);
	uint64_t kept = health_key("endpoint/eu/eu1");
	assert_true(health_set(writer, "endpoint/eu/eu1",
			       (struct health_state){.verdict = VERDICT_UP}));
	assert_true(health_set(writer, "endpoint/eu/eu2",
			       (struct health_state){.verdict = VERDICT_UP}));
	health_retain(writer, keep_one, &kept);
	assert_int_equal(health_get(writer, kept).verdict, VERDICT_UP);
	assert_int_equal(health_get(writer, health_key("endpoint/eu/eu2")).verdict, VERDICT_NONE);
	health_close(writer);
}

static void test_a_foreign_file_is_refused_to_readers(void **state)
{
	(void)state;
	struct error error = {0};
	FILE *file = fopen(path, "w");
	fputs("not a table", file);
	fclose(file);
	assert_null(health_open_reader(path, &error));
	assert_non_null(strstr(error.text, "not complete"));
}

static void *set_later(void *writer)
{
	usleep(50000);
	bool set = health_set(writer, "endpoint/eu/eu1",
			      (struct health_state){.verdict = VERDICT_DOWN});
	return set ? writer : NULL;
}

static void test_a_read_only_waiter_is_woken_by_a_change(void **state)
{
	(void)state;
	struct health_table *writer = health_open_writer(path, NULL),
			    *reader = health_open_reader(path, NULL);
	uint32_t seen = health_sequence(reader);
	pthread_t thread;
	struct mono before = mono_now();
	assert_int_equal(pthread_create(&thread, NULL, set_later, writer), 0);
	while (health_sequence(reader) == seen && mono_ms_between(before, mono_now()) < 5000)
		health_wait(reader, seen, 5000);
	assert_int_equal(health_get(reader, health_key("endpoint/eu/eu1")).verdict, VERDICT_DOWN);
	assert_true(mono_ms_between(before, mono_now()) < 4000);
	pthread_join(thread, NULL);
	health_close(reader);
	health_close(writer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_state_survives_packing),
		cmocka_unit_test_setup_teardown(test_a_reader_sees_what_the_writer_set, make_path,
						remove_path),
		cmocka_unit_test_setup_teardown(test_an_unchanged_word_wakes_nobody, make_path,
						remove_path),
		cmocka_unit_test_setup_teardown(test_words_outlive_their_writer, make_path,
						remove_path),
		cmocka_unit_test_setup_teardown(test_a_stale_beat_is_not_fresh, make_path,
						remove_path),
		cmocka_unit_test_setup_teardown(
			test_many_targets_come_and_go_without_filling_the_table, make_path,
			remove_path),
		cmocka_unit_test_setup_teardown(test_retain_forgets_what_is_not_kept, make_path,
						remove_path),
		cmocka_unit_test_setup_teardown(test_a_foreign_file_is_refused_to_readers,
						make_path, remove_path),
		cmocka_unit_test_setup_teardown(test_a_read_only_waiter_is_woken_by_a_change,
						make_path, remove_path),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
