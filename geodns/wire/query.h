/*
 * query: what a client's message asks, and whether it deserves an answer.
 *
 * Pure: no allocation, no copy but of the question's name. The struct borrows from the packet,
 * which must stay until the reply is written.
 */
#ifndef MERIDIAN_GEODNS_WIRE_QUERY_H
#define MERIDIAN_GEODNS_WIRE_QUERY_H

#include "base/addr.h"
#include "geodns/wire/dns.h"
#include "geodns/wire/name.h"

enum query_result {
	QUERY_OK,	   /* one question, to be answered */
	QUERY_COOKIE_ONLY, /* no question but a cookie: NOERROR with a cookie (RFC 7873 section 5.4)
			    */
	QUERY_IGNORE,	   /* silence: no header, or a response */
	QUERY_FORMERR,	   /* RCODE FORMERR */
	QUERY_NOTIMP,	   /* an opcode other than QUERY */
	QUERY_BADVERS,	   /* EDNS version above 0 (RFC 6891 section 6.1.3) */
	QUERY_NOTAUTH	   /* signed with a key, of which there are none (RFC 8945 section 5.2.1) */
};

/* Client subnet (RFC 7871 section 6). */
struct ecs {
	bool present;
	uint8_t source;	     /* SOURCE PREFIX-LENGTH; 0: the client wants no address used */
	uint8_t sent_len;    /* octets at SENT: 4..20 */
	struct addr address; /* ADDR_NONE where the option's family is 0 */
	const uint8_t *sent; /* family, source, scope and address as sent, in the packet */
};

struct query {
	const uint8_t *packet;
	size_t packet_len;
	const uint8_t *cookie; /* in the packet, where cookie_len is not 0 */
	uint64_t qname_hash;   /* name_hash() of the lower-case name after QUERY_OK, else 0 */

	/* The question; question_len 0 where there is none to echo (then the other fields are 0).
	 */
	uint16_t question_len; /* octets after the header: name, type and class */
	uint16_t qtype, qclass;
	uint8_t qname_len;
	uint8_t opcode;

	/* EDNS (RFC 6891). Without it the sizes and flags are those of RFC 1035. */
	bool has_edns, dnssec_ok, wants_nsid, wants_keepalive;
	uint8_t version;
	uint8_t cookie_len; /* 8, or 16..40; 0 where there is none */
	uint16_t udp_size;  /* what the client takes over UDP, at least 512 */
	uint16_t id, flags; /* flags as sent */
	uint16_t tsig;	    /* where the TSIG record begins in the packet; 0: there is none */
	struct ecs ecs;

	/* In lower case; written only where the result is QUERY_OK. */
	_Alignas(16) uint8_t qname[256];
};

/*
 * Reads PACKET of LEN octets. STREAM says that it came over TCP, where the keepalive option counts
 * (RFC 7828 section 3.3.1). Whatever the result, every field but QNAME is set; after QUERY_IGNORE
 * nothing may be answered, after any other result but QUERY_OK the query serves reply_begin() for
 * the error.
 */
enum query_result query_parse(struct query *query, const uint8_t *packet, size_t len, bool stream)
	__attribute__((warn_unused_result));

/* The RCODE that answers RESULT: NOERROR, FORMERR, NOTIMP, BADVERS or NOTAUTH. */
enum dns_rcode query_rcode(enum query_result result);

#endif
