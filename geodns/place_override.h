/*
 * place_override: what the operator knows of a prefix, laid over what the databases say.
 *
 * Overrides nest: the narrowest that says something of a field wins for that field.
 */
#ifndef MERIDIAN_GEODNS_PLACE_OVERRIDE_H
#define MERIDIAN_GEODNS_PLACE_OVERRIDE_H

#include "base/addr.h"
#include "db/model.h"
#include "geodns/place.h"
#include "geodns/place_table.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct place_override {
	struct prefix prefix;
	bool says_place;    /* PLACE replaces the place */
	bool says_position; /* PLACE.lat and .lon replace the coordinates */
	struct place place;
	uint32_t asn; /* 0: not said */
};

/* From the configuration's object. A place that cannot be read (place_pattern.h) is not said. */
void place_override_init(struct place_override *override, const struct geo_override *geo);

/*
 * Changes PLACE and ASN as OVERRIDE says. A place without coordinates keeps those it had where the
 * country is the same, else it gets the centroid.
 */
void place_override_apply(const struct place_override *override, struct place *place,
			  uint32_t *asn);

enum place_source { PLACE_SOURCE_NONE, PLACE_SOURCE_DATABASE, PLACE_SOURCE_OVERRIDE };
const char *place_source_name(enum place_source source); /* "none" "database" "override" */

/* Where an address is, and why that is thought. */
struct place_explanation {
	struct addr looked_up; /* the IPv4 address inside, where the address embeds one */
	struct place place;
	uint32_t asn;
	enum place_source source;
	struct prefix prefix; /* the widest prefix around LOOKED_UP of which the same is said */
	const struct place_override *override; /* the narrowest that covers it, or NULL */
	bool unroutable; /* private, loopback or reserved, and of no override: no place by design */
};

/* OVERRIDES in any order. TABLE may be NULL. Costs a pass over the overrides: for people, not for
 * queries. */
void place_explain(const struct place_table *table, const struct place_override *overrides,
		   size_t count, const struct addr *addr, struct place_explanation *explanation);

#endif
