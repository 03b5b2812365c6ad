/*
 * plan: what a service's steering comes to while its pools are as they are: for each ranking the
 * one pool that answers now.
 *
 * Immutable; made by the control thread when a pool, an override or a map changes, published by one
 * pointer, read by every query. Choosing is pure: address and chance are arguments.
 */
#ifndef MERIDIAN_GEODNS_PLAN_H
#define MERIDIAN_GEODNS_PLAN_H

#include "db/model.h"
#include "geodns/geomap.h"
#include "geodns/poolset.h"

enum { PLAN_NO_CAP = UINT32_MAX };

/* How the pool of a choice came to be it. */
enum choice_why {
	CHOICE_SERVES,	   /* it is the first that can serve */
	CHOICE_SERVE_ALL,  /* nothing can serve: everyone not taken out by hand */
	CHOICE_SERVE_LAST, /* nothing can serve: what served last */
	CHOICE_FALLBACK,   /* nothing can serve: the service's fallback pool */
	CHOICE_EMPTY	   /* nothing can serve: NODATA */
};

/* What some choice of a plan has records of. */
enum { PLAN_A = 1, PLAN_AAAA = 2, PLAN_CNAME = 4 };

struct choice {
	const struct poolset *set; /* NULL: CHOICE_EMPTY */
	uint32_t ttl_cap_s;	   /* until some pool before or at it can flip; PLAN_NO_CAP */
	uint16_t pool;		   /* index among the steering's pools */
	uint16_t option;	   /* weighted, hash: that it was resolved from */
	uint64_t pick;	 /* weighted: the sum of weights up to and with this one; hash: a seed */
	uint32_t weight; /* hash */
	uint8_t why;	 /* enum choice_why */
};

struct plan {
	enum steering steering;
	const struct geomap *map; /* rules, nearest: values are choices; else NULL */
	uint32_t unknown;	  /* the choice of a client of which nothing is known */
	uint32_t count;		  /* at least 1 */
	uint32_t ttl_cap_s;	  /* the least of all choices */
	unsigned types;		  /* PLAN_A, ... */
	bool uneven;		  /* hash: weights differ */
	struct choice choices[];
};

/* Who asks, and for whom. */
struct plan_client {
	const struct addr *ecs; /* NULL: no usable client subnet */
	const struct addr *resolver;
	uint64_t chance; /* random */
};

struct plan_chosen {
	const struct choice *choice;
	const struct addr *by; /* the address that decided; NULL where none did */
	uint32_t ranking;      /* index of the choice */
	uint8_t scope;	       /* of the client subnet; 0 where that did not decide */
};

/* Never fails. */
struct plan_chosen plan_choose(const struct plan *plan, const struct plan_client *client);

/* The scope of an answer that hashes on ADDR: the prefix that poolset_client() looks at. */
uint8_t plan_hash_scope(const struct addr *addr);

#endif
