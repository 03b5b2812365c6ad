/*
 * steer: a service's steering with everything it names written out: what each client's ranking of
 * pools is, before anything is known of health.
 *
 * Services that steer alike share one. It is immutable but for its users; the ranking of a client
 * is a pure function of place, ASN and prefix, the one that compiles the map and that explains it.
 */
#ifndef MERIDIAN_GEODNS_STEER_H
#define MERIDIAN_GEODNS_STEER_H

#include "db/model.h"
#include "geodns/geomap.h"

enum {
	STEER_CHAIN_MAX = 8,   /* fallback pools followed, one of another */
	STEER_NEAREST_MAX = 16 /* pools of a ranking by distance; the rest follow as written */
};

/* A pool that can come up, its fallbacks too. */
struct steer_pool {
	char *name;
	struct position position;
	uint16_t chain[STEER_CHAIN_MAX]; /* its fallback, that one's, ... */
	uint16_t chain_count;
};

/* A pool named by the service itself. */
struct steer_option {
	uint16_t pool;
	uint32_t weight;
	int32_t bias_km;
};

/* One match of a rule. */
struct steer_match {
	uint32_t rule;
	struct place place; /* where asn is 0 */
	uint32_t asn;
	char *text; /* as written */
};

struct steer_rule {
	uint16_t pool;
	bool strict;
	char *text; /* what matched is told by it: "EU, AF" */
};

struct steer {
	char *key; /* the same text, the same steering */
	enum steering steering;
	enum on_all_down on_all_down;
	bool has_fallback, has_default, by_asn;
	uint16_t fallback_pool, default_pool;
	struct steer_pool *pools;
	size_t pool_count;
	struct steer_option *options;
	size_t option_count;
	struct steer_rule *rules;
	size_t rule_count;
	struct steer_match *matches; /* by rule, ascending */
	size_t match_count;
	struct geomap_cidr *cidrs; /* tag: the rule */
	size_t cidr_count;
};

/* SERVICE with the pools and regions of MODEL. The caller frees. A pool or region that is not there
 * (the store refuses that) is left out; NULL with ERROR where no pool is left. */
struct steer *steer_new(const struct service *service, const struct model *model,
			struct error *error) __attribute__((warn_unused_result));
void steer_free(struct steer *steer); /* NULL is allowed */

/* Whether rankings depend on the place: then a map is to be compiled. */
bool steer_uses_place(const struct steer *steer);

/* The rule that a client meets first, or -1 for none: the default. */
int steer_rule_of(const struct steer *steer, const struct geomap_client *client);

/* The text of the match of RULE that the client meets, for people; NULL where it is a prefix's. */
const char *steer_match_text(const struct steer *steer, int rule,
			     const struct geomap_client *client);

/* Pools in the order in which they are asked, chains of fallbacks written out, none twice. */
struct ranking {
	bool strict; /* no way out to another pool */
	uint16_t count;
	uint16_t pools[];
};

struct rankings {
	struct ranking **at;
	size_t count, capacity;
	uint32_t *slots; /* 0, or one more than an index: where the ranking's hash says */
	size_t slot_count;
};

void rankings_fini(struct rankings *rankings);

/* The index in RANKINGS of a client's, added where it is new. For rules and nearest. */
uint32_t steer_rank(const struct steer *steer, struct rankings *rankings,
		    const struct geomap_client *client);

/* The ranking of option I alone with its fallbacks, always a new one: for weighted and hash. Of
 * failover: all options. */
uint32_t steer_rank_option(const struct steer *steer, struct rankings *rankings, size_t i);
uint32_t steer_rank_all(const struct steer *steer, struct rankings *rankings);

/* How far the client's place is from POOL less its bias; false where either is not known. */
bool steer_distance(const struct steer *steer, const struct steer_option *option,
		    const struct place *place, double *km);

#endif
