/* What a store does with files of other versions, and with files that are none of ours. */
#include "store_fixture.h"

#include "db/sql.h"

static void run_sql(const char *script)
{
	struct error error = {0};
	struct sql *sql = sql_open(path, SQL_WRITE, &error);
	if (sql == NULL || !sql_run(sql, script, &error))
		fail_msg("%s", error.text);
	sql_close(sql);
}

static int64_t read_number(const char *query)
{
	int64_t number = -1;
	struct sql *sql = sql_open(path, SQL_READ, NULL);
	assert_non_null(sql);
	assert_true(sql_number(sql, query, &number, NULL));
	sql_close(sql);
	return number;
}

static void test_new_file_gets_the_schema_once(void **state)
{
	(void)state;
	store_close(open_store(STORE_WRITE));
	int64_t version = read_number("SELECT user_version FROM pragma_user_version");
	assert_true(version > 0);
	int64_t tables = read_number("SELECT count(*) FROM sqlite_master");
	struct store *store = open_store(STORE_WRITE);
	commit_site(store, "fra", 50);
	store_close(store);
	store_close(open_store(STORE_WRITE));
	assert_int_equal(read_number("SELECT user_version FROM pragma_user_version"), version);
	assert_int_equal(read_number("SELECT count(*) FROM sqlite_master"), tables);
	assert_int_equal(read_number("SELECT max(n) FROM revision"), 1);
}

static void test_newer_schema_is_refused_with_both_versions(void **state)
{
	(void)state;
	store_close(open_store(STORE_WRITE));
	run_sql("PRAGMA user_version = 99");
	for (int mode = STORE_READ; mode <= STORE_WRITE; mode++) {
		struct error error = {0};
		assert_null(store_open(path, (enum store_mode)mode, &error));
		assert_non_null(strstr(error.text, path));
		assert_non_null(strstr(error.text, "schema version 99"));
		assert_non_null(strstr(error.text, "versions up to 2"));
	}
	assert_int_equal(read_number("SELECT user_version FROM pragma_user_version"), 99);
}

static int64_t zone_revision(const char *zone)
{
	struct store *store = open_store(STORE_WRITE);
	int64_t revision = store_zone_revision(store, zone, NULL);
	store_close(store);
	return revision;
}

static void test_file_of_version_1_learns_when_its_zones_were_touched(void **state)
{
	(void)state;
	struct store *store = open_store(STORE_WRITE);
	struct changes changes = {0};
	put_zone(&changes, "example.com");
	put_zone(&changes, "example.org");
	assert_int_equal(commit(store, &changes), 1);
	put_address(&changes, "example.com", "www", "192.0.2.1");
	assert_int_equal(commit(store, &changes), 2);
	commit_site(store, "fra", 50);
	store_close(store);
	run_sql("DROP TABLE zone_touched; PRAGMA user_version = 1");
	assert_int_equal(zone_revision("example.com"), 2);
	assert_int_equal(zone_revision("example.org"), 1);
	assert_int_equal(zone_revision("example.net"), 0);
}

static void test_reader_does_not_migrate(void **state)
{
	(void)state;
	struct error error = {0};
	assert_true(sql_create(path, 0640, &error));
	run_sql("SELECT 1");
	assert_null(store_open(path, STORE_READ, &error));
	assert_non_null(strstr(error.text, "schema version 0"));
	assert_int_equal(read_number("SELECT count(*) FROM sqlite_master"), 0);
}

static void test_foreign_database_is_left_alone(void **state)
{
	(void)state;
	struct error error = {0};
	assert_true(sql_create(path, 0640, &error));
	run_sql("CREATE TABLE recipes(name TEXT)");
	assert_null(store_open(path, STORE_WRITE, &error));
	assert_non_null(strstr(error.text, "not one of Meridian's"));
	assert_int_equal(read_number("SELECT count(*) FROM sqlite_master"), 1);
}

static void test_file_that_is_no_database_is_named_as_damaged(void **state)
{
	(void)state;
	FILE *file = fopen(path, "w");
	for (int i = 0; i < 1000; i++)
		fputs("no database ", file);
	fclose(file);
	for (int mode = STORE_READ; mode <= STORE_WRITE; mode++) {
		struct error error = {0};
		assert_null(store_open(path, (enum store_mode)mode, &error));
		assert_non_null(strstr(error.text, "damaged"));
		assert_non_null(strstr(error.text, path));
	}
}

static void test_store_in_a_missing_folder_is_an_error_that_names_it(void **state)
{
	(void)state;
	struct error error = {0};
	assert_null(store_open("/nonexistent/config.db", STORE_WRITE, &error));
	assert_string_equal(error.text,
			    "/nonexistent/config.db cannot be created: No such file or directory");
}

static void test_mode_of_an_existing_file_is_kept(void **state)
{
	(void)state;
	struct stat info;
	store_close(open_store(STORE_WRITE));
	assert_int_equal(chmod(path, 0600), 0);
	store_close(open_store(STORE_WRITE));
	assert_int_equal(stat(path, &info), 0);
	assert_int_equal(info.st_mode & 0777, 0600);
}

#define SCHEMA_TEST(name) cmocka_unit_test_setup_teardown(name, make_folder, remove_folder)

int main(void)
{
	const struct CMUnitTest tests[] = {
		SCHEMA_TEST(test_new_file_gets_the_schema_once),
		SCHEMA_TEST(test_newer_schema_is_refused_with_both_versions),
		SCHEMA_TEST(test_file_of_version_1_learns_when_its_zones_were_touched),
		SCHEMA_TEST(test_reader_does_not_migrate),
		SCHEMA_TEST(test_foreign_database_is_left_alone),
		SCHEMA_TEST(test_file_that_is_no_database_is_named_as_damaged),
		SCHEMA_TEST(test_store_in_a_missing_folder_is_an_error_that_names_it),
		SCHEMA_TEST(test_mode_of_an_existing_file_is_kept),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
