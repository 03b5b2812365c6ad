/*
 * lookup_quick: where a question falls, for the short way of answers: what lookup_name() finds,
 * told by fewer looks, wherever no cut and no DNAME can lie between a name and its zone's apex.
 */
#ifndef MERIDIAN_GEODNS_LOOKUP_QUICK_H
#define MERIDIAN_GEODNS_LOOKUP_QUICK_H

#include "geodns/lookup.h"
#include "geodns/names_layout.h"
#include "geodns/wire/dns.h"

/*
 * Whether NODE's zone, which is served, has nothing that could stand above what is at NODE or, if
 * BELOW, right under it. Where a zone has cuts that is known of the apex, and of what is one label
 * down and no cut itself; no served zone begins there either, for the node would be that zone's.
 */
static inline bool lookup_is_open(const struct node *node, bool below)
{
	const struct zone_live *zone = node->zone;
	if (atomic_load_explicit(&zone->failed, memory_order_relaxed))
		return false;
	if (__builtin_expect(!zone_is_irregular(zone), 1))
		return true;
	bool redirected = atomic_load_explicit(&zone->redirected, memory_order_acquire);
	if (node->name_len == zone->name_len)
		return !below || !redirected;
	return node->labels == zone->labels + 1 && !redirected &&
	       node_find(node, DNS_TYPE_NS) == NULL &&
	       !(below && node_find(node, DNS_TYPE_DNAME) != NULL);
}

/*
 * The lowest node above NAME, which has LEN octets and is not there itself: its closest encloser
 * (RFC 4592 section 3.3.1). NULL: none, which is told of most names that are in no zone by one
 * look; of most others it is right above them.
 */
static inline const struct node *lookup_above(const struct names *names, const uint8_t *name,
					      size_t len)
{
	size_t label = 1 + (size_t)*name;
	if (label == 1 || !tails_may_hold(&names->tails, name, len))
		return NULL;
	name += label;
	len -= label;
	const struct node *node =
		names_probe(names, name_fold_hash(name, len), name, len, names_is);
	return node != NULL ? node : lookup_encloser(names, name, len);
}

#endif
