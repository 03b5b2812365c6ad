/* Journals: written behind a queue, bounded, and read as one. */
#include "db/journal.h"

#include "base/log.h"
#include "base/wall.h"
#include "db/journal_file.h"

#include <fcntl.h>
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

static char folder[64];

static const char *in_folder(const char *name)
{
	static char path[4][128];
	static unsigned turn;
	char *next = path[turn++ % 4];
	snprintf(next, sizeof path[0], "%s/%s", folder, name);
	return next;
}

static int start(void **state)
{
	(void)state;
	snprintf(folder, sizeof folder, "/tmp/meridian-journal-XXXXXX");
	return mkdtemp(folder) == NULL ? -1 : 0;
}

static int stop(void **state)
{
	(void)state;
	char command[128];
	snprintf(command, sizeof command, "rm -rf %s", folder);
	return system(command);
}

static void add(struct journal *journal, int64_t time_ms, const char *kind, const char *object,
		const char *to)
{
	struct event event = {.time_ms = time_ms,
			      .kind = kind,
			      .object = object,
			      .from = "up",
			      .to = to,
			      .reason = "connection refused to 192.0.2.10:443",
			      .actor = "health"};
	journal_add(journal, &event);
}

static json_t *read_all(const struct journal_filter *filter, char **cursor)
{
	struct error error = {0};
	json_t *events = journal_read(folder, filter, cursor, &error);
	if (events == NULL)
		fail_msg("%s", error.text);
	return events;
}

static const char *text_of(const json_t *events, size_t i, const char *key)
{
	return json_string_value(json_object_get(json_array_get(events, i), key));
}

static void test_event_comes_back_as_it_was_added(void **state)
{
	(void)state;
	struct journal *journal = journal_open(in_folder("healthcheck.db"), "healthcheck");
	json_t *data = json_pack("{s:i}", "status", 503);
	struct event event = {.time_ms = 1700000000123,
			      .kind = "endpoint",
			      .object = "endpoint/eu/eu1",
			      .to = "down",
			      .reason = "status 503, wanted 200-299",
			      .data = data};
	journal_add(journal, &event);
	journal_close(journal, 5000);
	json_t *events = read_all(&(struct journal_filter){0}, NULL);
	assert_int_equal(json_array_size(events), 1);
	assert_string_equal(text_of(events, 0, "time"), "2023-11-14T22:13:20.123Z");
	assert_string_equal(text_of(events, 0, "daemon"), "healthcheck");
	assert_string_equal(text_of(events, 0, "kind"), "endpoint");
	assert_string_equal(text_of(events, 0, "object"), "endpoint/eu/eu1");
	assert_string_equal(text_of(events, 0, "to"), "down");
	assert_string_equal(text_of(events, 0, "reason"), "status 503, wanted 200-299");
	assert_true(json_is_null(json_object_get(json_array_get(events, 0), "from")));
	assert_true(json_is_null(json_object_get(json_array_get(events, 0), "actor")));
	assert_true(json_equal(json_object_get(json_array_get(events, 0), "data"), data));
	json_decref(events);
	json_decref(data);
}

static void test_journals_of_all_daemons_are_merged_by_time(void **state)
{
	(void)state;
	struct journal *a = journal_open(in_folder("bgpctl.db"), "bgpctl");
	struct journal *b = journal_open(in_folder("healthcheck.db"), "healthcheck");
	for (int i = 0; i < 10; i++)
		add(i % 2 ? a : b, 1000 + i, "endpoint", "endpoint/eu/eu1", i % 2 ? "b" : "a");
	journal_close(a, 5000);
	journal_close(b, 5000);
	for (int newest = 0; newest < 2; newest++) {
		struct journal_filter filter = {.newest_first = newest};
		json_t *events = read_all(&filter, NULL);
		assert_int_equal(json_array_size(events), 10);
		for (size_t i = 0; i < 10; i++) {
			char time[WALL_TEXT_MAX];
			wall_format(1000 + (int64_t)(newest ? 9 - i : i), time);
			assert_string_equal(text_of(events, i, "time"), time);
		}
		json_decref(events);
	}
}

/* Pages through everything in threes; every event must come exactly once. */
static void assert_pages_are_complete(bool newest_first, size_t total)
{
	struct journal_filter filter = {.newest_first = newest_first, .limit = 3};
	char *cursor = NULL;
	char seen[100] = {0};
	size_t found = 0, got;
	do {
		char *next;
		filter.after = cursor;
		json_t *events = read_all(&filter, &next);
		got = json_array_size(events);
		for (size_t i = 0; i < got; i++) {
			int number = atoi(text_of(events, i, "to"));
			assert_int_equal(seen[number]++, 0);
			found++;
		}
		json_decref(events);
		free(cursor);
		cursor = next;
	} while (got > 0);
	free(cursor);
	assert_int_equal(found, total);
}

static void test_pages_give_each_event_once_in_both_directions(void **state)
{
	(void)state;
	struct journal *journals[3] = {journal_open(in_folder("a.db"), "a"),
				       journal_open(in_folder("b.db"), "b"),
				       journal_open(in_folder("c.db"), "c")};
	for (int i = 0; i < 50; i++) {
		char number[12];
		snprintf(number, sizeof number, "%d", i);
		/* Many of one time, over three files. */
		add(journals[i % 3], 1000 + i / 10, "endpoint", "endpoint/eu/eu1", number);
	}
	for (int i = 0; i < 3; i++)
		journal_close(journals[i], 5000);
	assert_pages_are_complete(false, 50);
	assert_pages_are_complete(true, 50);
}

static void test_follower_gets_an_event_that_a_slow_daemon_wrote_late(void **state)
{
	(void)state;
	struct journal *quick = journal_open(in_folder("quick.db"), "quick");
	struct journal *slow = journal_open(in_folder("slow.db"), "slow");
	add(quick, 2000, "pool", "pool/eu", "down");
	journal_close(quick, 5000);
	struct journal_filter filter = {0};
	char *cursor;
	json_decref(read_all(&filter, &cursor));
	add(slow, 1000, "pool", "pool/us", "down"); /* older than what was read */
	journal_close(slow, 5000);
	filter.after = cursor;
	json_t *events = read_all(&filter, NULL);
	assert_int_equal(json_array_size(events), 1);
	assert_string_equal(text_of(events, 0, "object"), "pool/us");
	json_decref(events);
	free(cursor);
}

static void test_follower_looks_once_at_what_it_does_not_want(void **state)
{
	(void)state;
	struct journal *journal = journal_open(in_folder("a.db"), "a");
	struct journal_filter filter = {.kind = "prefix", .limit = 1};
	char *first, *second, *third;
	add(journal, 1000, "pool", "pool/eu", "down");
	add(journal, 2000, "pool", "pool/eu", "up");
	journal_close(journal, 5000);
	json_decref(read_all(&filter, &first));
	assert_int_not_equal(strcmp(first, "a:0"), 0);
	journal = journal_open(in_folder("a.db"), "a");
	/* Earlier by its time: a clock may have stepped. Two that are wanted, one at a time. */
	add(journal, 500, "prefix", "prefix/192.0.2.0/24", "up");
	add(journal, 500, "pool", "pool/eu", "up");
	add(journal, 500, "prefix", "prefix/192.0.2.0/24", "down");
	journal_close(journal, 5000);
	filter.after = first;
	json_t *events = read_all(&filter, &second);
	assert_string_equal(text_of(events, 0, "to"), "up");
	json_decref(events);
	filter.after = second;
	events = read_all(&filter, &third);
	assert_string_equal(text_of(events, 0, "to"), "down");
	json_decref(events);
	free(first);
	free(second);
	free(third);
}

static void test_filter_selects_by_kind_object_and_time(void **state)
{
	(void)state;
	struct journal *journal = journal_open(in_folder("a.db"), "a");
	add(journal, 1000, "endpoint", "endpoint/eu/eu1", "down");
	add(journal, 2000, "pool", "pool/eu", "down");
	add(journal, 3000, "endpoint", "endpoint/eu/eu2", "down");
	journal_close(journal, 5000);
	static const struct {
		struct journal_filter filter;
		size_t count;
	} rows[] = {
		{{.kind = "endpoint"}, 2},
		{{.kind = "prefix"}, 0},
		{{.object = "pool/eu"}, 1},
		{{.kind = "endpoint", .object = "pool/eu"}, 0},
		{{.since_ms = 2000}, 2},
		{{.until_ms = 2000}, 1},
		{{.since_ms = 2000, .until_ms = 3000}, 1},
		{{.limit = 2}, 2},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		json_t *events = read_all(&rows[i].filter, NULL);
		assert_int_equal(json_array_size(events), rows[i].count);
		json_decref(events);
	}
}

static void test_damaged_journal_is_left_out_and_the_rest_is_read(void **state)
{
	(void)state;
	struct journal *journal = journal_open(in_folder("good.db"), "good");
	add(journal, 1000, "pool", "pool/eu", "down");
	journal_close(journal, 5000);
	FILE *file = fopen(in_folder("bad.db"), "w");
	for (int i = 0; i < 1000; i++)
		fputs("this is no database ", file);
	fclose(file);
	json_t *events = read_all(&(struct journal_filter){0}, NULL);
	assert_int_equal(json_array_size(events), 1);
	assert_string_equal(text_of(events, 0, "daemon"), "good");
	json_decref(events);
	struct error error = {0};
	assert_null(journal_read("/nonexistent", &(struct journal_filter){0}, NULL, &error));
	assert_non_null(strstr(error.text, "/nonexistent"));
}

static void test_journal_whose_table_is_not_yet_there_is_an_empty_one(void **state)
{
	(void)state;
	FILE *file = fopen(in_folder("new.db"), "w");
	fclose(file);
	for (int newest_first = 0; newest_first < 2; newest_first++) {
		char *cursor;
		json_t *events = read_all(
			&(struct journal_filter){.newest_first = newest_first == 1}, &cursor);
		assert_int_equal(json_array_size(events), 0);
		assert_string_equal(cursor, "new:0"); /* "" where it is left out as damaged */
		json_decref(events);
		free(cursor);
	}
}

static void test_place_in_a_journal_outlasts_its_absence(void **state)
{
	(void)state;
	struct journal *journal = journal_open(in_folder("a.db"), "a");
	add(journal, 1000, "pool", "pool/eu", "down");
	journal_close(journal, 5000);
	char *cursor, *later;
	json_decref(read_all(&(struct journal_filter){0}, &cursor));
	assert_int_equal(rename(in_folder("a.db"), in_folder("a.away")), 0);
	json_decref(read_all(&(struct journal_filter){.after = cursor}, &later));
	assert_int_equal(rename(in_folder("a.away"), in_folder("a.db")), 0);
	json_t *events = read_all(&(struct journal_filter){.after = later}, NULL);
	assert_int_equal(json_array_size(events), 0);
	json_decref(events);
	free(cursor);
	free(later);
}

/* Of the writer's thread, and looked at when it has counted. */
struct told {
	int count;
	bool as_added;
};

static void on_lost(void *context, const char *daemon, const struct event *event)
{
	struct told *told = context;
	told->count++;
	told->as_added = told->as_added && strcmp(daemon, "a") == 0 && event->time_ms == 1000 &&
			 strcmp(event->kind, "pool") == 0 &&
			 strcmp(event->object, "pool/eu") == 0 && strcmp(event->to, "down") == 0 &&
			 event->data == NULL;
}

static void test_unwritable_journal_counts_and_tells_what_is_lost_and_comes_back(void **state)
{
	(void)state;
	char path[128];
	snprintf(path, sizeof path, "%s/sub/a.db", folder);
	struct journal *journal = journal_open(path, "a");
	struct told told = {.as_added = true};
	journal_on_lost(journal, on_lost, &told);
	for (int i = 0; i < 7; i++)
		add(journal, 1000, "pool", "pool/eu", "down");
	for (int i = 0; i < 500 && journal_lost(journal) < 7; i++)
		usleep(10000);
	assert_int_equal(journal_lost(journal), 7);
	journal_on_lost(journal, NULL, NULL);
	assert_int_equal(told.count, 7);
	assert_true(told.as_added);
	assert_int_equal(mkdir(in_folder("sub"), 0700), 0);
	usleep(1100000); /* the writer tries again once a second */
	add(journal, 2000, "pool", "pool/eu", "up");
	journal_close(journal, 5000);
	json_t *events = journal_read(in_folder("sub"), &(struct journal_filter){0}, NULL, NULL);
	assert_int_equal(json_array_size(events), 1);
	json_decref(events);
}

static void test_adding_never_waits_and_a_full_queue_is_counted(void **state)
{
	(void)state;
	struct journal *journal = journal_open(in_folder("a.db"), "a");
	int64_t before = wall_now_ms();
	for (int i = 0; i < 3 * JOURNAL_QUEUE; i++)
		add(journal, 1000, "pool", "pool/eu", "down");
	assert_true(wall_now_ms() - before < 5000);
	uint64_t lost = journal_lost(journal);
	journal_close(journal, 10000);
	size_t kept = 0, got;
	char *cursor = NULL;
	do {
		char *next;
		json_t *events =
			read_all(&(struct journal_filter){.after = cursor, .limit = 1000}, &next);
		got = json_array_size(events);
		kept += got;
		json_decref(events);
		free(cursor);
		cursor = next;
	} while (got > 0);
	free(cursor);
	assert_int_equal(kept + lost, 3 * JOURNAL_QUEUE);
}

static struct journal_entry *list_of(int count, int64_t first_time)
{
	struct journal_entry *first = NULL;
	for (int i = count - 1; i >= 0; i--) {
		struct event event = {
			.time_ms = first_time + i, .kind = "pool", .object = "pool/eu"};
		struct journal_entry *entry = journal_entry_new(&event);
		entry->next = first;
		first = entry;
	}
	return first;
}

static void free_list(struct journal_entry *first)
{
	while (first != NULL) {
		struct journal_entry *next = first->next;
		journal_entry_free(first);
		first = next;
	}
}

static int64_t count_events(const char *path, const char *query)
{
	int64_t count = -1;
	struct sql *sql = sql_open(path, SQL_READ, NULL);
	assert_non_null(sql);
	assert_true(sql_number(sql, query, &count, NULL));
	sql_close(sql);
	return count;
}

static void test_oldest_events_go_when_the_journal_is_full(void **state)
{
	(void)state;
	struct journal_file *file = journal_file_open(in_folder("a.db"), 1000, NULL);
	assert_non_null(file);
	off_t size_at_first = 0;
	for (int round = 0; round < 50; round++) {
		struct journal_entry *batch = list_of(100, 1 + 100 * round);
		assert_true(journal_file_write(file, batch, NULL));
		free_list(batch);
		int64_t count = count_events(in_folder("a.db"), "SELECT count(*) FROM event");
		assert_true(count <= 1010);
		assert_true(round < 10 || count >= 1000);
		struct stat info;
		stat(in_folder("a.db"), &info);
		if (round == 20)
			size_at_first = info.st_size;
		assert_true(round <= 20 || info.st_size <= size_at_first + 65536);
	}
	assert_true(count_events(in_folder("a.db"), "SELECT min(time) FROM event") >= 3990);
	assert_int_equal(count_events(in_folder("a.db"), "SELECT max(time) FROM event"), 5000);
	journal_file_close(file);
}

static void test_ids_go_on_growing_in_a_journal_begun_again(void **state)
{
	(void)state;
	int64_t last = 0;
	for (int round = 0; round < 2; round++) {
		struct journal_file *file = journal_file_open(in_folder("a.db"), 1000, NULL);
		struct journal_entry *batch = list_of(500, 1);
		assert_true(journal_file_write(file, batch, NULL));
		free_list(batch);
		journal_file_close(file);
		assert_true(count_events(in_folder("a.db"), "SELECT min(id) FROM event") > last);
		last = count_events(in_folder("a.db"), "SELECT max(id) FROM event");
		unlink(in_folder("a.db"));
		unlink(in_folder("a.db-wal"));
		unlink(in_folder("a.db-shm"));
		usleep(5000);
	}
}

static void test_journal_of_a_newer_program_is_left_alone(void **state)
{
	(void)state;
	struct journal_file *file = journal_file_open(in_folder("a.db"), 1000, NULL);
	journal_file_close(file);
	struct sql *sql = sql_open(in_folder("a.db"), SQL_WRITE, NULL);
	assert_true(sql_run(sql, "PRAGMA user_version = 9", NULL));
	sql_close(sql);
	struct error error = {0};
	assert_null(journal_file_open(in_folder("a.db"), 1000, &error));
	assert_non_null(strstr(error.text, "schema version 9"));
}

#define JOURNAL_TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		JOURNAL_TEST(test_event_comes_back_as_it_was_added),
		JOURNAL_TEST(test_journals_of_all_daemons_are_merged_by_time),
		JOURNAL_TEST(test_pages_give_each_event_once_in_both_directions),
		JOURNAL_TEST(test_follower_gets_an_event_that_a_slow_daemon_wrote_late),
		JOURNAL_TEST(test_follower_looks_once_at_what_it_does_not_want),
		JOURNAL_TEST(test_filter_selects_by_kind_object_and_time),
		JOURNAL_TEST(test_damaged_journal_is_left_out_and_the_rest_is_read),
		JOURNAL_TEST(test_journal_whose_table_is_not_yet_there_is_an_empty_one),
		JOURNAL_TEST(test_place_in_a_journal_outlasts_its_absence),
		JOURNAL_TEST(test_unwritable_journal_counts_and_tells_what_is_lost_and_comes_back),
		JOURNAL_TEST(test_adding_never_waits_and_a_full_queue_is_counted),
		JOURNAL_TEST(test_oldest_events_go_when_the_journal_is_full),
		JOURNAL_TEST(test_ids_go_on_growing_in_a_journal_begun_again),
		JOURNAL_TEST(test_journal_of_a_newer_program_is_left_alone),
	};
	log_open("test", LOG_LEVEL_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
