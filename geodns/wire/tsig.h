/*
 * tsig: what a server without keys says to a query that is signed with one (RFC 8945).
 */
#ifndef MERIDIAN_GEODNS_WIRE_TSIG_H
#define MERIDIAN_GEODNS_WIRE_TSIG_H

#include "geodns/wire/query.h"

/* Whether the record at QUERY's tsig can be read as one: class ANY, TTL 0, and RDATA of the form of
 * RFC 8945 section 4.2. */
bool tsig_is_well_formed(const struct query *query) __attribute__((warn_unused_result));

/*
 * Adds to the response of LEN octets at OUT, of CAP octets, the record that answers QUERY's:
 * BADKEY, unsigned (RFC 8945 section 5.3.2), with the names of key and algorithm, the time and the
 * id as sent. Where it does not fit, TC is set instead. Returns the response's length.
 */
size_t tsig_refuse(const struct query *query, uint8_t *out, size_t len, size_t cap)
	__attribute__((warn_unused_result));

#endif
