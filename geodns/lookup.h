/*
 * lookup: where a question falls among the zones that are served (pure; reads names.h).
 *
 * RFC 1034 section 4.3.2 and RFC 4592, turned round: one look-up of the whole name first, and the
 * walk up to the closest encloser only where that finds nothing or may lie under a cut.
 */
#ifndef MERIDIAN_GEODNS_LOOKUP_H
#define MERIDIAN_GEODNS_LOOKUP_H

#include "geodns/zone.h"

enum lookup_kind {
	LOOKUP_OUTSIDE,	   /* no zone that is served holds the name */
	LOOKUP_FAILED,	   /* its zone could not be loaded */
	LOOKUP_FOUND,	   /* node is the name itself; an empty non-terminal has nothing */
	LOOKUP_WILDCARD,   /* node is the wildcard that stands for the name, RFC 4592 */
	LOOKUP_NXDOMAIN,   /* the name does not exist in zone */
	LOOKUP_DELEGATION, /* node is the cut at or above the name */
	LOOKUP_DNAME	   /* node owns a DNAME and is above the name, RFC 6672 */
};

struct lookup {
	enum lookup_kind kind;
	const struct zone_live *zone; /* NULL for LOOKUP_OUTSIDE */
	const struct node *node;      /* NULL for LOOKUP_OUTSIDE, _FAILED and _NXDOMAIN */
};

/* NAME is in lower-case wire form, LEN octets, HASH its name_hash(). TYPE matters for DS alone,
 * which is the parent's (RFC 4035 section 3.1.4.1). */
struct lookup lookup_name(const struct names *names, uint64_t hash, const uint8_t *name, size_t len,
			  uint16_t type);

/* The wildcard below ENCLOSER in its zone (RFC 4592 section 3.3.1), or NULL. */
const struct node *lookup_wildcard(const struct names *names, const struct node *encloser);

/* The lowest node above NAME, which is not there itself: its closest encloser (RFC 4592
 * section 3.3.1), for whatever is above a name that exists does exist. NULL: none. */
const struct node *lookup_encloser(const struct names *names, const uint8_t *name, size_t len);

/* The node of NAME in ZONE itself, below cuts too: for glue. NULL where there is none. */
const struct node *lookup_glue(const struct names *names, const struct zone_live *zone,
			       const uint8_t *name, size_t len);

#endif
