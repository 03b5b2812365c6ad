/*
 * answer_checks: what holds of every answer, whatever was asked: its form, octet by octet, read by
 * a reader that shares nothing with the writer; and that TC stands where something needed was left
 * out, and nowhere else.
 */
#ifndef MERIDIAN_FUZZ_ANSWER_CHECKS_H
#define MERIDIAN_FUZZ_ANSWER_CHECKS_H

#include "geodns/wire/dns.h"
#include "geodns/wire/message.h"
#include "geodns/wire/query.h"

#include <assert.h>
#include <string.h>

/* A name stands at AT: labels, then the root, or a pointer to a label or pointer of a name before
 * it. Returns its end. */
static inline size_t checked_name(const uint8_t *out, size_t len, size_t at, bool may_point,
				  bool *labels)
{
	size_t start = at;
	for (;;) {
		assert(at < len);
		uint8_t octet = out[at];
		if (octet >= 0xc0) {
			assert(may_point && at + 2 <= len);
			size_t target = (size_t)(octet & 0x3f) << 8 | out[at + 1];
			assert(target < start && labels[target]);
			labels[at] = true;
			return at + 2;
		}
		assert(octet <= NAME_LABEL_MAX);
		if (octet == 0)
			return at + 1;
		labels[at] = true;
		at += 1u + octet;
	}
}

/* Where names begin in RDATA, how many, and whether they may point (RFC 3597 section 4). */
static inline void check_rdata_names(const uint8_t *out, size_t at, size_t end, unsigned type,
				     bool *labels)
{
	unsigned before = type == DNS_TYPE_MX ? 2 : type == DNS_TYPE_SRV ? 6 : 0;
	unsigned after = type == DNS_TYPE_SOA ? 20 : 0;
	bool may_point = type != DNS_TYPE_SRV && type != DNS_TYPE_DNAME;
	switch (type) {
	case DNS_TYPE_SOA:
		at = checked_name(out, end, at, true, labels);
		break;
	case DNS_TYPE_NS:
	case DNS_TYPE_CNAME:
	case DNS_TYPE_PTR:
	case DNS_TYPE_MX:
	case DNS_TYPE_SRV:
	case DNS_TYPE_DNAME:
		break;
	default:
		return;
	}
	assert(checked_name(out, end, at + before, may_point, labels) + after == end);
}

/* One record at AT; returns its end. */
static inline size_t checked_record(const uint8_t *out, size_t len, size_t at, bool *labels)
{
	at = checked_name(out, len, at, true, labels);
	assert(len - at >= 10);
	unsigned type = wire_get_u16(out + at);
	size_t end = at + 10 + wire_get_u16(out + at + 8);
	assert(end <= len);
	check_rdata_names(out, at + 10, end, type, labels);
	return end;
}

/* As many records as the header counts, and nothing behind them. */
static inline void check_form(const uint8_t *out, size_t len)
{
	static bool labels[DNS_MESSAGE_MAX];
	size_t at = DNS_HEADER_LEN;
	assert(len >= DNS_HEADER_LEN);
	memset(labels, 0, len);
	for (unsigned i = wire_get_u16(out + 4); i > 0; i--)
		at = checked_name(out, len, at, false, labels) + 4;
	unsigned records = 0;
	for (size_t section = 6; section < DNS_HEADER_LEN; section += 2)
		records += wire_get_u16(out + section);
	for (unsigned i = 0; i < records; i++)
		at = checked_record(out, len, at, labels);
	assert(at == len);
}

/* RFC 1035 section 4.1.1: id, opcode and RD as asked, no RA, AD, CD. The question comes back as
 * sent, OPT where there was one, and all of it within ROOM. */
static inline void check_reply(const struct query *query, const uint8_t *out, size_t len,
			       size_t room)
{
	const uint16_t echoed = DNS_FLAG_OPCODE | DNS_FLAG_RD;
	const uint16_t never = DNS_FLAG_RA | DNS_FLAG_AD | DNS_FLAG_CD | 0x40;
	struct message message;
	struct message_record record;
	unsigned opts = 0;
	assert(len <= room);
	check_form(out, len);
	bool opened = message_open(&message, out, len);
	assert(opened && message.id == query->id);
	assert((message.flags & DNS_FLAG_QR) != 0 && (message.flags & never) == 0);
	assert((message.flags & echoed) == (query->flags & echoed));
	assert(message.counts[0] == (query->question_len > 0));
	assert(memcmp(out + DNS_HEADER_LEN, query->packet + DNS_HEADER_LEN, query->question_len) ==
	       0);
	while (message_next(&message, &record))
		opts += record.type == DNS_TYPE_OPT;
	assert(!message.reader.failed && message.reader.at == len && opts == query->has_edns);
}

/* What an answer holds of what a client needs. */
struct needed {
	uint16_t flags;
	unsigned answers, authority, glue, signatures, others;
	size_t end; /* of answer and authority */
};

static inline bool is_below(const struct message_record *record, const uint8_t *cut, size_t cut_len)
{
	uint8_t lower[256];
	(void)name_lower(record->owner, record->owner_len, lower);
	return cut_len > 0 && name_is_at_or_below(lower, record->owner_len, cut, cut_len);
}

/* RFC 9471 section 3.1: glue below the cut is needed, other additional records are not. */
static inline struct needed needed_of(const uint8_t *out, size_t len)
{
	struct needed needed = {0};
	struct message message;
	struct message_record record;
	uint8_t cut[256];
	size_t cut_len = 0;
	bool opened = message_open(&message, out, len);
	assert(opened);
	needed.end = message.reader.at;
	needed.flags = message.flags;
	needed.answers = message.counts[1];
	needed.authority = message.counts[2];
	while (message_next(&message, &record)) {
		if (record.section != MESSAGE_ADDITIONAL)
			needed.end = message.reader.at;
		if (record.section == MESSAGE_AUTHORITY && record.type == DNS_TYPE_NS) {
			cut_len = record.owner_len;
			(void)name_lower(record.owner, record.owner_len, cut);
		}
		if (record.section != MESSAGE_ADDITIONAL || record.type == DNS_TYPE_OPT)
			continue;
		if (record.type == DNS_TYPE_TSIG)
			needed.signatures++;
		else if (is_below(&record, cut, cut_len))
			needed.glue++;
		else
			needed.others++;
	}
	return needed;
}

/* With all the room there is, TC tells of glue alone whose name server stands where no pointer
 * leads (RFC 1035 section 4.1.4: 14 bits). */
static inline void check_whole(const uint8_t *whole, size_t len)
{
	struct needed has = needed_of(whole, len);
	assert((has.flags & DNS_FLAG_TC) == 0 || (has.authority > 0 && has.end > 0x4000));
}

/* CUT is the answer to the same query as WHOLE, but within ROOM: it holds as much of it as fits, in
 * the same octets, and TC tells of what is missing (RFC 2181 section 9). */
static inline void check_cut(const uint8_t *cut, size_t cut_len, size_t room, const uint8_t *whole,
			     size_t whole_len)
{
	struct needed has = needed_of(cut, cut_len), all = needed_of(whole, whole_len);
	bool truncated = (has.flags & DNS_FLAG_TC) != 0;
	bool unreached = (all.flags & DNS_FLAG_TC) != 0;
	assert(has.answers <= all.answers && has.authority <= all.authority);
	assert(has.glue <= all.glue && has.others <= all.others);
	assert(truncated == (has.answers < all.answers || has.authority < all.authority ||
			     has.glue < all.glue || has.signatures < all.signatures || unreached));
	assert(whole_len > room || (!truncated && has.others == all.others));
	if (truncated)
		return;
	assert(has.flags == all.flags && has.end == all.end);
	assert(memcmp(cut + DNS_HEADER_LEN, whole + DNS_HEADER_LEN, has.end - DNS_HEADER_LEN) == 0);
}

#endif
