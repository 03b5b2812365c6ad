/*
 * fleet: all targets there are, as the configuration wants them; which endpoints stand for which,
 * and what their pools come to.
 *
 * An endpoint has a target when its pool has a monitor and it is enabled. A change of configuration
 * touches the pools and monitors that it names and nothing else.
 */
#ifndef MERIDIAN_HEALTHCHECK_FLEET_H
#define MERIDIAN_HEALTHCHECK_FLEET_H

#include "base/strmap.h"
#include "db/store.h"
#include "healthcheck/target.h"

/* An endpoint that is checked. */
struct member {
	char *id; /* "endpoint/eu/eu1" */
	char *endpoint;
	struct target *target;
	struct fleet_pool *pool;
	struct member *next_of_target;
	bool cert_seen;		     /* cert is what was told last, perhaps by an earlier run */
	enum certificate_state cert; /* as last told */
	bool wanted;		     /* used while a pool is brought up to date */
};

enum pool_state { POOL_UNKNOWN, POOL_HEALTHY, POOL_DEGRADED, POOL_DOWN };
const char *pool_state_name(enum pool_state state);

struct fleet_pool {
	char *name;
	uint32_t min_healthy;
	struct strmap members;		 /* endpoint's name -> struct member */
	size_t counts[VERDICT_DOWN + 1]; /* members by verdict */
	enum pool_state state;		 /* as last told */
};

/* What a pool comes to by its members' verdicts alone (pure): down when fewer than MIN_HEALTHY are
 * not down; unknown when nothing is known; healthy when none is down or degraded. */
enum pool_state fleet_judge(const size_t counts[VERDICT_DOWN + 1], uint32_t min_healthy);

/* Who hears of it. */
struct fleet_listener {
	/* MEMBER's word is to be published; BEFORE differs from the verdict where that changed. */
	void (*word)(void *context, struct member *member, enum verdict before);
	void (*removed)(void *context, const char *id);
	void (*pool)(void *context, const struct fleet_pool *pool, enum pool_state before);
	/* The word that an earlier run left for endpoint ID, or VERDICT_NONE. */
	struct health_state (*held)(void *context, const char *id);
	void *context;
};

struct fleet {
	struct target_services services;
	struct fleet_listener listener;
	struct strmap targets; /* key -> struct target */
	struct strmap members; /* id -> struct member */
	struct strmap pools;   /* name -> struct fleet_pool */
	bool loaded;	       /* a configuration was taken in */
	struct target **fresh; /* made by the change that is being applied */
	size_t fresh_count, fresh_capacity;
};

/* SERVICES without judged and context, which are the fleet's own; FLEET stays where it is. */
void fleet_init(struct fleet *fleet, const struct target_services *services,
		const struct fleet_listener *listener);
void fleet_fini(struct fleet *fleet);

/* Takes MODEL in: all of it (MOVED is NULL), or what MOVED names. */
void fleet_apply(struct fleet *fleet, const struct model *model, const struct moved *moved,
		 size_t count);

#endif
