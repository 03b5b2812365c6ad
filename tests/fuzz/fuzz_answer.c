/* A whole packet, and the address it came from, to an answer: over zones with everything in them,
 * into rooms of several sizes that hold what a hostile message before might have left there. */
#include "geodns/answer.h"
#include "geodns/wire/message.h"
#include "tests/fuzz/answer_checks.h"
#include "tests/fuzz/answer_world.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
	NOW_S = 1000000,
	/* Bits of the first octet; the next four make the client's address. */
	OVER_TCP = 1,
	GOOD_COOKIE = 2, /* in the place of one of that length */
	FROM_IPV6 = 4,
	RESIDUE_AT = 3, /* two bits: what stood in the room before */
	SERVER_AT = 5,	/* two bits: which server, and so how much room over UDP */
	HEAD_LEN = 5,
	RESIDUES = 4,
	SERVERS = 4
};

enum which { SHORT_WAY, LONG_WAY, UNLIMITED, ANSWERERS };

static const struct cookie_secrets secrets = {.count = 2, .at = {"first secret", "second"}};
static const uint8_t nsid[DNS_NSID_MAX] = "n";
static const struct reply_server servers[SERVERS] = {
	{.udp_size = DNS_UDP_DEFAULT, .keepalive_100ms = 100, .nsid_len = 1, .nsid = nsid},
	{.udp_size = DNS_UDP_MIN, .keepalive_100ms = 1, .nsid_len = DNS_NSID_MAX, .nsid = nsid},
	{.udp_size = 4096, .keepalive_100ms = 0, .nsid_len = 20, .nsid = nsid},
	{.udp_size = 777, .keepalive_100ms = 100}};

/* The first two each have their own account of the rate, the last has none. */
static struct answerer *begin(enum which which, const struct reply_server *server)
{
	static const struct chaos chaos = {.id = "site", .version = "some"};
	static const struct rrl_settings limits = {.rate = 10, .slip = 2, .share = 1};
	static struct answerer answerers[ANSWERERS];
	static struct content content;
	if (answerers[0].names == NULL) {
		world_open(&content);
		for (unsigned i = 0; i < ANSWERERS; i++)
			answerers[i] = (struct answerer){
				.names = content.zones.names,
				.cookies = &secrets,
				.chaos = &chaos,
				.rrl = i == UNLIMITED ? NULL : rrl_new(&limits, 1),
				.counters = counters_new(),
				.now_s = NOW_S};
	}
	struct answerer *answerer = &answerers[which];
	answerer->server = server;
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

/* Pointers, to behind the least room, to the question, each to itself; and a label that goes on. */
static uint8_t residue_at(unsigned which, size_t at)
{
	static const uint8_t pairs[RESIDUES][2] = {{0xc2, 0x00}, {0xc0, 0x0c}, {0xc0, 0}, {1, 'a'}};
	if (which != 2)
		return pairs[which][at % 2];
	return (uint8_t)(at % 2 == 0 ? 0xc0 | (at >> 8 & 0x3f) : (at - 1) & 0xff);
}

/*
 * One of the rooms for an answer, of CAP octets: ends where its heap block ends, so that a
 * sanitizer sees a write beyond. Holds RESIDUE, so that what is read before it was written loops,
 * or makes a difference.
 */
static uint8_t *room_of(enum which which, size_t cap, unsigned residue)
{
	static uint8_t *rooms[ANSWERERS][SERVERS + 1], *residues[RESIDUES];
	unsigned size = 0;
	for (; residues[RESIDUES - 1] == NULL && size < RESIDUES; size++) {
		residues[size] = malloc(DNS_MESSAGE_MAX);
		for (size_t at = 0; at < DNS_MESSAGE_MAX; at++)
			residues[size][at] = residue_at(size, at);
	}
	for (size = 0; size < SERVERS && servers[size].udp_size != cap; size++)
		;
	if (rooms[which][size] == NULL)
		rooms[which][size] = malloc(cap);
	memcpy(rooms[which][size], residues[residue % RESIDUES], cap);
	return rooms[which][size];
}

/* One input. */
struct asked {
	uint8_t *packet;
	size_t len, cap;
	struct addr client;
	bool stream;
	unsigned residue;
	const struct reply_server *server;
};

/* What the rate lets through is all of the answer, or only that there is one (TC). */
static void check_limit(const uint8_t *out, size_t got, const uint8_t *full, size_t full_len)
{
	if (got == full_len && memcmp(out, full, got) == 0)
		return;
	struct needed has = needed_of(out, got);
	assert((has.flags & DNS_FLAG_TC) != 0);
	assert(has.answers + has.authority + has.glue + has.signatures + has.others == 0);
}

/* Over UDP: the answer as if there were neither a limit of rate nor of size, and what became of it.
 */
static void check_udp(const struct asked *asked, const struct query *query, enum query_result was,
		      const uint8_t *out, size_t got)
{
	size_t room = query->udp_size < asked->cap ? query->udp_size : asked->cap;
	uint8_t *full = room_of(UNLIMITED, asked->cap, asked->residue + 2);
	size_t full_len = answer_general(begin(UNLIMITED, asked->server), asked->packet, asked->len,
					 &asked->client, false, full, asked->cap);
	check_reply(query, full, full_len, room);
	if (got > 0)
		check_limit(out, got, full, full_len);
	struct query again;
	/* A keepalive is malformed over TCP alone; of another opcode that costs the OPT. */
	if (query_parse(&again, asked->packet, asked->len, true) != was ||
	    again.has_edns != query->has_edns)
		return;
	uint8_t *whole = room_of(UNLIMITED, DNS_MESSAGE_MAX, asked->residue + 3);
	size_t whole_len = answer_general(begin(UNLIMITED, asked->server), asked->packet,
					  asked->len, &asked->client, true, whole, DNS_MESSAGE_MAX);
	check_reply(&again, whole, whole_len, DNS_MESSAGE_MAX);
	check_whole(whole, whole_len);
	check_cut(full, full_len, room, whole, whole_len);
}

/* The short way and the long one say the same, whatever stood in their rooms. */
static void check_ways(const struct asked *asked)
{
	struct query query;
	enum query_result result = query_parse(&query, asked->packet, asked->len, asked->stream);
	uint8_t *out = room_of(SHORT_WAY, asked->cap, asked->residue);
	uint8_t *other = room_of(LONG_WAY, asked->cap, asked->residue + 1);
	size_t got = answer_packet(begin(SHORT_WAY, asked->server), asked->packet, asked->len,
				   &asked->client, asked->stream, out, asked->cap);
	size_t also = answer_general(begin(LONG_WAY, asked->server), asked->packet, asked->len,
				     &asked->client, asked->stream, other, asked->cap);
	assert(also == got && memcmp(out, other, got) == 0);
	assert(result != QUERY_IGNORE || got == 0);
	if (result == QUERY_IGNORE)
		return;
	assert(got > 0 || !asked->stream);
	if (got > 0)
		check_reply(&query, out, got, asked->cap);
	if (asked->stream)
		check_whole(out, got);
	else
		check_udp(asked, &query, result, out, got);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < HEAD_LEN || size > HEAD_LEN + DNS_MESSAGE_MAX)
		return 0;
	struct asked asked = {.len = size - HEAD_LEN,
			      .client = client_of(data),
			      .stream = (data[0] & OVER_TCP) != 0,
			      .residue = data[0] >> RESIDUE_AT,
			      .server = &servers[(data[0] >> SERVER_AT) % SERVERS]};
	asked.cap = asked.stream ? DNS_MESSAGE_MAX : asked.server->udp_size;
	/* Ends where its heap block ends, so that a sanitizer sees a read beyond. */
	asked.packet = malloc(asked.len > 0 ? asked.len : 1);
	memcpy(asked.packet, data + HEAD_LEN, asked.len);
	if ((data[0] & GOOD_COOKIE) != 0)
		make_cookie_good(asked.packet, asked.len, &asked.client);
	check_ways(&asked);
	free(asked.packet);
	return 0;
}
