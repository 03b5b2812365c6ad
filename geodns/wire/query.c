/* Knows what a well-formed query is, and how far a malformed one can still be answered. */
#include "geodns/wire/query.h"

#include "geodns/wire/edns.h"
#include "geodns/wire/name_fold.h"
#include "geodns/wire/tsig.h"

/* Octets of a record behind its owner: type, class, TTL, RDLEN (RFC 1035 section 4.1.3). */
enum { RECORD_FIXED_LEN = 10 };

/* In the order of the fields, so that the compiler joins the stores. */
static inline void query_init(struct query *query, const uint8_t *packet, size_t len)
{
	query->packet = packet;
	query->packet_len = len;
	query->question_len = query->qtype = query->qclass = 0;
	query->qname_len = 0;
	query->qname_hash = 0;
	query->opcode = 0;
	query->has_edns = query->dnssec_ok = query->wants_nsid = query->wants_keepalive = false;
	query->version = query->cookie_len = 0;
	query->udp_size = DNS_UDP_MIN;
	query->tsig = 0;
	query->ecs.present = false;
}

/* Reads the question behind the header, but for its name's lower case. False where the name is
 * compressed, too long or cut. */
static inline __attribute__((always_inline)) bool parse_question(struct query *query)
{
	const uint8_t *name = query->packet + DNS_HEADER_LEN;
	size_t left = query->packet_len - DNS_HEADER_LEN;
	size_t len = name_scan(name, left);
	if (len == 0 || left - len < 4)
		return false;
	query->qname_len = (uint8_t)len;
	query->qtype = wire_get_u16(name + len);
	query->qclass = wire_get_u16(name + len + 2);
	query->question_len = (uint16_t)(len + 4);
	return true;
}

/* What is looked up is all that is put into lower case: whoever sends rubbish gets its answer for
 * less. */
static inline __attribute__((always_inline)) enum query_result fold_question(struct query *query)
{
	query->qname_hash = name_fold_in_message(query->packet + DNS_HEADER_LEN, query->qname_len,
						 query->qname);
	return QUERY_OK;
}

/* Reads the OPT record at the offset OPT. A second one is malformed (RFC 6891 section 6.1.1). */
static size_t parse_opt(struct query *query, size_t opt, bool stream)
{
	bool second = query->has_edns;
	query->has_edns = true;
	return second ? 0 : edns_parse(query, query->packet + opt, query->packet_len - opt, stream);
}

/* RFC 8945 section 5.1: TSIG is the last record of the additional section, and the only one. */
static bool note_tsig(struct query *query, size_t at, bool is_last)
{
	query->tsig = (uint16_t)at;
	return is_last && at <= UINT16_MAX && tsig_is_well_formed(query);
}

/* Skips COUNT records, taking OPT and TSIG where IN_ADDITIONAL; elsewhere they do not belong (RFC
 * 6891 section 6.1.1, RFC 8945 section 5.1). */
static bool parse_records(struct query *query, struct reader *reader, unsigned count,
			  bool in_additional, bool stream)
{
	while (count-- > 0) {
		size_t start = reader->at;
		name_skip(reader);
		size_t owner_end = reader->at;
		const uint8_t *fixed = reader_take(reader, RECORD_FIXED_LEN);
		if (fixed == NULL)
			return false;
		if (wire_get_u16(fixed) == DNS_TYPE_OPT) {
			/* An owner other than the root is longer than one octet. */
			if (!in_additional || owner_end != start + 1 ||
			    parse_opt(query, start, stream) == 0)
				return false;
		} else if (wire_get_u16(fixed) == DNS_TYPE_TSIG) {
			if (!in_additional || !note_tsig(query, start, count == 0))
				return false;
		}
		if (reader_take(reader, wire_get_u16(fixed + 8)) == NULL)
			return false;
	}
	return true;
}

/* The records behind the question: any number of them, read and left alone but for OPT. */
static __attribute__((noinline)) bool parse_sections(struct query *query, size_t at, bool stream)
{
	struct reader reader;
	reader_init(&reader, query->packet, query->packet_len);
	reader.at = at;
	const uint8_t *header = query->packet;
	bool parsed = parse_records(query, &reader, wire_get_u16(header + 6), false, stream) &&
		      parse_records(query, &reader, wire_get_u16(header + 8), false, stream) &&
		      parse_records(query, &reader, wire_get_u16(header + 10), true, stream);
	if (!parsed) {
		edns_clear_options(query);
		query->tsig = 0;
	}
	return parsed;
}

/* Behind the question of the plain shape at most an OPT is expected. */
static inline bool parse_plain(struct query *query, size_t at, bool stream)
{
	if (query->packet[11] == 0)
		return true;
	const uint8_t *opt = query->packet + at;
	if (query->packet_len - at >= EDNS_OPT_LEN && wire_get_u32(opt) >> 8 == DNS_TYPE_OPT) {
		query->has_edns = true;
		return edns_parse(query, opt, query->packet_len - at, stream) != 0;
	}
	return parse_sections(query, at, stream);
}

/*
 * An opcode that is not served (RFC 1035 section 4.1.1, NOTIMP): its body may have another form
 * than a query's, so what can be read of question and OPT is kept for the reply, and nothing of it
 * is an error.
 */
static __attribute__((noinline)) enum query_result parse_other_opcode(struct query *query,
								      bool stream)
{
	if (wire_get_u16(query->packet + 4) == 1 && parse_question(query) &&
	    !parse_sections(query, DNS_HEADER_LEN + (size_t)query->question_len, stream))
		query->has_edns = false;
	query->tsig = 0;
	return QUERY_NOTIMP;
}

/* No question: only to fetch a cookie (RFC 7873 section 5.4). */
static enum query_result parse_no_question(struct query *query, bool stream)
{
	if (!parse_sections(query, DNS_HEADER_LEN, stream))
		return QUERY_FORMERR;
	if (query->version != 0 || query->tsig != 0)
		return query->version != 0 ? QUERY_BADVERS : QUERY_NOTAUTH;
	return query->cookie_len != 0 ? QUERY_COOKIE_ONLY : QUERY_FORMERR;
}

/* A message that is not of the plain shape: its header tells what it is. */
static __attribute__((noinline)) enum query_result parse_unusual(struct query *query, bool stream)
{
	if ((query->flags & DNS_FLAG_QR) != 0)
		return QUERY_IGNORE;
	query->opcode = query->packet[2] >> 3 & 0x0f;
	if (query->opcode != DNS_OPCODE_QUERY)
		return parse_other_opcode(query, stream);
	unsigned questions = wire_get_u16(query->packet + 4);
	if (questions == 0)
		return parse_no_question(query, stream);
	/* RFC 9619 section 4: more than one question is a format error. */
	if (questions != 1 || !parse_question(query) ||
	    !parse_sections(query, DNS_HEADER_LEN + (size_t)query->question_len, stream))
		return QUERY_FORMERR;
	if (query->version != 0)
		return QUERY_BADVERS;
	return query->tsig != 0 ? QUERY_NOTAUTH : fold_question(query);
}

/*
 * Nearly every query is of one shape: opcode QUERY, one question, no answer or authority records,
 * none or one additional record, which is OPT. The counts are told by one comparison.
 */
static inline bool is_plain(const uint8_t *header, uint16_t flags)
{
	uint64_t counts;
	memcpy(&counts, header + 4, sizeof counts);
	return (flags & (DNS_FLAG_QR | DNS_FLAG_OPCODE)) == 0 &&
	       (counts & ~htobe64(1)) == htobe64(UINT64_C(1) << 48);
}

enum query_result query_parse(struct query *query, const uint8_t *packet, size_t len, bool stream)
{
	query_init(query, packet, len);
	/* Without a header there is no id to answer with; to a response nobody answers (RFC 1035
	 * section 4.1.1). */
	if (len < DNS_HEADER_LEN)
		return QUERY_IGNORE;
	query->id = wire_get_u16(packet);
	query->flags = wire_get_u16(packet + 2);
	if (__builtin_expect(!is_plain(packet, query->flags), 0))
		return parse_unusual(query, stream);
	if (!parse_question(query) ||
	    !parse_plain(query, DNS_HEADER_LEN + (size_t)query->question_len, stream))
		return QUERY_FORMERR;
	if (query->version != 0)
		return QUERY_BADVERS;
	return __builtin_expect(query->tsig != 0, 0) ? QUERY_NOTAUTH : fold_question(query);
}

enum dns_rcode query_rcode(enum query_result result)
{
	switch (result) {
	case QUERY_FORMERR:
		return DNS_RCODE_FORMERR;
	case QUERY_NOTIMP:
		return DNS_RCODE_NOTIMP;
	case QUERY_BADVERS:
		return DNS_RCODE_BADVERS;
	case QUERY_NOTAUTH:
		return DNS_RCODE_NOTAUTH;
	case QUERY_OK:
	case QUERY_COOKIE_ONLY:
	case QUERY_IGNORE:
		break;
	}
	return DNS_RCODE_NOERROR;
}
