/*
 * geomap: one steering map: from an address to a small number (a ranking) in a few nanoseconds,
 * with the widest prefix around the address that gives the same number: the ECS scope (RFC 7871
 * section 7.2.1).
 *
 * A map is compiled from a place table, the operator's overrides and the prefixes its rules name.
 * Ranges of equal value are one, so scopes of one map never overlap. Immutable once built, keeps
 * nothing of its input, may be read by any number of threads.
 */
#ifndef MERIDIAN_GEODNS_GEOMAP_H
#define MERIDIAN_GEODNS_GEOMAP_H

#include "base/addr.h"
#include "geodns/place_override.h"
#include "geodns/place_table.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { GEOMAP_VALUES = 0x3fffffff, GEOMAP_NO_TAG = -1 };

/* The value of an address that has no place by design (unroutable.h) and that no operator's prefix
 * covers: decide by the resolver's address; if that is of no place too, by geomap_unknown(). */
#define GEOMAP_NO_PLACE UINT32_MAX

/* A prefix that a rule names. TAG is 0..INT32_MAX, for instance the rule's index. */
struct geomap_cidr {
	struct prefix prefix;
	int32_t tag;
};

/* What a value depends on. */
struct geomap_client {
	const struct place *place; /* overrides applied; all zeros where nothing is known */
	uint32_t asn;		   /* 0 where not known, or where by_asn was not asked for */
	int32_t tag; /* the least tag of the cidrs that cover the client, or GEOMAP_NO_TAG */
};

/*
 * Memory that building takes, for one map after another: pages that the system hands out afresh
 * cost more than what is done in them. Used by one thread at a time.
 */
struct geomap_scratch;
struct geomap_scratch *geomap_scratch_new(void);
void geomap_scratch_free(struct geomap_scratch *scratch); /* NULL is allowed */

struct geomap_input {
	struct geomap_scratch *scratch;	 /* borrowed; NULL: memory of its own */
	const struct place_table *table; /* may be NULL */
	const struct place_override *overrides;
	size_t override_count;
	const struct geomap_cidr *cidrs;
	size_t cidr_count;
	bool by_asn; /* whether values depend on the ASN */
	/*
	 * The value of a client, 0..GEOMAP_VALUES-1. Must depend on the client alone. Called about
	 * once for each distinct client.
	 */
	uint32_t (*rank)(void *context, const struct geomap_client *client);
	void *context;
};

struct geomap;

/* Never fails but for memory (mem.h). The caller ends it with geomap_free(). */
struct geomap *geomap_new(const struct geomap_input *input) __attribute__((warn_unused_result));
void geomap_free(struct geomap *map); /* NULL is allowed */

struct geomap_found {
	uint32_t value; /* a ranking, or GEOMAP_NO_PLACE */
	uint8_t scope;	/* bits of the family of the address asked for */
};

/*
 * The value at ADDR, and the length of the widest prefix that contains ADDR and in which every
 * address has that value. IPv6 addresses that embed IPv4 are looked up by the IPv4 address, and the
 * scope is that of the IPv6 form. ADDR is of a family. No allocation, no lock.
 */
struct geomap_found geomap_find(const struct geomap *map, const struct addr *addr);

/* The value of a client of which nothing is known. */
uint32_t geomap_unknown(const struct geomap *map);

/* Octets held, and ranges of both families. */
size_t geomap_size(const struct geomap *map);
size_t geomap_ranges(const struct geomap *map, enum addr_family family);

#endif
