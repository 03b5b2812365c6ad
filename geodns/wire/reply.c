/* Knows how records and the rarer options are put into a response. */
#include "geodns/wire/reply.h"

#include "geodns/wire/rdata_names.h"

#include <assert.h>

enum {
	QUESTION_POINTER = 0xc00c, /* to the question's name behind the header */
	OWNER_LEN = 2,		   /* of a prepared record: a pointer */
	RECORD_FIXED_LEN = 10,	   /* type, class, TTL, RDLEN */
	TTL_MAX = 0x7fffffff	   /* RFC 2181 section 8 */
};

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

/* The question's name is learnt by the first RRset that could point to it; plain answers never
 * look.
 */
static void learn_question(struct reply *reply)
{
	if (reply->compress.count == 0 && reply->query->question_len > 0)
		compress_learn(&reply->compress, reply->out, DNS_HEADER_LEN);
}

/* Counts in what WRITER wrote, or forgets what was learnt since there were KNOWN names. */
static bool finish(struct reply *reply, enum reply_section section, const struct writer *writer,
		   uint16_t known, unsigned count)
{
	if (writer->failed) {
		reply->compress.count = known;
		return no_room(reply, section);
	}
	reply->len = (uint16_t)writer->at;
	reply_count(reply, section, count);
	return true;
}

bool reply_compressed(struct reply *reply, enum reply_section section, const uint8_t *records,
		      unsigned count, unsigned offset)
{
	learn_question(reply);
	uint16_t known = reply->compress.count;
	if (offset >= DNS_HEADER_LEN + (unsigned)reply->query->question_len)
		compress_learn(&reply->compress, reply->out, offset);
	struct writer writer = {.bytes = reply->out, .cap = reply->limit, .at = reply->len};
	struct rdata_names names = rdata_names_of(wire_get_u16(records + OWNER_LEN));
	for (unsigned i = 0; i < count && !writer.failed; i++) {
		const uint8_t *fixed = records + OWNER_LEN, *rdata = fixed + RECORD_FIXED_LEN;
		size_t len = wire_get_u16(rdata - 2);
		writer_u16(&writer, (uint16_t)(QUESTION_POINTER - DNS_HEADER_LEN + offset));
		writer_bytes(&writer, fixed, RECORD_FIXED_LEN);
		size_t start = writer.at;
		write_rdata(&reply->compress, &writer, names, rdata, len);
		if (!writer.failed)
			wire_put_u16(reply->out + start - 2, (uint16_t)(writer.at - start));
		records = rdata + len;
	}
	return finish(reply, section, &writer, known, count);
}

bool reply_rrset(struct reply *reply, enum reply_section section, const struct reply_rrset *rrset)
{
	learn_question(reply);
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
	return finish(reply, section, &writer, known, rrset->count);
}

void reply_cookie(struct reply *reply, const uint8_t *cookie, size_t len)
{
	assert(len >= 16 && len <= 40);
	if (!reply->query->has_edns || reply->cookie_len != 0)
		return;
	reply->cookie = cookie;
	reply->cookie_len = (uint8_t)len;
	reply->limit = (uint16_t)(reply->limit - EDNS_OPTION_HEAD - len);
	assert(reply->limit >= reply->len);
}

void reply_rewind(struct reply *reply)
{
	reply->len = (uint16_t)(DNS_HEADER_LEN + reply->query->question_len);
	reply->counts = 0;
	reply->truncated = false;
	compress_init(&reply->compress);
}

static inline uint8_t *put_option(uint8_t *at, enum dns_option code, const void *data, size_t len)
{
	wire_put_u16(at, (uint16_t)code);
	wire_put_u16(at + 2, (uint16_t)len);
	memcpy(at + EDNS_OPTION_HEAD, data, len);
	return at + EDNS_OPTION_HEAD + len;
}

/* RFC 8914 section 2: INFO-CODE and text; the text first, then all of it is left out where there is
 * no room. */
static uint8_t *put_ede(const struct reply *reply, uint8_t *at)
{
	size_t room = (size_t)(reply->out + reply->end - at);
	size_t text = reply->ede_text != NULL ? strlen(reply->ede_text) : 0;
	if (EDNS_EDE_LEN + text > room)
		text = 0;
	if (EDNS_EDE_LEN > room)
		return at;
	reply_put_ede(at, (enum dns_ede)reply->ede);
	if (text > 0) {
		wire_put_u16(at + 2, (uint16_t)(2 + text));
		memcpy(at + EDNS_EDE_LEN, reply->ede_text, text);
	}
	return at + EDNS_EDE_LEN + text;
}

uint8_t *reply_asked_options(const struct query *query, const struct reply_server *server,
			     const uint8_t *cookie, size_t cookie_len, uint8_t *at)
{
	if (query->wants_nsid && server->nsid_len > 0)
		at = put_option(at, DNS_OPTION_NSID, server->nsid, server->nsid_len);
	if (cookie_len != 0)
		at = put_option(at, DNS_OPTION_COOKIE, cookie, cookie_len);
	if (query->wants_keepalive) {
		uint8_t timeout[2];
		wire_put_u16(timeout, server->keepalive_100ms);
		at = put_option(at, DNS_OPTION_KEEPALIVE, timeout, sizeof timeout);
	}
	return at;
}

uint8_t *reply_rare_options(const struct reply *reply, uint8_t *at)
{
	at = reply_asked_options(reply->query, reply->server, reply->cookie, reply->cookie_len, at);
	return reply->ede >= 0 ? put_ede(reply, at) : at;
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
