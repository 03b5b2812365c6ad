/*
 * edns: the OPT record of a query (RFC 6891) and the options in it.
 */
#ifndef MERIDIAN_GEODNS_WIRE_EDNS_H
#define MERIDIAN_GEODNS_WIRE_EDNS_H

#include "geodns/wire/query.h"

/* Octets of an OPT record without options: root, type, class, TTL, RDLEN (RFC 6891 section 6.1.2).
 */
enum { EDNS_OPT_LEN = 11 };

/*
 * Reads the OPT record whose owner is at OPT, in the packet of QUERY with LEFT octets from OPT to
 * its end, and fills QUERY's EDNS fields. Returns the record's length, or 0 where the record or an
 * option is malformed; then the options are as if none were there. Options of a version above 0 are
 * not looked at.
 */
size_t edns_parse(struct query *query, const uint8_t *opt, size_t left, bool stream)
	__attribute__((warn_unused_result));

/* Reads the ECS option's LEN octets at DATA (RFC 7871 section 6); at least 8 octets can be read
 * before DATA. */
bool edns_parse_ecs(struct ecs *ecs, const uint8_t *data, size_t len)
	__attribute__((warn_unused_result));

#endif
