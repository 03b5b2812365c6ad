/* Knows how it is remembered who served last, and what of it the health table tells after a start.
 */
#include "geodns/pools_last.h"

#include "base/mem.h"

#include <stdlib.h>

enum { MS_PER_S = 1000, NS_PER_MS = 1000000 };

/* Who stands in the answers now (make_sets of pools.c). */
static void remember(struct pool_live *pool)
{
	for (size_t i = 0; i < pool->config->pool.endpoint_count; i++) {
		struct endpoint_live *endpoint = &pool->endpoints[i];
		endpoint->served_last = pool->serving > 0
						? endpoint->effective.serving == SERVING_YES
						: !endpoint->by_hand;
	}
}

/* The second since which the endpoint is down by its checks; 0 where it is not, or nobody knows. */
static uint32_t down_since_s(const struct endpoint_live *endpoint)
{
	struct health_state health = health_unpack(endpoint->word);
	bool by_checks = endpoint->effective.serving == SERVING_NO && !endpoint->by_hand;
	return by_checks && health.verdict == VERDICT_DOWN ? health.since_s : 0;
}

static int latest_first(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;
	return *x > *y ? -1 : *x < *y;
}

/* The second of the Nth latest failure, N of 1 or more; 0 where there were not so many. */
static uint32_t failure_s(const struct pool_live *pool, size_t n)
{
	size_t count = pool->config->pool.endpoint_count;
	uint32_t *since_s = mem_array(count, sizeof *since_s);
	for (size_t i = 0; i < count; i++)
		since_s[i] = down_since_s(&pool->endpoints[i]);
	qsort(since_s, count, sizeof *since_s, latest_first);
	uint32_t at = n <= count ? since_s[n - 1] : 0;
	free(since_s);
	return at;
}

/*
 * A responder that starts while the pool is down reads in the health words when each endpoint
 * failed: the pool could serve until the failure that left too few.
 */
static void recall(struct pool_live *pool, const struct pools_view *view)
{
	uint32_t least = pool->config->pool.min_healthy;
	size_t missing = (least > 1 ? least : 1) - pool->serving;
	uint32_t until_s = failure_s(pool, missing);
	if (until_s == 0)
		return;
	int64_t ago_ms = view->now_ms - (int64_t)until_s * MS_PER_S;
	pool->served_until.ns = view->now.ns - (ago_ms > 0 ? ago_ms : 0) * NS_PER_MS;
	for (size_t i = 0; i < pool->config->pool.endpoint_count; i++) {
		struct endpoint_live *endpoint = &pool->endpoints[i];
		endpoint->served_last = endpoint->effective.serving == SERVING_YES ||
					down_since_s(endpoint) >= until_s;
	}
}

void pools_last_note(struct pool_live *pool, bool could, bool is_new, const struct pools_view *view)
{
	if (pool->can_serve)
		remember(pool);
	else if (could)
		pool->served_until = view->now;
	else if (is_new && pool->override == NULL)
		recall(pool, view);
}
