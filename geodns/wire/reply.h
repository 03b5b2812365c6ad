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
#include "geodns/wire/query.h"

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
	uint16_t len;	/* octets written so far */
	uint16_t limit; /* what records may fill: the rest is kept for OPT */
	uint16_t end;	/* what the whole message may fill */
	uint16_t counts[3];

	/* To be set between begin and end. */
	bool authoritative; /* AA */
	bool truncated;	    /* TC; set by what did not fit */
	uint8_t ecs_scope;  /* SCOPE PREFIX-LENGTH; 0 where the answer does not depend on place */
	uint16_t rcode;	    /* enum dns_rcode */
	int16_t ede; /* enum dns_ede, or -1 for none (RFC 8914); dropped where it does not fit */
	const char *ede_text; /* NULL or a constant; dropped where it does not fit */
	uint8_t cookie_len;   /* 0, or 16..40: client and server cookie (RFC 7873 section 4); see
				 reply_cookie() */
	const uint8_t *cookie;

	struct compress compress;
};

/*
 * Begins the response to QUERY in OUT. CAP is OUT's size: DNS_UDP_MIN..65535; over UDP the message
 * stays within min(CAP, SERVER's and the client's UDP size), over STREAM within CAP (RFC 6891
 * section 6.2.5).
 */
void reply_begin(struct reply *reply, const struct query *query, const struct reply_server *server,
		 uint8_t *out, size_t cap, bool stream);

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
	reply->counts[section] = (uint16_t)(reply->counts[section] + count);
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
	reply->counts[section] = (uint16_t)(reply->counts[section] + count);
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

/* Answers with COOKIE (borrowed, 16..40 octets; RFC 7873 section 5.2); to be called before records
 * are added. Nothing where the query had no EDNS. */
void reply_cookie(struct reply *reply, const uint8_t *cookie, size_t len);

/* Takes back every record, for an answer that turns out to be another. */
void reply_rewind(struct reply *reply);

/* Writes OPT (if and only if the query had one, RFC 6891 section 6.1.1), flags and counts. Returns
 * the message's length. */
size_t reply_end(struct reply *reply) __attribute__((warn_unused_result));

/* The whole response that is nothing but an error or an empty answer: begin, RCODE, end. EDE -1 for
 * none. */
size_t reply_error(const struct query *query, const struct reply_server *server, uint8_t *out,
		   size_t cap, bool stream, enum dns_rcode rcode, int ede)
	__attribute__((warn_unused_result));

#endif
