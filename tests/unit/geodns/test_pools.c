/*
 * Holds what costs only what changed to what is worked out anew: pools that follow single health
 * words to pools of which every endpoint is judged each time, and plans to the pools they hold.
 */
#include "base/rng.h"
#include "tests/unit/geodns/served.h"

enum { STEPS = 20000, ENDPOINTS = 6 };

static const char document[] =
	"{'meridian': 1, 'monitors': [{'name': 'm', 'type': 'tcp', 'port': 80}], 'pools': ["
	"{'name': 'a', 'monitor': 'm', 'min_healthy': 2, 'endpoints': ["
	"{'name': 'e0', 'address': '192.0.2.1'}, {'name': 'e1', 'address': '192.0.2.2'},"
	"{'name': 'e2', 'address': '192.0.2.3', 'weight': 0},"
	"{'name': 'e3', 'address': '2001:db8::1'}, {'name': 'e4', 'address': '2001:db8::2'},"
	"{'name': 'e5', 'address': '192.0.2.4', 'enabled': false}]},"
	"{'name': 'b', 'monitor': 'm', 'answers': 'hash', 'fallback': 'c', 'endpoints': ["
	"{'name': 'e0', 'address': '192.0.2.11'}, {'name': 'e1', 'address': '192.0.2.12'}]},"
	"{'name': 'c', 'monitor': 'm', 'answers': 'failover', 'endpoints': ["
	"{'name': 'e0', 'address': '192.0.2.21', 'priority': 1},"
	"{'name': 'e1', 'address': '192.0.2.22', 'priority': 2}]}],"
	"'zones': [{'name': 'x.test', 'primary': 'a.', 'contact': 'b.', 'records': ["
	"{'name': '@', 'type': 'NS', 'data': ['ns.test.']}], 'services': ["
	"{'name': 'ab', 'steering': 'failover', 'pools': ['a', 'b']},"
	"{'name': 'c', 'steering': 'failover', 'pools': ['c']}]}]}";

static const char *const names[] = {"a", "b", "c"};

static void assert_same_set(const struct poolset *one, const struct poolset *other)
{
	assert_int_equal(one != NULL, other != NULL);
	if (one == NULL || other == NULL)
		return;
	assert_int_equal(one->size, other->size);
	assert_memory_equal(one, other, one->size);
}

static void assert_same_pool(const struct pool_live *one, const struct pool_live *other)
{
	assert_int_equal(one->serving, other->serving);
	assert_int_equal(one->can_serve, other->can_serve);
	assert_int_equal(one->ttl_cap_s, other->ttl_cap_s);
	assert_int_equal(one->served_until.ns, other->served_until.ns);
	assert_same_set(one->now, other->now);
	assert_same_set(one->all, other->all);
	assert_same_set(one->last, other->last);
	for (size_t i = 0; i < one->config->pool.endpoint_count; i++) {
		assert_int_equal(one->endpoints[i].word, other->endpoints[i].word);
		assert_string_equal(one->endpoints[i].effective.why,
				    other->endpoints[i].effective.why);
	}
}

/* Some words of some pools, also of endpoints that are not there. */
static void change_words(struct served *served, struct rng *rng)
{
	for (uint64_t n = 1 + rng_below(rng, 3); n > 0; n--) {
		char target[64];
		snprintf(target, sizeof target, "endpoint/%s/e%u", names[rng_below(rng, 3)],
			 (unsigned)rng_below(rng, ENDPOINTS));
		struct health_state state = {.verdict = (enum verdict)rng_below(rng, 5),
					     .pending = rng_below(rng, 6) == 0,
					     .flip_after_s = (uint16_t)rng_below(rng, 3),
					     .since_s = (uint32_t)rng_below(rng, 2)};
		assert_true(health_set(served->health, target, state));
	}
}

/* All of it anew, as before a word was followed alone. */
static void judge_all_anew(struct pools *pools, const struct pools_view *view)
{
	for (size_t i = 0; i < 3; i++) {
		pools_put(pools, model_find(view->model, KIND_POOL, names[i]));
		(void)pools_judge(pools, names[i], view, true);
	}
	pools_retire(pools);
}

static void test_following_words_agrees_with_judging_every_endpoint(void **state)
{
	(void)state;
	struct served served;
	struct pools pools;
	struct rng rng;
	rng_init(&rng, 3);
	served_open(&served, served_json(document));
	pools_init(&pools, served.quiesce);
	struct pools_view view = served_view(&served);
	(void)content_judge(&served.content, &view, true);
	judge_all_anew(&pools, &view);
	for (int step = 0; step < STEPS; step++) {
		if (step % 1000 == 0) {
			enum override_action action = (enum override_action)rng_below(&rng, 3);
			served_override(&served, "endpoint/a/e0", action, served.now_ms - 60000,
					served.now_ms + (step % 3 == 0 ? 60000 + step : -1 - step));
			view = served_view(&served);
			(void)content_judge(&served.content, &view, true);
			judge_all_anew(&pools, &view);
		}
		if (step % 50 == 0)
			health_beat(served.health, mono_now());
		change_words(&served, &rng);
		view = served_view(&served);
		(void)content_judge(&served.content, &view, false);
		judge_all_anew(&pools, &view);
		for (size_t i = 0; i < 3; i++)
			assert_same_pool(pools_find(&served.content.pools, names[i]),
					 pools_find(&pools, names[i]));
		(void)quiesce_reclaim(served.quiesce);
	}
	pools_fini(&pools);
	served_close(&served);
}

static const struct plan *plan_of(struct served *served, const char *service)
{
	const struct content_service *live = content_service(&served->content, service);
	assert_non_null(live);
	return atomic_load(&live->steering->cell.plan);
}

static void test_a_verdict_makes_only_the_plans_anew_that_hold_its_pool(void **state)
{
	(void)state;
	struct served served;
	served_open(&served, served_json(document));
	served_health(&served, "endpoint/c/e0", VERDICT_UP, 0);
	served_health(&served, "endpoint/a/e0", VERDICT_UP, 0);
	const struct plan *ab = plan_of(&served, "x.test/ab"), *c = plan_of(&served, "x.test/c");
	served_health(&served, "endpoint/a/e0", VERDICT_DOWN, 0);
	assert_ptr_equal(plan_of(&served, "x.test/c"), c);
	assert_ptr_not_equal(plan_of(&served, "x.test/ab"), ab);
	/* The fallback of a pool is in its services' plans. */
	ab = plan_of(&served, "x.test/ab");
	served_health(&served, "endpoint/c/e0", VERDICT_DOWN, 0);
	assert_ptr_not_equal(plan_of(&served, "x.test/ab"), ab);
	assert_ptr_not_equal(plan_of(&served, "x.test/c"), c);
	served_close(&served);
}

static void test_a_plan_is_made_once_for_all_pools_that_changed(void **state)
{
	(void)state;
	struct served served;
	struct health_state down = {.verdict = VERDICT_DOWN};
	served_open(&served, served_json(document));
	/* A worker that never passes keeps what was retired. */
	struct quiesce *held = quiesce_new(1);
	served.content.steerings.quiesce = held;
	assert_true(health_set(served.health, "endpoint/a/e0", down));
	assert_true(health_set(served.health, "endpoint/b/e0", down));
	assert_true(health_set(served.health, "endpoint/c/e0", down));
	struct pools_view view = served_view(&served);
	assert_int_equal(content_judge(&served.content, &view, false), 3);
	assert_int_equal(quiesce_reclaim(held), 2);
	quiesce_free(held);
	served.content.steerings.quiesce = served.quiesce;
	served_close(&served);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_following_words_agrees_with_judging_every_endpoint),
		cmocka_unit_test(test_a_verdict_makes_only_the_plans_anew_that_hold_its_pool),
		cmocka_unit_test(test_a_plan_is_made_once_for_all_pools_that_changed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
