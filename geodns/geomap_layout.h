/*
 * geomap_layout: how a steering map lies in memory; for geomap.c and plan.c, which read it, and
 * geomap_build.c, which makes it.
 *
 * An index by the leading bits of the address gives the few ranges among which a search decides.
 */
#ifndef MERIDIAN_GEODNS_GEOMAP_LAYOUT_H
#define MERIDIAN_GEODNS_GEOMAP_LAYOUT_H

#include "geodns/geomap.h"
#include "geodns/ranges.h"

/*
 * IPv4: a slot for each /16. IPv6: a block for each /16 of 2000::/3, where all clients are, one for
 * all below it and one for all above; a block is cut into as many slots as it has use for, for
 * registries gave out some /16 in tens of thousands of pieces and most not at all.
 */
enum { GEOMAP_SLOTS4 = 65536, GEOMAP_BLOCKS6 = 8194, GEOMAP_BLOCK6_BITS = 48 };

#define GEOMAP_GLOBAL6_FIRST (UINT64_C(0x2000) << GEOMAP_BLOCK6_BITS)
#define GEOMAP_GLOBAL6_END   (UINT64_C(0x4000) << GEOMAP_BLOCK6_BITS)

/* In an IPv6 range: the addresses embed IPv4, look there. */
#define GEOMAP_EMBEDDED (UINT32_MAX - 1)

/* The slots of a block begin at SLOT; the bits of an address from SHIFT up to the block's number
 * them. */
struct geomap_block6 {
	uint32_t slot, shift;
};

/* slotN[i] is the range of the first address of slot i; behind the last slot stands the last range.
 */
struct geomap {
	uint32_t *slot4;
	uint32_t *start4, *value4;
	struct geomap_block6 *block6;
	uint32_t *slot6;
	size_t slots6;
	uint64_t *hi6, *lo6; /* lo6 NULL: every start is on a /64 */
	uint32_t *value6;
	size_t count4, count6;
	uint32_t unknown;
};

static inline size_t geomap_block6(uint64_t hi)
{
	if (hi < GEOMAP_GLOBAL6_FIRST)
		return 0;
	if (hi >= GEOMAP_GLOBAL6_END)
		return GEOMAP_BLOCKS6 - 1;
	return 1 + (size_t)((hi - GEOMAP_GLOBAL6_FIRST) >> GEOMAP_BLOCK6_BITS);
}

static inline size_t geomap_slot6(const struct geomap *map, uint64_t hi)
{
	const struct geomap_block6 *block = &map->block6[geomap_block6(hi)];
	uint64_t within = hi & ((UINT64_C(1) << GEOMAP_BLOCK6_BITS) - 1);
	return block->slot + (size_t)(within >> block->shift);
}

/* geomap_find() of an IPv4 address, for the caller to inline. */
static inline struct geomap_found geomap_find4(const struct geomap *map, uint32_t key)
{
	size_t slot = key >> 16;
	size_t i = ranges_search4(map->start4, map->slot4[slot], map->slot4[slot + 1], key);
	return (struct geomap_found){map->value4[i],
				     (uint8_t)ranges_scope4(map->start4, map->count4, i, key)};
}

/* geomap_find() of an IPv6 address. */
struct geomap_found geomap_find6(const struct geomap *map, const struct addr *addr);

#endif
