/*
 * place_table: the compiled geo data: sorted ranges of addresses, each with its place or its ASN.
 *
 * A file made by meridian-geoc and mapped read-only. Everything in it is checked before the first
 * use: header, checksum, bounds, order. Ranges cover the whole address space without a gap: range I
 * runs from its start to the one before the next start. Place 0 is the place of which nothing is
 * known; ASN 0 is none.
 */
#ifndef MERIDIAN_GEODNS_PLACE_TABLE_H
#define MERIDIAN_GEODNS_PLACE_TABLE_H

#include "base/addr.h"
#include "base/error.h"
#include "geodns/place.h"
#include "geodns/ranges.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The databases a table was made from. */
enum place_source_kind { PLACE_FROM_COUNTRY, PLACE_FROM_CITY, PLACE_FROM_ASN, PLACE_FROM_COUNT };

struct place_database {
	uint32_t networks;    /* records of the search tree with data; 0: not part of the table */
	int64_t build_epoch;  /* seconds since 1970, as the database says */
	char description[48]; /* its type, "GeoLite2-City"; NUL-terminated */
};

struct place_table {
	const struct place *places; /* values of place4 and place6 are indices here */
	size_t place_count;	    /* at least 1 */
	struct ranges4 place4, asn4;
	struct ranges6 place6, asn6;
	struct place_database from[PLACE_FROM_COUNT];
	int64_t built_ms; /* wall clock, ms since 1970 */
	void *bytes;	  /* the mapping; place_table_close() ends it */
	size_t len;
};

/*
 * Maps and checks the file. NULL, with a sentence, where it cannot be read or is not a sound place
 * table of this version. The caller owns the result and ends it with place_table_close().
 */
struct place_table *place_table_open(const char *path, struct error *error)
	__attribute__((warn_unused_result));
void place_table_close(struct place_table *table); /* NULL is allowed */

/*
 * The same check on LEN octets in memory (aligned to 8), which must outlive TABLE. Nothing is
 * allocated and nothing owned: TABLE must not be closed.
 */
bool place_table_view(const void *bytes, size_t len, struct place_table *table, struct error *error)
	__attribute__((warn_unused_result));

/*
 * What the databases say of an address: PLACE and ASN are filled (zeros: nothing known), and
 * PREFIX_LEN is the length of the widest prefix that contains ADDR and gives the same place and
 * ASN. TABLE may be NULL: nothing is known. Embedded IPv4 is not looked for.
 */
struct place_found {
	struct place place;
	uint32_t asn;
	uint8_t prefix_len;
};
void place_table_find(const struct place_table *table, const struct addr *addr,
		      struct place_found *found);

/* Writes a whole file to FD: places, ranges, FROM and BUILT_MS of TABLE are given, the rest is not
 * looked at. */
bool place_table_write(const struct place_table *table, int fd, struct error *error)
	__attribute__((warn_unused_result));

/* Makes the length and checksum in the header of a file image of LEN octets (aligned to 8) true.
 * Nothing where it is too short for a header. */
void place_table_seal(void *bytes, size_t len);

#endif
