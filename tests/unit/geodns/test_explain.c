/* Explain tells what the answer path answers: held on random questions, clients and health. */
#include "tests/unit/geodns/served.h"

#include "base/rng.h"
#include "geodns/explain.h"

static const char document[] =
	"{\"meridian\": 1, \"monitors\": [{\"name\": \"m\", \"type\": \"tcp\", \"port\": 80}],"
	"\"geo\": [{\"cidr\": \"198.18.1.0/24\", \"place\": \"EU-DE\"},"
	"{\"cidr\": \"198.18.2.0/24\", \"place\": \"NA-US-CA\"},"
	"{\"cidr\": \"198.18.3.0/24\", \"asn\": 64500}],"
	"\"pools\": ["
	"{\"name\": \"de\", \"lat\": 50.1, \"lon\": 8.7, \"monitor\": \"m\", \"fallback\": \"us\","
	"\"endpoints\": [{\"name\": \"a\", \"address\": \"192.0.2.1\"}, {\"name\": \"b\", "
	"\"address\": \"2001:db8::1\"}]},"
	"{\"name\": \"us\", \"lat\": 40.7, \"lon\": -74, \"monitor\": \"m\", \"min_healthy\": 2, "
	"\"endpoints\": [{\"name\": \"a\", \"address\": \"192.0.2.3\"}, {\"name\": \"b\", "
	"\"address\": \"192.0.2.4\"}]},"
	"{\"name\": \"edge\", \"kind\": \"cname\", \"endpoints\": [{\"name\": \"h\", \"address\": "
	"\"static.x.test\"}]}],"
	"\"zones\": [{\"name\": \"x.test\", \"primary\": \"a.\", \"contact\": \"b.\", \"records\": "
	"["
	"{\"name\": \"@\", \"type\": \"NS\", \"data\": [\"ns.test.\"]},"
	"{\"name\": \"static\", \"type\": \"A\", \"data\": [\"192.0.2.9\"]},"
	"{\"name\": \"alias\", \"type\": \"CNAME\", \"data\": [\"rules\"]},"
	"{\"name\": \"sub\", \"type\": \"NS\", \"data\": [\"ns.sub\"]}],"
	"\"services\": ["
	"{\"name\": \"rules\", \"steering\": \"rules\", \"default\": \"us\", \"rules\": ["
	"{\"match\": [\"EU\", \"198.18.2.64/26\"], \"pool\": \"de\"},"
	"{\"match\": [\"AS64500\"], \"pool\": \"edge\", \"strict\": true}]},"
	"{\"name\": \"near\", \"steering\": \"nearest\", \"pools\": [\"de\", \"us\"]},"
	"{\"name\": \"empty\", \"steering\": \"failover\", \"pools\": [\"de\"], \"on_all_down\": "
	"\"empty\"},"
	"{\"name\": \"hash\", \"steering\": \"hash\", \"pools\": [\"de\", \"us\"]}]}]}";

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

static void change_health(struct served *served, struct rng *rng)
{
	static const char *const targets[] = {"endpoint/de/a", "endpoint/de/b", "endpoint/us/a",
					      "endpoint/us/b"};
	static const enum verdict verdicts[] = {VERDICT_UP, VERDICT_DOWN, VERDICT_DEGRADED,
						VERDICT_UNKNOWN};
	served_health(served, any_of(rng, targets, 4), verdicts[rng_below(rng, 4)],
		      rng_below(rng, 4) == 0 ? 3 : 0);
}

static void compare(struct served *served, struct responder *responder, struct rng *rng)
{
	static const char *const names[] = {"rules.x.test", "near.x.test",   "empty.x.test",
					    "hash.x.test",  "static.x.test", "alias.x.test",
					    "a.sub.x.test", "nope.x.test",   "other.test"};
	static const char *const types[] = {"A", "AAAA", "CNAME", "TXT", "NS", "SOA", "ANY"};
	char subnet[64];
	static const unsigned lens[] = {32, 24, 25, 16, 0};
	struct prefix prefix = {.addr = {.family = ADDR_IPV4, .bytes = {198, 18}}};
	prefix.addr.bytes[2] = (uint8_t)rng_below(rng, 5);
	prefix.addr.bytes[3] = (uint8_t)rng_below(rng, 256);
	prefix.len = (uint8_t)lens[rng_below(rng, 5)];
	addr_mask(&prefix.addr, prefix.len);
	prefix_format(&prefix, subnet);
	struct asking asking = {.name = any_of(rng, names, 9),
				.type = any_of(rng, types, 7),
				.subnet = subnet,
				.resolver = "198.18.1.1",
				.stream = true};
	struct said *said = served_ask(served, &asking);
	json_t *args = json_pack("{s:s, s:s, s:s, s:s}", "name", asking.name, "type", asking.type,
				 "client", subnet, "resolver", asking.resolver);
	json_t *told = explain(responder, args);
	assert_null(json_object_get(told, "error"));
	char *answered = said_sorted(said->answer);
	char *explained = explained_sorted(json_object_get(told, "answers"));
	if (strcmp(answered, explained) != 0)
		fail_msg("%s %s for %s:\n%sinstead of\n%s", asking.name, asking.type, subnet,
			 explained, answered);
	assert_int_equal(json_integer_value(json_object_get(told, "scope")), said->scope);
	assert_string_equal(json_string_value(json_object_get(told, "rcode")),
			    counters_rcode_name(counters_rcode(said->rcode)));
	free(answered);
	free(explained);
	json_decref(told);
	json_decref(args);
}

static void responder_of(struct served *served, struct responder *responder)
{
	*responder = (struct responder){.content = served->content, .server = &served->server};
	responder->feed.model = served->model;
}

static void test_explain_and_answer_agree_on_random_inputs(void **state)
{
	(void)state;
	struct served served;
	struct responder responder;
	struct rng rng;
	rng_init(&rng, 7871);
	served_open(&served, document);
	const char *more = getenv("MERIDIAN_RANDOM_INPUTS"); /* the same test, for longer */
	long inputs = more != NULL ? atol(more) : 20000;
	for (long i = 0; i < inputs; i++) {
		if (i % 20 == 0)
			change_health(&served, &rng);
		responder_of(&served, &responder);
		compare(&served, &responder, &rng);
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
	served_open(&served, document);
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
			    "ranking: pools in this order: de, us\n"
			    "pool: de can serve: 1 of 2 endpoints serve\n"
			    "endpoint: a (192.0.2.1) serves: up\n"
			    "endpoint: b (2001:db8::1) does not serve: assumed down\n"
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
	served_open(&served, document);
	responder_of(&served, &responder);
	json_t *args = json_pack("{s:s, s:s, s:[s]}", "name", "rules.x.test", "client",
				 "198.18.1.77", "assume_down", "pool/de");
	json_t *told = explain(&responder, args);
	assert_string_equal(json_string_value(json_object_get(told, "pool")), "us");
	assert_string_equal(served_answer(&served, "rules.x.test", "A", "198.18.1.77"),
			    "rules.x.test. 30 A 192.0.2.1");
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
	served_open(&served, document);
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
		cmocka_unit_test(test_every_step_of_a_decision_is_told),
		cmocka_unit_test(test_an_assumption_changes_no_answer_but_its_own),
		cmocka_unit_test(test_questions_that_are_none_are_refused_with_a_sentence),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
