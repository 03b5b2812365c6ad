/* Explain tells what the answer path answers: held on random questions, clients and health. */
#include "tests/unit/geodns/served.h"

#include "base/rng.h"
#include "geodns/explain.h"

/* Every steering, every way out, every kind of pool; the third octet of an address is its pool's.
 */
static const char document[] =
	"{'meridian': 1, 'monitors': [{'name': 'm', 'type': 'tcp', 'port': 80}],"
	"'regions': [{'name': 'r', 'places': ['NA-US-NY'], 'cidrs': ['198.18.4.128/25'], 'asns': "
	"[64501]}],"
	"'geo': [{'cidr': '198.18.1.0/24', 'place': 'EU-DE'},"
	"{'cidr': '198.18.2.0/24', 'place': 'NA-US-CA'}, {'cidr': '198.18.3.0/24', 'asn': 64500},"
	"{'cidr': '198.18.4.0/24', 'place': 'NA-US-NY', 'asn': 64501},"
	"{'cidr': '2001:db9::/32', 'place': 'AS-JP'}, {'cidr': '10.1.0.0/16', 'place': 'OC-NZ'}],"
	"'pools': ["
	"{'name': 'de', 'lat': 50.1, 'lon': 8.7, 'monitor': 'm', 'fallback': 'us', 'endpoints': ["
	"{'name': 'a', 'address': '203.0.1.1'}, {'name': 'b', 'address': '2001:db8:1::1'}]},"
	"{'name': 'us', 'lat': 40.7, 'lon': -74, 'monitor': 'm', 'min_healthy': 2, 'max_answers': "
	"2, 'fallback': 'last', 'endpoints': [{'name': 'a', 'address': '203.0.2.1'}, {'name': 'b', "
	"'address': '203.0.2.2'}, {'name': 'c', 'address': '203.0.2.3', 'weight': 0}]},"
	"{'name': 'jp', 'lat': 35.7, 'lon': 139.7, 'monitor': 'm', 'answers': 'weighted', "
	"'endpoints': [{'name': 'a', 'address': '203.0.3.1', 'weight': 3}, {'name': 'b', "
	"'address': '203.0.3.2'}, {'name': 'c', 'address': '2001:db8:3::1'}]},"
	"{'name': 'nz', 'lat': -36.8, 'lon': 174.8, 'monitor': 'm', 'answers': 'hash', "
	"'endpoints': [{'name': 'a', 'address': '203.0.4.1', 'weight': 5}, {'name': 'b', "
	"'address': '203.0.4.2'}]},"
	"{'name': 'last', 'answers': 'failover', 'endpoints': [{'name': 'a', 'address': "
	"'203.0.5.1', 'priority': 2}, {'name': 'b', 'address': '203.0.5.2'}, {'name': 'c', "
	"'address': '203.0.5.3', 'priority': 0, 'enabled': false}]},"
	"{'name': 'edge', 'kind': 'cname', 'monitor': 'm', 'endpoints': [{'name': 'h', 'address': "
	"'static.x.test'}, {'name': 'i', 'address': 'hash.x.test'}]}],"
	"'zones': [{'name': 'y.test', 'ecs': false, 'primary': 'a.', 'contact': 'b.', 'records': "
	"[{'name': '@', 'type': 'NS', 'data': ['ns.test.']}], 'services': [{'name': 'rules', "
	"'steering': 'rules', 'default': 'us', 'rules': [{'match': ['EU'], 'pool': 'de'}]}]},"
	"{'name': 'x.test', 'primary': 'a.', 'contact': 'b.', 'records': ["
	"{'name': '@', 'type': 'NS', 'data': ['ns.test.']},"
	"{'name': 'static', 'type': 'A', 'data': ['192.0.2.9']},"
	"{'name': 'alias', 'type': 'CNAME', 'data': ['rules']},"
	"{'name': 'loop', 'type': 'CNAME', 'data': ['loop']},"
	"{'name': '*.wild', 'type': 'CNAME', 'data': ['near']},"
	"{'name': 'old', 'type': 'DNAME', 'data': ['x.test.']},"
	"{'name': 'rules', 'type': 'HTTPS', 'data': ['1 . alpn=h2']},"
	"{'name': 'sub', 'type': 'NS', 'data': ['ns.sub']}],"
	"'services': ["
	"{'name': 'rules', 'steering': 'rules', 'default': 'us', 'rules': ["
	"{'match': ['EU', '198.18.2.64/26'], 'pool': 'de'},"
	"{'match': ['AS64500'], 'pool': 'nz', 'strict': true}, {'match': ['region:r'], 'pool': "
	"'jp'}]},"
	"{'name': 'fence', 'steering': 'rules', 'default': 'us', 'on_all_down': 'serve_last', "
	"'rules': [{'match': ['EU-DE', 'AS-JP'], 'pool': 'de', 'strict': true}]},"
	"{'name': 'names', 'steering': 'rules', 'default': 'edge', 'rules': [{'match': ['NA'], "
	"'pool': 'us'}]},"
	"{'name': 'near', 'steering': 'nearest', 'default': 'nz', 'pools': ['de', {'pool': 'us', "
	"'bias_km': 3000}, 'jp', 'nz'], 'on_all_down': 'serve_last'},"
	"{'name': 'empty', 'steering': 'failover', 'pools': ['de'], 'on_all_down': 'empty'},"
	"{'name': 'spare', 'steering': 'failover', 'pools': ['nz', 'jp'], 'on_all_down': "
	"'fallback_pool', 'fallback_pool': 'de'},"
	"{'name': 'kept', 'steering': 'failover', 'pools': ['jp', 'nz'], 'on_all_down': "
	"'serve_last'},"
	"{'name': 'weights', 'steering': 'weighted', 'pools': [{'pool': 'jp', 'weight': 2}, "
	"{'pool': 'us', 'weight': 1}, {'pool': 'nz', 'weight': 0}]},"
	"{'name': 'last', 'steering': 'weighted', 'pools': ['jp', 'nz'], 'on_all_down': "
	"'serve_last'},"
	"{'name': 'hash', 'steering': 'hash', 'pools': ['de', 'us', {'pool': 'jp', 'weight': 3}]},"
	"{'name': 'hashes', 'steering': 'hash', 'pools': ['nz', 'jp'], 'on_all_down': 'empty'},"
	"{'name': '*.star', 'steering': 'nearest', 'pools': ['us', 'de']}]}]}";

/* Records in the order of their text: rotation is no difference. */
static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static char *sorted(char **records, size_t count)
{
	char *text = mem_strdup("");
	qsort(records, count, sizeof *records, by_text);
	for (size_t i = 0; i < count; i++) {
		char *longer = mem_printf("%s%s\n", text, records[i]);
		free(text);
		text = longer;
	}
	return text;
}

static char *said_sorted(char *answer)
{
	char *records[64];
	size_t count = 0;
	for (char *at = answer; at != NULL && *at != '\0';) {
		records[count++] = at;
		char *bar = strstr(at, " | ");
		if (bar != NULL)
			*bar = '\0';
		at = bar != NULL ? bar + 3 : NULL;
	}
	return sorted(records, count);
}

/* "name ttl IN type data" without the class, as served.h writes it. */
static char *explained_sorted(const json_t *answers)
{
	char *records[64];
	size_t count = json_array_size(answers);
	for (size_t i = 0; i < count; i++) {
		records[i] = mem_strdup(json_string_value(json_array_get(answers, i)));
		char *class = strstr(records[i], " IN ");
		memmove(class, class + 3, strlen(class + 3) + 1);
	}
	char *text = sorted(records, count);
	for (size_t i = 0; i < count; i++)
		free(records[i]);
	return text;
}

static const char *any_of(struct rng *rng, const char *const *texts, size_t count)
{
	return texts[rng_below(rng, count)];
}

static const char *const endpoints[] = {"endpoint/de/a", "endpoint/de/b",   "endpoint/us/a",
					"endpoint/us/b", "endpoint/us/c",   "endpoint/jp/a",
					"endpoint/jp/b", "endpoint/jp/c",   "endpoint/nz/a",
					"endpoint/nz/b", "endpoint/edge/h", "endpoint/edge/i"};
enum { ENDPOINTS = sizeof endpoints / sizeof *endpoints };

/* Times of calm and times of trouble: then whole services go down. */
static void change_health(struct served *served, struct rng *rng, bool trouble)
{
	static const enum verdict verdicts[] = {VERDICT_UP, VERDICT_DOWN, VERDICT_DEGRADED,
						VERDICT_UNKNOWN};
	enum verdict verdict = verdicts[rng_below(rng, 4)];
	if (trouble && rng_below(rng, 3) > 0)
		verdict = VERDICT_DOWN;
	health_beat(served->health, mono_now()); /* or all is unknown after ten seconds */
	served_health(served, any_of(rng, endpoints, ENDPOINTS), verdict,
		      rng_below(rng, 4) == 0 ? 3 : 0);
}

/* Half of them have ended already, so that not everything is decided by hand for long. */
static void change_override(struct served *served, struct rng *rng)
{
	static const char *const objects[] = {"pool/de",       "pool/us",	"pool/jp",
					      "endpoint/de/a", "endpoint/us/b", "endpoint/nz/a",
					      "pool/edge"};
	static const enum override_action actions[] = {OVERRIDE_UP, OVERRIDE_DOWN, OVERRIDE_DRAIN};
	int64_t from_ms = rng_below(rng, 2) == 0 ? 2 : served->now_ms + 1000000;
	served_override(served, any_of(rng, objects, 7), actions[rng_below(rng, 3)], 1,
			from_ms + (int64_t)rng_below(rng, 1000000));
}

static void responder_of(struct served *served, struct responder *responder)
{
	*responder = (struct responder){.content = served->content, .server = &served->server};
	responder->feed.model = served->model;
}

/* Of either family, with a place and without, embedded in each form, private. */
static void random_addr(struct rng *rng, char *text, size_t cap)
{
	unsigned net = (unsigned)rng_below(rng, 6), host = (unsigned)rng_below(rng, 256);
	switch (rng_below(rng, 9)) {
	case 0:
		snprintf(text, cap, "2001:db%x:%x::%x", 8 + host % 2, net, host);
		break;
	case 1:
		snprintf(text, cap, "::ffff:198.18.%u.%u", net, host);
		break;
	case 2:
		snprintf(text, cap, "64:ff9b::c612:%x", net << 8 | host);
		break;
	case 3:
		snprintf(text, cap, "2002:c612:%x::1", net << 8 | host);
		break;
	case 4: /* Teredo: the client's address inverted */
		snprintf(text, cap, "2001:0:4136:e378:8000:63bf:39ed:%x",
			 ~(net << 8 | host) & 0xffff);
		break;
	case 5:
		snprintf(text, cap, "10.%u.%u.1", net % 3, host);
		break;
	default:
		snprintf(text, cap, "198.18.%u.%u", net, host);
	}
}

static void random_subnet(struct rng *rng, char *text)
{
	struct prefix prefix;
	random_addr(rng, text, 64);
	assert_true(addr_parse(text, &prefix.addr));
	unsigned bits = addr_bits(&prefix.addr);
	static const unsigned shorter[] = {0, 0, 7, 8, 16};
	prefix.len = (uint8_t)(bits - shorter[rng_below(rng, 5)]);
	if (rng_below(rng, 8) == 0)
		prefix.len = (uint8_t)rng_below(rng, bits + 1);
	addr_mask(&prefix.addr, prefix.len);
	prefix_format(&prefix, text);
}

/* The text of the last step of this name; NULL where there is none. */
static const char *last_step(const json_t *told, const char *name)
{
	const char *text = NULL;
	size_t i;
	json_t *step;
	json_array_foreach(json_object_get(told, "steps"), i, step)
	{
		if (strcmp(json_string_value(json_object_get(step, "step")), name) == 0)
			text = json_string_value(json_object_get(step, "text"));
	}
	return text;
}

/* What the steps tell of the pool is of one piece, and is what the addresses are of. */
static void check_steps(const json_t *told)
{
	static const char *const pools[] = {"", "de", "us", "jp", "nz", "last"};
	const char *pool = json_string_value(json_object_get(told, "pool"));
	const char *ranking = last_step(told, "ranking"), *rule = last_step(told, "rule");
	size_t count = json_array_size(json_object_get(told, "answers"));
	const char *last = json_string_value(
		json_array_get(json_object_get(told, "answers"), count > 0 ? count - 1 : 0));
	const char *address = last != NULL ? strstr(last, " A 203.0.") : NULL;
	if (address != NULL)
		assert_string_equal(pool, pools[address[9] - '0']);
	if (pool != NULL && ranking != NULL)
		assert_non_null(last_step(told, "pool"));
	/* The pool that a rule, a draw or a hash names is asked first. */
	const char *named = rule != NULL ? strstr(rule, "pool ") : NULL;
	if (named != NULL && strstr(rule, " km away") == NULL &&
	    strstr(rule, "not known") == NULL) {
		named += 5;
		size_t len = strcspn(named, " ,");
		const char *first = strstr(ranking, "order: ") + 7;
		if (strncmp(first, named, len) != 0 || strchr(", ", first[len]) == NULL)
			fail_msg("rule \"%s\", ranking \"%s\"", rule, ranking);
	}
}

/* Whether the answer path gives what was TOLD: where chance has a part, in some of many turns. */
static bool is_answered(struct served *served, const struct asking *asking, const json_t *told)
{
	bool same = false;
	char *explained = explained_sorted(json_object_get(told, "answers"));
	char *authority = explained_sorted(json_object_get(told, "authority"));
	for (int turn = 0; turn < 400 && !same; turn++) {
		struct said *said = served_ask(served, asking);
		char *answered = said_sorted(said->answer), *of = said_sorted(said->authority);
		same = strcmp(answered, explained) == 0 && strcmp(of, authority) == 0 &&
		       json_integer_value(json_object_get(told, "scope")) == said->scope &&
		       strcmp(json_string_value(json_object_get(told, "rcode")),
			      counters_rcode_name(counters_rcode(said->rcode))) == 0;
		free(answered);
		free(of);
	}
	free(explained);
	free(authority);
	return same;
}

static json_t *ask_why(struct responder *responder, const struct asking *asking, const char *down)
{
	json_t *args = json_pack("{s:s, s:s, s:s, s:s}", "name", asking->name, "type", asking->type,
				 "client", asking->subnet, "resolver", asking->resolver);
	if (down != NULL)
		json_object_set_new(args, "assume_down", json_pack("[s]", down));
	json_t *told = explain(responder, args);
	assert_null(json_object_get(told, "error"));
	json_decref(args);
	return told;
}

static void random_asking(struct rng *rng, struct asking *asking, char *subnet, char *resolver)
{
	static const char *const names[] = {"rules.x.test",  "fence.x.test",	"names.x.test",
					    "near.x.test",   "empty.x.test",	"spare.x.test",
					    "kept.x.test",   "weights.x.test",	"last.x.test",
					    "hash.x.test",   "hashes.x.test",	"static.x.test",
					    "alias.x.test",  "loop.x.test",	"a.wild.x.test",
					    "a.star.x.test", "hash.old.x.test", "a.sub.x.test",
					    "nope.x.test",   "other.test",	"rules.y.test"};
	static const char *const types[] = {"A",   "A",	    "A",  "AAAA", "AAAA", "CNAME",
					    "TXT", "HTTPS", "NS", "SOA",  "ANY"};
	random_subnet(rng, subnet);
	random_addr(rng, resolver, 64);
	*asking = (struct asking){.name = any_of(rng, names, sizeof names / sizeof *names),
				  .type = any_of(rng, types, sizeof types / sizeof *types),
				  .subnet = subnet,
				  .resolver = resolver,
				  .stream = true};
}

static void fail_with(const struct asking *asking, const json_t *told)
{
	char *text = json_dumps(told, JSON_INDENT(1));
	fail_msg("%s %s for %s by %s is not answered as told: %s", asking->name, asking->type,
		 asking->subnet, asking->resolver, text);
	free(text);
}

static void compare(struct served *served, struct responder *responder, struct rng *rng)
{
	char subnet[64], resolver[64];
	struct asking asking;
	random_asking(rng, &asking, subnet, resolver);
	json_t *told = ask_why(responder, &asking, NULL);
	if (!is_answered(served, &asking, told))
		fail_with(&asking, told);
	check_steps(told);
	json_decref(told);
}

/* The same test for longer: MERIDIAN_RANDOM_INPUTS=1000000. */
static long inputs_or(long count)
{
	const char *more = getenv("MERIDIAN_RANDOM_INPUTS");
	return more != NULL ? atol(more) : count;
}

static void open_with_all_known(struct served *served)
{
	served_open(served, served_json(document));
	for (size_t i = 0; i < ENDPOINTS; i++)
		served_health(served, endpoints[i], VERDICT_UP, 0);
}

static void test_explain_and_answer_agree_on_random_inputs(void **state)
{
	(void)state;
	struct served served;
	struct responder responder;
	struct rng rng;
	rng_init(&rng, 7871);
	open_with_all_known(&served);
	long inputs = inputs_or(20000);
	for (long i = 0; i < inputs; i++) {
		if (i % 20 == 0)
			change_health(&served, &rng, i / 2000 % 2 != 0);
		if (i % 1000 == 999)
			change_override(&served, &rng);
		responder_of(&served, &responder);
		compare(&served, &responder, &rng);
	}
	served_close(&served);
}

/* What is told of an endpoint that is assumed to be down is answered once it is. */
static void test_what_is_told_of_an_assumption_is_answered_when_it_comes_true(void **state)
{
	(void)state;
	struct served served;
	struct responder responder;
	struct rng rng;
	rng_init(&rng, 9460);
	open_with_all_known(&served);
	long inputs = inputs_or(4000);
	for (long i = 0; i < inputs; i++) {
		char subnet[64], resolver[64];
		struct asking asking;
		change_health(&served, &rng, i / 200 % 2 != 0);
		const char *down = any_of(&rng, endpoints, ENDPOINTS);
		random_asking(&rng, &asking, subnet, resolver);
		responder_of(&served, &responder);
		json_t *told = ask_why(&responder, &asking, down);
		served_health(&served, down, VERDICT_DOWN, 0);
		if (!is_answered(&served, &asking, told))
			fail_with(&asking, told);
		json_decref(told);
	}
	served_close(&served);
}

/* "step: text" of the steps, one a line. */
static char *steps_of(const json_t *told)
{
	char *text = mem_strdup("");
	size_t i;
	json_t *step;
	json_array_foreach(json_object_get(told, "steps"), i, step)
	{
		char *longer = mem_printf("%s%s: %s\n", text,
					  json_string_value(json_object_get(step, "step")),
					  json_string_value(json_object_get(step, "text")));
		free(text);
		text = longer;
	}
	return text;
}

static void test_every_step_of_a_decision_is_told(void **state)
{
	(void)state;
	struct served served;
	struct responder responder;
	served_open(&served, served_json(document));
	served_health(&served, "endpoint/de/a", VERDICT_UP, 0);
	responder_of(&served, &responder);
	json_t *args = json_pack("{s:s, s:s, s:[s]}", "name", "rules.x.test", "client",
				 "198.18.1.77/24", "assume_down", "endpoint/de/b");
	json_t *told = explain(&responder, args);
	char *steps = steps_of(told);
	assert_string_equal(steps,
			    "zone: rules.x.test. is there in zone x.test\n"
			    "client: the client subnet 198.18.1.0/24 decides\n"
			    "place: 198.18.1.0 is in EU-DE, by an override for 198.18.1.0/24\n"
			    "rule: rule 1 (EU, 198.18.2.64/26) matches by EU: pool de\n"
			    "ranking: pools in this order: de, us, last\n"
			    "pool: de can serve: 1 of 2 endpoints serve\n"
			    "endpoint: a (203.0.1.1) serves: up\n"
			    "endpoint: b (2001:db8:1::1) does not serve: assumed down\n"
			    "ttl: 30 s, the service's\n"
			    "scope: 24: the answer holds for every client in that prefix\n"
			    "answer: the response is NOERROR with 1 answer record\n");
	assert_string_equal(json_string_value(json_object_get(told, "pool")), "de");
	assert_string_equal(json_string_value(json_object_get(told, "service")), "x.test/rules");
	free(steps);
	json_decref(told);
	json_decref(args);
	served_close(&served);
}

static void test_an_assumption_changes_no_answer_but_its_own(void **state)
{
	(void)state;
	struct served served;
	struct responder responder;
	served_open(&served, served_json(document));
	responder_of(&served, &responder);
	json_t *args = json_pack("{s:s, s:s, s:[s]}", "name", "rules.x.test", "client",
				 "198.18.1.77", "assume_down", "pool/de");
	json_t *told = explain(&responder, args);
	assert_string_equal(json_string_value(json_object_get(told, "pool")), "us");
	assert_string_equal(served_answer(&served, "rules.x.test", "A", "198.18.1.77"),
			    "rules.x.test. 30 A 203.0.1.1");
	json_decref(told);
	json_decref(args);
	served_close(&served);
}

static void test_questions_that_are_none_are_refused_with_a_sentence(void **state)
{
	(void)state;
	static const char *const bad[] = {
		"{}",
		"{\"name\": \"a..b\", \"client\": \"192.0.2.1\"}",
		"{\"name\": \"a.test\"}",
		"{\"name\": \"a.test\", \"type\": \"NOTYPE\", \"client\": \"192.0.2.1\"}",
		"{\"name\": \"a.test\", \"client\": \"192.0.2.1/33\"}",
		"{\"name\": \"a.test\", \"client\": \"192.0.2.1/\"}",
		"{\"name\": \"a.test\", \"client\": \"somebody\"}",
		"{\"name\": \"a.test\", \"resolver\": \"192.0.2.0/24\"}",
		"{\"name\": \"a.test\", \"client\": \"192.0.2.1\", \"assume_down\": [\"pool/no\"]}",
		"{\"name\": 7, \"client\": 8}",
	};
	struct served served;
	struct responder responder;
	served_open(&served, served_json(document));
	responder_of(&served, &responder);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		json_t *args = json_loads(bad[i], 0, NULL);
		json_t *told = explain(&responder, args);
		assert_non_null(json_object_get(told, "error"));
		json_decref(told);
		json_decref(args);
	}
	served_close(&served);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_explain_and_answer_agree_on_random_inputs),
		cmocka_unit_test(test_what_is_told_of_an_assumption_is_answered_when_it_comes_true),
		cmocka_unit_test(test_every_step_of_a_decision_is_told),
		cmocka_unit_test(test_an_assumption_changes_no_answer_but_its_own),
		cmocka_unit_test(test_questions_that_are_none_are_refused_with_a_sentence),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
