/*
 * geomap_layout: how a steering map lies in memory; for geomap.c, which reads it, and
 * geomap_build.c, which makes it.
 *
 * An index by the leading bits of the address gives the few ranges among which a search decides.
 */
#ifndef MERIDIAN_GEODNS_GEOMAP_LAYOUT_H
#define MERIDIAN_GEODNS_GEOMAP_LAYOUT_H

#include "geodns/geomap.h"
#include "geodns/ranges.h"

/* IPv4: one slot for each /16. IPv6: one for each /19 of 2000::/3, where all clients are, one for
 * all below it and one for all above. */
enum { GEOMAP_SLOTS4 = 65536, GEOMAP_SLOTS6 = 65538 };

#define GEOMAP_GLOBAL6_FIRST (UINT64_C(0x2000) << 48)
#define GEOMAP_GLOBAL6_END   (UINT64_C(0x4000) << 48)
#define GEOMAP_GLOBAL6_SHIFT 45

/* In an IPv6 range: the addresses embed IPv4, look there. */
#define GEOMAP_EMBEDDED (UINT32_MAX - 1)

/* slotN[i] is the range of the first address of slot i; slotN[SLOTS] is the last range. */
struct geomap {
	uint32_t *slot4;
	uint32_t *start4, *value4;
	uint32_t *slot6;
	uint64_t *hi6, *lo6; /* lo6 NULL: every start is on a /64 */
	uint32_t *value6;
	size_t count4, count6;
	uint32_t unknown;
};

static inline size_t geomap_slot6(uint64_t hi)
{
	if (hi < GEOMAP_GLOBAL6_FIRST)
		return 0;
	if (hi >= GEOMAP_GLOBAL6_END)
		return GEOMAP_SLOTS6 - 1;
	return 1 + (size_t)((hi - GEOMAP_GLOBAL6_FIRST) >> GEOMAP_GLOBAL6_SHIFT);
}

#endif
