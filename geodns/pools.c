/* Knows when a pool can serve, and who of it stands in its answers. */
#include "geodns/pools.h"

#include "base/mem.h"
#include "geodns/plan.h"
#include "geodns/pools_last.h"

#include <stdlib.h>
#include <string.h>

void pools_init(struct pools *pools, struct quiesce *quiesce)
{
	*pools = (struct pools){.quiesce = quiesce};
}

static void free_endpoints(struct pool_live *pool)
{
	for (size_t i = 0; pool->config != NULL && i < pool->config->pool.endpoint_count; i++)
		free(pool->endpoints[i].id);
	free(pool->endpoints);
	pool->endpoints = NULL;
}

static void unref_config(struct pool_live *pool)
{
	/* object_unref counts atomically; this reference is ours. */
	union {
		const struct object *borrowed;
		struct object *owned;
	} config = {.borrowed = pool->config};
	object_unref(config.owned);
	pool->config = NULL;
}

static void pool_free(struct pool_live *pool)
{
	free_endpoints(pool);
	unref_config(pool);
	free(pool->last);
	free(pool->now);
	free(pool->all);
	free(pool);
}

static void throw_away(struct pools *pools, void *set)
{
	pools->trash = mem_resize(pools->trash, pools->trash_count + 1, sizeof *pools->trash);
	pools->trash[pools->trash_count++] = set;
}

void pools_retire(struct pools *pools)
{
	for (size_t i = 0; i < pools->trash_count; i++)
		quiesce_retire(pools->quiesce, pools->trash[i], free);
	free(pools->trash);
	pools->trash = NULL;
	pools->trash_count = 0;
}

void pools_fini(struct pools *pools)
{
	size_t cursor = 0;
	const char *name;
	void *pool;
	while (strmap_next(&pools->of, &cursor, &name, &pool))
		pool_free(pool);
	strmap_fini(&pools->of);
	pools_retire(pools);
}

const struct pool_live *pools_find(const struct pools *pools, const char *name)
{
	return strmap_find(&pools->of, name);
}

/* What was known of the endpoint ID, or zeros. Most often it stands where it stood: at AT. */
static struct endpoint_live known_of(const struct pool_live *pool, const char *id, size_t at)
{
	size_t count = pool->config != NULL ? pool->config->pool.endpoint_count : 0;
	if (at < count && strcmp(pool->endpoints[at].id, id) == 0)
		return pool->endpoints[at];
	for (size_t i = 0; i < count; i++) {
		if (strcmp(pool->endpoints[i].id, id) == 0)
			return pool->endpoints[i];
	}
	return (struct endpoint_live){0};
}

void pools_put(struct pools *pools, const struct object *config)
{
	struct pool_live *pool = strmap_find(&pools->of, config->pool.name);
	if (pool == NULL) {
		pool = mem_new(struct pool_live);
		pool->served_until.ns = POOLS_NEVER;
		strmap_put(&pools->of, config->pool.name, pool);
	}
	size_t count = config->pool.endpoint_count;
	struct endpoint_live *endpoints = mem_array(count, sizeof *endpoints);
	for (size_t i = 0; i < count; i++) {
		char *id = mem_printf("endpoint/%s/%s", config->pool.name,
				      config->pool.endpoints[i].name);
		endpoints[i] = known_of(pool, id, i);
		endpoints[i].id = id;
		endpoints[i].key = health_key(id);
		endpoints[i].proved = false;
	}
	pool->proved = 0;
	pool->all_is_old = true;
	free_endpoints(pool);
	unref_config(pool);
	pool->endpoints = endpoints;
	pool->config = object_ref(config);
}

static void throw_sets_away(struct pools *pools, struct pool_live *pool)
{
	throw_away(pools, pool->now);
	throw_away(pools, pool->last);
	pool->now = pool->last = NULL;
	if (!pool->all_is_old)
		return;
	throw_away(pools, pool->all);
	pool->all = NULL;
}

void pools_remove(struct pools *pools, const char *name)
{
	struct pool_live *pool = strmap_remove(&pools->of, name);
	if (pool == NULL)
		return;
	pool->all_is_old = true;
	throw_sets_away(pools, pool);
	pool_free(pool);
}

static bool is_fresh(const struct pools_view *view)
{
	return view->health != NULL && health_fresh(view->health, view->now);
}

static bool is_by_hand(const struct pool_live *pool, size_t i, const struct pools_view *view)
{
	return effective_is_by_hand(
		pool->config->pool.endpoints[i].enabled,
		model_override(view->model, pool->endpoints[i].id, view->now_ms));
}

/* Takes up the word of endpoint I, which was taken out BY_HAND. */
static void read_word(struct pool_live *pool, size_t i, const struct health_table *health,
		      bool by_hand)
{
	struct endpoint_live *endpoint = &pool->endpoints[i];
	struct health_state state = {.verdict = VERDICT_NONE};
	if (health != NULL)
		state = health_get(health, endpoint->key);
	uint64_t word = health_pack(state);
	bool proved = effective_is_proved(by_hand, state);
	endpoint->moved = word != endpoint->word;
	endpoint->word = word;
	pool->proved += proved;
	pool->proved -= endpoint->proved;
	endpoint->proved = proved;
}

static struct endpoint_live judge_endpoint(const struct pool_live *live, size_t i,
					   const struct pools_view *view)
{
	const struct pool *pool = &live->config->pool;
	const struct endpoint_live *before = &live->endpoints[i];
	struct endpoint_live after = *before;
	const struct override *override = model_override(view->model, before->id, view->now_ms);
	struct effective_input input = {
		.has_override = override != NULL,
		.override = override != NULL ? override->action : OVERRIDE_UP,
		.enabled = pool->endpoints[i].enabled,
		.monitored = pool->monitor != NULL,
		.others_suffice = live->others_suffice,
		.fresh = live->fresh,
		.health = health_unpack(before->word),
		.has_before = before->has_known,
		.before = before->known,
	};
	after.effective = effective_state(&input);
	after.by_hand = effective_is_by_hand(input.enabled, override);
	after.flip_after_s = input.fresh && !input.has_override && input.monitored
				     ? input.health.flip_after_s
				     : 0;
	/* What a hand decided is not what is known of the endpoint once the hand is gone; that
	 * it waited is not, either. */
	if (!input.has_override && input.enabled && !after.effective.waits) {
		after.has_known = true;
		after.known = after.effective.serving;
	}
	return after;
}

static bool same_endpoint(const struct endpoint_live *a, const struct endpoint_live *b)
{
	return a->effective.serving == b->effective.serving && a->by_hand == b->by_hand &&
	       a->flip_after_s == b->flip_after_s;
}

static const char *override_text(const struct override *override)
{
	static const char *const texts[] = {"up", "down", "drain", "freeze"};
	return override != NULL ? texts[override->action] : NULL;
}

/* The counts and the flag that follow from the endpoints and the pool's own override. What is taken
 * out by hand answers nothing that could flip. */
static void judge_pool(struct pool_live *pool)
{
	const struct pool *config = &pool->config->pool;
	uint32_t least = config->min_healthy > 1 ? config->min_healthy : 1;
	pool->serving = 0;
	pool->ttl_cap_s = PLAN_NO_CAP;
	for (size_t i = 0; i < config->endpoint_count; i++) {
		const struct endpoint_live *endpoint = &pool->endpoints[i];
		pool->serving += endpoint->effective.serving == SERVING_YES;
		if (endpoint->flip_after_s > 0 && endpoint->flip_after_s < pool->ttl_cap_s &&
		    !pool->by_hand)
			pool->ttl_cap_s = endpoint->flip_after_s;
	}
	pool->can_serve = pool->serving >= least;
	if (pool->override != NULL)
		pool->can_serve = strcmp(pool->override, "up") == 0;
}

static struct poolset *set_of_all(const struct pool_live *pool, bool *chosen)
{
	for (size_t i = 0; i < pool->config->pool.endpoint_count; i++)
		chosen[i] = !pool->endpoints[i].by_hand;
	return poolset_new(&pool->config->pool, chosen);
}

/* Under an override "up" a pool of which nobody serves answers with everybody. */
static struct poolset *set_of_serving(const struct pool_live *pool, bool *chosen)
{
	if (pool->serving == 0)
		return set_of_all(pool, chosen);
	for (size_t i = 0; i < pool->config->pool.endpoint_count; i++)
		chosen[i] = pool->endpoints[i].effective.serving == SERVING_YES;
	return poolset_new(&pool->config->pool, chosen);
}

static void make_sets(struct pool_live *pool)
{
	size_t count = pool->config->pool.endpoint_count;
	bool *chosen = mem_array(count, sizeof(bool));
	pool->now = set_of_serving(pool, chosen);
	if (pool->all == NULL)
		pool->all = set_of_all(pool, chosen);
	pool->all_is_old = false;
	for (size_t i = 0; i < count; i++)
		chosen[i] = pool->endpoints[i].served_last && !pool->endpoints[i].by_hand;
	bool known = !pool->can_serve && pool->served_until.ns != POOLS_NEVER;
	pool->last = known ? poolset_new(&pool->config->pool, chosen) : NULL;
	free(chosen);
}

/* What follows from the endpoints once they are judged. */
static void settle(struct pools *pools, struct pool_live *pool, const struct pools_view *view)
{
	bool is_new = pool->now == NULL, could = pool->can_serve;
	judge_pool(pool);
	pools_last_note(pool, could, is_new, view);
	throw_sets_away(pools, pool);
	make_sets(pool);
}

static bool same_text(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

/* Judges endpoint I by its word; returns whether a plan or an answer depends on what changed. */
static bool judge_one(struct pool_live *pool, size_t i, const struct pools_view *view)
{
	struct endpoint_live *endpoint = &pool->endpoints[i];
	struct endpoint_live after = judge_endpoint(pool, i, view);
	bool changed = !same_endpoint(endpoint, &after);
	pool->all_is_old |= endpoint->by_hand != after.by_hand;
	*endpoint = after;
	return changed;
}

/* Takes up every word, and judges all endpoints or, where the others would come out as they did,
 * those whose word is another. */
static bool judge_words(struct pool_live *pool, const struct pools_view *view, bool all)
{
	size_t count = pool->config->pool.endpoint_count;
	bool changed = false, moved = false;
	for (size_t i = 0; i < count; i++) {
		read_word(pool, i, view->health,
			  all ? is_by_hand(pool, i, view) : pool->endpoints[i].by_hand);
		moved |= pool->endpoints[i].moved;
	}
	if (!moved && !all)
		return false;
	bool fresh = is_fresh(view);
	bool suffice = effective_do_suffice(&pool->config->pool, pool->proved);
	all |= fresh != pool->fresh || suffice != pool->others_suffice;
	pool->fresh = fresh;
	pool->others_suffice = suffice;
	for (size_t i = 0; i < count; i++) {
		if (all || pool->endpoints[i].moved)
			changed |= judge_one(pool, i, view);
	}
	return changed;
}

bool pools_judge(struct pools *pools, const char *name, const struct pools_view *view, bool force)
{
	struct pool_live *pool = strmap_find(&pools->of, name);
	if (pool == NULL)
		return false;
	bool changed = judge_words(pool, view, true);
	char *object = mem_printf("pool/%s", name);
	const char *override = override_text(model_override(view->model, object, view->now_ms));
	free(object);
	changed |= force || pool->now == NULL || !same_text(override, pool->override);
	if (!changed)
		return false;
	pool->override = override;
	pool->by_hand = override != NULL && strcmp(override, "up") != 0;
	settle(pools, pool, view);
	return true;
}

bool pools_follow(struct pools *pools, struct pool_live *pool, const struct pools_view *view)
{
	if (!judge_words(pool, view, false))
		return false;
	settle(pools, pool, view);
	return true;
}

static bool is_among(const char *id, const char *const *ids, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(id, ids[i]) == 0)
			return true;
	}
	return false;
}

struct pool_live *pools_assume(const struct pool_live *pool, const char *const *down, size_t count)
{
	size_t endpoints = pool->config->pool.endpoint_count;
	struct pool_live *assumed = mem_new(struct pool_live);
	*assumed =
		(struct pool_live){.config = object_ref(pool->config),
				   .override = pool->override,
				   .by_hand = pool->by_hand,
				   .served_until = pool->served_until,
				   .endpoints = mem_array(endpoints, sizeof *assumed->endpoints)};
	for (size_t i = 0; i < endpoints; i++) {
		assumed->endpoints[i] = pool->endpoints[i];
		assumed->endpoints[i].id = mem_strdup(pool->endpoints[i].id);
		if (!is_among(pool->endpoints[i].id, down, count))
			continue;
		assumed->endpoints[i].effective =
			(struct effective){.serving = SERVING_NO, .why = "assumed down"};
		assumed->endpoints[i].flip_after_s = 0;
	}
	char *id = mem_printf("pool/%s", pool->config->pool.name);
	if (is_among(id, down, count))
		assumed->override = "down (assumed)";
	free(id);
	judge_pool(assumed);
	if (pool->can_serve && !assumed->can_serve)
		assumed->served_until = mono_now();
	make_sets(assumed);
	return assumed;
}

void pools_free_assumed(struct pool_live *pool)
{
	if (pool != NULL)
		pool_free(pool);
}
