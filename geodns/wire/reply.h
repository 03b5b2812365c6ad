/*
 * reply: a response written from its header to its OPT record in one pass.
 *
 *   reply_begin()                     header and question as sent; room for OPT is kept
 *   reply_prepared(), reply_rrset()   RRsets, section by section, each whole or not at all
 *   reply_end()                       OPT, flags and counts
 *
 * What may be set in between are the fields marked so. Pure: no allocation; OUT must not overlap
 * the query's packet.
 */
#ifndef MERIDIAN_GEODNS_WIRE_REPLY_H
#define MERIDIAN_GEODNS_WIRE_REPLY_H

#include "geodns/wire/compress.h"
#include "geodns/wire/edns.h"
#include "geodns/wire/query.h"

#include <assert.h>

/* What a server says of itself; lives as long as the server. */
struct reply_server {
	uint16_t udp_size;	  /* 512..4096: our limit over UDP, and what OPT announces */
	uint16_t keepalive_100ms; /* the TCP idle time in units of 100 ms (RFC 7828 section 3.1) */
	uint8_t nsid_len;	  /* 0..DNS_NSID_MAX; 0: none */
	const uint8_t *nsid;
};

enum reply_section { REPLY_ANSWER, REPLY_AUTHORITY, REPLY_ADDITIONAL };

struct reply {
	const struct query *query;
	const struct reply_server *server;
	uint8_t *out;
	uint16_t len;	 /* octets written so far */
	uint16_t limit;	 /* what records may fill: the rest is kept for OPT */
	uint16_t end;	 /* what the whole message may fill */
	uint64_t counts; /* of records, as they stand in the header behind the one of questions */

	/* To be set between begin and end. */
	bool authoritative; /* AA */
	bool truncated;	    /* TC; set by what did not fit */
	uint8_t ecs_scope;  /* SCOPE PREFIX-LENGTH; 0 where the answer does not depend on place */
	uint8_t cookie_len; /* 0, or 16..40: client and server cookie (RFC 7873 section 4); see
			       reply_cookie() */
	uint16_t rcode;	    /* enum dns_rcode */
	int16_t ede; /* enum dns_ede, or -1 for none (RFC 8914); dropped where it does not fit */
	const char *ede_text; /* NULL or a constant; dropped where it does not fit */
	const uint8_t *cookie;

	struct compress compress;
};

/* What OPT with the options already decided will take. EDE is not among them: it comes if there is
 * room. */
static inline unsigned reply_opt_room(const struct query *query, const struct reply_server *server)
{
	unsigned room = EDNS_OPT_LEN;
	if (query->ecs.present)
		room += EDNS_OPTION_HEAD + query->ecs.sent_len;
	if (__builtin_expect(query->wants_nsid, 0) && server->nsid_len > 0)
		room += EDNS_OPTION_HEAD + server->nsid_len;
	if (__builtin_expect(query->wants_keepalive, 0))
		room += EDNS_OPTION_HEAD + 2;
	return room;
}

/* Copies the question, which ends at LEN, in blocks of 16, the last of which ends with it; the
 * header is written later. */
static inline void reply_copy_question(uint8_t *out, const uint8_t *packet, size_t len)
{
	for (size_t at = DNS_HEADER_LEN; at + 16 < len; at += 16)
		memcpy(out + at, packet + at, 16);
	memcpy(out + len - 16, packet + len - 16, 16);
}

/*
 * Begins the response to QUERY in OUT. CAP is OUT's size: DNS_UDP_MIN..65535; over UDP the message
 * stays within min(CAP, SERVER's and the client's UDP size), over STREAM within CAP (RFC 6891
 * section 6.2.5).
 */
static inline void reply_begin(struct reply *reply, const struct query *query,
			       const struct reply_server *server, uint8_t *out, size_t cap,
			       bool stream)
{
	assert(cap >= DNS_UDP_MIN);
	size_t end = cap < DNS_MESSAGE_MAX ? cap : DNS_MESSAGE_MAX;
	if (!stream) { /* RFC 6891 section 6.2.5 */
		size_t both =
			query->udp_size < server->udp_size ? query->udp_size : server->udp_size;
		end = both < end ? both : end;
	}
	size_t len = DNS_HEADER_LEN + (size_t)query->question_len;
	if (len > DNS_HEADER_LEN)
		reply_copy_question(out, query->packet, len);
	reply->query = query;
	reply->server = server;
	reply->out = out;
	reply->len = (uint16_t)len;
	reply->end = (uint16_t)end;
	if (query->has_edns)
		end -= reply_opt_room(query, server);
	reply->limit = (uint16_t)end;
	reply->counts = 0;
	reply->authoritative = reply->truncated = false;
	reply->ecs_scope = 0;
	reply->cookie_len = 0;
	reply->rcode = DNS_RCODE_NOERROR;
	reply->ede = -1;
	reply->ede_text = NULL;
	compress_init(&reply->compress);
}

/* Counts COUNT records more in SECTION. */
static inline void reply_count(struct reply *reply, enum reply_section section, unsigned count)
{
	reply->counts += (uint64_t)count << 16 * (REPLY_ADDITIONAL - section);
}

/*
 * Adds an RRset as it was prepared: COUNT records, LEN octets, whole, the owner of each a pointer
 * to the question's name (c0 0c), no other pointer within. False where it does not fit: then
 * nothing is added, and in the answer and authority sections TC is set (RFC 2181 section 9).
 * Sections must be filled in their order.
 */
static inline bool reply_prepared(struct reply *reply, enum reply_section section,
				  const uint8_t *records, size_t len, unsigned count)
{
	if (len > (size_t)(reply->limit - reply->len)) {
		reply->truncated |= section != REPLY_ADDITIONAL;
		return false;
	}
	memcpy(reply->out + reply->len, records, len);
	reply->len = (uint16_t)(reply->len + len);
	reply_count(reply, section, count);
	return true;
}

/*
 * For an RRset that the caller writes in place, prepared in the same way: the octets at the result,
 * *ROOM of them, are its to fill; reply_wrote() then counts them in.
 */
static inline uint8_t *reply_room(const struct reply *reply, size_t *room)
{
	*room = (size_t)(reply->limit - reply->len);
	return reply->out + reply->len;
}

static inline void reply_wrote(struct reply *reply, enum reply_section section, size_t len,
			       unsigned count)
{
	reply->len = (uint16_t)(reply->len + len);
	reply_count(reply, section, count);
}

/*
 * An RRset as data: COUNT records; each is its RDATA's length in two octets, wire order, and the
 * RDATA uncompressed, one behind the other, LEN octets in all. OWNER is an uncompressed name in any
 * case, or NULL for the question's name.
 */
struct reply_rrset {
	const uint8_t *owner;
	uint16_t type, class_;
	uint32_t ttl_s;
	const uint8_t *rdatas;
	size_t len;
	unsigned count;
};

/* Adds RRSET, compressing the owner and the names in RDATA of the types of RFC 1035 (RFC 3597
 * section 4). Fits or fails as reply_prepared(). */
bool reply_rrset(struct reply *reply, enum reply_section section, const struct reply_rrset *rrset);

/*
 * As reply_prepared(), for an RRset that is written with its owner as a pointer to OFFSET, where an
 * uncompressed name stands in the message, and with the names in RDATA compressed.
 */
bool reply_compressed(struct reply *reply, enum reply_section section, const uint8_t *records,
		      unsigned count, unsigned offset);

/* Answers with COOKIE (borrowed, 16..40 octets; RFC 7873 section 5.2); to be called before records
 * are added. Nothing where the query had no EDNS. */
void reply_cookie(struct reply *reply, const uint8_t *cookie, size_t len);

/* Takes back every record, for an answer that turns out to be another. */
void reply_rewind(struct reply *reply);

/* The options that few replies carry, written to AT; returns the end. */
uint8_t *reply_rare_options(const struct reply *reply, uint8_t *at);

/* Those among them that QUERY asked for, and the COOKIE of COOKIE_LEN octets, 0 for none. */
uint8_t *reply_asked_options(const struct query *query, const struct reply_server *server,
			     const uint8_t *cookie, size_t cookie_len, uint8_t *at);

/* RFC 8914 section 2, without a text: EDNS_EDE_LEN octets. */
static inline void reply_put_ede(uint8_t *at, enum dns_ede ede)
{
	wire_put_u32(at, (uint32_t)DNS_OPTION_EDE << 16 | 2);
	wire_put_u16(at + EDNS_OPTION_HEAD, (uint16_t)ede);
}

/*
 * RFC 7871 section 7.2.1: family, source and address as sent, our SCOPE. The last eight octets go
 * first and may cover what is before the data; both sides have octets enough there, and the
 * option's code and length are written after.
 */
static inline uint8_t *reply_put_ecs(uint8_t *at, const struct ecs *ecs, uint8_t scope)
{
	uint8_t *data = at + EDNS_OPTION_HEAD;
	size_t len = ecs->sent_len;
	memcpy(data + len - 8, ecs->sent + len - 8, 8);
	for (size_t done = 0; done + 8 < len; done += 8)
		memcpy(data + done, ecs->sent + done, 8);
	wire_put_u32(at, (uint32_t)DNS_OPTION_ECS << 16 | ecs->sent_len);
	/* RFC 7871 section 7.2.1: no address was given, so the answer is for all. */
	data[3] = ecs->source == 0 ? 0 : scope;
	return data + len;
}

/* OPT without the DATA_LEN octets of options. RFC 6891 section 6.1.3: the upper octet of RCODE, our
 * version 0, and DO as asked (RFC 3225 section 3). */
static inline void reply_put_opt_fixed(uint8_t *opt, uint16_t udp_size, uint16_t rcode,
				       bool dnssec_ok, size_t data_len)
{
	/* Root, type and size, then the fields of the TTL; the second store covers their end. */
	uint64_t fixed = (uint64_t)DNS_TYPE_OPT << 40 | (uint64_t)udp_size << 24 |
			 (uint64_t)(rcode >> 4) << 16;
	fixed = htobe64(fixed);
	memcpy(opt, &fixed, sizeof fixed);
	wire_put_u32(opt + 7, (uint32_t)dnssec_ok << 31 | (uint32_t)data_len);
}

static inline __attribute__((always_inline)) void reply_put_opt(struct reply *reply)
{
	const struct query *query = reply->query;
	uint8_t *opt = reply->out + reply->len, *at = opt + EDNS_OPT_LEN;
	if (query->ecs.present)
		at = reply_put_ecs(at, &query->ecs, reply->ecs_scope);
	if (__builtin_expect(query->wants_nsid | query->wants_keepalive | reply->cookie_len, 0) ||
	    reply->ede >= 0)
		at = reply_rare_options(reply, at);
	reply_put_opt_fixed(opt, reply->server->udp_size, reply->rcode, query->dnssec_ok,
			    (size_t)(at - opt - EDNS_OPT_LEN));
	reply->len = (uint16_t)(at - reply->out);
	reply->counts++;
}

/* Writes OPT (if and only if the query had one, RFC 6891 section 6.1.1), flags and counts. Returns
 * the message's length. */
static inline __attribute__((always_inline, warn_unused_result)) size_t reply_end(
	struct reply *reply)
{
	const struct query *query = reply->query;
	uint64_t counts_be;
	if (query->has_edns)
		reply_put_opt(reply);
	/* RFC 1035 section 4.1.1: opcode and RD as asked. RA, AD and CD stay 0 (RFC 4035
	 * section 3.1.6). */
	unsigned flags = DNS_FLAG_QR | (query->flags & (DNS_FLAG_OPCODE | DNS_FLAG_RD)) |
			 (unsigned)reply->authoritative << 10 | (unsigned)reply->truncated << 9 |
			 (reply->rcode & DNS_FLAG_RCODE);
	wire_put_u32(reply->out, (uint32_t)query->id << 16 | flags);
	counts_be = htobe64(reply->counts | (uint64_t)(query->question_len > 0) << 48);
	memcpy(reply->out + 4, &counts_be, sizeof counts_be);
	return reply->len;
}

/*
 * The RCODE of the response at OUT to QUERY. Its upper bits stand in OPT, somewhere behind; the
 * lower four tell which it is: beside BADVERS (16) and BADCOOKIE (23) no other above 15 is sent,
 * and never YXRRSET (7).
 */
static inline unsigned reply_rcode(const struct query *query, const uint8_t *out)
{
	unsigned lower = out[3] & DNS_FLAG_RCODE;
	if (lower == (DNS_RCODE_BADCOOKIE & DNS_FLAG_RCODE))
		return DNS_RCODE_BADCOOKIE;
	return lower == DNS_RCODE_NOERROR && query->version > 0 ? DNS_RCODE_BADVERS : lower;
}

/* The whole response that is nothing but an error or an empty answer: begin, RCODE, end. EDE -1 for
 * none. */
size_t reply_error(const struct query *query, const struct reply_server *server, uint8_t *out,
		   size_t cap, bool stream, enum dns_rcode rcode, int ede)
	__attribute__((warn_unused_result));

#endif
