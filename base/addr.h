/*
 * addr: an IPv4 or IPv6 address, and a prefix of either family.
 *
 * An address is 16 octets in wire order; an IPv4 address uses the first four and the rest are zero.
 * A prefix is canonical: no bit is set beyond its length.
 */
#ifndef MERIDIAN_BASE_ADDR_H
#define MERIDIAN_BASE_ADDR_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum addr_family { ADDR_NONE = 0, ADDR_IPV4 = 4, ADDR_IPV6 = 6 };
enum { ADDR_TEXT_MAX = 46, PREFIX_TEXT_MAX = 50 }; /* octets with the NUL */

struct addr {
	uint8_t family; /* enum addr_family */
	uint8_t bytes[16];
};

struct prefix {
	struct addr addr;
	uint8_t len; /* bits, 0..addr_bits(&addr) */
};

/* 32, 128, or 0 for ADDR_NONE. */
unsigned addr_bits(const struct addr *addr);

/* Reads a dotted quad or RFC 4291 text; no zone, no port, no blanks. False where TEXT is neither.
 */
bool addr_parse(const char *text, struct addr *addr) __attribute__((warn_unused_result));

/* Writes the canonical text (RFC 5952 for IPv6). TEXT holds ADDR_TEXT_MAX octets. */
void addr_format(const struct addr *addr, char text[ADDR_TEXT_MAX]);

/* Total order: IPv4 before IPv6, then by octets. */
int addr_compare(const struct addr *a, const struct addr *b);
bool addr_equal(const struct addr *a, const struct addr *b);

/* Clears every bit beyond the first LEN. LEN is at most addr_bits(). */
void addr_mask(struct addr *addr, unsigned len);

static inline __attribute__((warn_unused_result)) bool addr_from_sockaddr(
	const struct sockaddr *from, struct addr *addr, uint16_t *port)
{
	*addr = (struct addr){0};
	const uint8_t *octets = (const uint8_t *)from;
	if (from->sa_family == AF_INET) {
		addr->family = ADDR_IPV4;
		memcpy(addr->bytes, octets + offsetof(struct sockaddr_in, sin_addr), 4);
		memcpy(port, octets + offsetof(struct sockaddr_in, sin_port), sizeof *port);
	} else if (from->sa_family == AF_INET6) {
		addr->family = ADDR_IPV6;
		memcpy(addr->bytes, octets + offsetof(struct sockaddr_in6, sin6_addr), 16);
		memcpy(port, octets + offsetof(struct sockaddr_in6, sin6_port), sizeof *port);
	} else {
		return false;
	}
	*port = ntohs(*port);
	return true;
}
/* Returns the octets used of TO. ADDR is of a family. */
socklen_t addr_to_sockaddr(const struct addr *addr, uint16_t port, struct sockaddr_storage *to);

/*
 * The IPv4 address that an IPv6 address carries, where it is of a form that does: IPv4-mapped
 * ::ffff:0:0/96 (RFC 4291), 64:ff9b::/96 (RFC 6052), 6to4 2002::/16 (RFC 3056), Teredo 2001::/32
 * (RFC 4380, client address, inverted). False leaves V4 alone. PREFIX_BITS (may be NULL) is how
 * many leading bits of the IPv6 form stand before the IPv4 bits.
 */
bool addr_embedded_ipv4(const struct addr *addr, struct addr *v4, unsigned *prefix_bits)
	__attribute__((warn_unused_result));

/*
 * Reads ADDR/LEN, or ADDR alone as a host prefix. False where it is not one, and where bits stand
 * beyond LEN; WHY (may be NULL) then points to a constant half-sentence ("has bits beyond its
 * length").
 */
bool prefix_parse(const char *text, struct prefix *prefix, const char **why)
	__attribute__((warn_unused_result));
/* Reads the same, whatever bits stand beyond LEN: the prefix around an address. */
bool prefix_parse_around(const char *text, struct prefix *prefix)
	__attribute__((warn_unused_result));
void prefix_format(const struct prefix *prefix, char text[PREFIX_TEXT_MAX]);
bool prefix_contains(const struct prefix *prefix, const struct addr *addr);
/* Total order: by address, then the shorter first. */
int prefix_compare(const struct prefix *a, const struct prefix *b);

#endif
