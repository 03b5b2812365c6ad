/* Knows each option's form in a query. */
#include "geodns/wire/edns.h"

enum { ECS_FAMILY_IPV4 = 1, ECS_FAMILY_IPV6 = 2 };

/* Copies LEN octets (0..16) at FROM to TO and fills with zeros; eight octets before FROM can be
 * read. */
static inline void copy_address(uint8_t to[16], const uint8_t *from, size_t len)
{
	memset(to, 0, 16);
	if (len >= 8) {
		memcpy(to, from, 8);
		from += 8;
		to += 8;
		len -= 8;
	}
	if (len == 0)
		return;
	uint64_t word;
	memcpy(&word, from + len - 8, 8);
	word = htole64(le64toh(word) >> (8 * (8 - len)));
	memcpy(to, &word, 8);
}

bool edns_parse_ecs(struct ecs *ecs, const uint8_t *data, size_t len)
{
	if (len < EDNS_ECS_FIXED)
		return false;
	unsigned family = wire_get_u16(data), source = data[2], scope = data[3];
	unsigned bits = 32;
	enum addr_family addr_family = ADDR_IPV4;
	if (family != ECS_FAMILY_IPV4) {
		bits = family == ECS_FAMILY_IPV6 ? 128 : 0;
		addr_family = family == ECS_FAMILY_IPV6 ? ADDR_IPV6 : ADDR_NONE;
	}
	size_t address_len = len - EDNS_ECS_FIXED;
	/*
	 * RFC 7871 section 6: SCOPE is 0 in a query; the address has the fewest octets that hold
	 * SOURCE bits, and no bit beyond them. Family 0, which stub resolvers send to opt out, goes
	 * with neither bits nor octets.
	 */
	if (scope != 0 || source > bits || address_len != (source + 7) / 8 ||
	    family > ECS_FAMILY_IPV6)
		return false;
	if (source % 8 != 0 && (data[len - 1] & 0xff >> source % 8) != 0)
		return false;
	ecs->present = true;
	ecs->source = (uint8_t)source;
	ecs->sent_len = (uint8_t)len;
	ecs->sent = data;
	ecs->address.family = (uint8_t)addr_family;
	copy_address(ecs->address.bytes, data + EDNS_ECS_FIXED, address_len);
	return true;
}

/* RFC 7873 section 5.2.2: 8 octets from a client that knows no server cookie, else 8 and 8..32. */
static bool parse_cookie(struct query *query, const uint8_t *data, size_t len)
{
	if (len != 8 && (len < 16 || len > 40))
		return false;
	if (query->cookie_len == 0) {
		query->cookie = data;
		query->cookie_len = (uint8_t)len;
	}
	return true;
}

/* Of an option given twice the first counts; the second must be well-formed all the same. */
static bool parse_again_ecs(const uint8_t *data, size_t len)
{
	struct ecs second;
	return edns_parse_ecs(&second, data, len);
}

static bool parse_option(struct query *query, unsigned code, const uint8_t *data, size_t len,
			 bool stream)
{
	switch (code) {
	case DNS_OPTION_ECS:
		if (query->ecs.present)
			return parse_again_ecs(data, len);
		return edns_parse_ecs(&query->ecs, data, len);
	case DNS_OPTION_COOKIE:
		return parse_cookie(query, data, len);
	case DNS_OPTION_NSID: /* RFC 5001 section 2.1: a payload in a query is ignored */
		query->wants_nsid = true;
		return true;
	case DNS_OPTION_KEEPALIVE: /* RFC 7828 sections 3.2.1 and 3.2.2: empty in queries, ignored
				      over UDP */
		if (stream && len != 0)
			return false;
		query->wants_keepalive = stream;
		return true;
	default: /* RFC 6891 section 6.1.2: unknown options are ignored */
		return true;
	}
}

bool edns_parse_options(struct query *query, const uint8_t *at, size_t len, bool stream)
{
	while (len > 0) {
		if (len < EDNS_OPTION_HEAD)
			return false;
		unsigned code = wire_get_u16(at);
		size_t data = wire_get_u16(at + 2);
		if (data > len - EDNS_OPTION_HEAD ||
		    !parse_option(query, code, at + EDNS_OPTION_HEAD, data, stream))
			return false;
		at += EDNS_OPTION_HEAD + data;
		len -= EDNS_OPTION_HEAD + data;
	}
	return true;
}
