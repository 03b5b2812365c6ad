/* Knows which pool of a ranking answers, and what is done when none can. */
#include "geodns/planner.h"

#include "base/mem.h"

#include <stdlib.h>

struct ranker {
	const struct steer *steer;
	struct rankings *rankings;
};

static uint32_t rank_client(void *context, const struct geomap_client *client)
{
	struct ranker *ranker = context;
	return steer_rank(ranker->steer, ranker->rankings, client);
}

struct compiled *compiled_new(const struct steer *steer, const struct place_table *table,
			      const struct place_override *overrides, size_t override_count)
{
	struct compiled *compiled = mem_new(struct compiled);
	if (steer_uses_place(steer)) {
		struct ranker ranker = {.steer = steer, .rankings = &compiled->rankings};
		struct geomap_input input = {.table = table,
					     .overrides = overrides,
					     .override_count = override_count,
					     .cidrs = steer->cidrs,
					     .cidr_count = steer->cidr_count,
					     .by_asn = steer->by_asn,
					     .rank = rank_client,
					     .context = &ranker};
		compiled->map = geomap_new(&input);
	} else if (steer->steering == STEERING_FAILOVER) {
		(void)steer_rank_all(steer, &compiled->rankings);
	} else {
		for (size_t i = 0; i < steer->option_count; i++)
			(void)steer_rank_option(steer, &compiled->rankings, i);
	}
	return compiled;
}

void compiled_free(void *what)
{
	struct compiled *compiled = what;
	if (compiled == NULL)
		return;
	rankings_fini(&compiled->rankings);
	geomap_free(compiled->map);
	free(compiled);
}

struct planner {
	const struct steer *steer;
	planner_find *find;
	void *context;
};

static const struct pool_live *pool_at(const struct planner *planner, uint16_t pool)
{
	return planner->find(planner->context, planner->steer->pools[pool].name);
}

static struct choice choose(uint16_t pool, const struct poolset *set, enum choice_why why)
{
	return (struct choice){
		.set = set, .pool = pool, .why = (uint8_t)why, .ttl_cap_s = PLAN_NO_CAP};
}

/* Everybody who was not taken out by hand, in the first pool of the ranking that has any. */
static struct choice serve_all(const struct planner *planner, const struct ranking *ranking)
{
	for (uint16_t i = 0; i < ranking->count; i++) {
		const struct pool_live *pool = pool_at(planner, ranking->pools[i]);
		if (pool != NULL && pool->all->named > 0)
			return choose(ranking->pools[i], pool->all, CHOICE_SERVE_ALL);
	}
	return choose(ranking->count > 0 ? ranking->pools[0] : 0, NULL, CHOICE_EMPTY);
}

static struct choice serve_last(const struct planner *planner, const struct ranking *ranking)
{
	for (uint16_t i = 0; i < ranking->count; i++) {
		const struct pool_live *pool = pool_at(planner, ranking->pools[i]);
		if (pool != NULL && pool->last != NULL && pool->last->named > 0)
			return choose(ranking->pools[i], pool->last, CHOICE_SERVE_LAST);
	}
	return serve_all(planner, ranking);
}

static struct choice serve_fallback(const struct planner *planner, const struct ranking *ranking)
{
	uint16_t at = planner->steer->fallback_pool;
	const struct pool_live *pool = planner->steer->has_fallback ? pool_at(planner, at) : NULL;
	/* A geofence holds when everything is down, too. */
	if (pool == NULL || ranking->strict)
		return serve_all(planner, ranking);
	const struct poolset *set = pool->can_serve ? pool->now : pool->all;
	return set->named > 0 ? choose(at, set, CHOICE_FALLBACK) : serve_all(planner, ranking);
}

static struct choice all_down(const struct planner *planner, const struct ranking *ranking)
{
	switch (planner->steer->on_all_down) {
	case ALL_DOWN_SERVE_ALL:
		return serve_all(planner, ranking);
	case ALL_DOWN_SERVE_LAST:
		return serve_last(planner, ranking);
	case ALL_DOWN_FALLBACK_POOL:
		return serve_fallback(planner, ranking);
	case ALL_DOWN_EMPTY:
		break;
	}
	return choose(ranking->count > 0 ? ranking->pools[0] : 0, NULL, CHOICE_EMPTY);
}

/* The cap is the least of every pool that was asked: a flip of any of them changes the answer. */
static struct choice resolve(const struct planner *planner, const struct ranking *ranking)
{
	uint32_t cap = PLAN_NO_CAP;
	struct choice choice = {.set = NULL, .why = CHOICE_EMPTY};
	bool found = false;
	for (uint16_t i = 0; i < ranking->count && !found; i++) {
		const struct pool_live *pool = pool_at(planner, ranking->pools[i]);
		if (pool == NULL)
			continue;
		cap = pool->ttl_cap_s < cap ? pool->ttl_cap_s : cap;
		found = pool->can_serve;
		if (found)
			choice = choose(ranking->pools[i], pool->now, CHOICE_SERVES);
	}
	if (!found)
		choice = all_down(planner, ranking);
	choice.ttl_cap_s = cap;
	return choice;
}

static struct plan *plan_with(const struct steer *steer, size_t count)
{
	struct plan *plan = mem_array(1, sizeof *plan + count * sizeof(struct choice));
	plan->steering = steer->steering;
	plan->count = (uint32_t)count;
	return plan;
}

static bool any_weight(const struct steer *steer, const struct choice *choices)
{
	for (size_t i = 0; i < steer->option_count; i++) {
		if (choices[i].why == CHOICE_SERVES && steer->options[i].weight > 0)
			return true;
	}
	return false;
}

static bool any_serves(const struct choice *choices, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (choices[i].why == CHOICE_SERVES)
			return true;
	}
	return false;
}

/*
 * Weighted and hash: who cannot serve, and whose fallbacks cannot, leaves its share to the others;
 * weight 0 has a share only where nobody else can serve.
 */
static struct plan *plan_shares(const struct planner *planner, const struct compiled *compiled)
{
	const struct steer *steer = planner->steer;
	struct plan *plan = plan_with(steer, steer->option_count);
	struct choice *choices = plan->choices;
	for (size_t i = 0; i < steer->option_count; i++)
		choices[i] = resolve(planner, compiled->rankings.at[i]);
	bool serves = any_serves(choices, plan->count), weighty = any_weight(steer, choices);
	uint64_t sum = 0;
	uint32_t count = 0, cap = PLAN_NO_CAP;
	for (size_t i = 0; i < steer->option_count; i++) {
		uint32_t weight = steer->options[i].weight;
		struct choice choice = choices[i];
		cap = choice.ttl_cap_s < cap ? choice.ttl_cap_s : cap;
		if ((serves && choice.why != CHOICE_SERVES) || (weighty && weight == 0))
			continue;
		sum += weighty ? weight : 1;
		choice.weight_upto = sum;
		choice.seed = poolset_seed(steer->pools[steer->options[i].pool].name);
		choices[count++] = choice;
	}
	for (uint32_t i = 0; i < count; i++)
		choices[i].ttl_cap_s = cap;
	plan->count = count;
	return plan;
}

static unsigned types_of(const struct poolset *set)
{
	if (set == NULL)
		return 0;
	return (set->a.count > 0 ? PLAN_A : 0u) | (set->aaaa.count > 0 ? PLAN_AAAA : 0u) |
	       (set->cname.count > 0 ? PLAN_CNAME : 0u);
}

/* What holds for all choices together. */
static struct plan *sum_up(struct plan *plan)
{
	plan->ttl_cap_s = PLAN_NO_CAP;
	for (uint32_t i = 0; i < plan->count; i++) {
		const struct choice *choice = &plan->choices[i];
		plan->types |= types_of(choice->set);
		if (choice->ttl_cap_s < plan->ttl_cap_s)
			plan->ttl_cap_s = choice->ttl_cap_s;
	}
	return plan;
}

struct plan *plan_new(const struct steer *steer, const struct compiled *compiled,
		      planner_find *find, void *context)
{
	struct planner planner = {.steer = steer, .find = find, .context = context};
	if (steer->steering == STEERING_WEIGHTED || steer->steering == STEERING_HASH)
		return sum_up(plan_shares(&planner, compiled));
	struct plan *plan = plan_with(steer, compiled->rankings.count);
	plan->map = compiled->map;
	plan->unknown = compiled->map != NULL ? geomap_unknown(compiled->map) : 0;
	for (size_t i = 0; i < compiled->rankings.count; i++)
		plan->choices[i] = resolve(&planner, compiled->rankings.at[i]);
	return sum_up(plan);
}

const char *choice_why_name(enum choice_why why)
{
	static const char *const names[] = {
		[CHOICE_SERVES] = "serves",	    [CHOICE_SERVE_ALL] = "serve_all",
		[CHOICE_SERVE_LAST] = "serve_last", [CHOICE_FALLBACK] = "fallback_pool",
		[CHOICE_EMPTY] = "empty",
	};
	return names[why];
}
