/* Revisions: what is between two of them, and the way back. */
#include "store_fixture.h"

#include "db/store_private.h"

static struct store *store;

static int start(void **state)
{
	if (make_folder(state) != 0)
		return -1;
	store = store_open(path, STORE_WRITE, NULL);
	return store == NULL ? -1 : 0;
}

static int stop(void **state)
{
	store_close(store);
	return remove_folder(state);
}

static void assert_lat(const struct object *object, double lat)
{
	if (lat == 0) {
		assert_null(object);
		return;
	}
	assert_non_null(object);
	assert_true(object->site.position.lat == lat);
}

static void assert_diff(int64_t from, int64_t to, double fra_before, double fra_after,
			size_t changes_wanted)
{
	struct changes changes = {0};
	struct error error = {0};
	if (!store_diff(store, from, to, &changes, &error))
		fail_msg("%s", error.text);
	assert_int_equal(changes.count, changes_wanted);
	for (size_t i = 0; i < changes.count; i++) {
		if (strcmp(changes.at[i].id, "fra") != 0)
			continue;
		assert_lat(changes.at[i].before, fra_before);
		assert_lat(changes.at[i].after, fra_after);
	}
	changes_fini(&changes);
}

static void test_diff_folds_the_revisions_between_either_way(void **state)
{
	(void)state;
	struct changes changes = {0};
	commit_site(store, "fra", 50);
	commit_site(store, "fra", 51);
	commit_site(store, "nyc", 40);
	changes_remove(&changes, KIND_SITE, "fra", NULL);
	commit(store, &changes);
	commit_site(store, "fra", 51);
	assert_diff(0, 5, 0, 51, 2);
	assert_diff(5, 0, 51, 0, 2);
	assert_diff(1, 2, 50, 51, 1);
	assert_diff(2, 1, 51, 50, 1);
	assert_diff(2, 5, 0, 0, 1); /* fra is as it was: only nyc differs */
	assert_diff(3, 4, 51, 0, 1);
	assert_diff(4, 3, 0, 51, 1);
	assert_diff(3, 3, 0, 0, 0);
	struct error error = {0};
	assert_false(store_diff(store, 1, 6, &changes, &error));
	assert_string_equal(error.text, "there is no revision 6; the newest is 5");
	assert_false(store_diff(store, -1, 5, &changes, &error));
}

static void test_diff_holds_record_sets(void **state)
{
	(void)state;
	struct changes changes = {0};
	put_some_records(store);
	put_address(&changes, "example.com", "www", "192.0.2.9");
	changes_remove(&changes, KIND_RRSET, "example.com/www/AAAA", NULL);
	commit(store, &changes);
	assert_true(store_diff(store, 2, 1, &changes, NULL));
	assert_int_equal(changes.count, 2);
	for (size_t i = 0; i < 2; i++) {
		const struct change *change = &changes.at[i];
		assert_int_equal(change->kind, KIND_RRSET);
		assert_non_null(change->after);
		assert_string_equal(change->after->rrset.data.at[0],
				    change->before != NULL ? "192.0.2.1" : "2001:db8::1");
	}
	changes_fini(&changes);
}

static void test_rollback_is_a_new_revision_with_everything_as_it_was(void **state)
{
	(void)state;
	struct author author = {.name = "ops"};
	struct findings findings = {0};
	struct changes changes = {0};
	struct error error = {0};
	int64_t revision;
	put_some_records(store);
	struct model *before = load(store);
	put_site(&changes, "fra", 50);
	put_address(&changes, "example.com", "www", "192.0.2.9");
	changes_remove(&changes, KIND_RRSET, "example.com/@/A", NULL);
	commit(store, &changes);
	assert_int_equal(store_rollback(store, 1, &author, true, &revision, &findings, &error),
			 COMMIT_DONE);
	assert_int_equal(store_revision(store, NULL), 2);
	assert_int_equal(store_rollback(store, 1, &author, false, &revision, &findings, &error),
			 COMMIT_DONE);
	assert_int_equal(revision, 3);
	assert_true(store_diff(store, 1, 3, &changes, NULL));
	assert_int_equal(changes.count, 0);
	struct model *after = load(store);
	assert_int_equal(after->of[KIND_SITE].count, before->of[KIND_SITE].count);
	model_unref(after);
	model_unref(before);
	struct revision *list;
	size_t count;
	assert_true(store_history(store, 0, 1, &list, &count, NULL));
	assert_string_equal(list[0].comment, "rollback to revision 1");
	revisions_free(list, count);
	assert_int_equal(store_rollback(store, 3, &author, false, &revision, &findings, &error),
			 COMMIT_NOTHING);
	assert_int_equal(store_rollback(store, 7, &author, false, &revision, &findings, &error),
			 COMMIT_FAILED);
	assert_string_equal(error.text, "there is no revision 7; the newest is 3");
	changes_fini(&changes);
}

static void test_rollback_leaves_overrides_alone(void **state)
{
	(void)state;
	struct author author = {.name = "ops"};
	struct findings findings = {0};
	struct changes changes = {0};
	int64_t revision;
	put(&changes, "pool", NULL,
	    "{'name':'eu','endpoints':[{'name':'eu1','address':'192.0.2.1'}]}");
	commit(store, &changes);
	commit_site(store, "fra", 50);
	put(&changes, "override", NULL,
	    "{'object':'endpoint/eu/eu1','action':'down','reason':'broken','author':'ops',"
	    "'starts':'2026-01-01T00:00:00Z','ends':'2026-02-01T00:00:00Z'}");
	commit(store, &changes);
	assert_true(store_rollback_changes(store, 1, &changes, NULL));
	assert_int_equal(changes.count, 1); /* what is shown beforehand is what is done */
	assert_int_equal(changes.at[0].kind, KIND_SITE);
	changes_fini(&changes);
	assert_int_equal(store_rollback(store, 1, &author, false, &revision, &findings, NULL),
			 COMMIT_DONE);
	struct model *model = load(store);
	assert_int_equal(model->of[KIND_OVERRIDE].count, 1);
	assert_int_equal(model->of[KIND_SITE].count, 0);
	model_unref(model);
}

static void test_old_revisions_go_and_the_rest_can_be_gone_back_to(void **state)
{
	(void)state;
	struct author author = {.name = "ops"};
	struct findings findings = {0};
	struct error error = {0};
	struct changes changes = {0};
	struct revision *list;
	size_t count;
	int64_t revision;
	store->revisions_kept = 5;
	for (int i = 1; i <= 12; i++)
		commit_site(store, "fra", i);
	assert_true(store_history(store, 0, 100, &list, &count, NULL));
	assert_int_equal(count, 5);
	assert_int_equal(list[4].number, 8);
	revisions_free(list, count);
	assert_diff(7, 12, 7, 12, 1);
	assert_false(store_diff(store, 6, 12, &changes, &error));
	assert_string_equal(error.text, "revision 6 is no longer kept; the oldest is 7");
	assert_false(store_diff(store, 0, 12, &changes, &error));
	assert_int_equal(store_rollback(store, 7, &author, false, &revision, &findings, &error),
			 COMMIT_DONE);
	struct model *model = store_load(store, NULL);
	assert_lat(model_find(model, KIND_SITE, "fra"), 7);
	model_unref(model);
}

static void test_reader_that_was_away_while_history_went_gets_everything(void **state)
{
	(void)state;
	struct error error = {0};
	struct moved *moved;
	size_t count;
	struct store *reader = store_open(path, STORE_READ, NULL);
	store->revisions_kept = 5;
	commit_site(store, "nyc", 40);
	struct model *old = store_load(reader, NULL);
	for (int i = 1; i <= 12; i++)
		commit_site(store, "fra", i);
	struct model *now = store_refresh(reader, old, &moved, &count, &error);
	assert_non_null(now);
	assert_lat(model_find(now, KIND_SITE, "fra"), 12);
	assert_lat(model_find(now, KIND_SITE, "nyc"), 40);
	moved_free(moved, count);
	model_unref(now);
	model_unref(old);
	store_close(reader);
}

#define HISTORY_TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		HISTORY_TEST(test_diff_folds_the_revisions_between_either_way),
		HISTORY_TEST(test_diff_holds_record_sets),
		HISTORY_TEST(test_rollback_is_a_new_revision_with_everything_as_it_was),
		HISTORY_TEST(test_rollback_leaves_overrides_alone),
		HISTORY_TEST(test_old_revisions_go_and_the_rest_can_be_gone_back_to),
		HISTORY_TEST(test_reader_that_was_away_while_history_went_gets_everything),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
