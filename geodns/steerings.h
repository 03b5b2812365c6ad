/*
 * steerings: the distinct ways in which services steer, each with its map and its present plan.
 *
 * The control thread's alone. Services that steer alike share one; a plan is made anew when a pool
 * of it changes, a map when the places do.
 */
#ifndef MERIDIAN_GEODNS_STEERINGS_H
#define MERIDIAN_GEODNS_STEERINGS_H

#include "geodns/mapmaker.h"
#include "geodns/pools.h"
#include "geodns/service.h"

struct steering_live {
	struct plan_cell cell; /* what workers read */
	struct steer *steer;
	struct compiled *compiled;
	struct atlas *atlas; /* that compiled was, or is being, made from */
	unsigned users;	     /* services, and one while the mapmaker has it */
	bool is_outdated;    /* a pool of its plan is another */
};

struct steering_list {
	struct steering_live **at;
	size_t count, capacity;
};

struct steerings {
	struct strmap of;      /* steer key -> struct steering_live */
	struct strmap of_pool; /* pool -> struct steering_list: those that hold it */
	struct steering_list outdated;
	struct quiesce *quiesce;
	struct pools *pools;
	struct mapmaker *mapmaker;
	struct atlas *atlas; /* the present one */
};

/* POOLS and MAPMAKER are borrowed; ATLAS is referenced. */
void steerings_init(struct steerings *steerings, struct quiesce *quiesce, struct pools *pools,
		    struct mapmaker *mapmaker, struct atlas *atlas);
/* No reader may be left, and no service. */
void steerings_fini(struct steerings *steerings);

/* The steering of SERVICE, one user more, compiled where it is new. NULL with ERROR. */
struct steering_live *steerings_get(struct steerings *steerings, const struct service *service,
				    const struct model *model, struct error *error);
/* One user less; nothing that is reachable by a worker may name it any more when it was the last.
 * NULL is allowed. */
void steerings_put(struct steerings *steerings, struct steering_live *steering);

/* Notes that the plans that hold POOL are to be made anew; and makes what was noted, each once
 * however many of its pools changed. */
void steerings_outdate(struct steerings *steerings, const char *pool);
void steerings_replan(struct steerings *steerings);

/* Has every map that depends on places compiled anew over ATLAS (referenced). */
void steerings_set_atlas(struct steerings *steerings, struct atlas *atlas);
/* Takes up what the mapmaker has done. */
void steerings_take_maps(struct steerings *steerings);

/* Index of POOL among the steering's pools, or -1. */
int steering_pool(const struct steering_live *steering, const char *pool);

#endif
