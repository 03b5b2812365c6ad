/*
 * chaos: the names of class CHAOS by which a server tells who and what it is (RFC 4892, and BIND's
 * older ones): hidden unless the operator gives a text to show.
 */
#ifndef MERIDIAN_GEODNS_CHAOS_H
#define MERIDIAN_GEODNS_CHAOS_H

#include "geodns/wire/reply.h"

enum { CHAOS_TEXT_MAX = 255 }; /* one character-string (RFC 1035 section 3.3) */

struct chaos {
	const char *id;	     /* of id.server and hostname.bind; NULL: hidden */
	const char *version; /* of version.server and version.bind; NULL: hidden */
};

/* Answers the CHAOS question of REPLY's query. False, and nothing written, where the name is none
 * of these or hidden. */
bool chaos_answer(const struct chaos *chaos, struct reply *reply)
	__attribute__((warn_unused_result));

#endif
