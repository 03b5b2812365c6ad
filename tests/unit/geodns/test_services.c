/* Which pool answers whom, and with which of its endpoints: steering and health, through the whole
 * answer path. */
#include "tests/unit/geodns/served.h"

#include "base/rng.h"

#define ZONE(services)                                                                             \
	"\"zones\": [{\"name\": \"s.test\", \"primary\": \"a.\", \"contact\": \"b.\", "            \
	"\"negative_ttl\": 60, \"records\": [{\"name\": \"@\", \"type\": \"NS\", \"data\": "       \
	"[\"ns.test.\"]}], \"services\": [" services "]}]"

#define MONITOR "\"monitors\": [{\"name\": \"m\", \"type\": \"tcp\", \"port\": 80}]"

/* Pools of one endpoint each, monitored, with an address that tells them apart. */
#define POOLS                                                                                      \
	"\"pools\": ["                                                                             \
	"{\"name\": \"de\", \"lat\": 50.1, \"lon\": 8.7, \"monitor\": \"m\", \"fallback\": "       \
	"\"fr\", \"endpoints\": [{\"name\": \"e\", \"address\": \"192.0.2.1\"}]},"                 \
	"{\"name\": \"fr\", \"lat\": 48.9, \"lon\": 2.4, \"monitor\": \"m\", \"endpoints\": "      \
	"[{\"name\": \"e\", \"address\": \"192.0.2.2\"}]},"                                        \
	"{\"name\": \"us\", \"lat\": 40.7, \"lon\": -74.0, \"monitor\": \"m\", \"endpoints\": "    \
	"[{\"name\": \"e\", \"address\": \"192.0.2.3\"}]}]"

/* Where the clients of these tests are. */
#define GEO                                                                                        \
	"\"geo\": [{\"cidr\": \"198.18.1.0/24\", \"place\": \"EU-DE\"}, "                          \
	"{\"cidr\": \"198.18.2.0/24\", \"place\": \"NA-US-CA\"}, "                                 \
	"{\"cidr\": \"198.18.3.0/24\", \"place\": \"AS-CN\"}, "                                    \
	"{\"cidr\": \"198.18.4.0/24\", \"asn\": 64500}]"

static const char *const german = "198.18.1.7", *const american = "198.18.2.7",
			 *const chinese = "198.18.3.7", *const asn = "198.18.4.7",
			 *const nowhere = "203.0.113.9";

/* The last octet of the one address of an answer; -1 where there is none. */
static int octet(struct served *served, const char *name, const char *client)
{
	const char *answer = served_answer(served, name, "A", client);
	const char *dot = strrchr(answer, '.');
	return answer[0] == '\0' ? -1 : atoi(dot + 1);
}

static const char rules[] =
	"{\"meridian\": 1, " MONITOR ", " POOLS ", " GEO
	", \"regions\": [{\"name\": \"r\", \"cidrs\": [\"198.18.5.0/24\"]}], " ZONE(
		"{\"name\": \"w\", \"ttl\": 30, \"steering\": \"rules\", "
		"\"default\": \"us\", \"rules\": ["
		"{\"match\": [\"198.18.1.128/25\"], \"pool\": \"us\"},"
		"{\"match\": [\"EU-DE\", \"region:r\"], \"pool\": \"de\"},"
		"{\"match\": [\"AS-CN\"], \"pool\": \"fr\", \"strict\": true},"
		"{\"match\": [\"AS64500\"], \"pool\": \"fr\"}]}") "}";

static void test_rules_take_the_first_that_matches(void **state)
{
	(void)state;
	struct served served;
	served_open(&served, rules);
	assert_int_equal(octet(&served, "w.s.test", german), 1);
	assert_int_equal(octet(&served, "w.s.test", "198.18.1.200"), 3);
	assert_int_equal(octet(&served, "w.s.test", "198.18.5.200"), 1);
	assert_int_equal(octet(&served, "w.s.test", american), 3);
	assert_int_equal(octet(&served, "w.s.test", chinese), 2);
	assert_int_equal(octet(&served, "w.s.test", asn), 2);
	assert_int_equal(octet(&served, "w.s.test", nowhere), 3);
	served_close(&served);
}

static void test_a_pool_that_is_down_gives_way_to_its_fallback_then_to_the_default(void **state)
{
	(void)state;
	struct served served;
	served_open(&served, rules);
	served_health(&served, "endpoint/de/e", VERDICT_DOWN, 0);
	assert_int_equal(octet(&served, "w.s.test", german), 2);
	served_health(&served, "endpoint/fr/e", VERDICT_DOWN, 0);
	assert_int_equal(octet(&served, "w.s.test", german), 3);
	served_health(&served, "endpoint/de/e", VERDICT_UP, 0);
	assert_int_equal(octet(&served, "w.s.test", german), 1);
	served_close(&served);
}

static void test_a_strict_rule_has_no_way_out(void **state)
{
	(void)state;
	struct served served;
	served_open(&served, rules);
	served_health(&served, "endpoint/fr/e", VERDICT_DOWN, 0);
	/* All down in its only pool: that pool's endpoints all the same, never another's. */
	assert_int_equal(octet(&served, "w.s.test", chinese), 2);
	assert_int_equal(octet(&served, "w.s.test", asn), 3);
	served_close(&served);
}

static void test_unknown_health_changes_no_answer(void **state)
{
	(void)state;
	struct served served;
	served_open(&served, rules);
	served_health(&served, "endpoint/de/e", VERDICT_DOWN, 0);
	served_health(&served, "endpoint/de/e", VERDICT_UNKNOWN, 0);
	assert_int_equal(octet(&served, "w.s.test", german), 2);
	served_health(&served, "endpoint/de/e", VERDICT_UP, 0);
	served_health(&served, "endpoint/de/e", VERDICT_UNKNOWN, 0);
	assert_int_equal(octet(&served, "w.s.test", german), 1);
	/* A table that nobody beats any more is stale: what it says then counts for nothing. */
	struct mono long_ago = {.ns = mono_now().ns - INT64_C(60) * 1000000000};
	health_beat(served.health, long_ago);
	served_health(&served, "endpoint/de/e", VERDICT_DOWN, 0);
	assert_int_equal(octet(&served, "w.s.test", german), 1);
	served_close(&served);
}

/* RFC 7871 section 7.2.1. */
static void test_scopes_are_as_wide_as_the_answer_holds_and_no_wider(void **state)
{
	(void)state;
	struct served served;
	served_open(&served, rules);
	static const struct {
		const char *subnet;
		int scope, octet;
	} table[] = {
		{"198.18.1.0/24", 25, 1}, {"198.18.1.128/25", 25, 3}, {"198.18.1.0/32", 25, 1},
		{"198.18.3.0/24", 24, 2}, {"198.18.5.0/24", 24, 1},   {"198.18.4.0/24", 24, 2},
		{"10.1.2.0/24", 0, 3},	  {"127.0.0.0/8", 0, 3},      {"0.0.0.0/0", 0, 3},
		{"2001:db8::/32", 0, 3},
	};
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		struct asking asking = {.name = "w.s.test",
					.type = "A",
					.subnet = table[i].subnet,
					.resolver = nowhere};
		const struct said *said = served_ask(&served, &asking);
		if (said->scope != table[i].scope)
			fail_msg("%s: scope %d instead of %d", table[i].subnet, said->scope,
				 table[i].scope);
		assert_int_equal(atoi(strrchr(said->answer, '.') + 1), table[i].octet);
	}
	/* What does not depend on place holds for all. */
	struct asking asking = {.name = "x.s.test", .type = "A", .subnet = "198.18.1.0/24"};
	assert_int_equal(served_ask(&served, &asking)->scope, 0);
	asking.name = "w.s.test";
	asking.type = "AAAA";
	assert_int_equal(served_ask(&served, &asking)->scope, 0);
	asking.type = "TXT";
	assert_int_equal(served_ask(&served, &asking)->scope, 0);
	served_close(&served);
}

static void test_a_zone_may_take_no_client_subnets(void **state)
{
	(void)state;
	struct served served;
	served_open(
		&served,
		"{\"meridian\": 1, " MONITOR ", " POOLS ", " GEO
		", \"zones\": [{\"name\": \"s.test\", \"ecs\": false, \"primary\": \"a.\", "
		"\"contact\": \"b.\", \"records\": [{\"name\": \"@\", \"type\": \"NS\", \"data\": "
		"[\"ns.test.\"]}], \"services\": [{\"name\": \"w\", \"steering\": \"rules\", "
		"\"default\": \"us\", \"rules\": [{\"match\": [\"EU\"], \"pool\": \"de\"}]}]}]}");
	struct asking asking = {
		.name = "w.s.test", .type = "A", .subnet = "198.18.2.0/24", .resolver = german};
	const struct said *said = served_ask(&served, &asking);
	assert_int_equal(said->scope, 0);
	assert_non_null(strstr(said->answer, "192.0.2.1"));
	served_close(&served);
}

static void test_nearest_takes_the_least_distance_less_bias(void **state)
{
	(void)state;
	struct served served;
	served_open(
		&served,
		"{\"meridian\": 1, " MONITOR ", " POOLS ", " GEO ", " ZONE(
			"{\"name\": \"n\", \"steering\": \"nearest\", \"pools\": [\"de\", \"fr\", "
			"\"us\"]},"
			"{\"name\": \"b\", \"steering\": \"nearest\", \"pools\": [{\"pool\": "
			"\"de\"}, {\"pool\": \"us\", \"bias_km\": 20000}]}") "}");
	assert_int_equal(octet(&served, "n.s.test", german), 1);
	assert_int_equal(octet(&served, "n.s.test", american), 3);
	assert_int_equal(octet(&served, "b.s.test", german), 3);
	/* No place: the order as written. */
	assert_int_equal(octet(&served, "n.s.test", nowhere), 1);
	served_health(&served, "endpoint/de/e", VERDICT_DOWN, 0);
	assert_int_equal(octet(&served, "n.s.test", german), 2);
	served_close(&served);
}

/* Great circles: over the antimeridian and over the pole; equal distances as written. */
static void test_nearest_is_right_at_the_edges_of_the_map(void **state)
{
	(void)state;
	struct served served;
	served_open(
		&served,
		served_json(
			"{'meridian': 1, 'geo': [{'cidr': '198.18.1.0/24', 'lat': -17.8, 'lon': "
			"-179.5}, {'cidr': '198.18.2.0/24', 'lat': 89.9, 'lon': 170}, {'cidr': "
			"'198.18.3.0/24', 'lat': 0, 'lon': 0}, {'cidr': '198.18.4.0/24', 'lat': "
			"-90, "
			"'lon': 12}, {'cidr': '198.18.5.0/24', 'place': 'AS'}], 'pools': ["
			"{'name': 'fiji', 'lat': -18.1, 'lon': 178.4, 'endpoints': [{'name': 'e', "
			"'address': '192.0.2.1'}]},"
			"{'name': 'oslo', 'lat': 59.9, 'lon': 10.7, 'endpoints': [{'name': 'e', "
			"'address': '192.0.2.2'}]},"
			"{'name': 'west', 'lat': 0, 'lon': -30, 'endpoints': [{'name': 'e', "
			"'address': '192.0.2.3'}]},"
			"{'name': 'east', 'lat': 0, 'lon': 30, 'endpoints': [{'name': 'e', "
			"'address': '192.0.2.4'}]},"
			"{'name': 'beijing', 'lat': 39.9, 'lon': 116.4, 'endpoints': [{'name': "
			"'e', "
			"'address': '192.0.2.5'}]}],"
			"'zones': [{'name': 's.test', 'primary': 'a.', 'contact': 'b.', 'records': "
			"[{'name': '@', 'type': 'NS', 'data': ['ns.test.']}], 'services': ["
			"{'name': 'n', 'steering': 'nearest', 'pools': ['east', 'west', 'oslo', "
			"'fiji', 'beijing']}, {'name': 'm', 'steering': 'nearest', 'pools': "
			"['west', "
			"'east'], 'default': 'beijing'}, {'name': 'far', 'steering': 'nearest', "
			"'pools': ['west', {'pool': 'east', 'bias_km': -1}]}]}]}"));
	assert_int_equal(octet(&served, "n.s.test", "198.18.1.7"), 1);
	assert_int_equal(octet(&served, "n.s.test", "198.18.2.7"), 2);
	assert_int_equal(octet(&served, "n.s.test", "198.18.3.7"), 4);
	assert_int_equal(octet(&served, "m.s.test", "198.18.3.7"), 3);
	assert_int_equal(octet(&served, "far.s.test", "198.18.3.7"), 3);
	assert_int_equal(octet(&served, "n.s.test", "198.18.4.7"), 1);
	/* Of a continent alone: its middle. */
	assert_int_equal(octet(&served, "n.s.test", "198.18.5.7"), 5);
	/* Nowhere is not 0, 0: the default, or the order as written. */
	assert_int_equal(octet(&served, "m.s.test", nowhere), 5);
	assert_int_equal(octet(&served, "far.s.test", nowhere), 3);
	served_override(&served, "pool/beijing", OVERRIDE_DOWN, 1, served.now_ms + 1000);
	assert_int_equal(octet(&served, "m.s.test", nowhere), 3);
	served_close(&served);
}

static void count(struct served *served, const char *name, unsigned *counts, size_t turns)
{
	memset(counts, 0, 256 * sizeof *counts);
	for (size_t i = 0; i < turns; i++) {
		int last = octet(served, name, nowhere);
		assert_in_range(last, 0, 255);
		counts[last]++;
	}
}

static void test_weighted_steering_shares_by_weight_among_who_can_serve(void **state)
{
	(void)state;
	unsigned counts[256];
	struct served served;
	served_open(&served,
		    "{\"meridian\": 1, " MONITOR ", " POOLS ", " ZONE(
			    "{\"name\": \"w\", \"steering\": \"weighted\", \"pools\": [{\"pool\": "
			    "\"fr\", \"weight\": 9}, {\"pool\": \"us\", \"weight\": 1}, {\"pool\": "
			    "\"de\", \"weight\": 0}]},"
			    "{\"name\": \"z\", \"steering\": \"weighted\", \"pools\": [{\"pool\": "
			    "\"fr\", \"weight\": 0}, {\"pool\": \"us\", \"weight\": 0}]}") "}");
	count(&served, "w.s.test", counts, 10000);
	assert_in_range(counts[2], 8800, 9200);
	assert_int_equal(counts[1], 0);
	assert_int_equal(counts[2] + counts[3], 10000);
	count(&served, "z.s.test", counts, 10000);
	assert_in_range(counts[2], 4700, 5300);
	served_health(&served, "endpoint/fr/e", VERDICT_DOWN, 0);
	count(&served, "w.s.test", counts, 1000);
	assert_int_equal(counts[3], 1000);
	served_health(&served, "endpoint/us/e", VERDICT_DOWN, 0);
	count(&served, "w.s.test", counts, 1000);
	assert_int_equal(counts[1], 1000);
	struct asking asking = {.name = "w.s.test", .type = "A", .subnet = "198.18.1.0/24"};
	assert_int_equal(served_ask(&served, &asking)->scope, 0);
	served_close(&served);
}

static void test_hash_steering_moves_only_the_clients_of_a_pool_that_leaves(void **state)
{
	(void)state;
	enum { CLIENTS = 2000 };
	int before[CLIENTS];
	unsigned moved = 0, shares[4] = {0};
	char client[32];
	struct served served;
	served_open(&served,
		    "{\"meridian\": 1, " MONITOR ", " POOLS
		    ", " ZONE("{\"name\": \"h\", \"steering\": \"hash\", \"pools\": [\"fr\", "
			      "\"us\", \"de\"]}") "}");
	for (int i = 0; i < CLIENTS; i++) {
		snprintf(client, sizeof client, "9.%d.%d.7", i / 250, i % 250);
		before[i] = octet(&served, "h.s.test", client);
		shares[before[i]]++;
	}
	for (int i = 1; i <= 3; i++)
		assert_in_range(shares[i], CLIENTS / 4, CLIENTS / 2);
	served_health(&served, "endpoint/us/e", VERDICT_DOWN, 0);
	for (int i = 0; i < CLIENTS; i++) {
		snprintf(client, sizeof client, "9.%d.%d.7", i / 250, i % 250);
		int after = octet(&served, "h.s.test", client);
		assert_int_not_equal(after, 3);
		moved += after != before[i];
	}
	assert_int_equal(moved, shares[3]);
	struct asking asking = {.name = "h.s.test", .type = "A", .subnet = "9.1.0.0/16"};
	assert_int_equal(served_ask(&served, &asking)->scope, 24);
	asking.subnet = "2600::/32";
	assert_int_equal(served_ask(&served, &asking)->scope, 56);
	served_close(&served);
}

/* Of a pool of four: two of a family, one without weight, one switched off. */
static const char endpoints[] =
	"{\"meridian\": 1, " MONITOR ", \"pools\": ["
	"{\"name\": \"p\", \"monitor\": \"m\", \"min_healthy\": 2, \"endpoints\": ["
	"{\"name\": \"a\", \"address\": \"192.0.2.1\"}, {\"name\": \"b\", \"address\": "
	"\"192.0.2.2\"}, {\"name\": \"c\", \"address\": \"192.0.2.3\", \"weight\": 0}, {\"name\": "
	"\"d\", \"address\": \"192.0.2.4\", \"enabled\": false}, {\"name\": \"six\", \"address\": "
	"\"2001:db8::1\", \"weight\": 0}]},"
	"{\"name\": \"one\", \"max_answers\": 1, \"endpoints\": [{\"name\": \"a\", \"address\": "
	"\"192.0.2.11\"}, {\"name\": \"b\", \"address\": \"192.0.2.12\"}]},"
	"{\"name\": \"fo\", \"monitor\": \"m\", \"answers\": \"failover\", \"endpoints\": "
	"[{\"name\": \"a\", \"address\": \"192.0.2.21\", \"priority\": 1}, {\"name\": \"b\", "
	"\"address\": \"192.0.2.22\", \"priority\": 2}]},"
	"{\"name\": \"wt\", \"answers\": \"weighted\", \"endpoints\": [{\"name\": \"a\", "
	"\"address\": \"192.0.2.31\", \"weight\": 3}, {\"name\": \"b\", \"address\": "
	"\"192.0.2.32\", \"weight\": 1}]},"
	"{\"name\": \"w2\", \"answers\": \"weighted\", \"max_answers\": 2, \"endpoints\": "
	"[{\"name\": \"a\", \"address\": \"192.0.2.41\", \"weight\": 98}, {\"name\": \"b\", "
	"\"address\": \"192.0.2.42\", \"weight\": 1}, {\"name\": \"c\", \"address\": "
	"\"192.0.2.43\", \"weight\": 1}]},"
	"{\"name\": \"ha\", \"answers\": \"hash\", \"endpoints\": [{\"name\": \"a\", \"address\": "
	"\"192.0.2.51\"}, {\"name\": \"b\", \"address\": \"192.0.2.52\"}]}"
	"], " ZONE("{\"name\": \"p\", \"ttl\": 30, \"steering\": \"failover\", \"pools\": [\"p\", "
		   "\"one\"]},"
		   "{\"name\": \"one\", \"steering\": \"failover\", \"pools\": [\"one\"]},"
		   "{\"name\": \"fo\", \"steering\": \"failover\", \"pools\": [\"fo\"]},"
		   "{\"name\": \"wt\", \"steering\": \"failover\", \"pools\": [\"wt\"]},"
		   "{\"name\": \"w2\", \"steering\": \"failover\", \"pools\": [\"w2\"]},"
		   "{\"name\": \"ha\", \"steering\": \"failover\", \"pools\": [\"ha\"]}") "}";

static void test_within_a_pool_endpoints_are_picked_as_it_says(void **state)
{
	(void)state;
	unsigned counts[256];
	struct served served;
	served_open(&served, endpoints);
	/* Both orders of all occur; weight 0 and switched off do not. */
	bool orders[2] = {false};
	for (int i = 0; i < 100; i++) {
		const char *answer = served_answer(&served, "p.s.test", "A", nowhere);
		bool first =
			strcmp(answer, "p.s.test. 30 A 192.0.2.1 | p.s.test. 30 A 192.0.2.2") == 0;
		if (!first)
			assert_string_equal(answer,
					    "p.s.test. 30 A 192.0.2.2 | p.s.test. 30 A 192.0.2.1");
		orders[first] = true;
	}
	assert_true(orders[0] && orders[1]);
	/* Weight 0 is for when nobody else of the family can serve. */
	assert_string_equal(served_answer(&served, "p.s.test", "AAAA", nowhere),
			    "p.s.test. 30 AAAA 2001:db8::1");
	count(&served, "one.s.test", counts, 1000);
	assert_in_range(counts[11], 400, 600);
	assert_int_equal(counts[11] + counts[12], 1000);
	assert_int_equal(octet(&served, "fo.s.test", nowhere), 21);
	served_health(&served, "endpoint/fo/a", VERDICT_DOWN, 0);
	assert_int_equal(octet(&served, "fo.s.test", nowhere), 22);
	count(&served, "wt.s.test", counts, 4000);
	assert_in_range(counts[31], 2850, 3150);
	assert_int_equal(octet(&served, "ha.s.test", nowhere),
			 octet(&served, "ha.s.test", nowhere));
	struct asking asking = {.name = "ha.s.test", .type = "A", .subnet = "9.1.0.0/16"};
	assert_int_equal(served_ask(&served, &asking)->scope, 24);
	served_close(&served);
}

static void test_two_picked_by_weight_are_two(void **state)
{
	(void)state;
	struct served served;
	served_open(&served, endpoints);
	for (int i = 0; i < 500; i++) {
		const char *answer = served_answer(&served, "w2.s.test", "A", nowhere);
		const char *bar = strstr(answer, " | ");
		assert_non_null(bar);
		assert_null(strstr(bar + 3, " | "));
		int first = atoi(bar - 2), second = atoi(strrchr(answer, '.') + 1);
		assert_int_not_equal(first, second);
	}
	served_close(&served);
}

static void test_a_pool_below_min_healthy_gives_way(void **state)
{
	(void)state;
	struct served served;
	served_open(&served, endpoints);
	served_health(&served, "endpoint/p/a", VERDICT_DOWN, 0);
	served_health(&served, "endpoint/p/b", VERDICT_DOWN, 0);
	/* c and the IPv6 one are left: two, so it still can. */
	assert_int_equal(octet(&served, "p.s.test", nowhere), 3);
	served_health(&served, "endpoint/p/c", VERDICT_DOWN, 0);
	assert_in_range(octet(&served, "p.s.test", nowhere), 11, 12);
	served_close(&served);
}

static void test_the_ttl_is_capped_while_a_target_may_flip(void **state)
{
	(void)state;
	struct served served;
	served_open(&served, rules);
	served_health(&served, "endpoint/de/e", VERDICT_UP, 7);
	assert_string_equal(served_answer(&served, "w.s.test", "A", german),
			    "w.s.test. 7 A 192.0.2.1");
	assert_string_equal(served_answer(&served, "w.s.test", "A", american),
			    "w.s.test. 30 A 192.0.2.3");
	/* Passed over, but it may come back. */
	served_health(&served, "endpoint/de/e", VERDICT_DOWN, 5);
	assert_string_equal(served_answer(&served, "w.s.test", "A", german),
			    "w.s.test. 5 A 192.0.2.2");
	served_health(&served, "endpoint/de/e", VERDICT_DOWN, 300);
	assert_string_equal(served_answer(&served, "w.s.test", "A", german),
			    "w.s.test. 30 A 192.0.2.2");
	served_close(&served);
}

static void judge_at(struct served *served, int64_t now_ms)
{
	served->now_ms = now_ms;
	struct pools_view view = served_view(served);
	(void)content_judge(&served->content, &view, true);
}

static void test_overrides_hold_from_their_start_to_their_end(void **state)
{
	(void)state;
	struct served served;
	served_open(&served, rules);
	int64_t now = served.now_ms;
	served_override(&served, "endpoint/de/e", OVERRIDE_DOWN, now - 1, now + 1000);
	assert_int_equal(octet(&served, "w.s.test", german), 2);
	served_override(&served, "pool/fr", OVERRIDE_DRAIN, now + 100, now + 200);
	assert_int_equal(octet(&served, "w.s.test", german), 2);
	judge_at(&served, now + 100);
	assert_int_equal(octet(&served, "w.s.test", german), 3);
	judge_at(&served, now + 200);
	assert_int_equal(octet(&served, "w.s.test", german), 2);
	judge_at(&served, now + 1000);
	assert_int_equal(octet(&served, "w.s.test", german), 1);
	/* Up by hand goes before the verdict. */
	served_health(&served, "endpoint/de/e", VERDICT_DOWN, 0);
	served_override(&served, "endpoint/de/e", OVERRIDE_UP, now, now + 5000);
	assert_int_equal(octet(&served, "w.s.test", german), 1);
	served_close(&served);
}

/* A change of a pool is its plans', of its fallback the services'. */
static void test_a_change_of_a_pool_is_served(void **state)
{
	(void)state;
	struct served served;
	served_open(&served, rules);
	served_apply(&served,
		     "{\"meridian\": 1, \"pools\": [{\"name\": \"de\", \"monitor\": \"m\", "
		     "\"fallback\": \"us\", \"endpoints\": [{\"name\": \"e\", \"address\": "
		     "\"192.0.2.77\"}]}]}",
		     false);
	assert_int_equal(octet(&served, "w.s.test", german), 77);
	served_health(&served, "endpoint/de/e", VERDICT_DOWN, 0);
	assert_int_equal(octet(&served, "w.s.test", german), 3);
	served_close(&served);
}

static void test_a_change_of_a_region_is_served(void **state)
{
	(void)state;
	struct served served;
	served_open(&served, rules);
	served_apply(&served,
		     "{\"meridian\": 1, \"regions\": [{\"name\": \"r\", \"places\": [\"NA\"]}]}",
		     false);
	assert_int_equal(octet(&served, "w.s.test", american), 1);
	assert_int_equal(octet(&served, "w.s.test", "198.18.5.200"), 3);
	served_close(&served);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rules_take_the_first_that_matches),
		cmocka_unit_test(
			test_a_pool_that_is_down_gives_way_to_its_fallback_then_to_the_default),
		cmocka_unit_test(test_a_strict_rule_has_no_way_out),
		cmocka_unit_test(test_unknown_health_changes_no_answer),
		cmocka_unit_test(test_scopes_are_as_wide_as_the_answer_holds_and_no_wider),
		cmocka_unit_test(test_a_zone_may_take_no_client_subnets),
		cmocka_unit_test(test_nearest_takes_the_least_distance_less_bias),
		cmocka_unit_test(test_nearest_is_right_at_the_edges_of_the_map),
		cmocka_unit_test(test_weighted_steering_shares_by_weight_among_who_can_serve),
		cmocka_unit_test(test_hash_steering_moves_only_the_clients_of_a_pool_that_leaves),
		cmocka_unit_test(test_within_a_pool_endpoints_are_picked_as_it_says),
		cmocka_unit_test(test_two_picked_by_weight_are_two),
		cmocka_unit_test(test_a_pool_below_min_healthy_gives_way),
		cmocka_unit_test(test_the_ttl_is_capped_while_a_target_may_flip),
		cmocka_unit_test(test_overrides_hold_from_their_start_to_their_end),
		cmocka_unit_test(test_a_change_of_a_pool_is_served),
		cmocka_unit_test(test_a_change_of_a_region_is_served),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
