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
			      const struct place_override *overrides, size_t override_count,
			      struct geomap_scratch *scratch)
{
	struct compiled *compiled = mem_new(struct compiled);
	if (steer_uses_place(steer)) {
		struct ranker ranker = {.steer = steer, .rankings = &compiled->rankings};
		struct geomap_input input = {.scratch = scratch,
					     .table = table,
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

static struct choice nobody(const struct ranking *ranking)
{
	return choose(ranking->count > 0 ? ranking->pools[0] : 0, NULL, CHOICE_EMPTY);
}

/* The first pool that has anybody who was not taken out by hand. */
static struct choice all_of(const struct planner *planner, const struct ranking *ranking,
			    bool by_hand)
{
	for (uint16_t i = 0; i < ranking->count; i++) {
		const struct pool_live *pool = pool_at(planner, ranking->pools[i]);
		if (pool != NULL && pool->by_hand == by_hand && pool->all->named > 0)
			return choose(ranking->pools[i], pool->all, CHOICE_SERVE_ALL);
	}
	return nobody(ranking);
}

/* The pool that was the last to cease to serve: while it did, and no other could, it answered. */
static struct choice last_of(const struct planner *planner, const struct ranking *ranking,
			     bool by_hand)
{
	struct choice choice = nobody(ranking);
	int64_t until_ns = POOLS_NEVER;
	for (uint16_t i = 0; i < ranking->count; i++) {
		const struct pool_live *pool = pool_at(planner, ranking->pools[i]);
		if (pool == NULL || pool->by_hand != by_hand || pool->last == NULL ||
		    pool->last->named == 0 || pool->served_until.ns <= until_ns)
			continue;
		until_ns = pool->served_until.ns;
		choice = choose(ranking->pools[i], pool->last, CHOICE_SERVE_LAST);
	}
	return choice;
}

/* A pool that was taken out by hand answers when there is nothing else at all. */
static struct choice serve_all(const struct planner *planner, const struct ranking *ranking)
{
	struct choice choice = all_of(planner, ranking, false);
	return choice.set != NULL ? choice : all_of(planner, ranking, true);
}

static struct choice serve_last(const struct planner *planner, const struct ranking *ranking)
{
	struct choice choice = last_of(planner, ranking, false);
	if (choice.set == NULL)
		choice = all_of(planner, ranking, false);
	if (choice.set == NULL)
		choice = last_of(planner, ranking, true);
	return choice.set != NULL ? choice : all_of(planner, ranking, true);
}

/* The service's fallback pool or, where that cannot serve, the first of its own fallbacks that can;
 * where none can, the fallback pool as a whole. */
static struct choice serve_fallback(const struct planner *planner, const struct ranking *ranking)
{
	uint16_t first = planner->steer->fallback_pool;
	const struct steer_pool *of = &planner->steer->pools[first];
	uint32_t cap = PLAN_NO_CAP;
	/* A geofence holds when everything is down, too. */
	if (!planner->steer->has_fallback || ranking->strict)
		return serve_all(planner, ranking);
	struct choice choice = nobody(ranking);
	for (int n = -1; n < of->chain_count && choice.set == NULL; n++) {
		uint16_t at = n < 0 ? first : of->chain[n];
		const struct pool_live *pool = pool_at(planner, at);
		if (pool == NULL)
			continue;
		cap = pool->ttl_cap_s < cap ? pool->ttl_cap_s : cap;
		if (pool->can_serve)
			choice = choose(at, pool->now, CHOICE_FALLBACK);
	}
	const struct pool_live *pool = pool_at(planner, first);
	if (choice.set == NULL && pool != NULL && !pool->by_hand && pool->all->named > 0)
		choice = choose(first, pool->all, CHOICE_FALLBACK);
	if (choice.set == NULL)
		choice = serve_all(planner, ranking);
	choice.ttl_cap_s = cap;
	return choice;
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
	return nobody(ranking);
}

/* The cap is the least of every pool that was asked: a flip of any of them changes the answer. */
static struct choice resolve(const struct planner *planner, const struct ranking *ranking)
{
	uint32_t cap = PLAN_NO_CAP;
	struct choice choice = nobody(ranking);
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
	if (cap < choice.ttl_cap_s)
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

/* What a choice is worth: only the best have a share. */
struct worth {
	int grade;
	int64_t until_ns;
};

static struct worth worth_of(const struct planner *planner, const struct choice *choice)
{
	static const int grades[] = {[CHOICE_SERVES] = 5,
				     [CHOICE_SERVE_LAST] = 4,
				     [CHOICE_SERVE_ALL] = 3,
				     [CHOICE_FALLBACK] = 3,
				     [CHOICE_EMPTY] = 0};
	const struct pool_live *pool = pool_at(planner, choice->pool);
	struct worth worth = {.grade = grades[choice->why]};
	if (choice->why == CHOICE_SERVE_LAST)
		worth.until_ns = pool->served_until.ns;
	if (choice->set != NULL && choice->why != CHOICE_SERVES && pool->by_hand)
		worth.grade -= 2;
	return worth;
}

static int by_worth(struct worth a, struct worth b)
{
	if (a.grade != b.grade)
		return a.grade < b.grade ? -1 : 1;
	return a.until_ns < b.until_ns ? -1 : a.until_ns > b.until_ns;
}

/* Which of COUNT choices have a share. */
static void find_sharers(const struct planner *planner, const struct choice *choices, bool *shares,
			 size_t count)
{
	struct worth best = worth_of(planner, &choices[0]);
	bool weighty = false;
	for (size_t i = 1; i < count; i++) {
		struct worth worth = worth_of(planner, &choices[i]);
		if (by_worth(worth, best) > 0)
			best = worth;
	}
	for (size_t i = 0; i < count; i++) {
		shares[i] = by_worth(worth_of(planner, &choices[i]), best) == 0;
		weighty |= shares[i] && planner->steer->options[i].weight > 0;
	}
	for (size_t i = 0; weighty && i < count; i++)
		shares[i] = shares[i] && planner->steer->options[i].weight > 0;
}

/*
 * Weighted and hash: who cannot serve, and whose fallbacks cannot, leaves its share to the others;
 * weight 0 has a share only where nobody else can serve, and then all have the same.
 */
static struct plan *plan_shares(const struct planner *planner, const struct compiled *compiled)
{
	const struct steer *steer = planner->steer;
	struct plan *plan = plan_with(steer, steer->option_count);
	struct choice *choices = plan->choices;
	bool *shares = mem_array(steer->option_count, sizeof(bool));
	uint64_t sum = 0;
	uint32_t count = 0, cap = PLAN_NO_CAP;
	for (size_t i = 0; i < steer->option_count; i++)
		choices[i] = resolve(planner, compiled->rankings.at[i]);
	find_sharers(planner, choices, shares, steer->option_count);
	for (size_t i = 0; i < steer->option_count; i++) {
		uint32_t weight = steer->options[i].weight;
		struct choice choice = choices[i];
		cap = choice.ttl_cap_s < cap ? choice.ttl_cap_s : cap;
		if (!shares[i])
			continue;
		sum += weight > 0 ? weight : 1;
		choice.option = (uint16_t)i;
		choice.weight = weight > 0 ? weight : 1;
		choice.pick = steer->steering == STEERING_HASH
				      ? poolset_seed(steer->pools[steer->options[i].pool].name)
				      : sum;
		plan->uneven |= count > 0 && choice.weight != choices[0].weight;
		choices[count++] = choice;
	}
	for (uint32_t i = 0; i < count; i++)
		choices[i].ttl_cap_s = cap;
	plan->count = count;
	free(shares);
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
