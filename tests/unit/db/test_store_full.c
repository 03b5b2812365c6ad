/* A full disk under a store and under a journal: a small tmpfs in a mount namespace of our own. */
#include "store_fixture.h"

#include "base/log.h"
#include "db/journal.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>

static bool have_disk;

static void write_line(const char *file, const char *line)
{
	int fd = open(file, O_WRONLY);
	if (fd < 0)
		return;
	ssize_t written = write(fd, line, strlen(line));
	(void)written; /* the mount says whether it was enough */
	close(fd);
}

/* Once for the program: a user namespace makes an ordinary user root of his own mounts. */
static void enter_namespace(void)
{
	char map[64];
	snprintf(map, sizeof map, "0 %u 1", (unsigned)geteuid());
	char group_map[64];
	snprintf(group_map, sizeof group_map, "0 %u 1", (unsigned)getegid());
	if (geteuid() == 0) {
		have_disk = unshare(CLONE_NEWNS) == 0;
	} else if (unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0) {
		write_line("/proc/self/setgroups", "deny");
		write_line("/proc/self/uid_map", map);
		write_line("/proc/self/gid_map", group_map);
		have_disk = true;
	}
	have_disk = have_disk && mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0;
}

static int mount_small_disk(void **state)
{
	if (make_folder(state) != 0)
		return -1;
	have_disk = have_disk && mount("tmpfs", folder, "tmpfs", 0, "size=2m,mode=0755") == 0;
	return 0;
}

static int unmount_small_disk(void **state)
{
	if (have_disk)
		umount2(folder, MNT_DETACH);
	return remove_folder(state);
}

static void need_disk(void)
{
	if (have_disk)
		return;
	print_message("skipped: this user may not mount a tmpfs in a namespace of its own\n");
	skip();
}

static void filler(char name[128])
{
	snprintf(name, 128, "%s/filler", folder);
}

static void fill_disk(void)
{
	static const char zeros[4096];
	char name[128];
	filler(name);
	int fd = open(name, O_WRONLY | O_CREAT | O_APPEND, 0600);
	assert_true(fd >= 0);
	while (write(fd, zeros, sizeof zeros) > 0)
		continue;
	close(fd);
}

static void free_disk(void)
{
	char name[128];
	filler(name);
	assert_int_equal(unlink(name), 0);
}

static enum commit_result commit_many(struct store *store, struct error *error)
{
	struct changes changes = {0};
	int64_t revision;
	put_zone(&changes, "example.com");
	for (int i = 0; i < 500; i++) {
		char name[20];
		snprintf(name, sizeof name, "host%d", i);
		put_address(&changes, "example.com", name, "192.0.2.1");
	}
	return try_commit(store, &changes, &revision, error);
}

static bool count_one(void *context, const struct object *rrset)
{
	(void)rrset;
	++*(size_t *)context;
	return true;
}

static void test_commit_on_a_full_disk_fails_and_loses_nothing(void **state)
{
	(void)state;
	need_disk();
	struct error error = {0};
	struct store *store = open_store(STORE_WRITE);
	commit_site(store, "fra", 50);
	fill_disk();
	for (int i = 0; i < 3; i++) {
		assert_int_equal(commit_many(store, &error), COMMIT_FAILED);
		if (strstr(error.text, "the disk is full") == NULL)
			fail_msg("%s", error.text);
		assert_int_equal(store_revision(store, NULL), 1);
	}
	struct store *reader = open_store(STORE_READ);
	struct model *model = load(reader);
	assert_int_equal(model->revision, 1);
	assert_non_null(model_find(model, KIND_SITE, "fra"));
	free_disk();
	assert_int_equal(commit_many(store, &error), COMMIT_DONE);
	struct moved *moved;
	size_t count, records = 0;
	struct model *next = store_refresh(reader, model, &moved, &count, &error);
	assert_int_equal(next->revision, 2);
	moved_free(moved, count);
	assert_true(store_rrsets(reader, "example.com", NULL, false, count_one, &records, NULL));
	assert_int_equal(records, 501);
	model_unref(next);
	model_unref(model);
	store_close(reader);
	store_close(store);
}

static void test_store_that_cannot_be_created_leaves_a_way_on(void **state)
{
	(void)state;
	need_disk();
	struct error error = {0};
	fill_disk();
	assert_null(store_open(path, STORE_WRITE, &error));
	assert_non_null(strstr(error.text, "the disk is full"));
	free_disk();
	struct store *store = open_store(STORE_WRITE);
	commit_site(store, "fra", 50);
	store_close(store);
}

static void wait_for_lost(const struct journal *journal, uint64_t lost)
{
	for (int i = 0; i < 500 && journal_lost(journal) < lost; i++)
		usleep(10000);
	assert_int_equal(journal_lost(journal), lost);
}

static size_t count_events(void)
{
	json_t *events = journal_read(folder, &(struct journal_filter){0}, NULL, NULL);
	size_t count = json_array_size(events);
	json_decref(events);
	return count;
}

static void test_journal_on_a_full_disk_counts_and_goes_on_when_there_is_room(void **state)
{
	(void)state;
	need_disk();
	char *file = mem_printf("%s/a.db", folder), *reason = mem_array(200001, 1);
	memset(reason, 'x', 200000);
	struct event event = {
		.kind = "pool", .object = "pool/eu", .to = "down", .reason = "before"};
	struct event long_event = event;
	long_event.reason = reason;
	struct journal *journal = journal_open(file, "a");
	journal_add(journal, &event);
	for (int i = 0; i < 500 && count_events() == 0; i++)
		usleep(10000);
	fill_disk();
	journal_add(journal, &long_event);
	wait_for_lost(journal, 1);
	free_disk();
	usleep(1100000); /* the writer tries again once a second */
	event.reason = "after";
	journal_add(journal, &event);
	journal_close(journal, 5000);
	json_t *events = journal_read(folder, &(struct journal_filter){0}, NULL, NULL);
	assert_int_equal(json_array_size(events), 2);
	const json_t *last = json_array_get(events, 1);
	assert_string_equal(json_string_value(json_object_get(last, "reason")), "after");
	json_decref(events);
	free(reason);
	free(file);
}

#define DISK_TEST(name) cmocka_unit_test_setup_teardown(name, mount_small_disk, unmount_small_disk)

int main(void)
{
	const struct CMUnitTest tests[] = {
		DISK_TEST(test_commit_on_a_full_disk_fails_and_loses_nothing),
		DISK_TEST(test_store_that_cannot_be_created_leaves_a_way_on),
		DISK_TEST(test_journal_on_a_full_disk_counts_and_goes_on_when_there_is_room),
	};
	log_open("test", LOG_LEVEL_ERROR);
	enter_namespace();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
