/*
 * geomap_prefixes: nested prefixes of the operator (overrides and rules' cidrs) as adjoining
 * segments, each with the prefixes that cover it.
 *
 * What covers a segment is a state: 0 is nothing, state N is the prefix N-1 of the set and, through
 * its parents, all that contain it.
 */
#ifndef MERIDIAN_GEODNS_GEOMAP_PREFIXES_H
#define MERIDIAN_GEODNS_GEOMAP_PREFIXES_H

#include "geodns/geomap.h"

struct geomap_prefix {
	unsigned __int128 first, last;
	const struct place_override *override; /* or NULL */
	int32_t tag;	     /* the least of this prefix and those around it, or GEOMAP_NO_TAG */
	uint32_t parent;     /* the state around it */
	bool names_embedded; /* it, or one around it, lies within an area that embeds IPv4 */
};

/* Segments as starts and states; the first start is 0. */
struct geomap_prefixes {
	struct geomap_prefix *prefixes;
	size_t prefix_count;
	unsigned __int128 *start;
	uint32_t *state;
	size_t count;
};

/* Those of FAMILY among the input's. The caller ends it with fini. */
void geomap_prefixes_init(struct geomap_prefixes *set, const struct geomap_input *input,
			  enum addr_family family);
void geomap_prefixes_fini(struct geomap_prefixes *set);

/* Applies the overrides of STATE, from the widest to the narrowest, and returns its tag. */
int32_t geomap_prefixes_apply(const struct geomap_prefixes *set, uint32_t state,
			      struct place *place, uint32_t *asn);

#endif
