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

static bool endpoint_serves(struct pools *pools, const struct model *model, const struct pool *pool,
			    const struct endpoint *endpoint, const struct health_table *table,
			    struct mono now, int64_t wall_ms)
{
	char id[160];
	snprintf(id, sizeof id, "endpoint/%s/%s", pool->name, endpoint->name);
	const struct override *order = order_of(model, pool, id, wall_ms);
	const void *before = strmap_find(&pools->before, id);
	struct effective_input input = {
		.has_override = order != NULL,
		.override = order != NULL ? order->action : OVERRIDE_UP,
		.enabled = endpoint->enabled,
		.monitored = pool->monitor != NULL,
		.only_endpoint = pool->endpoint_count == 1,
		.fresh = table != NULL && health_fresh(table, now),
		.has_before = before != NULL,
		.before = before == &word_yes ? SERVING_YES : SERVING_NO,
	};
	if (table != NULL)
		input.health = health_get(table, health_key(id));
	bool serves = effective_state(&input).serving == SERVING_YES;
	/* An order says nothing about health: what holds after it is what held before it. */
	if (order == NULL)
		strmap_put(&pools->before, id, serves ? &word_yes : &word_no);
	return serves;
}

bool pools_can_serve(struct pools *pools, const struct model *model, const struct pool *pool,
		     const struct health_table *table, struct mono now, int64_t wall_ms)
{
	size_t serving = 0;
	for (size_t i = 0; i < pool->endpoint_count; i++)
		serving += endpoint_serves(pools, model, pool, &pool->endpoints[i], table, now,
					   wall_ms);
	return serving > 0 && serving >= pool->min_healthy;
}
