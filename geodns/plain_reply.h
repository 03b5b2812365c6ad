/*
 * plain_reply: what is around the records of a reply that is not kept in between; for
 * answer_short.c alone. reply.h writes every reply.
 */
#ifndef MERIDIAN_GEODNS_PLAIN_REPLY_H
#define MERIDIAN_GEODNS_PLAIN_REPLY_H

#include "geodns/wire/reply.h"

/*
 * Makes the query's own OPT of LEN octets, which holds nothing or a client subnet, the reply's: our
 * size, version 0, no flag but DO (RFC 6891 section 6.1.3), and in the client subnet, which goes
 * back as it came, our SCOPE (RFC 7871 section 7.2.1).
 */
static inline void plain_put_opt(uint8_t *at, const uint8_t *opt, size_t len, uint16_t udp_size,
				 uint8_t scope)
{
	if (len >= 16) {
		memcpy(at, opt, 16);
		memcpy(at + len - 16, opt + len - 16, 16);
		at[EDNS_OPT_LEN + EDNS_OPTION_HEAD + 3] = scope;
	} else {
		memcpy(at, opt, 8);
		memcpy(at + 7, opt + 7, 4);
	}
	wire_put_u16(at + 3, udp_size);
	at[5] = 0;
	at[7] = opt[7] & 0x80;
	at[8] = 0;
}

/* RFC 8914 section 2: why a name is refused, behind the LEN octets of OPT. Returns what it has
 * then.
 */
static inline size_t plain_put_reason(uint8_t *opt, size_t len)
{
	reply_put_ede(opt + len, DNS_EDE_NOT_AUTHORITATIVE);
	len += EDNS_EDE_LEN;
	wire_put_u16(opt + EDNS_OPT_LEN - 2, (uint16_t)(len - EDNS_OPT_LEN));
	return len;
}

/* RFC 1035 section 4.1.1: id and RD as asked; QR and FLAGS. COUNTS: answers << 16 | authority. */
static inline void plain_put_header(uint8_t *out, const uint8_t *packet, uint16_t flags,
				    uint32_t counts)
{
	uint32_t first = wire_get_u32(packet) & (0xffff0000 | DNS_FLAG_RD);
	uint64_t all; /* as they came: one question, OPT if and only if it was there */
	wire_put_u32(out, first | DNS_FLAG_QR | flags);
	memcpy(&all, packet + 4, sizeof all);
	all |= htobe64((uint64_t)counts << 16);
	memcpy(out + 4, &all, sizeof all);
}

#endif
