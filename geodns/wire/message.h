/*
 * message: the client's side of DNS: a query written, and the records of any message read one by
 * one.
 *
 * For what asks our own responder, and for what shows an answer to a person.
 */
#ifndef MERIDIAN_GEODNS_WIRE_MESSAGE_H
#define MERIDIAN_GEODNS_WIRE_MESSAGE_H

#include "base/addr.h"
#include "geodns/wire/dns.h"
#include "geodns/wire/name.h"

/* What a query asks for; zeros are a plain one. */
struct message_question {
	uint16_t id;
	const uint8_t *name; /* uncompressed */
	uint16_t type, class_;
	bool recursion_desired;
	uint16_t udp_size;	  /* 0: no EDNS */
	bool dnssec_ok;		  /* with EDNS */
	const struct prefix *ecs; /* NULL: none (RFC 7871); with EDNS */
};

/* Writes the query; returns its length, or 0 where CAP octets are too few. */
size_t message_query(const struct message_question *question, uint8_t *out, size_t cap)
	__attribute__((warn_unused_result));

enum message_section { MESSAGE_ANSWER = 1, MESSAGE_AUTHORITY = 2, MESSAGE_ADDITIONAL = 3 };

struct message {
	struct reader reader;
	uint16_t id, flags, counts[4];
	/* The first question; qname_len 0 where there is none. */
	uint8_t qname[NAME_WIRE_MAX];
	size_t qname_len;
	uint16_t qtype, qclass;
	unsigned section, index; /* of the record that comes next */
};

struct message_record {
	enum message_section section;
	uint8_t owner[NAME_WIRE_MAX]; /* as sent, uncompressed */
	size_t owner_len;
	uint16_t type, class_;
	uint32_t ttl_s;
	size_t rdata_at; /* offset in the message */
	uint16_t rdata_len;
};

/* Reads header and questions. False where they are malformed. BYTES are borrowed until the last
 * call. */
bool message_open(struct message *message, const uint8_t *bytes, size_t len)
	__attribute__((warn_unused_result));

/* The next record of any section, OPT included. False at the end, and where the message is
 * malformed: then message->reader.failed is set. */
bool message_next(struct message *message, struct message_record *record)
	__attribute__((warn_unused_result));

/* Writes RECORD's RDATA to OUT (65,535 octets) with the names of RFC 1035's types uncompressed.
 * False where it is malformed. */
bool message_rdata(const struct message *message, const struct message_record *record, uint8_t *out,
		   size_t *len) __attribute__((warn_unused_result));

/* The ECS scope that the message's OPT record carries, or -1 where there is none. */
int message_ecs_scope(const struct message *message);

/* True where REPLY carries the question of QUERY (a header and one question, as message_query()
 * writes it), in any case (RFC 1035 section 4.1.2, RFC 4343). */
bool message_is_reply_to(const struct message *reply, const uint8_t *query);

/* "NOERROR" ... "REFUSED" for 0 to 5, else "RCODE N" in TEXT. */
const char *message_rcode_text(unsigned rcode, char text[16]);

#endif
