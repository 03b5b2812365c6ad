/* What a pool is, as its health words, overrides and configuration change: without an answer path.
 */
#include "tests/unit/geodns/served.h"

/* A pool of three under POOLS, with a table of its own in SERVED. */
static const char document[] =
	"{'meridian': 1, 'monitors': [{'name': 'm', 'type': 'tcp', 'port': 80}], 'pools': ["
	"{'name': 'p', 'monitor': 'm', 'min_healthy': 2, 'endpoints': [{'name': 'x', 'address': "
	"'192.0.2.1'}, {'name': 'y', 'address': '192.0.2.2'}, {'name': 'z', 'address': "
	"'2001:db8::1'}]}]}";

static const struct pool_live *pool_of(struct served *served)
{
	return pools_find(&served->content.pools, "p");
}

static bool judge(struct served *served, const char *name, bool with_health, bool force)
{
	struct pools_view view = served_view(served);
	if (!with_health)
		view.health = NULL;
	bool changed = pools_judge(&served->content.pools, name, &view, force);
	pools_retire(&served->content.pools);
	return changed;
}

static void test_without_a_health_table_everybody_serves(void **state)
{
	(void)state;
	struct served served;
	served_open(&served, served_json(document));
	assert_true(judge(&served, "p", false, true));
	assert_true(pool_of(&served)->can_serve);
	assert_int_equal(pool_of(&served)->serving, 3);
	assert_null(pool_of(&served)->last);
	assert_false(judge(&served, "p", false, false));
	served_close(&served);
}

static void test_a_pool_that_is_not_there_is_neither_judged_nor_removed(void **state)
{
	(void)state;
	struct served served;
	served_open(&served, served_json(document));
	assert_false(judge(&served, "other", true, true));
	pools_remove(&served.content.pools, "other");
	assert_non_null(pool_of(&served));
	pools_free_assumed(NULL);
	served_close(&served);
}

/* New endpoints wait while the pool has enough that are proved, and serve while it has not. */
static void test_a_new_endpoint_waits_only_where_enough_are_proved(void **state)
{
	(void)state;
	struct served served;
	served_open(&served, served_json(document));
	assert_int_equal(pool_of(&served)->serving, 3);
	served_health(&served, "endpoint/p/x", VERDICT_UP, 0);
	assert_int_equal(pool_of(&served)->serving, 3);
	served_health(&served, "endpoint/p/y", VERDICT_DEGRADED, 0);
	assert_int_equal(pool_of(&served)->serving, 2);
	assert_string_equal(pool_of(&served)->endpoints[2].effective.why, "pending");
	served_health(&served, "endpoint/p/z", VERDICT_UP, 0);
	assert_int_equal(pool_of(&served)->serving, 3);
	served_close(&served);
}

/* Who is taken out by hand lets nobody wait, however well its checks go. */
static void test_what_is_drained_or_down_by_hand_is_no_proof(void **state)
{
	(void)state;
	static const enum override_action orders[] = {OVERRIDE_DRAIN, OVERRIDE_DOWN};
	for (size_t i = 0; i < 2; i++) {
		struct served served;
		served_open(&served, served_json(document));
		served_health(&served, "endpoint/p/x", VERDICT_UP, 0);
		served_health(&served, "endpoint/p/y", VERDICT_UP, 0);
		assert_int_equal(pool_of(&served)->serving, 2);
		served_override(&served, "endpoint/p/y", orders[i], 1, served.now_ms + 1000);
		/* x and z, which has no verdict yet, are the two that the pool needs. */
		assert_int_equal(pool_of(&served)->serving, 2);
		assert_true(pool_of(&served)->can_serve);
		assert_string_equal(pool_of(&served)->endpoints[2].effective.why,
				    "unknown, state kept");
		/* By words alone, too: the order is remembered. */
		served_health(&served, "endpoint/p/y", VERDICT_DEGRADED, 0);
		assert_true(pool_of(&served)->can_serve);
		served_override(&served, "endpoint/p/y", orders[i], 1, served.now_ms - 1);
		assert_int_equal(pool_of(&served)->serving, 2);
		assert_string_equal(pool_of(&served)->endpoints[2].effective.why, "pending");
		served_close(&served);
	}
}

static void test_what_cannot_flip_caps_no_ttl(void **state)
{
	(void)state;
	struct served served;
	served_open(&served, served_json(document));
	served_health(&served, "endpoint/p/x", VERDICT_UP, 7);
	served_health(&served, "endpoint/p/y", VERDICT_UP, 5);
	assert_int_equal(pool_of(&served)->ttl_cap_s, 5);
	/* By hand: its verdict decides nothing. */
	served_override(&served, "endpoint/p/y", OVERRIDE_UP, 1, served.now_ms + 1000);
	assert_int_equal(pool_of(&served)->ttl_cap_s, 7);
	served_override(&served, "pool/p", OVERRIDE_DRAIN, 1, served.now_ms + 1000);
	assert_int_equal(pool_of(&served)->ttl_cap_s, PLAN_NO_CAP);
	served_override(&served, "pool/p", OVERRIDE_UP, 1, served.now_ms + 1000);
	assert_int_equal(pool_of(&served)->ttl_cap_s, 7);
	served_close(&served);
}

/* A pool judged for the first time at which words say what STATES says. */
static const struct pool_live *begin_with(struct served *served, const struct health_state *states)
{
	static const char *const ids[] = {"endpoint/p/x", "endpoint/p/y", "endpoint/p/z"};
	for (int i = 0; i < 3; i++)
		assert_true(health_set(served->health, ids[i], states[i]));
	health_beat(served->health, mono_now());
	pools_remove(&served->content.pools, "p");
	pools_put(&served->content.pools, model_find(served->model, KIND_POOL, "p"));
	assert_true(judge(served, "p", true, false));
	return pool_of(served);
}

static void test_who_served_last_is_read_in_the_words_at_a_start(void **state)
{
	(void)state;
	struct served served;
	served_open(&served, served_json(document));
	uint32_t now_s = (uint32_t)(served.now_ms / 1000);
	const struct {
		struct health_state states[3];
		bool known, last[3];
		int64_t ago_s;
	} table[] = {
		/* x failed first, y made it too few, z did not matter any more. */
		{{{.verdict = VERDICT_DOWN, .since_s = now_s - 90},
		  {.verdict = VERDICT_DOWN, .since_s = now_s - 60},
		  {.verdict = VERDICT_DOWN, .since_s = now_s - 30}},
		 true,
		 {false, true, true},
		 60},
		/* One serves still. */
		{{{.verdict = VERDICT_UP, .since_s = now_s - 10},
		  {.verdict = VERDICT_DOWN, .since_s = now_s - 60},
		  {.verdict = VERDICT_DOWN, .since_s = now_s - 70}},
		 true,
		 {true, true, false},
		 60},
		/* Two at once. */
		{{{.verdict = VERDICT_DOWN, .since_s = now_s - 60},
		  {.verdict = VERDICT_DOWN, .since_s = now_s - 60},
		  {.verdict = VERDICT_DOWN, .since_s = now_s - 60}},
		 true,
		 {true, true, true},
		 60},
		/* A clock that was set back: not in the future. */
		{{{.verdict = VERDICT_DOWN, .since_s = now_s + 500},
		  {.verdict = VERDICT_DOWN, .since_s = now_s + 500},
		  {.verdict = VERDICT_DOWN, .since_s = now_s + 500}},
		 true,
		 {true, true, true},
		 0},
		/* Nobody wrote since when. */
		{{{.verdict = VERDICT_DOWN}, {.verdict = VERDICT_DOWN}, {.verdict = VERDICT_DOWN}},
		 false,
		 {false},
		 0},
	};
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		const struct pool_live *pool = begin_with(&served, table[i].states);
		assert_false(pool->can_serve);
		assert_int_equal(pool->served_until.ns != POOLS_NEVER, table[i].known);
		assert_int_equal(pool->last != NULL, table[i].known);
		for (int k = 0; k < 3; k++)
			assert_int_equal(pool->endpoints[k].served_last, table[i].last[k]);
		if (table[i].known)
			assert_in_range(mono_ms_between(pool->served_until, mono_now()) / 1000,
					table[i].ago_s, table[i].ago_s + 5);
	}
	served_close(&served);
}

static void test_a_pool_that_a_hand_took_out_before_a_start_is_not_said_to_have_served(void **state)
{
	(void)state;
	struct served served;
	served_open(&served, served_json(document));
	uint32_t now_s = (uint32_t)(served.now_ms / 1000);
	served_override(&served, "pool/p", OVERRIDE_DOWN, 1, served.now_ms + 100000);
	const struct health_state down = {.verdict = VERDICT_DOWN, .since_s = now_s - 5};
	const struct pool_live *pool =
		begin_with(&served, (const struct health_state[]){down, down, down});
	assert_true(pool->by_hand);
	assert_null(pool->last);
	served_close(&served);
}

/* Who was taken out by hand did not fail: the failures of the others tell until when the pool could
 * serve. */
static void test_a_hand_before_a_start_is_no_failure(void **state)
{
	(void)state;
	struct served served;
	served_open(&served, served_json(document));
	uint32_t now_s = (uint32_t)(served.now_ms / 1000);
	served_override(&served, "endpoint/p/x", OVERRIDE_DOWN, 1, served.now_ms + 100000);
	const struct health_state states[] = {{.verdict = VERDICT_DOWN, .since_s = now_s - 5},
					      {.verdict = VERDICT_DOWN, .since_s = now_s - 60},
					      {.verdict = VERDICT_UP, .since_s = now_s - 90}};
	const struct pool_live *pool = begin_with(&served, states);
	assert_false(pool->can_serve);
	assert_in_range(mono_ms_between(pool->served_until, mono_now()) / 1000, 60, 65);
	assert_false(pool->endpoints[0].served_last);
	assert_true(pool->endpoints[1].served_last);
	assert_true(pool->endpoints[2].served_last);
	assert_int_equal(pool->last->named, 2);
	served_close(&served);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_without_a_health_table_everybody_serves),
		cmocka_unit_test(test_a_pool_that_is_not_there_is_neither_judged_nor_removed),
		cmocka_unit_test(test_a_new_endpoint_waits_only_where_enough_are_proved),
		cmocka_unit_test(test_what_is_drained_or_down_by_hand_is_no_proof),
		cmocka_unit_test(test_what_cannot_flip_caps_no_ttl),
		cmocka_unit_test(test_who_served_last_is_read_in_the_words_at_a_start),
		cmocka_unit_test(
			test_a_pool_that_a_hand_took_out_before_a_start_is_not_said_to_have_served),
		cmocka_unit_test(test_a_hand_before_a_start_is_no_failure),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
