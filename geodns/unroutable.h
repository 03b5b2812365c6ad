/*
 * unroutable: the addresses that say nothing of where a client is: private, loopback, link-local,
 * documentation, multicast, reserved (IANA special-purpose address registries, RFC 6890: not
 * globally reachable).
 */
#ifndef MERIDIAN_GEODNS_UNROUTABLE_H
#define MERIDIAN_GEODNS_UNROUTABLE_H

#include "base/addr.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Whether ADDR is one of them. An IPv6 address that embeds an IPv4 address is judged by that.
 * IPv6 outside 2000::/3 (RFC 3513: not assigned to global unicast) counts as unroutable.
 */
bool unroutable_contains(const struct addr *addr);

/* First and last addresses, ascending, disjoint. IPv6 in units of /64; embedding areas left out. */
struct unroutable_range {
	uint64_t first, last;
};
const struct unroutable_range *unroutable_ranges(enum addr_family family, size_t *count);

#endif
