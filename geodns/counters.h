/*
 * counters: what one worker has done, for /metrics.
 *
 * One writer each (the worker), so an increment is a load, an add and a store; anyone may read.
 * Nothing here is named by a client: types and codes beyond the known ones are counted as "other".
 */
#ifndef MERIDIAN_GEODNS_COUNTERS_H
#define MERIDIAN_GEODNS_COUNTERS_H

#include "geodns/durations.h"
#include "geodns/wire/dns.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* Types with a count of their own; see counters_type_name(). */
enum {
	COUNTERS_TYPES = 20,
	COUNTERS_PLAIN = 32, /* a power of two, for a quick index */
	COUNTERS_CODES = 3,  /* of the short way: NOERROR, NXDOMAIN, REFUSED */
	COUNTERS_RCODES = 11,
	COUNTERS_ANSWERS = 1 << 20 /* (service, pool) pairs; the first takes what is beyond */
};

struct counters {
	_Atomic uint64_t queries[2][2][COUNTERS_TYPES]; /* stream, IPv6, type */
	_Atomic uint64_t responses[COUNTERS_RCODES];
	/* Answers of the short way, by code, stream, IPv6, client subnet and type, that stand in
	 * none of the others: one addition for the most of all queries. */
	_Atomic uint64_t plain[COUNTERS_CODES * 8][COUNTERS_PLAIN];
	_Atomic uint64_t ignored, ecs, truncated;
	_Atomic uint64_t limited[2]; /* by rate: truncated, dropped */
	struct durations durations;
	_Atomic uint64_t *answers; /* COUNTERS_ANSWERS; pages come with their first use */
	void *pages;		   /* where they are, to be unmapped */
};

/* On pages of its own; the caller ends it with counters_free(). */
struct counters *counters_new(void);
void counters_free(struct counters *counters); /* NULL is allowed */

static inline __attribute__((always_inline)) void counters_add(_Atomic uint64_t *counter)
{
	atomic_store_explicit(counter, atomic_load_explicit(counter, memory_order_relaxed) + 1,
			      memory_order_relaxed);
}

/* Any thread: what was counted at a place, in whatever way. */
uint64_t counters_queries(const struct counters *counters, bool stream, bool ipv6, unsigned type);
uint64_t counters_responses(const struct counters *counters, unsigned rcode);
uint64_t counters_ecs(const struct counters *counters);

/* The place of a type or code; the last is "other". */
unsigned counters_type_rare(uint16_t type);
unsigned counters_rcode(unsigned rcode);

static inline unsigned counters_type(uint16_t type)
{
	if (type == DNS_TYPE_A)
		return 0;
	return type == DNS_TYPE_AAAA ? 1 : counters_type_rare(type);
}

/* An answer of the short way; RCODE is one of COUNTERS_CODES. */
static inline void counters_short(struct counters *counters, bool stream, enum dns_rcode rcode,
				  bool ipv6, bool ecs, uint16_t type)
{
	unsigned at = (unsigned)stream << 2 | (unsigned)ipv6 << 1 | ecs;
	if (__builtin_expect(rcode != DNS_RCODE_NOERROR, 0))
		at |= rcode == DNS_RCODE_NXDOMAIN ? 8 : 16;
	counters_add(&counters->plain[at][counters_type(type)]);
}

/* An answer from POOL of a service whose LEN pools count from FIRST on. */
static inline void counters_answer(struct counters *counters, uint32_t first, uint32_t len,
				   uint32_t pool)
{
	counters_add(&counters->answers[pool < len ? first + pool : 0]);
}

const char *counters_type_name(unsigned place);
const char *counters_rcode_name(unsigned place);

#endif
