/*
 * geomap_pack: from the ranges of one family, as a sweep leaves them, to the tree that is looked
 * up.
 */
#ifndef MERIDIAN_GEODNS_GEOMAP_PACK_H
#define MERIDIAN_GEODNS_GEOMAP_PACK_H

#include "geodns/geomap_layout.h"

/*
 * Adjoining ranges of unequal values, in ascending order, the first at address 0. Starts are
 * flush left: those of IPv4 in the upper half of HI. LO is NULL while every start is on a /64.
 */
struct geomap_ranges {
	uint64_t *hi, *lo;
	uint32_t *value;
	size_t count, capacity;
};

/* Appends a range; one of the value before it is the same range. */
void geomap_ranges_append(struct geomap_ranges *ranges, unsigned __int128 start, uint32_t value);

/* No ranges, to be appended to and then packed. */
struct geomap_ranges *geomap_scratch_ranges(struct geomap_scratch *scratch);

/* The tree of the ranges of SCRATCH (at least one). It ends with free(tree.block). */
struct geomap_tree geomap_pack(struct geomap_scratch *scratch) __attribute__((warn_unused_result));

#endif
