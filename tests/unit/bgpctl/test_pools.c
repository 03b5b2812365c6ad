/* Which pools can serve, as the site sees them: by words, orders and what was before. */
#include "bgpctl/pools.h"

#include "base/wall.h"
#include "tests/unit/db/store_fixture.h"

static struct store *store;
static struct health_table *table;
static struct pools pools;
static char health_path[120];

static const char pool_text[] =
	"{'name':'p','monitor':'m','min_healthy':2,'endpoints':[{'name':'x','address':'192.0.2.1'},"
	"{'name':'y','address':'192.0.2.2'},{'name':'z','address':'192.0.2.3'}]}";

static int start(void **state)
{
	struct error error = {0};
	if (make_folder(state) != 0)
		return -1;
	snprintf(health_path, sizeof health_path, "%s/health", folder);
	store = store_open(path, STORE_WRITE, &error);
	table = health_open_writer(health_path, &error);
	if (store == NULL || table == NULL)
		return -1;
	struct changes changes = {0};
	put(&changes, "monitor", NULL, "{'name':'m','type':'tcp','port':80}");
	put(&changes, "pool", NULL, pool_text);
	commit(store, &changes);
	health_beat(table, mono_now());
	return 0;
}

static int stop(void **state)
{
	pools_fini(&pools);
	memset(&pools, 0, sizeof pools);
	health_close(table);
	store_close(store);
	return remove_folder(state);
}

static void say(const char *endpoint, enum verdict verdict)
{
	assert_true(health_set(table, endpoint, (struct health_state){.verdict = verdict}));
}

static void order(const char *object, enum override_action action, int64_t ends_ms)
{
	struct changes changes = {0};
	struct object *put = object_new(KIND_OVERRIDE);
	put->id = mem_strdup(object);
	put->override = (struct override){.object = mem_strdup(object),
					  .action = action,
					  .reason = mem_strdup("test"),
					  .author = mem_strdup("test"),
					  .starts_ms = 1,
					  .ends_ms = ends_ms};
	changes_put(&changes, put, "");
	commit(store, &changes);
}

static bool can_serve(void)
{
	struct model *model = load(store);
	const struct object *pool = model_find(model, KIND_POOL, "p");
	assert_non_null(pool);
	bool can = pools_can_serve(&pools, model, &pool->pool, table, mono_now(), wall_now_ms());
	model_unref(model);
	return can;
}

static void test_what_is_drained_is_no_proof_that_lets_others_wait(void **state)
{
	(void)state;
	say("endpoint/p/x", VERDICT_UP);
	say("endpoint/p/y", VERDICT_UP);
	assert_true(can_serve());
	order("endpoint/p/y", OVERRIDE_DRAIN, wall_now_ms() + 60000);
	assert_true(can_serve()); /* by x and z, which has no verdict yet */
	say("endpoint/p/z", VERDICT_DOWN);
	assert_false(can_serve());
	order("endpoint/p/y", OVERRIDE_DRAIN, wall_now_ms() - 1);
	assert_true(can_serve());
}

static void test_who_waited_is_not_remembered_as_one_who_cannot_serve(void **state)
{
	(void)state;
	say("endpoint/p/x", VERDICT_UP);
	say("endpoint/p/y", VERDICT_UP);
	assert_true(can_serve()); /* z waits */
	say("endpoint/p/y", VERDICT_DOWN);
	assert_true(can_serve());
	say("endpoint/p/x", VERDICT_DOWN);
	assert_false(can_serve());
	say("endpoint/p/x", VERDICT_UNKNOWN); /* changes nothing: it was down */
	assert_false(can_serve());
}

static void test_an_order_for_the_pool_holds_for_all_of_it(void **state)
{
	(void)state;
	order("pool/p", OVERRIDE_DOWN, wall_now_ms() + 60000);
	assert_false(can_serve());
	order("pool/p", OVERRIDE_DOWN, wall_now_ms() - 1);
	assert_true(can_serve());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_what_is_drained_is_no_proof_that_lets_others_wait, start, stop),
		cmocka_unit_test_setup_teardown(
			test_who_waited_is_not_remembered_as_one_who_cannot_serve, start, stop),
		cmocka_unit_test_setup_teardown(test_an_order_for_the_pool_holds_for_all_of_it,
						start, stop),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
