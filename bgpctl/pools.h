/*
 * pools: which pools can serve, by the verdicts in the health table and what operators ordered.
 */
#ifndef MERIDIAN_BGPCTL_POOLS_H
#define MERIDIAN_BGPCTL_POOLS_H

#include "base/strmap.h"
#include "db/health.h"
#include "db/model.h"

/* Remembers what each endpoint last counted as, since unknown changes nothing. All zeros at first.
 */
struct pools {
	struct strmap before; /* endpoint's id -> a word of effective state */
};

void pools_fini(struct pools *pools);

/*
 * True where POOL, a pool of MODEL, has at least min_healthy endpoints (and at least one) that can
 * serve. TABLE NULL counts as stale.
 */
bool pools_can_serve(struct pools *pools, const struct model *model, const struct pool *pool,
		     const struct health_table *table, struct mono now, int64_t wall_ms);

#endif
