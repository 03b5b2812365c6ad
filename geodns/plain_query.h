/*
 * plain_query: a query of the usual shape, read without keeping more of it than counts; for
 * answer_short.c alone. query.h reads every query.
 */
#ifndef MERIDIAN_GEODNS_PLAIN_QUERY_H
#define MERIDIAN_GEODNS_PLAIN_QUERY_H

#include "geodns/wire/edns.h"
#include "geodns/wire/name_fold.h"

enum { PLAIN_TYPE_META = 128 }; /* RFC 6895 section 3.1: from here on questions, not data */

/* OPCODE QUERY, one question, no answer or authority records, none or one additional record. */
static inline bool plain_has_header(const uint8_t *header)
{
	uint64_t counts;
	memcpy(&counts, header + 4, sizeof counts);
	return (header[2] & (DNS_FLAG_QR | DNS_FLAG_OPCODE) >> 8) == 0 &&
	       (counts & ~htobe64(1)) == htobe64(UINT64_C(1) << 48);
}

/* Where the question ends in the query of LEN octets at IN; 0 where header or question are of
 * another shape. *TYPE is a data type and not DS, which is the parent's (RFC 4035
 * section 3.1.4.1). */
static inline __attribute__((always_inline)) uint32_t plain_read_question(const uint8_t *in,
									  size_t len,
									  uint16_t *type)
{
	if (len <= DNS_HEADER_LEN || !plain_has_header(in))
		return 0;
	size_t name_len = name_scan(in + DNS_HEADER_LEN, len - DNS_HEADER_LEN);
	if (name_len == 0 || len - DNS_HEADER_LEN - name_len < 4)
		return 0;
	uint32_t question = wire_get_u32(in + DNS_HEADER_LEN + name_len);
	*type = (uint16_t)(question >> 16);
	bool usual = (question & 0xffff) == DNS_CLASS_IN && *type < PLAIN_TYPE_META &&
		     *type != DNS_TYPE_DS;
	return usual ? (uint32_t)(DNS_HEADER_LEN + name_len + 4) : 0;
}

/* Octets of the OPT of version 0 that begins in the LEFT octets at OPT; 0 where it is none. */
static inline size_t plain_opt_len(const uint8_t *opt, size_t left)
{
	/* Root, type; between them and the version are size and upper RCODE, which count for
	 * nothing here. */
	const uint64_t counts = UINT64_C(0xffffff000000ff00), is = (uint64_t)DNS_TYPE_OPT << 40;
	uint64_t head;
	if (left < EDNS_OPT_LEN)
		return 0;
	memcpy(&head, opt, sizeof head);
	size_t len = EDNS_OPT_LEN + (size_t)wire_get_u16(opt + 9);
	return len > left || (head & htobe64(counts)) != htobe64(is) ? 0 : len;
}

/*
 * True where the OPT of LEN octets holds no option, or a client subnet alone (RFC 7871 section 6):
 * family 1, scope 0, and an address of as many octets as hold SOURCE bits, none set beyond.
 */
static inline __attribute__((always_inline)) bool plain_read_subnet(const uint8_t *opt, size_t len,
								    uint8_t *source,
								    uint32_t *address)
{
	uint64_t head;
	if (len == EDNS_OPT_LEN)
		return true;
	if (len < EDNS_OPT_LEN + EDNS_OPTION_HEAD + EDNS_ECS_FIXED)
		return false;
	size_t octets = len - EDNS_OPT_LEN - EDNS_OPTION_HEAD - EDNS_ECS_FIXED;
	memcpy(&head, opt + EDNS_OPT_LEN, sizeof head);
	head = be64toh(head);
	unsigned bits = head >> 8 & 0xff;
	/* Code, length, family, SOURCE, SCOPE. */
	if ((head & ~UINT64_C(0xff00)) != ((uint64_t)DNS_OPTION_ECS << 48 |
					   (uint64_t)(octets + EDNS_ECS_FIXED) << 32 | 1 << 16) ||
	    bits > 32 || octets != (bits + 7) / 8)
		return false;
	/* The four octets that end with the option, the address's moved up over what is before. */
	uint64_t moved = (uint64_t)wire_get_u32(opt + len - 4) << (32 - 8 * octets);
	*source = (uint8_t)bits;
	*address = (uint32_t)moved;
	return (uint32_t)((moved & UINT32_MAX) << bits) == 0;
}

#endif
