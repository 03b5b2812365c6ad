/* Readers: the change feed, the watcher, other processes and other users. */
#include "readers_fixture.h"

#include "db/sql.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>

static void test_refresh_without_a_commit_gives_the_same_model(void **state)
{
	(void)state;
	struct step step;
	commit_site(writer, "fra", 50);
	struct model *model = load(reader), *before = model;
	for (int i = 0; i < 3; i++) {
		model = refresh(model, &step);
		assert_ptr_equal(model, before);
		assert_int_equal(step.count, 0);
	}
	model_unref(model);
}

/* Of this thread, so that neither another process nor a slow build changes what is compared. */
static int64_t cpu_ns(void)
{
	struct timespec now;
	assert_int_equal(clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now), 0);
	return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

/* Twenty of them cost less than to load a store of two thousand objects once. */
static void test_refresh_costs_next_to_nothing_when_nothing_came(void **state)
{
	(void)state;
	enum { SITES = 2000, REFRESHES = 20 };
	struct step step;
	struct changes changes = {0};
	for (int i = 0; i < SITES; i++) {
		char name[20];
		snprintf(name, sizeof name, "site%d", i);
		put_site(&changes, name, 50);
	}
	commit(writer, &changes);
	int64_t before = cpu_ns();
	struct model *model = load(reader);
	int64_t loaded = cpu_ns();
	for (int i = 0; i < REFRESHES; i++)
		model = refresh(model, &step);
	int64_t refreshed = cpu_ns();
	print_message("one load: %lld us, %d refreshes: %lld us\n",
		      (long long)(loaded - before) / 1000, (int)REFRESHES,
		      (long long)(refreshed - loaded) / 1000);
	assert_true(refreshed - loaded < loaded - before);
	model_unref(model);
}

static void test_refresh_lists_what_moved_and_shares_the_rest(void **state)
{
	(void)state;
	struct step step;
	struct changes changes = {0};
	put_site(&changes, "fra", 50);
	put_site(&changes, "nyc", 40);
	put_zone(&changes, "example.com");
	commit(writer, &changes);
	struct model *model = load(reader);
	const struct object *nyc = model_find(model, KIND_SITE, "nyc");

	commit_site(writer, "fra", 51);
	commit_site(writer, "fra", 52);
	put_address(&changes, "example.com", "www", "192.0.2.1");
	commit(writer, &changes);
	model = refresh(model, &step);
	assert_int_equal(model->revision, 4);
	assert_int_equal(step.count, 2);
	assert_true(moved_holds(&step, KIND_SITE, "fra"));
	assert_true(moved_holds(&step, KIND_RRSET, "example.com/www/A"));
	moved_free(step.moved, step.count);
	assert_ptr_equal(model_find(model, KIND_SITE, "nyc"), nyc);
	const struct object *fra = model_find(model, KIND_SITE, "fra");
	assert_true(fra->site.position.lat == 52);
	assert_int_equal(fra->revision, 3);

	changes_remove(&changes, KIND_SITE, "fra", NULL);
	commit(writer, &changes);
	model = refresh(model, &step);
	assert_true(moved_holds(&step, KIND_SITE, "fra"));
	assert_null(model_find(model, KIND_SITE, "fra"));
	moved_free(step.moved, step.count);
	model_unref(model);
}

static void test_refresh_from_an_empty_model_lists_every_zone(void **state)
{
	(void)state;
	struct step step;
	struct changes changes = {0};
	struct model *model = refresh(model_new(), &step);
	assert_int_equal(model->revision, 0);
	put_zone(&changes, "example.com");
	put_address(&changes, "example.com", "www", "192.0.2.1");
	commit(writer, &changes);
	model = refresh(model, &step);
	assert_int_equal(model->revision, 1);
	assert_int_equal(step.count, 1); /* the records go without saying */
	assert_true(moved_holds(&step, KIND_ZONE, "example.com"));
	moved_free(step.moved, step.count);
	model_unref(model);
}

static void test_reader_cannot_commit(void **state)
{
	(void)state;
	struct changes changes = {0};
	struct error error = {0};
	int64_t revision;
	put_site(&changes, "fra", 50);
	assert_int_equal(try_commit(reader, &changes, &revision, &error), COMMIT_FAILED);
	assert_int_equal(store_revision(writer, NULL), 0);
}

static void test_missing_store_is_not_created_by_a_reader(void **state)
{
	(void)state;
	struct error error = {0};
	char missing[128];
	snprintf(missing, sizeof missing, "%s/none.db", folder);
	assert_null(store_open(missing, STORE_READ, &error));
	assert_non_null(strstr(error.text, missing));
	assert_int_not_equal(access(missing, F_OK), 0);
}

/*
 * Another process is this program again, given a part to play: after a fork alone, SQLite would go
 * by locks that only the parent holds.
 */
static pid_t play(const char *part, const char *a, const char *b)
{
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		execl("/proc/self/exe", "test", part, path, a, b, (char *)NULL);
		_exit(127);
	}
	return child;
}

static void assert_played_well(pid_t child)
{
	int status;
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

/* Sets the latitude of SITE COUNT times, from FIRST upwards. */
static int play_writer(const char *site, int first, int count)
{
	struct error error = {0};
	struct store *other = store_open(path, STORE_WRITE, &error);
	for (int i = 0; other != NULL && i < count; i++) {
		struct changes changes = {0};
		int64_t revision;
		put_site(&changes, site, first + i);
		if (try_commit(other, &changes, &revision, &error) != COMMIT_DONE)
			break;
	}
	store_close(other);
	fputs(error.text, stderr);
	return error.text[0] != '\0';
}

static void commit_elsewhere(const char *site, int lat)
{
	char number[12];
	snprintf(number, sizeof number, "%d", lat);
	assert_played_well(play("write-once", site, number));
}

static void test_two_writing_processes_and_a_reader_agree(void **state)
{
	(void)state;
	struct step step;
	struct model *model = load(reader);
	for (int i = 0; i < 5; i++) {
		commit_elsewhere("fra", 10 + i);
		assert_int_equal(commit_site(writer, "nyc", 10 + i), 2 * i + 2);
	}
	model = refresh(model, &step);
	moved_free(step.moved, step.count);
	assert_int_equal(model->revision, 10);
	assert_true(model_find(model, KIND_SITE, "fra")->site.position.lat == 14);
	model_unref(model);
}

static void test_concurrent_writers_lose_nothing(void **state)
{
	(void)state;
	enum { WRITERS = 4, COMMITS = 25 };
	pid_t children[WRITERS];
	for (int i = 0; i < WRITERS; i++) {
		char name[20], number[12];
		snprintf(name, sizeof name, "site%d", i);
		snprintf(number, sizeof number, "%d", (int)COMMITS);
		children[i] = play("write-often", name, number);
	}
	for (int i = 0; i < WRITERS; i++)
		assert_played_well(children[i]);
	assert_int_equal(store_revision(reader, NULL), WRITERS * COMMITS);
	struct model *model = load(reader);
	assert_int_equal(model->of[KIND_SITE].count, WRITERS);
	model_unref(model);
}

static void test_watcher_is_woken_once_the_commit_can_be_read(void **state)
{
	(void)state;
	struct step step;
	int fd = store_watch_open(path);
	assert_true(fd >= 0);
	struct model *model = load(reader);
	for (int i = 0; i < 20; i++) {
		commit_elsewhere("fra", i);
		struct pollfd poller = {.fd = fd, .events = POLLIN};
		assert_int_equal(poll(&poller, 1, 2000), 1);
		store_watch_drain(fd);
		model = refresh(model, &step);
		assert_int_equal(model->revision, i + 1);
		moved_free(step.moved, step.count);
		assert_int_equal(poll(&poller, 1, 0), 0); /* reading wakes nobody */
	}
	model_unref(model);
	close(fd);
}

/* One octet over FD, to the other process or from it. */
static bool say(int fd)
{
	return write(fd, "x", 1) == 1;
}

static bool hear(int fd)
{
	char octet;
	return read(fd, &octet, 1) == 1;
}

/* Takes MODEL, follows 3 revisions that PARENT tells of and says each time that it has; NULL where
 * one does not come. */
static struct model *follow_three(struct store *mine, struct model *model, int parent)
{
	struct error error = {0};
	for (int i = 0; i < 3; i++) {
		struct moved *moved;
		size_t count;
		struct model *next =
			hear(parent) ? store_refresh(mine, model, &moved, &count, &error) : NULL;
		bool good = next != NULL && next->revision == model->revision + 1 && count == 1;
		fputs(error.text, stderr);
		model_unref(model);
		if (next != NULL)
			moved_free(moved, count);
		model = next;
		if (!good || !say(parent)) {
			model_unref(model);
			return NULL;
		}
	}
	return model;
}

/* As user nobody: reads 3 revisions that arrive over time, and cannot write. */
static int play_nobody(int parent)
{
	if (setresgid(65534, 65534, 65534) != 0 || setresuid(65534, 65534, 65534) != 0)
		return 1;
	prctl(PR_SET_DUMPABLE, 1); /* what looks for leaks traces this process */
	struct error error = {0};
	struct store *mine = store_open(path, STORE_READ, &error);
	struct model *model = mine != NULL ? store_load(mine, &error) : NULL;
	fputs(error.text, stderr);
	if (model != NULL && say(parent))
		model = follow_three(mine, model, parent);
	bool followed = model != NULL;
	model_unref(model);
	store_close(mine);
	if (!followed)
		return 2;
	return store_open(path, STORE_WRITE, &error) == NULL ? 0 : 3;
}

static void let_the_group_nobody_read(void)
{
	const char *const endings[] = {"", "-wal", "-shm"};
	for (int i = 0; i < 3; i++) {
		char file[128];
		snprintf(file, sizeof file, "%s%s", path, endings[i]);
		assert_int_equal(chown(file, (uid_t)-1, 65534), 0); /* mode 0640: the group reads */
	}
}

static void test_user_with_read_permission_alone_follows_the_live_store(void **state)
{
	(void)state;
	if (geteuid() != 0) {
		print_message("skipped: only root can become another user\n");
		skip();
	}
	let_the_group_nobody_read();
	int ends[2];
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	char number[12];
	snprintf(number, sizeof number, "%d", ends[1]);
	pid_t child = play("nobody", number, NULL);
	close(ends[1]);
	assert_true(hear(ends[0]));
	for (int i = 0; i < 3; i++) {
		commit_site(writer, "fra", i);
		if (i == 1) {
			store_close(writer); /* with no writer open, too */
			writer = NULL;
		}
		assert_true(say(ends[0]));
		assert_true(hear(ends[0]));
		if (writer == NULL)
			writer = open_store(STORE_WRITE);
	}
	assert_played_well(child);
	close(ends[0]);
}

#define READER_TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

static int play_part(char **argv)
{
	snprintf(path, sizeof path, "%s", argv[2]);
	if (strcmp(argv[1], "nobody") == 0)
		return play_nobody(atoi(argv[3]));
	if (strcmp(argv[1], "write-once") == 0)
		return play_writer(argv[3], atoi(argv[4]), 1);
	return play_writer(argv[3], 0, atoi(argv[4]));
}

int main(int argc, char **argv)
{
	if (argc > 3)
		return play_part(argv);
	const struct CMUnitTest tests[] = {
		READER_TEST(test_refresh_without_a_commit_gives_the_same_model),
		READER_TEST(test_refresh_costs_next_to_nothing_when_nothing_came),
		READER_TEST(test_refresh_lists_what_moved_and_shares_the_rest),
		READER_TEST(test_refresh_from_an_empty_model_lists_every_zone),
		READER_TEST(test_reader_cannot_commit),
		READER_TEST(test_missing_store_is_not_created_by_a_reader),
		READER_TEST(test_two_writing_processes_and_a_reader_agree),
		READER_TEST(test_concurrent_writers_lose_nothing),
		READER_TEST(test_watcher_is_woken_once_the_commit_can_be_read),
		READER_TEST(test_user_with_read_permission_alone_follows_the_live_store),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
