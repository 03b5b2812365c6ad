/* The index of the log is cut short under a process that follows the store. */
#include "store_fixture.h"

#include <signal.h>
#include <sys/wait.h>

/* SQLite shares one mapping of the index among all connections of a process, so the writer is a
 * process of its own, begun before this one opens anything. */
static struct {
	pid_t pid;
	int ask, told;
} writer;

static char index_path[120];

static void write_sites(int asked, int tell)
{
	struct store *store = store_open(path, STORE_WRITE, NULL);
	char name;
	while (store != NULL && read(asked, &name, 1) == 1) {
		const char text[2] = {name, '\0'};
		struct changes changes = {0};
		struct error error = {0};
		int64_t revision;
		put_site(&changes, text, 1);
		if (try_commit(store, &changes, &revision, &error) != COMMIT_DONE ||
		    write(tell, &name, 1) != 1)
			break;
	}
	_exit(0);
}

static int start(void **state)
{
	int ask[2], told[2];
	if (make_folder(state) != 0 || pipe(ask) != 0 || pipe(told) != 0)
		return -1;
	snprintf(index_path, sizeof index_path, "%s-shm", path);
	writer.pid = fork();
	if (writer.pid == 0) {
		close(ask[1]);
		write_sites(ask[0], told[1]);
	}
	close(ask[0]);
	close(told[1]);
	writer.ask = ask[1];
	writer.told = told[0];
	return writer.pid > 0 ? 0 : -1;
}

static int stop(void **state)
{
	close(writer.ask);
	close(writer.told);
	kill(writer.pid, SIGKILL);
	waitpid(writer.pid, NULL, 0);
	return remove_folder(state);
}

/* False where the writer died of it, as a writer may: another one is begun by whoever needs it. */
static bool site_is_written(char name)
{
	return write(writer.ask, &name, 1) == 1 && read(writer.told, &name, 1) == 1;
}

static bool has_site(struct model *model, const char *name)
{
	return model_find(model, KIND_SITE, name) != NULL;
}

/* The model that holds once the store could be read again, within a bounded number of tries; each
 * try that fails says why. Takes OLD. */
static struct model *refresh_until(struct store *store, struct model *old, const char *site)
{
	for (int tries = 0; tries < 5 && !has_site(old, site); tries++) {
		struct moved *moved;
		size_t count;
		struct error error = {0};
		struct model *model = store_refresh(store, old, &moved, &count, &error);
		if (model == NULL) {
			assert_non_null(strstr(error.text, path));
			continue;
		}
		moved_free(moved, count);
		model_unref(old);
		old = model;
	}
	assert_true(has_site(old, site));
	return old;
}

static void cut_and_follow(off_t len)
{
	assert_true(site_is_written('a'));
	struct store *follower = open_store(STORE_FOLLOW);
	struct model *model = load(follower);
	assert_true(has_site(model, "a"));
	assert_int_equal(truncate(index_path, len), 0);
	/* Nothing is lost of what was read, and what the writer writes now or a writer begun after
	 * it has died is followed. */
	struct moved *moved;
	size_t count;
	struct error error = {0};
	struct model *same = store_refresh(follower, model, &moved, &count, &error);
	if (same != NULL) {
		moved_free(moved, count);
		assert_true(has_site(same, "a"));
		model_unref(same);
	}
	if (!site_is_written('b')) {
		struct store *second = open_store(STORE_WRITE);
		commit_site(second, "b", 1);
		store_close(second);
	}
	model = refresh_until(follower, model, "b");
	assert_true(has_site(model, "a"));
	model_unref(model);
	store_close(follower);
}

static void test_an_index_emptied_under_a_follower_ends_nobody(void **state)
{
	(void)state;
	cut_and_follow(0);
}

static void test_an_index_cut_in_its_header_ends_no_follower(void **state)
{
	(void)state;
	cut_and_follow(60);
}

static void test_what_is_read_over_a_torn_index_is_not_believed(void **state)
{
	(void)state;
	assert_true(site_is_written('a'));
	struct store *follower = open_store(STORE_FOLLOW);
	struct model *model = load(follower);
	assert_true(site_is_written('b'));
	assert_int_equal(truncate(index_path, 0), 0);
	struct error error = {0};
	/* Its own read of the revision: the answer is the file's or none. */
	int64_t revision = store_revision(follower, &error);
	assert_true(revision == 2 || revision == -1);
	if (revision == -1)
		assert_non_null(strstr(error.text, "-shm"));
	model_unref(model);
	store_close(follower);
}

/* A writer whose index was removed would write beside everybody else. */
static void test_a_writer_opens_again_when_its_index_was_removed(void **state)
{
	(void)state;
	assert_true(site_is_written('a'));
	assert_int_equal(unlink(index_path), 0);
	struct store *second = open_store(STORE_WRITE);
	assert_int_equal(commit_site(second, "b", 1), 2);
	store_close(second);
	struct store *third = open_store(STORE_WRITE);
	assert_int_equal(store_revision(third, NULL), 2);
	store_close(third);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_an_index_emptied_under_a_follower_ends_nobody,
						start, stop),
		cmocka_unit_test_setup_teardown(test_an_index_cut_in_its_header_ends_no_follower,
						start, stop),
		cmocka_unit_test_setup_teardown(test_what_is_read_over_a_torn_index_is_not_believed,
						start, stop),
		cmocka_unit_test_setup_teardown(
			test_a_writer_opens_again_when_its_index_was_removed, start, stop),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
