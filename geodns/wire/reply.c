/* Knows how a response is laid out: header, question, whole RRsets, OPT last. */
#include "geodns/wire/reply.h"

#include "geodns/wire/edns.h"
#include "geodns/wire/rdata_names.h"

#include <assert.h>

enum {
	OPTION_FIXED_LEN = 4,	   /* code and length (RFC 6891 section 6.1.2) */
	QUESTION_POINTER = 0xc00c, /* to the question's name behind the header */
	RECORD_FIXED_LEN = 10,	   /* type, class, TTL, RDLEN */
	TTL_MAX = 0x7fffffff	   /* RFC 2181 section 8 */
};

/* Copies LEN octets, 16 at least, sixteen at a time: header and question are too short for a call.
 */
static inline void copy_short(uint8_t *to, const uint8_t *from, size_t len)
{
	for (size_t at = 0; at + 16 < len; at += 16)
		memcpy(to + at, from + at, 16);
	memcpy(to + len - 16, from + len - 16, 16);
}

/* What OPT with the options already decided will take. EDE is not among them: it comes if there is
 * room. */
static inline unsigned opt_room(const struct reply *reply)
{
	const struct query *query = reply->query;
	unsigned room = EDNS_OPT_LEN;
	if (query->ecs.present)
		room += OPTION_FIXED_LEN + query->ecs.sent_len;
	if (query->wants_nsid && reply->server->nsid_len > 0)
		room += OPTION_FIXED_LEN + reply->server->nsid_len;
	if (query->wants_keepalive)
		room += OPTION_FIXED_LEN + 2;
	return room;
}

void reply_begin(struct reply *reply, const struct query *query, const struct reply_server *server,
		 uint8_t *out, size_t cap, bool stream)
{
	assert(cap >= DNS_UDP_MIN && query->packet_len >= DNS_HEADER_LEN &&
	       server->nsid_len <= DNS_NSID_MAX);
	size_t end = cap < DNS_MESSAGE_MAX ? cap : DNS_MESSAGE_MAX;
	if (!stream) { /* RFC 6891 section 6.2.5 */
		unsigned both =
			query->udp_size < server->udp_size ? query->udp_size : server->udp_size;
		end = both < end ? both : end;
	}
	reply->query = query;
	reply->server = server;
	reply->out = out;
	reply->len = (uint16_t)(DNS_HEADER_LEN + query->question_len);
	reply->end = (uint16_t)end;
	reply->limit = (uint16_t)(end - (query->has_edns ? opt_room(reply) : 0));
	memset(reply->counts, 0, sizeof reply->counts);
	reply->authoritative = reply->truncated = false;
	reply->ecs_scope = 0;
	reply->rcode = DNS_RCODE_NOERROR;
	reply->ede = -1;
	reply->ede_text = NULL;
	reply->cookie_len = 0;
	compress_init(&reply->compress);
	if (reply->len >= 16)
		copy_short(out, query->packet, reply->len);
	else
		memcpy(out, query->packet, DNS_HEADER_LEN);
}

/* RFC 2181 section 9: TC where a needed RRset is left out; additional data is no need. */
static bool no_room(struct reply *reply, enum reply_section section)
{
	if (section != REPLY_ADDITIONAL)
		reply->truncated = true;
	return false;
}

/* Writes the RDATA of LEN octets with its NAMES compressed. */
static void write_rdata(struct compress *compress, struct writer *writer, struct rdata_names names,
			const uint8_t *rdata, size_t len)
{
	struct reader reader;
	reader_init(&reader, rdata, len);
	const uint8_t *before = reader_take(&reader, names.before);
	if (before != NULL)
		writer_bytes(writer, before, names.before);
	for (unsigned i = 0; i < names.names && !reader.failed; i++) {
		size_t name = name_scan(rdata + reader.at, reader_left(&reader));
		/* Data that is not what its type says is copied as it is. */
		if (name == 0)
			break;
		compress_write(compress, writer, rdata + reader.at);
		reader_take(&reader, name);
	}
	size_t left = reader_left(&reader);
	if (left > 0)
		writer_bytes(writer, rdata + reader.at, left);
}

/* Writes one record; RDATA and its LEN octets. */
static void write_record(struct reply *reply, struct writer *writer,
			 const struct reply_rrset *rrset, const uint8_t *rdata, size_t len)
{
	if (rrset->owner == NULL)
		writer_u16(writer, QUESTION_POINTER);
	else
		compress_write(&reply->compress, writer, rrset->owner);
	uint8_t *fixed = writer_room(writer, RECORD_FIXED_LEN);
	if (fixed == NULL)
		return;
	wire_put_u16(fixed, rrset->type);
	wire_put_u16(fixed + 2, rrset->class_);
	wire_put_u32(fixed + 4, rrset->ttl_s <= TTL_MAX ? rrset->ttl_s : TTL_MAX);
	size_t start = writer->at;
	struct rdata_names names = rdata_names_of(rrset->type);
	if (names.names == 0)
		writer_bytes(writer, rdata, len);
	else
		write_rdata(&reply->compress, writer, names, rdata, len);
	wire_put_u16(fixed + 8, (uint16_t)(writer->at - start));
}

bool reply_rrset(struct reply *reply, enum reply_section section, const struct reply_rrset *rrset)
{
	/* The question's name is learnt by the first RRset that could point to it; plain answers
	 * never look. */
	if (reply->compress.count == 0 && reply->query->question_len > 0)
		compress_learn(&reply->compress, reply->out, DNS_HEADER_LEN);
	uint16_t known = reply->compress.count;
	struct writer writer = {.bytes = reply->out, .cap = reply->limit, .at = reply->len};
	struct reader reader;
	reader_init(&reader, rrset->rdatas, rrset->len);
	for (unsigned i = 0; i < rrset->count && !writer.failed; i++) {
		size_t len = reader_u16(&reader);
		const uint8_t *rdata = reader_take(&reader, len);
		assert(rdata != NULL);
		write_record(reply, &writer, rrset, rdata, len);
	}
	if (writer.failed) {
		reply->compress.count = known;
		return no_room(reply, section);
	}
	reply->len = (uint16_t)writer.at;
	reply->counts[section] = (uint16_t)(reply->counts[section] + rrset->count);
	return true;
}

void reply_cookie(struct reply *reply, const uint8_t *cookie, size_t len)
{
	assert(len >= 16 && len <= 40);
	if (!reply->query->has_edns || reply->cookie_len != 0)
		return;
	reply->cookie = cookie;
	reply->cookie_len = (uint8_t)len;
	reply->limit = (uint16_t)(reply->limit - OPTION_FIXED_LEN - len);
	assert(reply->limit >= reply->len);
}

void reply_rewind(struct reply *reply)
{
	reply->len = (uint16_t)(DNS_HEADER_LEN + reply->query->question_len);
	memset(reply->counts, 0, sizeof reply->counts);
	reply->truncated = false;
	compress_init(&reply->compress);
}

static inline uint8_t *put_option(uint8_t *at, enum dns_option code, const void *data, size_t len)
{
	wire_put_u16(at, (uint16_t)code);
	wire_put_u16(at + 2, (uint16_t)len);
	memcpy(at + OPTION_FIXED_LEN, data, len);
	return at + OPTION_FIXED_LEN + len;
}

/*
 * RFC 7871 section 7.2.1: family, source and address as sent, our scope. The last eight octets go
 * first and may cover what is before the data; both sides have octets enough there, and the
 * option's code and length are written after.
 */
static inline uint8_t *put_ecs(uint8_t *at, const struct ecs *ecs, uint8_t scope)
{
	uint8_t *data = at + OPTION_FIXED_LEN;
	size_t len = ecs->sent_len;
	memcpy(data + len - 8, ecs->sent + len - 8, 8);
	for (size_t done = 0; done + 8 < len; done += 8)
		memcpy(data + done, ecs->sent + done, 8);
	wire_put_u16(at, DNS_OPTION_ECS);
	wire_put_u16(at + 2, ecs->sent_len);
	/* RFC 7871 section 7.2.1: no address was given, so the answer is for all. */
	data[3] = ecs->source == 0 ? 0 : scope;
	return data + len;
}

/* RFC 8914 section 2: INFO-CODE and text; the text first, then all of it is left out where there is
 * no room. */
static uint8_t *put_ede(const struct reply *reply, uint8_t *at)
{
	size_t room = (size_t)(reply->out + reply->end - at);
	size_t text = reply->ede_text != NULL ? strlen(reply->ede_text) : 0;
	if (OPTION_FIXED_LEN + 2 + text > room)
		text = 0;
	if (OPTION_FIXED_LEN + 2 > room)
		return at;
	wire_put_u16(at, DNS_OPTION_EDE);
	wire_put_u16(at + 2, (uint16_t)(2 + text));
	wire_put_u16(at + 4, (uint16_t)reply->ede);
	if (text > 0)
		memcpy(at + 6, reply->ede_text, text);
	return at + 6 + text;
}

/* The options that few replies carry. */
static __attribute__((noinline)) uint8_t *put_rare_options(const struct reply *reply, uint8_t *at)
{
	const struct query *query = reply->query;
	if (query->wants_nsid && reply->server->nsid_len > 0)
		at = put_option(at, DNS_OPTION_NSID, reply->server->nsid, reply->server->nsid_len);
	if (reply->cookie_len != 0)
		at = put_option(at, DNS_OPTION_COOKIE, reply->cookie, reply->cookie_len);
	if (query->wants_keepalive) {
		uint8_t timeout[2];
		wire_put_u16(timeout, reply->server->keepalive_100ms);
		at = put_option(at, DNS_OPTION_KEEPALIVE, timeout, sizeof timeout);
	}
	return reply->ede >= 0 ? put_ede(reply, at) : at;
}

/* RFC 6891 section 6.1.3: the upper octet of RCODE, our version 0, and DO as asked (RFC 3225
 * section 3). */
static void write_opt(struct reply *reply)
{
	const struct query *query = reply->query;
	uint8_t *opt = reply->out + reply->len, *at = opt + EDNS_OPT_LEN;
	if (query->ecs.present)
		at = put_ecs(at, &query->ecs, reply->ecs_scope);
	if (query->wants_nsid || reply->cookie_len != 0 || query->wants_keepalive ||
	    reply->ede >= 0)
		at = put_rare_options(reply, at);
	opt[0] = 0;
	wire_put_u16(opt + 1, DNS_TYPE_OPT);
	wire_put_u16(opt + 3, reply->server->udp_size);
	wire_put_u32(opt + 5,
		     (uint32_t)(reply->rcode >> 4) << 24 | (query->dnssec_ok ? 0x8000u : 0));
	wire_put_u16(opt + 9, (uint16_t)(at - opt - EDNS_OPT_LEN));
	reply->len = (uint16_t)(at - reply->out);
	reply->counts[REPLY_ADDITIONAL]++;
}

size_t reply_end(struct reply *reply)
{
	const struct query *query = reply->query;
	if (query->has_edns)
		write_opt(reply);
	/* RFC 1035 section 4.1.1: opcode and RD as asked. RA, AD and CD stay 0 (RFC 4035
	 * section 3.1.6). */
	unsigned flags = DNS_FLAG_QR | (query->flags & (DNS_FLAG_OPCODE | DNS_FLAG_RD)) |
			 (reply->authoritative ? DNS_FLAG_AA : 0) |
			 (reply->truncated ? DNS_FLAG_TC : 0) | (reply->rcode & DNS_FLAG_RCODE);
	uint8_t *header = reply->out;
	wire_put_u16(header + 2, (uint16_t)flags);
	wire_put_u16(header + 4, query->question_len > 0 ? 1 : 0);
	wire_put_u16(header + 6, reply->counts[REPLY_ANSWER]);
	wire_put_u16(header + 8, reply->counts[REPLY_AUTHORITY]);
	wire_put_u16(header + 10, reply->counts[REPLY_ADDITIONAL]);
	return reply->len;
}

size_t reply_error(const struct query *query, const struct reply_server *server, uint8_t *out,
		   size_t cap, bool stream, enum dns_rcode rcode, int ede)
{
	struct reply reply;
	reply_begin(&reply, query, server, out, cap, stream);
	reply.rcode = (uint16_t)rcode;
	reply.ede = (int16_t)ede;
	return reply_end(&reply);
}
