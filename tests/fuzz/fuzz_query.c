/* Any octets as a query: what is answered is a well-formed message within its limit that echoes the
 * question. */
#include "geodns/wire/message.h"
#include "geodns/wire/reply.h"
#include "geodns/wire/tsig.h"

#include <assert.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct reply_server SERVER = {
	.udp_size = 1232, .keepalive_100ms = 100, .nsid_len = 3, .nsid = (const uint8_t *)"fra"};

static void check_name(const struct query *query)
{
	uint8_t lower[256];
	size_t len = query->qname_len;
	assert(query->qname_hash == name_lower(query->packet + DNS_HEADER_LEN, len, lower));
	assert(memcmp(query->qname, lower, len) == 0);
}

static void check_query(const struct query *query, enum query_result result)
{
	assert(query->udp_size >= DNS_UDP_MIN);
	assert(query->question_len == 0 || query->question_len == query->qname_len + 4u);
	assert(query->qname_len == 0 ||
	       name_scan(query->packet + DNS_HEADER_LEN, query->qname_len) == query->qname_len);
	if (result == QUERY_OK)
		check_name(query);
	else
		assert(query->qname_hash == 0);
	assert(!query->ecs.present || query->ecs.source <= addr_bits(&query->ecs.address));
	if (query->ecs.present) {
		struct addr masked = query->ecs.address;
		addr_mask(&masked, query->ecs.source);
		assert(addr_equal(&masked, &query->ecs.address));
	}
}

static void check_reply(const struct query *query, const uint8_t *out, size_t len, bool stream)
{
	size_t limit = query->udp_size < SERVER.udp_size ? query->udp_size : SERVER.udp_size;
	struct message message;
	struct message_record record;
	assert(stream || len <= limit);
	bool well_formed = message_open(&message, out, len);
	assert(well_formed);
	assert(message.id == query->id && (message.flags & DNS_FLAG_QR) != 0);
	assert(memcmp(out + DNS_HEADER_LEN, query->packet + DNS_HEADER_LEN, query->question_len) ==
	       0);
	unsigned opts = 0, signatures = 0;
	while (message_next(&message, &record)) {
		opts += record.type == DNS_TYPE_OPT;
		signatures += record.type == DNS_TYPE_TSIG;
	}
	assert(signatures == (query->tsig != 0 && (message.flags & DNS_FLAG_TC) == 0));
	assert(!message.reader.failed && message.reader.at == len);
	assert(opts == (query->has_edns ? 1 : 0));
}

static void answer(const struct query *query, bool stream)
{
	static uint8_t out[DNS_MESSAGE_MAX];
	static const uint8_t COOKIE[24] = "clientcoserver cookie 16";
	struct reply_rrset ns = {query->question_len > 0 ? query->packet + DNS_HEADER_LEN : NULL,
				 DNS_TYPE_NS,
				 DNS_CLASS_IN,
				 300,
				 (const uint8_t *)"\0\14\2ns\7example\0\0\3\1b\0",
				 19,
				 2};
	struct reply reply;
	reply_begin(&reply, query, &SERVER, out, stream ? sizeof out : 4096, stream);
	if (query->cookie_len != 0)
		reply_cookie(&reply, COOKIE, sizeof COOKIE);
	reply.ecs_scope = 24;
	reply.ede = DNS_EDE_NOT_READY;
	reply.ede_text = "an explanation";
	for (unsigned i = 0; i < 50 && query->question_len > 0; i++)
		(void)reply_rrset(&reply, i < 25 ? REPLY_ANSWER : REPLY_ADDITIONAL, &ns);
	size_t end = reply.end, len = reply_end(&reply);
	if (query->tsig != 0) {
		out[2] &= (uint8_t) ~(DNS_FLAG_TC >> 8);
		len = tsig_refuse(query, out, len, end);
	}
	check_reply(query, out, len, stream);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	for (int stream = 0; stream < 2; stream++) {
		struct query query;
		enum query_result result = query_parse(&query, data, size, stream != 0);
		if (result == QUERY_IGNORE)
			continue;
		check_query(&query, result);
		answer(&query, stream != 0);
	}
	return 0;
}
