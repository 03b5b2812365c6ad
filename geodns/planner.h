/*
 * planner: from rankings and the pools as they are to a plan (pure but for the heap).
 */
#ifndef MERIDIAN_GEODNS_PLANNER_H
#define MERIDIAN_GEODNS_PLANNER_H

#include "geodns/plan.h"
#include "geodns/pools.h"
#include "geodns/steer.h"

/* A steering's rankings, and the map whose values are their indices (NULL where place does not
 * count). */
struct compiled {
	struct rankings rankings;
	struct geomap *map;
};

/* Compiles STEER over the places; may take some 100 ms, touches nothing else, so any thread may.
 * SCRATCH is for the map, or NULL. The caller ends it with compiled_free(). */
struct compiled *compiled_new(const struct steer *steer, const struct place_table *table,
			      const struct place_override *overrides, size_t override_count,
			      struct geomap_scratch *scratch)
	__attribute__((warn_unused_result, returns_nonnull));
void compiled_free(void *compiled); /* NULL is allowed */

/* How the planner asks for a pool: NULL where there is none. */
typedef const struct pool_live *planner_find(void *context, const char *name);

/* The plan while the pools are as FIND says. Borrows their sets and COMPILED's map. The caller
 * frees. */
struct plan *plan_new(const struct steer *steer, const struct compiled *compiled,
		      planner_find *find, void *context)
	__attribute__((warn_unused_result, returns_nonnull));

#endif
