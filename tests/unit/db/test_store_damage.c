/* A file that goes wrong under its readers, and comes back: moved, closed to them, overwritten,
 * replaced. */
#include "readers_fixture.h"

#include "db/sql.h"

static void assert_refresh_fails(struct model *model, const char *why)
{
	struct moved *moved;
	size_t count;
	struct error error = {0};
	for (int i = 0; i < 3; i++) {
		assert_null(store_refresh(reader, model, &moved, &count, &error));
		assert_non_null(strstr(error.text, path));
		if (strstr(error.text, why) == NULL)
			fail_msg("%s: not %s", error.text, why);
		assert_int_equal(count, 0);
	}
}

static void test_store_moved_away_and_back_is_read_again(void **state)
{
	(void)state;
	struct step step;
	char away[128];
	snprintf(away, sizeof away, "%s.away", path);
	commit_site(writer, "fra", 50);
	struct model *model = load(reader);
	assert_int_equal(rename(path, away), 0);
	assert_refresh_fails(model, "No such file");
	assert_int_equal(rename(away, path), 0);
	model = refresh(model, &step);
	assert_int_equal(model->revision, 1);
	assert_int_equal(step.count, 0);
	commit_site(writer, "fra", 51);
	model = refresh(model, &step);
	assert_int_equal(model->revision, 2);
	moved_free(step.moved, step.count);
	model_unref(model);
}

static void test_unreadable_store_is_reported_and_read_again(void **state)
{
	(void)state;
	if (geteuid() != 0) {
		print_message("skipped: only root can become another user\n");
		skip();
	}
	struct step step;
	commit_site(writer, "fra", 50);
	assert_int_equal(chmod(path, 0644), 0);
	struct model *model = load(reader);
	assert_int_equal(chmod(path, 0600), 0);
	assert_int_equal(seteuid(65534), 0);
	assert_refresh_fails(model, "Permission denied");
	assert_int_equal(seteuid(0), 0);
	assert_int_equal(chmod(path, 0644), 0);
	assert_int_equal(seteuid(65534), 0);
	struct error error = {0};
	struct model *again = store_refresh(reader, model, &step.moved, &step.count, &error);
	assert_int_equal(seteuid(0), 0);
	if (again == NULL)
		fail_msg("%s", error.text);
	assert_ptr_equal(again, model);
	model_unref(again);
	model_unref(model);
}

static void copy_file(const char *from, const char *to)
{
	char command[300];
	/* cat: into the same inode, as `cp` does. */
	snprintf(command, sizeof command, "cat %s > %s", from, to);
	assert_int_equal(system(command), 0);
}

static void overwrite_with_garbage(void)
{
	FILE *file = fopen(path, "r+");
	assert_non_null(file);
	for (int i = 0; i < 20000; i++)
		fputs("no database ", file);
	assert_int_equal(fclose(file), 0);
}

static void test_store_overwritten_with_garbage_is_reported_and_read_again(void **state)
{
	(void)state;
	struct step step;
	char copy[128], wal[128];
	snprintf(copy, sizeof copy, "%s.copy", path);
	snprintf(wal, sizeof wal, "%s-wal", path);
	commit_site(writer, "fra", 50);
	/* Everything into the file itself, so that the copy is complete. */
	struct sql *sql = sql_open(path, SQL_WRITE, NULL);
	assert_true(sql_run(sql, "PRAGMA wal_checkpoint(TRUNCATE)", NULL));
	sql_close(sql);
	copy_file(path, copy);
	struct model *model = load(reader);
	store_close(writer);
	writer = NULL;
	overwrite_with_garbage();
	assert_refresh_fails(model, "damaged");
	assert_null(store_open(path, STORE_READ, NULL));
	copy_file(copy, path);
	model = refresh(model, &step);
	assert_int_equal(model->revision, 1);
	assert_non_null(model_find(model, KIND_SITE, "fra"));
	moved_free(step.moved, step.count);
	writer = open_store(STORE_WRITE);
	commit_site(writer, "fra", 51);
	model = refresh(model, &step);
	assert_int_equal(model->revision, 2);
	moved_free(step.moved, step.count);
	model_unref(model);
}

/* Puts the store of another folder in place of ours. */
static void replace_store(const char *with)
{
	char command[400];
	snprintf(command, sizeof command, "mv %s %s && mv %s-wal %s-wal && mv %s-shm %s-shm", with,
		 path, with, path, with, path);
	assert_int_equal(system(command), 0);
}

static void test_another_store_of_the_same_length_is_noticed(void **state)
{
	(void)state;
	struct step step;
	char other_path[128];
	snprintf(other_path, sizeof other_path, "%s/other.db", folder);
	commit_site(writer, "fra", 50);
	struct model *model = load(reader);
	struct store *other = store_open(other_path, STORE_WRITE, NULL);
	assert_non_null(other);
	commit_site(other, "nyc", 40);
	store_close(other);
	store_close(writer);
	writer = NULL;
	replace_store(other_path);
	model = refresh(model, &step);
	assert_int_equal(model->revision, 1);
	assert_null(model_find(model, KIND_SITE, "fra"));
	assert_non_null(model_find(model, KIND_SITE, "nyc"));
	assert_true(moved_holds(&step, KIND_SITE, "fra"));
	assert_true(moved_holds(&step, KIND_SITE, "nyc"));
	moved_free(step.moved, step.count);
	model_unref(model);
}

static void test_older_copy_put_in_place_is_noticed(void **state)
{
	(void)state;
	struct step step;
	char copy[128];
	snprintf(copy, sizeof copy, "%s/copy.db", folder);
	commit_site(writer, "fra", 50);
	char command[500];
	snprintf(command, sizeof command, "for e in '' -wal -shm; do cp %s$e %s$e; done", path,
		 copy);
	store_close(writer);
	assert_int_equal(system(command), 0);
	writer = open_store(STORE_WRITE);
	commit_site(writer, "fra", 51);
	struct model *model = load(reader);
	assert_int_equal(model->revision, 2);
	store_close(writer);
	replace_store(copy);
	writer = open_store(STORE_WRITE);
	commit_site(writer, "nyc", 40); /* another revision 2 */
	model = refresh(model, &step);
	assert_int_equal(model->revision, 2);
	assert_true(model_find(model, KIND_SITE, "fra")->site.position.lat == 50);
	assert_non_null(model_find(model, KIND_SITE, "nyc"));
	moved_free(step.moved, step.count);
	model_unref(model);
}

/* A backup restored by renaming it, as one does at night: the log of the running store stays. */
static void test_copy_put_in_place_without_its_log_is_refused_until_the_old_log_is_gone(
	void **state)
{
	(void)state;
	struct step step;
	struct error error = {0};
	char copy[128], command[500];
	snprintf(copy, sizeof copy, "%s/copy.db", folder);
	struct store *other = store_open(copy, STORE_WRITE, NULL);
	assert_non_null(other);
	commit_site(other, "nyc", 40);
	store_close(other);
	commit_site(writer, "fra", 50);
	commit_site(writer, "fra", 51);
	struct model *model = load(reader);
	assert_int_equal(rename(copy, path), 0);
	assert_null(store_refresh(reader, model, &step.moved, &step.count, &error));
	assert_non_null(strstr(error.text, "config.db-wal"));
	assert_int_equal(store_revision(writer, &error), -1);
	snprintf(command, sizeof command, "rm %s-wal %s-shm", path, path);
	assert_int_equal(system(command), 0);
	commit_site(writer, "lon", 51);
	model = refresh(model, &step);
	assert_null(model_find(model, KIND_SITE, "fra"));
	assert_non_null(model_find(model, KIND_SITE, "nyc"));
	assert_non_null(model_find(model, KIND_SITE, "lon"));
	moved_free(step.moved, step.count);
	model_unref(model);
}

/* Another process, as the sqlite3 program's ".restore" does it. */
static void test_copy_restored_into_the_live_store_is_taken_up(void **state)
{
	(void)state;
	struct step step;
	char command[500];
	commit_site(writer, "fra", 50);
	snprintf(command, sizeof command, "sqlite3 %s '.backup %s/copy.db'", path, folder);
	assert_int_equal(system(command), 0);
	commit_site(writer, "fra", 51);
	commit_site(writer, "nyc", 40);
	struct model *model = load(reader);
	snprintf(command, sizeof command, "sqlite3 %s '.restore %s/copy.db'", path, folder);
	assert_int_equal(system(command), 0);
	model = refresh(model, &step);
	assert_int_equal(model->revision, 1);
	assert_null(model_find(model, KIND_SITE, "nyc"));
	assert_true(model_find(model, KIND_SITE, "fra")->site.position.lat == 50);
	moved_free(step.moved, step.count);
	commit_site(writer, "lon", 51);
	model = refresh(model, &step);
	assert_int_equal(model->revision, 2);
	assert_non_null(model_find(model, KIND_SITE, "lon"));
	moved_free(step.moved, step.count);
	model_unref(model);
}

static void test_body_that_cannot_be_understood_leaves_the_old_model(void **state)
{
	(void)state;
	struct step step;
	struct error error = {0};
	commit_site(writer, "fra", 50);
	struct model *model = load(reader);
	struct sql *sql = sql_open(path, SQL_WRITE, NULL);
	assert_true(sql_run(sql,
			    "UPDATE object SET body = '{\"name\":\"fra\",\"lat\":900,\"lon\":0}';"
			    "INSERT INTO revision VALUES (2, 0, 7, 'hand', NULL, 1);"
			    "INSERT INTO change VALUES (2, 0, 'site', 'fra', NULL, NULL, NULL);",
			    NULL));
	assert_null(store_refresh(reader, model, &step.moved, &step.count, &error));
	assert_non_null(strstr(error.text, "/lat"));
	assert_int_equal(step.count, 0);
	assert_true(model_find(model, KIND_SITE, "fra")->site.position.lat == 50);
	assert_true(sql_run(
		sql, "UPDATE object SET body = '{\"name\":\"fra\",\"lat\":9,\"lon\":0}'", NULL));
	sql_close(sql);
	model = refresh(model, &step);
	assert_true(model_find(model, KIND_SITE, "fra")->site.position.lat == 9);
	moved_free(step.moved, step.count);
	model_unref(model);
}

#define DAMAGE_TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		DAMAGE_TEST(test_store_moved_away_and_back_is_read_again),
		DAMAGE_TEST(test_unreadable_store_is_reported_and_read_again),
		DAMAGE_TEST(test_store_overwritten_with_garbage_is_reported_and_read_again),
		DAMAGE_TEST(test_another_store_of_the_same_length_is_noticed),
		DAMAGE_TEST(test_older_copy_put_in_place_is_noticed),
		DAMAGE_TEST(
			test_copy_put_in_place_without_its_log_is_refused_until_the_old_log_is_gone),
		DAMAGE_TEST(test_copy_restored_into_the_live_store_is_taken_up),
		DAMAGE_TEST(test_body_that_cannot_be_understood_leaves_the_old_model),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
