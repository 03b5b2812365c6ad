/*
 * poolset: the prepared answers of one pool: its records in wire form, and how to pick from them.
 *
 * One flat, position-independent, immutable block; whoever holds a pointer may copy it elsewhere.
 * Made when a pool or a health word changes, read by every query. Picking is pure: chance and the
 * client are arguments.
 */
#ifndef MERIDIAN_GEODNS_POOLSET_H
#define MERIDIAN_GEODNS_POOLSET_H

#include "db/model.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	POOLSET_TAKE_MAX = 64,	/* records of one answer that are picked by weight or hash */
	POOLSET_HASH_LEN4 = 24, /* a client is its /24 or /56 to whatever hashes clients */
	POOLSET_HASH_LEN6 = 56,
	POOLSET_RECORD_FIXED = 12 /* owner pointer, type, class, TTL, RDLENGTH */
};

/* The candidates of one record type; offsets count from the poolset's start. */
struct poolset_type {
	uint16_t count;	 /* candidates; 0: the pool has none of this type */
	uint16_t take;	 /* records of an answer, 1..count */
	uint16_t stride; /* octets from record to record */
	uint8_t pick;	 /* enum pool_answers; ANSWERS_FAILOVER is decided when made: as ALL */
	bool uneven;	 /* HASH: weights differ */
	uint32_t octets; /* of the records of an answer */
	uint32_t records_at;
	uint32_t picks_at; /* WEIGHTED: uint64_t sums of weights; HASH: uint64_t seeds, and where
			      uneven weights */
};

struct poolset {
	uint32_t size;	/* octets of the whole block */
	uint16_t named; /* endpoints with a record here */
	struct poolset_type a, aaaa, cname;
};

/*
 * The answers of POOL with the endpoints for which CHOSEN is true: weight 0 only where nobody else
 * of the family is chosen, the best priority alone for answers "failover". The caller frees.
 */
struct poolset *poolset_new(const struct pool *pool, const bool *chosen)
	__attribute__((warn_unused_result, returns_nonnull));

/* What a pick depends on beside the set. */
struct poolset_pick {
	uint64_t chance; /* random */
	uint64_t client; /* poolset_client() */
};

/* The client as hashing sees it: its prefix, mixed. */
uint64_t poolset_client(const struct addr *addr);

/* How well CLIENT and SEED go together: the highest of several wins (rendezvous hashing, Thaler and
 * Ravishankar 1998), so that one that leaves moves only its own clients. */
uint64_t poolset_score(uint64_t client, uint64_t seed);
uint64_t poolset_seed(const char *name);

/* SCORE where shares are to be as the weights (Schindelhauer and Schomaker 2005): above 0; a weight
 * that changes moves no more clients than it must. WEIGHT is 1 or more. */
double poolset_weighted(uint64_t score, uint64_t weight);

/*
 * Writes the records of TYPE with TTL to OUT and their octets to *LEN. Returns how many there are;
 * 0, and nothing written, where they take more than ROOM octets. TYPE belongs to SET and has
 * candidates.
 */
unsigned poolset_write(const struct poolset *set, const struct poolset_type *type, uint32_t ttl_s,
		       struct poolset_pick pick, uint8_t *out, size_t room, size_t *len);

#endif
