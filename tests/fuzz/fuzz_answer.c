/* A whole packet, and the address it came from, to an answer: over zones with everything in them.
 */
#include "geodns/answer.h"
#include "geodns/wire/message.h"
#include "tests/fuzz/answer_world.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
	OUT_MAX = 65535,
	UDP_MAX = 1232,
	NOW_S = 1000000,
	/* Bits of the first octet; the next four make the client's address. */
	OVER_TCP = 1,
	GOOD_COOKIE = 2, /* in the place of one of that length */
	FROM_IPV6 = 4,
	HEAD_LEN = 5
};

static const struct cookie_secrets secrets = {.count = 2, .at = {"first secret", "second"}};

/* Two of them, each with its own account of the rate. */
static struct answerer *begin(unsigned which)
{
	static const struct reply_server server = {.udp_size = UDP_MAX,
						   .keepalive_100ms = 100,
						   .nsid_len = 1,
						   .nsid = (const uint8_t *)"n"};
	static const struct chaos chaos = {.id = "site", .version = "some"};
	static const struct rrl_settings limits = {.rate = 10, .slip = 2, .share = 1};
	static struct answerer answerers[2];
	static struct content content;
	if (answerers[0].names == NULL) {
		world_open(&content);
		for (unsigned i = 0; i < 2; i++)
			answerers[i] = (struct answerer){.names = content.zones.names,
							 .server = &server,
							 .cookies = &secrets,
							 .chaos = &chaos,
							 .rrl = rrl_new(&limits, 1),
							 .counters = counters_new(),
							 .now_s = NOW_S};
	}
	struct answerer *answerer = &answerers[which];
	answerer->now.ns += 10000000; /* about half of what one source sends is beyond its rate */
	rng_init(&answerer->rng, 1);
	return answerer;
}

static struct addr client_of(const uint8_t *data)
{
	struct addr client = {.family = ADDR_IPV4};
	if ((data[0] & FROM_IPV6) == 0) {
		memcpy(client.bytes, data + 1, 4);
		return client;
	}
	(void)!addr_parse("2001:db8::", &client);
	memcpy(client.bytes + 4, data + 1, 4);
	return client;
}

/* No input finds the hash of a cookie, so it is put there. */
static void make_cookie_good(uint8_t *packet, size_t len, const struct addr *client)
{
	struct query query;
	uint8_t cookie[COOKIE_LEN];
	if (query_parse(&query, packet, len, false) == QUERY_IGNORE ||
	    query.cookie_len != COOKIE_LEN)
		return;
	(void)cookie_answer(&secrets, query.cookie, COOKIE_CLIENT_LEN, client, NOW_S, cookie);
	memcpy(packet + (query.cookie - packet), cookie, sizeof cookie);
}

/* Whatever was asked, the answer is a message that can be read to its end, and to the question. */
static void check(const uint8_t *packet, size_t packet_len, bool stream, const uint8_t *out,
		  size_t len)
{
	struct query query;
	struct message message;
	struct message_record record;
	unsigned opts = 0;
	if (len == 0)
		return;
	if (query_parse(&query, packet, packet_len, stream) == QUERY_IGNORE ||
	    !message_open(&message, out, len))
		abort();
	while (message_next(&message, &record))
		opts += record.type == DNS_TYPE_OPT;
	if (message.reader.failed || message.reader.at != len || opts != query.has_edns ||
	    message.id != query.id || message.counts[0] != (query.question_len > 0) ||
	    memcmp(out + DNS_HEADER_LEN, packet + DNS_HEADER_LEN, query.question_len) != 0)
		abort();
	if (!stream && len > (query.udp_size < UDP_MAX ? query.udp_size : UDP_MAX))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t out[OUT_MAX], other[OUT_MAX];
	if (size < HEAD_LEN || size > HEAD_LEN + OUT_MAX)
		return 0;
	bool stream = (data[0] & OVER_TCP) != 0;
	size_t len = size - HEAD_LEN, cap = stream ? OUT_MAX : UDP_MAX;
	struct addr client = client_of(data);
	/* Ends where its heap block ends, so that a sanitizer sees a read beyond. */
	uint8_t *packet = malloc(len > 0 ? len : 1);
	memcpy(packet, data + HEAD_LEN, len);
	if ((data[0] & GOOD_COOKIE) != 0)
		make_cookie_good(packet, len, &client);
	size_t got = answer_packet(begin(0), packet, len, &client, stream, out, cap);
	check(packet, len, stream, out, got);
	/* The short way and the long one say the same. */
	if (answer_general(begin(1), packet, len, &client, stream, other, cap) != got ||
	    memcmp(out, other, got) != 0)
		abort();
	free(packet);
	return 0;
}
