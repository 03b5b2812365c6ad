/*
 * pools: the pools as they are now: which endpoints serve, whether each pool can serve, and its
 * prepared answers.
 *
 * The control thread's alone; what workers see of it are the sets, through plans.
 */
#ifndef MERIDIAN_GEODNS_POOLS_H
#define MERIDIAN_GEODNS_POOLS_H

#include "base/strmap.h"
#include "db/effective.h"
#include "geodns/poolset.h"
#include "geodns/quiesce.h"

#define POOLS_NEVER INT64_MIN /* ns of a struct mono */

struct endpoint_live {
	uint64_t key;  /* health_key() of its id */
	uint64_t word; /* health_pack() of what was last seen */
	char *id;      /* "endpoint/eu/eu1" */
	bool moved;    /* WORD is another than when it was looked at before */
	bool proved;   /* WORD says so, and nobody took it out by hand */
	bool by_hand;  /* taken out by an override or by not being enabled: in no answer at all */
	bool has_known;
	enum serving known; /* what it was when no hand had a say */
	struct effective effective;
	uint16_t flip_after_s; /* 0: no change under way */
	bool served_last;      /* stands, or stood, in the answers when the pool could last serve */
};

struct pool_live {
	const struct object *config; /* a KIND_POOL, referenced */
	struct endpoint_live *endpoints;
	size_t serving, proved;
	bool fresh, others_suffice; /* as effective_state() was told */
	bool can_serve;
	const char *override; /* NULL, or the pool's own: "up", "down", "drain" */
	bool by_hand;	      /* that override takes it out */
	uint32_t ttl_cap_s;   /* least flip of any endpoint, or PLAN_NO_CAP */
	struct poolset *now;  /* of the endpoints that serve */
	struct poolset *all;  /* of all that are not taken out by hand */
	bool all_is_old;      /* a hand, or the configuration, has changed who that is */
	/* While it cannot serve: who of ALL served last, and until when; NULL and POOLS_NEVER where
	 * that is not known. */
	struct poolset *last;
	struct mono served_until;
};

/* What the state of a pool follows from. */
struct pools_view {
	const struct model *model;
	const struct health_table *health; /* NULL: none */
	struct mono now;
	int64_t now_ms; /* wall clock, for overrides */
};

struct pools {
	struct strmap of; /* name -> struct pool_live */
	struct quiesce *quiesce;
	void **trash; /* sets that plans may still name */
	size_t trash_count;
};

void pools_init(struct pools *pools, struct quiesce *quiesce);
void pools_fini(struct pools *pools);

const struct pool_live *pools_find(const struct pools *pools, const char *name);

/* Takes CONFIG (referenced) as the pool's present one; endpoints keep what was known of them. Its
 * state follows with pools_judge. */
void pools_put(struct pools *pools, const struct object *config);
void pools_remove(struct pools *pools, const char *name);

/* To be called when every plan is made anew that named a pool that was judged or removed. */
void pools_retire(struct pools *pools);

/*
 * Judges NAME anew and makes its answers where they change. Returns whether anything that a plan
 * depends on changed. FORCE: makes them whatever is known.
 */
bool pools_judge(struct pools *pools, const char *name, const struct pools_view *view, bool force);

/* The same where nothing but health words can have changed: costs one look at each word. */
bool pools_follow(struct pools *pools, struct pool_live *pool, const struct pools_view *view);

/*
 * A pool as it would be with some objects down, for explain: the caller frees it with
 * pools_free_assumed(). DOWN are ids, "endpoint/eu/eu1" or "pool/eu".
 */
struct pool_live *pools_assume(const struct pool_live *pool, const char *const *down, size_t count);
void pools_free_assumed(struct pool_live *pool);

#endif
