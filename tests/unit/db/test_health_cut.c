/* The file of the health table is cut short under those who read and write it. */
#include "db/health.h"

#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "db/mapping_guard.h"

static const char target[] = "endpoint/eu/eu1";
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
	return unlink(path);
}

static struct health_table *open_table(bool writer)
{
	struct error error = {""};
	struct health_table *table =
		writer ? health_open_writer(path, &error) : health_open_reader(path, &error);
	if (table == NULL)
		fail_msg("%s", error.text);
	return table;
}

static void set_down(struct health_table *writer)
{
	assert_true(health_set(writer, target, (struct health_state){.verdict = VERDICT_DOWN}));
	health_beat(writer, mono_now());
}

static void test_a_table_cut_under_a_reader_is_stale_and_its_words_unknown(void **state)
{
	(void)state;
	static const off_t lengths[] = {0, 1, 4096};
	for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
		struct health_table *writer = open_table(true), *reader = open_table(false);
		set_down(writer);
		assert_true(health_fresh(reader, mono_now()));
		assert_int_equal(truncate(path, lengths[i]), 0);
		assert_int_equal(health_get(reader, health_key(target)).verdict, VERDICT_UNKNOWN);
		assert_true(health_lost(reader));
		assert_false(health_fresh(reader, mono_now()));
		health_close(reader);
		health_close(writer);
	}
}

static void test_a_table_emptied_and_grown_again_is_lost_without_a_fault(void **state)
{
	(void)state;
	struct health_table *writer = open_table(true), *reader = open_table(false);
	set_down(writer);
	assert_int_equal(truncate(path, 0), 0);
	assert_int_equal(truncate(path, 4 << 20), 0);
	assert_int_equal(health_get(reader, health_key(target)).verdict, VERDICT_UNKNOWN);
	assert_true(health_lost(writer));
	health_beat(writer, mono_now());
	assert_false(health_fresh(reader, mono_now()));
	health_close(reader);
	health_close(writer);
}

static void test_a_writer_begins_again_and_a_reader_mends_its_mapping(void **state)
{
	(void)state;
	struct health_table *writer = open_table(true), *reader = open_table(false);
	set_down(writer);
	assert_int_equal(truncate(path, 0), 0);
	health_beat(writer, mono_now());
	assert_true(health_lost(writer));
	assert_true(health_lost(reader));
	assert_false(health_mend(reader, path));
	assert_true(health_lost(reader));
	health_close(writer);
	writer = open_table(true);
	assert_false(health_lost(writer));
	set_down(writer);
	assert_true(health_mend(reader, path));
	assert_false(health_lost(reader));
	assert_true(health_fresh(reader, mono_now()));
	assert_int_equal(health_get(reader, health_key(target)).verdict, VERDICT_DOWN);
	assert_int_equal(truncate(path, 0), 0);
	assert_true(health_lost(reader)); /* guarded after it was mended, too */
	health_close(reader);
	health_close(writer);
}

struct crowd {
	struct health_table *table;
	_Atomic bool ending;
	_Atomic unsigned long wrong, reads;
};

/* As the daemons do: blocks every signal but that one. */
static void *read_all_the_time(void *context)
{
	struct crowd *crowd = context;
	sigset_t all;
	sigfillset(&all);
	mapping_guard_unblock(&all);
	pthread_sigmask(SIG_SETMASK, &all, NULL);
	uint64_t key = health_key(target);
	while (!atomic_load(&crowd->ending)) {
		enum verdict verdict = health_get(crowd->table, key).verdict;
		atomic_fetch_add(&crowd->wrong,
				 verdict != VERDICT_DOWN && verdict != VERDICT_UNKNOWN);
		atomic_fetch_add(&crowd->reads, 1);
	}
	return NULL;
}

static void test_readers_in_threads_see_the_word_or_unknown_while_the_table_is_cut_and_mended(
	void **state)
{
	(void)state;
	enum { READERS = 3, ROUNDS = 300 };
	pthread_t threads[READERS];
	struct health_table *writer = open_table(true);
	set_down(writer);
	struct crowd crowd = {.table = open_table(false)};
	for (int i = 0; i < READERS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, read_all_the_time, &crowd), 0);
	for (int round = 0; round < ROUNDS; round++) {
		assert_int_equal(truncate(path, round % 2 * 4096), 0);
		/* One read at least of those that follow begins after the cut. */
		unsigned long before = atomic_load(&crowd.reads);
		while (atomic_load(&crowd.reads) < before + READERS + 1)
			usleep(10);
		assert_true(health_lost(crowd.table));
		health_close(writer);
		assert_int_equal(truncate(path, 0), 0);
		writer = open_table(true);
		set_down(writer);
		while (!health_mend(crowd.table, path))
			usleep(10);
	}
	atomic_store(&crowd.ending, true);
	for (int i = 0; i < READERS; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(atomic_load(&crowd.wrong), 0);
	health_close(crowd.table);
	health_close(writer);
}

/* What ends a child that reads START: its signal. */
static int signal_of_reading(const volatile char *start)
{
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0)
		_exit(*start);
	int status = 0;
	assert_int_equal(waitpid(child, &status, 0), child);
	return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

static void test_a_fault_in_a_mapping_that_is_not_guarded_ends_the_process(void **state)
{
	(void)state;
	struct health_table *writer = open_table(true); /* the handler is in place */
	FILE *file = tmpfile();
	assert_non_null(file);
	assert_int_equal(ftruncate(fileno(file), 4096), 0);
	void *start = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fileno(file), 0);
	assert_ptr_not_equal(start, MAP_FAILED);
	assert_int_equal(ftruncate(fileno(file), 0), 0);
	assert_int_equal(signal_of_reading(start), SIGBUS);
	int token = mapping_guard_add(start, 4096, false);
	assert_int_equal(signal_of_reading(start), 0);
	mapping_guard_remove(token);
	assert_int_equal(signal_of_reading(start), SIGBUS);
	munmap(start, 4096);
	fclose(file);
	health_close(writer);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_path, remove_path)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_table_cut_under_a_reader_is_stale_and_its_words_unknown),
		TEST(test_a_table_emptied_and_grown_again_is_lost_without_a_fault),
		TEST(test_a_writer_begins_again_and_a_reader_mends_its_mapping),
		TEST(test_readers_in_threads_see_the_word_or_unknown_while_the_table_is_cut_and_mended),
		TEST(test_a_fault_in_a_mapping_that_is_not_guarded_ends_the_process),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
