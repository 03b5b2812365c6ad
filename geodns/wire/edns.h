/*
 * edns: the OPT record of a query (RFC 6891) and the options in it.
 */
#ifndef MERIDIAN_GEODNS_WIRE_EDNS_H
#define MERIDIAN_GEODNS_WIRE_EDNS_H

#include "geodns/wire/query.h"

/* Octets of an OPT record without options: root, type, class, TTL, RDLEN (RFC 6891 section 6.1.2).
 */
enum { EDNS_OPT_LEN = 11 };

enum { EDNS_OPTION_HEAD = 4, EDNS_ECS_FIXED = 4, EDNS_EDE_LEN = EDNS_OPTION_HEAD + 2 };

/* Reads the options in the LEN octets at AT, any number of them, into QUERY. False where one is
 * malformed. At least 8 octets can be read before AT. */
bool edns_parse_options(struct query *query, const uint8_t *at, size_t len, bool stream)
	__attribute__((warn_unused_result));

/* As if no option had come. */
static inline void edns_clear_options(struct query *query)
{
	query->ecs.present = query->wants_nsid = query->wants_keepalive = false;
	query->cookie_len = 0;
}

/* Reads the ECS option's LEN octets at DATA (RFC 7871 section 6); at least 8 octets can be read
 * before DATA. */
bool edns_parse_ecs(struct ecs *ecs, const uint8_t *data, size_t len)
	__attribute__((warn_unused_result));

/*
 * edns_parse_ecs() of what most resolvers send: family 1, scope 0, and an address of as many octets
 * as hold SOURCE bits, none set beyond. False where it is anything else, well-formed or not. LEN is
 * EDNS_ECS_FIXED at least.
 */
static inline __attribute__((always_inline)) bool edns_read_ecs4(const uint8_t *data, size_t len,
								 uint8_t *source, uint32_t *address)
{
	uint32_t head = wire_get_u32(data), bits = head >> 8 & 0xff;
	size_t octets = len - EDNS_ECS_FIXED;
	if ((head & 0xffff00ff) != 0x00010000 || bits > 32 || octets != (bits + 7) / 8)
		return false;
	/* The four octets that end with the option, the address's moved up over what is before. */
	*address = (uint32_t)((uint64_t)wire_get_u32(data + octets) << (32 - 8 * octets));
	*source = (uint8_t)bits;
	return (uint32_t)((uint64_t)*address << bits) == 0;
}

static inline bool edns_parse_ecs4(struct ecs *ecs, const uint8_t *data, size_t len)
{
	uint32_t address;
	uint8_t source;
	if (!edns_read_ecs4(data, len, &source, &address))
		return false;
	ecs->present = true;
	ecs->source = source;
	ecs->sent_len = (uint8_t)len;
	ecs->sent = data;
	ecs->address = (struct addr){.family = ADDR_IPV4};
	wire_put_u32(ecs->address.bytes, address);
	return true;
}

/*
 * Reads the OPT record whose owner is at OPT, in the packet of QUERY with LEFT octets from OPT to
 * its end, and fills QUERY's EDNS fields. Returns the record's length, or 0 where the record or an
 * option is malformed; then the options are as if none were there. Options of a version above 0 are
 * not looked at.
 */
static inline __attribute__((always_inline, warn_unused_result)) size_t edns_parse(
	struct query *query, const uint8_t *opt, size_t left, bool stream)
{
	if (left < EDNS_OPT_LEN)
		return 0;
	size_t len = wire_get_u16(opt + 9);
	/* RFC 6891 section 6.1.2: the owner is the root. */
	if (opt[0] != 0 || len > left - EDNS_OPT_LEN)
		return 0;
	/* RFC 6891 section 6.2.3: values below 512 are treated as 512. */
	uint16_t size = wire_get_u16(opt + 3);
	query->udp_size = size < DNS_UDP_MIN ? DNS_UDP_MIN : size;
	query->version = opt[6];
	query->dnssec_ok = (opt[7] & 0x80) != 0; /* RFC 3225 section 3 */
	const uint8_t *at = opt + EDNS_OPT_LEN;
	/* What most resolvers send is no option, or the client's subnet alone. */
	if (len == 0 || query->version != 0)
		return EDNS_OPT_LEN + len;
	if (len >= EDNS_OPTION_HEAD + EDNS_ECS_FIXED &&
	    wire_get_u32(at) == ((uint32_t)DNS_OPTION_ECS << 16 | (len - EDNS_OPTION_HEAD)) &&
	    edns_parse_ecs4(&query->ecs, at + EDNS_OPTION_HEAD, len - EDNS_OPTION_HEAD))
		return EDNS_OPT_LEN + len;
	if (edns_parse_options(query, at, len, stream))
		return EDNS_OPT_LEN + len;
	edns_clear_options(query);
	return 0;
}

#endif
