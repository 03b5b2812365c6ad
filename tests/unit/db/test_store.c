/* Commits, revisions and record sets, as one writer sees them. */
#include "store_fixture.h"

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

static void test_new_store_is_empty_at_revision_zero(void **state)
{
	(void)state;
	struct stat info;
	assert_int_equal(store_revision(store, NULL), 0);
	struct model *model = load(store);
	assert_int_equal(model->revision, 0);
	for (int kind = 0; kind < KIND_COUNT; kind++)
		assert_int_equal(model->of[kind].count, 0);
	model_unref(model);
	const char *const endings[] = {"", "-wal", "-shm"};
	for (int i = 0; i < 3; i++) {
		char file[128];
		snprintf(file, sizeof file, "%s%s", path, endings[i]);
		assert_int_equal(stat(file, &info), 0);
		assert_int_equal(info.st_mode & 0777, 0640);
	}
}

static void test_committed_objects_are_loaded_as_they_were(void **state)
{
	(void)state;
	struct changes changes = {0};
	put_site(&changes, "fra", 50);
	put_zone(&changes, "example.com");
	struct object *wanted = object_ref(changes.at[1].after);
	assert_int_equal(commit(store, &changes), 1);
	struct model *model = load(store);
	assert_int_equal(model->revision, 1);
	const struct object *zone = model_find(model, KIND_ZONE, "example.com");
	assert_non_null(zone);
	assert_true(codec_equal(zone, wanted));
	assert_int_equal(zone->revision, 1);
	assert_non_null(model_find(model, KIND_SITE, "fra"));
	model_unref(model);
	object_unref(wanted);
}

static void test_commit_fills_what_was_before(void **state)
{
	(void)state;
	struct author author = {.name = "ops"};
	struct findings findings = {0};
	struct changes changes = {0};
	int64_t revision;
	commit_site(store, "fra", 50);
	put_site(&changes, "fra", 51);
	put_site(&changes, "nyc", 40);
	assert_int_equal(
		store_commit(store, &changes, &author, NULL, false, &revision, &findings, NULL),
		COMMIT_DONE);
	assert_int_equal(changes.count, 2);
	assert_true(changes.at[0].before->site.position.lat == 50);
	assert_int_equal(changes.at[0].before->revision, 1);
	assert_int_equal(changes.at[0].after->revision, 2);
	assert_null(changes.at[1].before);
	changes_fini(&changes);
}

static void test_what_says_the_same_is_left_out(void **state)
{
	(void)state;
	struct changes changes = {0};
	struct error error = {0};
	int64_t revision = -1;
	put_zone(&changes, "example.com");
	put_address(&changes, "example.com", "www", "192.0.2.1");
	put_site(&changes, "fra", 50);
	commit(store, &changes);
	put_zone(&changes, "example.com");
	put_address(&changes, "example.com", "www", "192.0.2.1");
	changes_remove(&changes, KIND_SITE, "never-there", NULL);
	assert_int_equal(try_commit(store, &changes, &revision, &error), COMMIT_NOTHING);
	assert_int_equal(revision, 1);
	put_address(&changes, "example.com", "www", "192.0.2.1");
	put_site(&changes, "fra", 51);
	assert_int_equal(commit(store, &changes), 2);
	struct revision *list;
	size_t count;
	assert_true(store_history(store, 0, 10, &list, &count, NULL));
	assert_int_equal(count, 2);
	assert_int_equal(list[0].number, 2);
	assert_int_equal(list[0].changes, 1);
	assert_string_equal(list[0].author, "test");
	assert_string_equal(list[0].comment, "because");
	assert_true(list[0].time_ms >= list[1].time_ms);
	revisions_free(list, count);
	assert_true(store_history(store, 2, 10, &list, &count, NULL));
	assert_int_equal(count, 1);
	assert_int_equal(list[0].number, 1);
	revisions_free(list, count);
}

static void test_dry_run_says_what_would_change_and_stores_nothing(void **state)
{
	(void)state;
	struct author author = {.name = "ops"};
	struct findings findings = {0};
	struct changes changes = {0};
	int64_t revision = -1;
	put_site(&changes, "fra", 50);
	assert_int_equal(
		store_commit(store, &changes, &author, NULL, true, &revision, &findings, NULL),
		COMMIT_DONE);
	assert_int_equal(changes.count, 1);
	assert_int_equal(revision, 0);
	assert_int_equal(store_revision(store, NULL), 0);
	changes_fini(&changes);
}

static void test_invalid_change_is_refused_whole(void **state)
{
	(void)state;
	struct changes changes = {0};
	struct error error = {0};
	int64_t revision;
	put_site(&changes, "fra", 50);
	put(&changes, "pool", NULL,
	    "{'name':'eu','monitor':'nowhere','endpoints':[{'name':'a','address':'192.0.2.1'}]}");
	assert_int_equal(try_commit(store, &changes, &revision, &error), COMMIT_INVALID);
	assert_non_null(strstr(error.text, "nowhere"));
	assert_int_equal(store_revision(store, NULL), 0);
	struct model *model = load(store);
	assert_null(model_find(model, KIND_SITE, "fra"));
	model_unref(model);
}

static void test_removal_of_what_is_in_use_is_blocked(void **state)
{
	(void)state;
	struct changes changes = {0};
	struct error error = {0};
	int64_t revision;
	put(&changes, "monitor", NULL, "{'name':'web','type':'tcp','port':80}");
	put(&changes, "pool", NULL,
	    "{'name':'eu','monitor':'web','endpoints':[{'name':'a','address':'192.0.2.1'}]}");
	commit(store, &changes);
	changes_remove(&changes, KIND_MONITOR, "web", NULL);
	assert_int_equal(try_commit(store, &changes, &revision, &error), COMMIT_BLOCKED);
	assert_non_null(strstr(error.text, "eu"));
	assert_int_equal(store_revision(store, NULL), 1);
}

static enum commit_result commit_expecting(const char *id, int64_t revision_of, struct error *error)
{
	struct author author = {.name = "ops"};
	struct findings findings = {0};
	struct changes changes = {0};
	struct expect expect = {KIND_SITE, id, revision_of};
	int64_t revision;
	char text[100];
	snprintf(text, sizeof text, "{'name':'%s','lat':%d,'lon':1}", id, rand() % 80);
	put(&changes, "site", NULL, text);
	enum commit_result result =
		store_commit(store, &changes, &author, &expect, false, &revision, &findings, error);
	changes_fini(&changes);
	return result;
}

static void test_stale_expectation_is_refused(void **state)
{
	(void)state;
	struct error error = {0};
	commit_site(store, "fra", 90);
	commit_site(store, "fra", 89);
	assert_int_equal(commit_expecting("fra", 1, &error), COMMIT_STALE);
	assert_string_equal(error.text, "site fra was changed in revision 2 meanwhile");
	assert_int_equal(commit_expecting("fra", 0, &error), COMMIT_STALE);
	assert_int_equal(commit_expecting("fra", 2, &error), COMMIT_DONE);
	assert_int_equal(commit_expecting("nyc", 1, &error), COMMIT_STALE);
	assert_string_equal(error.text, "site nyc is not there any more");
	assert_int_equal(commit_expecting("nyc", 0, &error), COMMIT_DONE);
}

struct listing {
	char text[400];
	size_t limit, count;
};

static bool list_rrset(void *context, const struct object *rrset)
{
	struct listing *listing = context;
	size_t used = strlen(listing->text);
	snprintf(listing->text + used, sizeof listing->text - used, "%s %u;", rrset->id,
		 (unsigned)rrset->rrset.rdata_len);
	return ++listing->count != listing->limit;
}

static void test_record_sets_come_by_zone_or_name_in_order(void **state)
{
	(void)state;
	put_some_records(store);
	struct listing all = {0}, name = {0}, one = {.limit = 1}, none = {0};
	assert_true(store_rrsets(store, "example.com", NULL, false, list_rrset, &all, NULL));
	assert_string_equal(all.text, "example.com/@/A 6;example.com/@/NS 18;example.com/www/A 6;"
				      "example.com/www/AAAA 36;");
	assert_true(store_rrsets(store, "example.com", "www", true, list_rrset, &name, NULL));
	assert_string_equal(name.text, "example.com/www/A 6;example.com/www/AAAA 36;");
	assert_true(store_rrsets(store, "example.com", NULL, false, list_rrset, &one, NULL));
	assert_string_equal(one.text, "example.com/@/A 6;");
	assert_true(store_rrsets(store, "example.net", NULL, false, list_rrset, &none, NULL));
	assert_string_equal(none.text, "");
}

static void test_record_set_is_found_by_its_id(void **state)
{
	(void)state;
	struct error error = {0};
	put_some_records(store);
	struct object *rrset = store_get(store, KIND_RRSET, "example.com/www/AAAA", &error);
	assert_non_null(rrset);
	assert_int_equal(rrset->rrset.data.count, 2);
	assert_string_equal(rrset->rrset.data.at[1], "2001:db8::2");
	assert_int_equal(rrset->rrset.ttl, 300);
	assert_int_equal(rrset->revision, 1);
	object_unref(rrset);
	/* RFC 2317 section 4: an owner with a slash in its name. */
	rrset = store_get(store, KIND_RRSET, "2.0.192.in-addr.arpa/0/25/NS", &error);
	assert_non_null(rrset);
	assert_string_equal(rrset->rrset.name, "0/25");
	object_unref(rrset);
	static const char *const absent[] = {
		"example.com/www/MX",	 "example.com/www", "example.com", "", "///",
		"example.com/www/NOTYPE"};
	for (size_t i = 0; i < sizeof absent / sizeof *absent; i++)
		assert_null(store_get(store, KIND_RRSET, absent[i], &error));
	assert_string_equal(error.text, "");
}

static void test_zone_is_removed_with_its_contents(void **state)
{
	(void)state;
	struct changes changes = {0};
	put_some_records(store);
	put(&changes, "pool", NULL,
	    "{'name':'eu','endpoints':[{'name':'a','address':'192.0.2.1'}]}");
	put(&changes, "service", "example.com",
	    "{'name':'cdn','steering':'failover','pools':['eu']}");
	commit(store, &changes);
	changes_remove(&changes, KIND_ZONE, "example.com", NULL);
	commit(store, &changes);
	struct listing left = {0};
	assert_true(store_rrsets(store, "example.com", NULL, false, list_rrset, &left, NULL));
	assert_int_equal(left.count, 0);
	struct model *model = load(store);
	assert_int_equal(model->of[KIND_SERVICE].count, 0);
	model_unref(model);
	struct revision *list;
	size_t count;
	assert_true(store_history(store, 0, 1, &list, &count, NULL));
	assert_int_equal(list[0].changes, 1 + 4 + 1);
	revisions_free(list, count);
	/* What was removed with the zone comes back with it. */
	struct author author = {.name = "ops"};
	struct findings findings = {0};
	int64_t revision;
	assert_int_equal(store_rollback(store, 2, &author, false, &revision, &findings, NULL),
			 COMMIT_DONE);
	assert_true(store_rrsets(store, "example.com", NULL, false, list_rrset, &left, NULL));
	assert_int_equal(left.count, 4);
}

struct nested {
	size_t outer, inner;
};

static bool count_inner(void *context, const struct object *rrset)
{
	(void)rrset;
	((struct nested *)context)->inner++;
	return true;
}

static bool ask_again(void *context, const struct object *rrset)
{
	struct nested *nested = context;
	nested->outer++;
	/* The same statement, while it is being stepped; and a file that went away meanwhile. */
	char away[128];
	snprintf(away, sizeof away, "%s-away", path);
	rename(path, away);
	bool done = store_rrsets(store, rrset->rrset.zone, NULL, false, count_inner, nested, NULL);
	rename(away, path);
	return done;
}

static void test_walk_may_ask_the_store_again(void **state)
{
	(void)state;
	put_some_records(store);
	struct nested nested = {0};
	assert_true(store_rrsets(store, "example.com", NULL, false, ask_again, &nested, NULL));
	assert_int_equal(nested.outer, 4);
	assert_int_equal(nested.inner, 16);
}

#define STORE_TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORE_TEST(test_new_store_is_empty_at_revision_zero),
		STORE_TEST(test_committed_objects_are_loaded_as_they_were),
		STORE_TEST(test_commit_fills_what_was_before),
		STORE_TEST(test_what_says_the_same_is_left_out),
		STORE_TEST(test_dry_run_says_what_would_change_and_stores_nothing),
		STORE_TEST(test_invalid_change_is_refused_whole),
		STORE_TEST(test_removal_of_what_is_in_use_is_blocked),
		STORE_TEST(test_stale_expectation_is_refused),
		STORE_TEST(test_record_sets_come_by_zone_or_name_in_order),
		STORE_TEST(test_record_set_is_found_by_its_id),
		STORE_TEST(test_zone_is_removed_with_its_contents),
		STORE_TEST(test_walk_may_ask_the_store_again),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
