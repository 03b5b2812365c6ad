/*
 * The short way of answers against the long one: a hundred thousand random queries, each answered
 * by both, octet for octet, with the same counts; and that the short way is taken for what it is
 * for.
 */
#include "tests/unit/geodns/served.h"

#include "geodns/answer_short.h"
#include "geodns/wire/edns.h"

enum { TURNS = 100000, OUT_MAX = 4096 };

#define TWO                                                                                        \
	"\"endpoints\": [{\"name\": \"a\", \"address\": \"192.0.2.1\", \"weight\": 3}, "           \
	"{\"name\": "                                                                              \
	"\"b\", \"address\": \"192.0.2.2\"}, {\"name\": \"c\", \"address\": \"2001:db8::1\"}]"

#define LABEL "forty-eight-octets-of-a-label-that-is-nearly-full-00"

static const char document[] =
	"{\"meridian\": 1, \"pools\": [{\"name\": \"p\", " TWO "}, {\"name\": \"h\", \"answers\": "
	"\"hash\", " TWO "}, {\"name\": \"w\", \"answers\": \"weighted\", " TWO "}, "
	"{\"name\": \"one\", \"endpoints\": [{\"name\": \"a\", \"address\": \"192.0.2.9\"}]}, "
	"{\"name\": \"n\", \"kind\": \"cname\", \"endpoints\": [{\"name\": \"a\", \"address\": "
	"\"one.y.test\"}]}], \"zones\": ["
	/* A zone with a cut, a DNAME and a served zone below it, */
	"{\"name\": \"x.test\", \"primary\": \"a.\", \"contact\": \"b.\", \"negative_ttl\": 60, "
	"\"records\": [{\"name\": \"@\", \"type\": \"NS\", \"data\": [\"ns.test.\"]}, "
	"{\"name\": \"*\", \"type\": \"TXT\", \"data\": [\"\\\"w\\\"\"]}, "
	"{\"name\": \"d\", \"type\": \"DNAME\", \"data\": [\"y.test.\"]}, "
	"{\"name\": \"sub\", \"type\": \"NS\", \"data\": [\"ns.sub\"]}, "
	"{\"name\": \"ns.sub\", \"type\": \"A\", \"data\": [\"192.0.2.5\"]}, "
	"{\"name\": \"old.c\", \"type\": \"A\", \"data\": [\"192.0.2.6\"]}, "
	"{\"name\": \"a.b\", \"type\": \"A\", \"data\": [\"192.0.2.7\"]}], "
	"\"services\": [{\"name\": \"rules\", \"steering\": \"rules\", \"default\": \"p\", "
	"\"rules\": [{\"match\": [\"9.0.0.0/8\", \"2001:db8::/32\"], \"pool\": \"one\"}]}]}, "
	"{\"name\": \"c.x.test\", \"primary\": \"a.\", \"contact\": \"b.\", \"records\": "
	"[{\"name\": \"@\", \"type\": \"NS\", \"data\": [\"ns.test.\"]}, "
	"{\"name\": \"new\", \"type\": \"A\", \"data\": [\"192.0.2.8\"]}]}, "
	/* one without, */
	"{\"name\": \"y.test\", \"primary\": \"a.\", \"contact\": \"b.\", \"negative_ttl\": 60, "
	"\"records\": [{\"name\": \"@\", \"type\": \"NS\", \"data\": [\"ns.test.\"]}, "
	"{\"name\": \"alias\", \"type\": \"CNAME\", \"data\": [\"rules\"]}, "
	"{\"name\": \"mail\", \"type\": \"MX\", \"data\": [\"10 rules\"]}, "
	"{\"name\": \"*.wild\", \"type\": \"A\", \"data\": [\"192.0.2.3\"]}, "
	"{\"name\": \"a.very.long.name.of.more.than.thirty.octets\", \"type\": \"A\", \"data\": "
	"[\"192.0.2.4\"]}, {\"name\": \"e.n.t\", \"type\": \"A\", \"data\": [\"192.0.2.4\"]}], "
	"\"services\": [{\"name\": \"rules\", \"steering\": \"rules\", \"default\": \"p\", "
	"\"rules\": [{\"match\": [\"9.0.0.0/8\", \"2001:db8::/32\"], \"pool\": \"h\"}, "
	"{\"match\": [\"10.0.0.0/8\"], \"pool\": \"n\"}]}, "
	"{\"name\": \"one\", \"steering\": \"failover\", \"pools\": [\"one\"]}, "
	"{\"name\": \"weighted\", \"steering\": \"weighted\", \"pools\": [\"p\", \"w\", \"n\"]}, "
	"{\"name\": \"even\", \"steering\": \"weighted\", \"pools\": [\"p\", \"w\"]}, "
	"{\"name\": \"hash\", \"steering\": \"hash\", \"pools\": [\"h\", \"w\", \"one\"]}, "
	"{\"name\": \"*.svc\", \"steering\": \"failover\", \"pools\": [\"p\"]}]}, "
	/* one whose SOA is longer than most, */
	"{\"name\": \"long\", \"primary\": \"" LABEL "." LABEL "." LABEL
	".\", \"contact\": \"b." LABEL
	".\", \"records\": [{\"name\": \"@\", \"type\": \"NS\", \"data\": [\"ns.test.\"]}]}, "
	/* and one whose client subnets are not looked at. */
	"{\"name\": \"z\", \"primary\": \"a.\", \"contact\": \"b.\", \"ecs\": false, \"records\": "
	"[{\"name\": \"@\", \"type\": \"NS\", \"data\": [\"ns.test.\"]}], \"services\": "
	"[{\"name\": \"r\", \"steering\": \"rules\", \"default\": \"p\", "
	"\"rules\": [{\"match\": [\"9.0.0.0/8\"], \"pool\": \"one\"}]}]}]}";

static const char *const names[] = {"x.test",
				    "rules.x.test",
				    "no.x.test",
				    "a.no.x.test",
				    "d.x.test",
				    "rules.d.x.test",
				    "sub.x.test",
				    "ns.sub.x.test",
				    "deep.ns.sub.x.test",
				    "c.x.test",
				    "new.c.x.test",
				    "old.c.x.test",
				    "no.c.x.test",
				    "a.b.x.test",
				    "b.x.test",
				    "q.a.b.x.test",
				    "y.test",
				    "rules.y.test",
				    "RULES.Y.test",
				    "one.y.test",
				    "weighted.y.test",
				    "hash.y.test",
				    "any.svc.y.test",
				    "alias.y.test",
				    "mail.y.test",
				    "some.wild.y.test",
				    "a.b.c.wild.y.test",
				    "*.wild.y.test",
				    "a.very.long.name.of.more.than.thirty.octets.y.test",
				    "a.very.long.name.of.less.than.nothing.at.all.y.test",
				    "n.t.y.test",
				    "m.n.t.y.test",
				    "no.y.test",
				    "a.b.c.d.e.f.g.h.no.y.test",
				    "r.z",
				    "q.z",
				    "z",
				    "test",
				    "other.test",
				    "notx.test",
				    "xx.test",
				    "elsewhere.example",
				    "no.long",
				    "long",
				    "."};
static const char *const types[] = {"A",  "A",	"A",	 "AAAA", "TXT", "SOA",
				    "NS", "MX", "CNAME", "DS",	 "ANY", "HTTPS"};

static uint8_t *put_option(uint8_t *at, unsigned code, const void *data, size_t len)
{
	wire_put_u16(at, (uint16_t)code);
	wire_put_u16(at + 2, (uint16_t)len);
	memcpy(at + 4, data, len);
	return at + 4 + len;
}

/* A well-formed client subnet mostly, of either family, else random octets. */
static uint8_t *put_subnet(uint8_t *at, struct rng *rng)
{
	static const uint8_t v4[] = {9, 9, 10, 11}, v6[] = {0x20, 0x01, 0x0d, 0xb8, 1, 2, 3, 4};
	uint8_t data[24] = {0};
	bool six = rng_below(rng, 3) == 0;
	unsigned octets = (unsigned)rng_below(rng, six ? 9 : 5);
	data[1] = six ? 2 : 1;
	data[2] = (uint8_t)(8 * octets);
	memcpy(data + 4, six ? v6 : v4, octets);
	if (!six && octets > 0)
		data[4] = (uint8_t)(9 + rng_below(rng, 3));
	if (rng_below(rng, 16) == 0)
		data[rng_below(rng, 8)] = (uint8_t)rng_next(rng);
	return put_option(at, DNS_OPTION_ECS, data, 4 + octets);
}

/* One of the options there are, and of those there are not. */
static uint8_t *put_some_option(uint8_t *at, struct rng *rng)
{
	static const uint8_t zeros[40] = {1, 2, 3, 4, 5, 6, 7, 8, 1};
	switch (rng_below(rng, 7)) {
	case 0:
		return put_option(at, DNS_OPTION_COOKIE, zeros, 8);
	case 1:
		return put_option(at, DNS_OPTION_COOKIE, zeros, rng_below(rng, 41));
	case 2:
		return put_option(at, DNS_OPTION_NSID, zeros, 0);
	case 3:
		return put_option(at, DNS_OPTION_KEEPALIVE, zeros, rng_below(rng, 4) == 0);
	case 4:
		return put_option(at, 65001, zeros, rng_below(rng, 20));
	default:
		return put_subnet(at, rng);
	}
}

static size_t make_query(uint8_t *query, struct rng *rng)
{
	struct asking asking = {
		.name = names[rng_below(rng, sizeof names / sizeof *names)],
		.type = types[rng_below(rng, sizeof types / sizeof *types)],
		.no_edns = rng_below(rng, 4) == 0,
		.class_ = rng_below(rng, 40) == 0 ? DNS_CLASS_CH : 0,
		.udp_size = rng_below(rng, 2) == 0 ? 512 : 1232,
	};
	size_t len = asking_packet(&asking, query, 512);
	uint8_t *at = query + len;
	for (unsigned i = 0; !asking.no_edns && i < rng_below(rng, 4); i++)
		at = put_some_option(at, rng);
	if (!asking.no_edns) {
		uint8_t *opt = query + len - EDNS_OPT_LEN;
		wire_put_u16(opt + 9, (uint16_t)(at - query - (ptrdiff_t)len));
		opt[7] = rng_below(rng, 2) == 0 ? 0x80 : 0;
		opt[6] = rng_below(rng, 50) == 0;
	}
	query[2] = (uint8_t)(query[2] | rng_below(rng, 2));
	len = (size_t)(at - query);
	if (rng_below(rng, 10) == 0)
		query[rng_below(rng, len)] ^= (uint8_t)(1 << rng_below(rng, 8));
	return rng_below(rng, 20) == 0 ? rng_below(rng, len + 1) : len;
}

static void assert_same_counts(const struct counters *a, const struct counters *b)
{
	for (unsigned type = 0; type < COUNTERS_TYPES; type++) {
		for (unsigned at = 0; at < 4; at++)
			assert_int_equal(counters_queries(a, at & 1, at >> 1, type),
					 counters_queries(b, at & 1, at >> 1, type));
	}
	for (unsigned rcode = 0; rcode < COUNTERS_RCODES; rcode++)
		assert_int_equal(counters_responses(a, rcode), counters_responses(b, rcode));
	assert_int_equal(counters_ecs(a), counters_ecs(b));
	assert_int_equal(a->ignored, b->ignored);
	assert_int_equal(a->truncated, b->truncated);
	for (unsigned i = 0; i < 2; i++)
		assert_int_equal(a->limited[i], b->limited[i]);
	for (unsigned i = 0; i < 64; i++)
		assert_int_equal(a->answers[i], b->answers[i]);
}

/* The same query to both; LONGER has an account of the rate and counts of its own. */
static void ask_both(struct answerer *shorter, struct answerer *longer, struct rng *rng)
{
	static const char *const resolvers[] = {"9.1.2.3", "192.0.2.99", "10.1.1.1", "2001:db8::7",
						"2001:db9::7"};
	uint8_t query[1024], out[OUT_MAX], other[OUT_MAX];
	struct addr resolver;
	assert_true(addr_parse(resolvers[rng_below(rng, 5)], &resolver));
	size_t len = make_query(query, rng);
	bool stream = rng_below(rng, 4) == 0;
	size_t cap = stream ? OUT_MAX : 1232;
	shorter->now.ns += 2000000;
	longer->now = shorter->now;
	longer->rng = shorter->rng; /* the short way draws where there is a choice alone */
	size_t got = answer_short(shorter, query, len, &resolver, stream, out, cap);
	assert_int_equal(answer_general(longer, query, len, &resolver, stream, other, cap), got);
	assert_memory_equal(out, other, got);
}

static void walk(const struct rrl_settings *limits, const struct cookie_secrets *cookies)
{
	struct served served;
	struct rng rng;
	served_open(&served, document);
	served.answerer.cookies = cookies;
	served.answerer.now_s = 1000000;
	struct answerer longer = served.answerer;
	longer.counters = counters_new();
	if (limits != NULL) {
		served.answerer.rrl = rrl_new(limits, 1);
		longer.rrl = rrl_new(limits, 1);
	}
	rng_init(&rng, limits != NULL);
	for (unsigned i = 0; i < TURNS; i++)
		ask_both(&served.answerer, &longer, &rng);
	assert_same_counts(served.answerer.counters, longer.counters);
	rrl_free(served.answerer.rrl);
	rrl_free(longer.rrl);
	counters_free(longer.counters);
	served_close(&served);
}

static const struct cookie_secrets secrets = {.count = 1, .at = {"first secret"}};

static void test_both_ways_say_and_count_the_same(void **state)
{
	(void)state;
	walk(NULL, &secrets);
}

static void test_both_ways_are_limited_alike(void **state)
{
	const struct rrl_settings limits = {.rate = 10, .slip = 2, .share = 1};
	(void)state;
	walk(&limits, NULL);
}

/* A query for a name of so many OCTETS below ZONE that is not there, with NSID. */
static size_t put_absent(uint8_t *query, unsigned octets, const char *zone)
{
	static const char behind[] = "\0\1\0\1\0\0\x29\2\0\0\0\0\0\0\4\0\3\0";
	memcpy(query, "\0\1\0\0\0\1\0\0\0\0\0\1", DNS_HEADER_LEN);
	uint8_t *at = query + DNS_HEADER_LEN;
	for (unsigned left = octets; left > 1;) {
		unsigned label = left > 40 ? 39 : left - 1;
		*at++ = (uint8_t)label;
		memset(at, 'n', label);
		at += label;
		left -= 1 + label;
	}
	memcpy(at, zone, strlen(zone) + 1);
	at += strlen(zone) + 1;
	memcpy(at, behind, sizeof behind);
	return (size_t)(at - query) + sizeof behind;
}

/* With the longest name and NSID there are, every length of name until the SOA has room: one that
 * is longer than most, and one that is shorter. */
static void test_a_negative_answer_of_little_room_is_the_same(void **state)
{
	static const uint8_t nsid[DNS_NSID_MAX] = "a name of the server that fills its option";
	static const char *const zones[] = {"\1n\4long", "\1n\1y\4test"};
	struct served served;
	struct addr resolver;
	(void)state;
	served_open(&served, document);
	served.server.nsid_len = sizeof nsid;
	served.server.nsid = nsid;
	assert_true(addr_parse("192.0.2.99", &resolver));
	for (unsigned row = 0; row < 2 * 220; row++) {
		uint8_t query[600], out[DNS_UDP_MIN], other[DNS_UDP_MIN];
		size_t len = put_absent(query, 1 + row / 2, zones[row % 2]);
		size_t got = answer_short(&served.answerer, query, len, &resolver, false, out,
					  sizeof out);
		assert_int_equal(answer_general(&served.answerer, query, len, &resolver, false,
						other, sizeof other),
				 got);
		assert_memory_equal(out, other, got);
		assert_int_equal(out[3] & DNS_FLAG_RCODE, DNS_RCODE_NXDOMAIN);
	}
	served_close(&served);
}

/* A wildcard that is being removed may be seen at the name above it for a moment longer. */
static void test_a_wildcard_that_has_just_gone_is_none(void **state)
{
	struct served served;
	(void)state;
	served_open(&served, document);
	uint8_t lower[256];
	static const uint8_t apex[] = "\1y\4test";
	uint64_t hash = name_lower(apex, sizeof apex, lower);
	struct node *node = names_find(served.content.zones.names, hash, lower, sizeof apex);
	assert_non_null(node);
	assert_false(node_has_wildcard(node));
	node_set_wildcard(node, true);
	struct asking asking = {.name = "no.y.test", .type = "A"};
	const struct said *said = served_ask(&served, &asking);
	assert_int_equal(said->rcode, DNS_RCODE_NXDOMAIN);
	assert_string_equal(said->answer, "");
	assert_non_null(strstr(said->authority, "y.test. 60 SOA"));
	served_close(&served);
}

/* Whether the short way answered, by what it counts. */
static bool is_short(struct served *served, const struct asking *asking)
{
	uint64_t before = 0, after = 0;
	const struct counters *counters = served->answerer.counters;
	for (unsigned i = 0; i < COUNTERS_CODES * 8 * COUNTERS_PLAIN; i++)
		before += counters->plain[i / COUNTERS_PLAIN][i % COUNTERS_PLAIN];
	(void)served_ask(served, asking);
	for (unsigned i = 0; i < COUNTERS_CODES * 8 * COUNTERS_PLAIN; i++)
		after += counters->plain[i / COUNTERS_PLAIN][i % COUNTERS_PLAIN];
	return after != before;
}

static void test_the_short_way_is_taken_for_what_it_is_for(void **state)
{
	static const struct {
		const char *name, *type;
		bool is_short;
	} table[] = {
		{"rules.y.test", "A", true},	  {"rules.y.test", "MX", true},
		{"even.y.test", "AAAA", true},	  {"hash.y.test", "A", true},
		{"no.y.test", "A", true},	  {"a.b.no.y.test", "A", true},
		{"elsewhere.example", "A", true}, {"some.wild.y.test", "A", true},
		{"n.t.y.test", "A", true},	  {"rules.x.test", "A", true},
		{"no.x.test", "TXT", true},	  {"sub.x.test", "A", false},
		{"ns.sub.x.test", "A", false},	  {"q.d.x.test", "A", false},
		{"alias.y.test", "A", false},	  {"mail.y.test", "MX", false},
		{"y.test", "SOA", false},	  {"c.x.test", "DS", false},
		{"x.test", "ANY", false},
	};
	struct served served;
	(void)state;
	served_open(&served, document);
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		for (unsigned how = 0; how < 4; how++) {
			struct asking asking = {.name = table[i].name,
						.type = table[i].type,
						.subnet = how == 1   ? "9.9.9.0/24"
							  : how == 2 ? "2001:db8::/56"
								     : NULL,
						.stream = how == 3};
			if (is_short(&served, &asking) != table[i].is_short)
				fail_msg("%s %s (%u)", table[i].name, table[i].type, how);
		}
	}
	served_close(&served);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_both_ways_say_and_count_the_same),
		cmocka_unit_test(test_both_ways_are_limited_alike),
		cmocka_unit_test(test_a_negative_answer_of_little_room_is_the_same),
		cmocka_unit_test(test_a_wildcard_that_has_just_gone_is_none),
		cmocka_unit_test(test_the_short_way_is_taken_for_what_it_is_for),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
