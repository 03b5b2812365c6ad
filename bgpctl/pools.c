/* Knows how the endpoints of a pool add up to whether the pool can serve. */
#include "bgpctl/pools.h"

#include "base/mem.h"
#include "db/effective.h"

#include <stdio.h>
#include <stdlib.h>

/* What the map points to: its address says which. */
static char word_no, word_yes;

void pools_fini(struct pools *pools)
{
	strmap_fini(&pools->before);
}

static const struct override *order_of(const struct model *model, const struct pool *pool,
				       const char *endpoint_id, int64_t wall_ms)
{
	char pool_id[80];
	const struct override *order = model_override(model, endpoint_id, wall_ms);
	if (order != NULL)
		return order;
	snprintf(pool_id, sizeof pool_id, "pool/%s", pool->name);
	return model_override(model, pool_id, wall_ms);
}

/* True where as many endpoints are proved well as the pool needs. */
static bool enough_are_proved(const struct model *model, const struct pool *pool,
			      const struct health_table *table, int64_t wall_ms)
{
	size_t proved = 0;
	for (size_t i = 0; table != NULL && i < pool->endpoint_count; i++) {
		char id[160];
		snprintf(id, sizeof id, "endpoint/%s/%s", pool->name, pool->endpoints[i].name);
		const struct override *order = model_override(model, id, wall_ms);
		proved +=
			effective_is_proved(effective_is_by_hand(pool->endpoints[i].enabled, order),
					    health_get(table, health_key(id)));
	}
	return effective_do_suffice(pool, proved);
}

/* What is the same for all endpoints of a pool. */
struct judging {
	const struct model *model;
	const struct pool *pool;
	const struct health_table *table; /* NULL: there is none */
	bool fresh, others_suffice;
	int64_t wall_ms;
};

static bool endpoint_serves(struct pools *pools, const struct judging *judging,
			    const struct endpoint *endpoint)
{
	const struct pool *pool = judging->pool;
	char id[160];
	snprintf(id, sizeof id, "endpoint/%s/%s", pool->name, endpoint->name);
	const struct override *order = order_of(judging->model, pool, id, judging->wall_ms);
	const void *before = strmap_find(&pools->before, id);
	struct effective_input input = {
		.has_override = order != NULL,
		.override = order != NULL ? order->action : OVERRIDE_UP,
		.enabled = endpoint->enabled,
		.monitored = pool->monitor != NULL,
		.others_suffice = judging->others_suffice,
		.fresh = judging->fresh,
		.has_before = before != NULL,
		.before = before == &word_yes ? SERVING_YES : SERVING_NO,
	};
	if (judging->table != NULL)
		input.health = health_get(judging->table, health_key(id));
	struct effective effective = effective_state(&input);
	bool serves = effective.serving == SERVING_YES;
	/* An order says nothing about health: what holds after it is what held before it. Nor does
	 * that it waited. */
	if (order == NULL && !effective.waits)
		strmap_put(&pools->before, id, serves ? &word_yes : &word_no);
	return serves;
}

bool pools_can_serve(struct pools *pools, const struct model *model, const struct pool *pool,
		     const struct health_table *table, struct mono now, int64_t wall_ms)
{
	const struct judging judging = {
		.model = model,
		.pool = pool,
		.table = table,
		.fresh = table != NULL && health_fresh(table, now),
		.others_suffice = enough_are_proved(model, pool, table, wall_ms),
		.wall_ms = wall_ms,
	};
	size_t serving = 0;
	for (size_t i = 0; i < pool->endpoint_count; i++)
		serving += endpoint_serves(pools, &judging, &pool->endpoints[i]);
	return serving > 0 && serving >= pool->min_healthy;
}
