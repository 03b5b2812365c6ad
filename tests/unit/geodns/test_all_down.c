/* What a service answers when no pool of its ranking can serve, in its four forms. */
#include "tests/unit/geodns/served.h"

/* Pools of one endpoint each and one of three, monitored, with addresses that tell them apart. */
#define HEAD                                                                                       \
	"{'meridian': 1, 'monitors': [{'name': 'm', 'type': 'tcp', 'port': 80}], 'pools': ["       \
	"{'name': 'a', 'monitor': 'm', 'endpoints': [{'name': 'e', 'address': '192.0.2.1'}]},"     \
	"{'name': 'b', 'monitor': 'm', 'endpoints': [{'name': 'e', 'address': '192.0.2.2'}]},"     \
	"{'name': 'c', 'monitor': 'm', 'fallback': 'd', 'endpoints': [{'name': 'e', 'address': "   \
	"'192.0.2.3'}]},"                                                                          \
	"{'name': 'd', 'monitor': 'm', 'endpoints': [{'name': 'e', 'address': '192.0.2.4'}]},"     \
	"{'name': 'trio', 'monitor': 'm', 'min_healthy': 2, 'endpoints': ["                        \
	"{'name': 'x', 'address': '192.0.2.11'}, {'name': 'y', 'address': '192.0.2.12'}, "         \
	"{'name': 'z', 'address': '192.0.2.13'}]}], 'zones': [{'name': 's.test', 'primary': "      \
	"'a.', 'contact': 'b.', 'records': [{'name': '@', 'type': 'NS', 'data': ['ns.test.']}], "  \
	"'services': ["
#define TAIL "]}]}"

static void open_with(struct served *served, const char *services)
{
	char *document = mem_printf(HEAD "%s" TAIL, services);
	served_open(served, served_json(document));
	free(document);
}

/* Which last octets NAME is answered with in 64 turns, ascending: "1 2". */
static const char *octets(struct served *served, const char *name, const char *client)
{
	static char text[1024];
	bool met[256] = {false};
	for (int turn = 0; turn < 64; turn++) {
		char *answer = mem_strdup(served_answer(served, name, "A", client));
		char *rest = NULL;
		for (char *word = strtok_r(answer, " |", &rest); word != NULL;
		     word = strtok_r(NULL, " |", &rest)) {
			if (strncmp(word, "192.0.2.", 8) == 0)
				met[atoi(word + 8)] = true;
		}
		free(answer);
	}
	text[0] = '\0';
	for (int i = 0; i < 256; i++) {
		if (met[i])
			sprintf(text + strlen(text), text[0] != '\0' ? " %d" : "%d", i);
	}
	return text;
}

static void expect(struct served *served, const char *name, const char *expected)
{
	const char *got = octets(served, name, "192.0.2.99");
	if (strcmp(got, expected) != 0)
		fail_msg("%s: \"%s\" instead of \"%s\"", name, got, expected);
}

static void down(struct served *served, const char *id)
{
	served_health(served, id, VERDICT_DOWN, 0);
}

/* Several fail between two looks of the responder. */
static void down_together(struct served *served, const char *const *ids, size_t count)
{
	struct health_state state = {.verdict = VERDICT_DOWN};
	for (size_t i = 0; i < count; i++)
		assert_true(health_set(served->health, ids[i], state));
	struct pools_view view = served_view(served);
	(void)content_judge(&served->content, &view, false);
}

static const char four[] =
	"{'name': 'all', 'steering': 'failover', 'pools': ['a', 'b']},"
	"{'name': 'last', 'steering': 'failover', 'pools': ['a', 'b'], 'on_all_down': "
	"'serve_last'},"
	"{'name': 'empty', 'steering': 'failover', 'pools': ['a', 'b'], 'on_all_down': 'empty'},"
	"{'name': 'spare', 'steering': 'failover', 'pools': ['a', 'b'], 'on_all_down': "
	"'fallback_pool', 'fallback_pool': 'c'}";

static void test_when_all_is_down_the_service_says_what_is_answered(void **state)
{
	(void)state;
	struct served served;
	open_with(&served, four);
	down(&served, "endpoint/a/e");
	static const char *const names[] = {"all.s.test", "last.s.test", "empty.s.test",
					    "spare.s.test"};
	for (size_t i = 0; i < 4; i++)
		expect(&served, names[i], "2");
	down(&served, "endpoint/b/e");
	expect(&served, "all.s.test", "1");
	expect(&served, "last.s.test", "2");
	expect(&served, "spare.s.test", "3");
	struct asking asking = {.name = "empty.s.test", .type = "A"};
	const struct said *said = served_ask(&served, &asking);
	assert_int_equal(said->rcode, 0);
	assert_string_equal(said->answer, "");
	assert_non_null(strstr(said->authority, "SOA"));
	served_close(&served);
}

/* The fallback pool may have fallbacks of its own, and answers as a whole when none can serve. */
static void test_the_fallback_pool_goes_on_to_its_own_fallback(void **state)
{
	(void)state;
	struct served served;
	open_with(&served, four);
	static const char *const both[] = {"endpoint/a/e", "endpoint/b/e"};
	down_together(&served, both, 2);
	down(&served, "endpoint/c/e");
	expect(&served, "spare.s.test", "4");
	down(&served, "endpoint/d/e");
	expect(&served, "spare.s.test", "3");
	served_close(&served);
}

static void test_the_ttl_is_capped_while_the_fallback_pool_may_flip(void **state)
{
	(void)state;
	struct served served;
	open_with(&served, four);
	down(&served, "endpoint/a/e");
	down(&served, "endpoint/b/e");
	served_health(&served, "endpoint/c/e", VERDICT_UP, 9);
	assert_string_equal(served_answer(&served, "spare.s.test", "A", "192.0.2.99"),
			    "spare.s.test. 9 A 192.0.2.3");
	served_close(&served);
}

static const char lasts[] =
	"{'name': 'f', 'steering': 'failover', 'pools': ['a', 'b', 'trio'], 'on_all_down': "
	"'serve_last'},"
	"{'name': 'w', 'steering': 'weighted', 'pools': [{'pool': 'a', 'weight': 3}, {'pool': 'b', "
	"'weight': 2}, {'pool': 'c', 'weight': 0}], 'on_all_down': 'serve_last'},"
	"{'name': 'h', 'steering': 'hash', 'pools': ['a', 'b'], 'on_all_down': 'serve_last'},"
	"{'name': 't', 'steering': 'failover', 'pools': ['trio'], 'on_all_down': 'serve_last'}";

static void test_serve_last_answers_the_pool_that_answered_last(void **state)
{
	(void)state;
	struct served served;
	open_with(&served, lasts);
	down(&served, "endpoint/trio/x");
	down(&served, "endpoint/trio/y");
	down(&served, "endpoint/b/e");
	expect(&served, "f.s.test", "1");
	down(&served, "endpoint/a/e");
	/* a answered last, though the other pools served once, too. */
	expect(&served, "f.s.test", "1");
	served_health(&served, "endpoint/b/e", VERDICT_UP, 0);
	expect(&served, "f.s.test", "2");
	down(&served, "endpoint/b/e");
	expect(&served, "f.s.test", "2");
	served_close(&served);
}

static void test_serve_last_answers_the_first_of_pools_that_failed_at_once(void **state)
{
	(void)state;
	static const char *const both[] = {"endpoint/b/e", "endpoint/a/e"};
	struct served served;
	open_with(&served, lasts);
	down(&served, "endpoint/c/e");
	down(&served, "endpoint/d/e");
	down(&served, "endpoint/trio/x");
	down(&served, "endpoint/trio/y");
	down_together(&served, both, 2);
	expect(&served, "f.s.test", "1");
	/* Both had their share. */
	expect(&served, "w.s.test", "1 2");
	served_close(&served);
}

static void test_serve_last_of_weights_answers_who_had_a_share_last(void **state)
{
	(void)state;
	struct served served;
	open_with(&served, lasts);
	down(&served, "endpoint/c/e");
	down(&served, "endpoint/d/e");
	down(&served, "endpoint/a/e");
	expect(&served, "w.s.test", "2");
	down(&served, "endpoint/b/e");
	expect(&served, "w.s.test", "2");
	expect(&served, "h.s.test", "2");
	served_close(&served);
}

static void test_serve_last_answers_the_endpoints_that_served_last(void **state)
{
	(void)state;
	struct served served;
	open_with(&served, lasts);
	expect(&served, "t.s.test", "11 12 13");
	down(&served, "endpoint/trio/x");
	expect(&served, "t.s.test", "12 13");
	down(&served, "endpoint/trio/y");
	/* Below min_healthy now; z is well, y was until just now. */
	expect(&served, "t.s.test", "12 13");
	down(&served, "endpoint/trio/z");
	expect(&served, "t.s.test", "12 13");
	served_close(&served);
}

static void test_serve_last_answers_no_endpoint_that_was_removed_or_taken_out_by_hand(void **state)
{
	(void)state;
	struct served served;
	open_with(&served, lasts);
	down(&served, "endpoint/trio/x");
	down(&served, "endpoint/trio/y");
	down(&served, "endpoint/trio/z");
	served_override(&served, "endpoint/trio/y", OVERRIDE_DOWN, 1, served.now_ms + 1000);
	expect(&served, "t.s.test", "13");
	/* z has another address, and x, which did not serve last, is as it was. */
	served_apply(
		&served,
		served_json("{'meridian': 1, 'pools': [{'name': 'trio', 'monitor': 'm', "
			    "'endpoints': [{'name': 'x', 'address': '192.0.2.11'}, {'name': 'z', "
			    "'address': '192.0.2.23'}]}]}"),
		false);
	expect(&served, "t.s.test", "23");
	/* Nobody is left of those that served last: everybody. */
	served_apply(&served,
		     served_json("{'meridian': 1, 'pools': [{'name': 'trio', 'monitor': 'm', "
				 "'endpoints': [{'name': 'x', 'address': '192.0.2.11'}]}]}"),
		     false);
	expect(&served, "t.s.test", "11");
	served_close(&served);
}

static void fail_at(struct served *served, const char *id, uint32_t since_s)
{
	struct health_state state = {.verdict = VERDICT_DOWN, .since_s = since_s};
	assert_true(health_set(served->health, id, state));
	health_beat(served->health, mono_now());
}

static void test_a_responder_that_starts_while_all_is_down_reads_who_served_last(void **state)
{
	(void)state;
	struct served served;
	open_with(&served, lasts);
	uint32_t now_s = (uint32_t)(served.now_ms / 1000);
	fail_at(&served, "endpoint/a/e", now_s - 500);
	fail_at(&served, "endpoint/b/e", now_s - 200);
	fail_at(&served, "endpoint/c/e", now_s - 600);
	fail_at(&served, "endpoint/d/e", now_s - 600);
	fail_at(&served, "endpoint/trio/x", now_s - 400);
	fail_at(&served, "endpoint/trio/y", now_s - 300);
	fail_at(&served, "endpoint/trio/z", now_s - 100);
	content_fini(&served.content);
	served_load(&served);
	served.answerer.names = served.content.zones.names;
	expect(&served, "f.s.test", "2");
	expect(&served, "w.s.test", "2");
	/* It could serve until y failed; then it was below min_healthy. */
	expect(&served, "t.s.test", "12 13");
	/* What happens from then on is later. */
	served_health(&served, "endpoint/a/e", VERDICT_UP, 0);
	down(&served, "endpoint/a/e");
	expect(&served, "f.s.test", "1");
	served_close(&served);
}

static const char hands[] =
	"{'name': 'all', 'steering': 'failover', 'pools': ['a', 'b']},"
	"{'name': 'last', 'steering': 'failover', 'pools': ['a', 'b'], 'on_all_down': "
	"'serve_last'},"
	"{'name': 'spare', 'steering': 'failover', 'pools': ['b'], 'on_all_down': "
	"'fallback_pool', 'fallback_pool': 'a'},"
	"{'name': 'w', 'steering': 'weighted', 'pools': ['a', 'b']}";

static void test_a_pool_taken_out_by_hand_answers_only_when_there_is_nothing_else(void **state)
{
	(void)state;
	struct served served;
	open_with(&served, hands);
	static const char *const names[] = {"all.s.test", "last.s.test", "spare.s.test",
					    "w.s.test"};
	down(&served, "endpoint/b/e");
	served_override(&served, "pool/a", OVERRIDE_DRAIN, 1, served.now_ms + 1000);
	for (size_t i = 0; i < 4; i++)
		expect(&served, names[i], "2");
	served_override(&served, "pool/b", OVERRIDE_DOWN, 1, served.now_ms + 1000);
	expect(&served, "all.s.test", "1");
	expect(&served, "last.s.test", "1");
	expect(&served, "spare.s.test", "2");
	expect(&served, "w.s.test", "1 2");
	/* An endpoint that was taken out by its own name stays out. */
	served_override(&served, "endpoint/a/e", OVERRIDE_DOWN, 1, served.now_ms + 1000);
	expect(&served, "all.s.test", "2");
	served_override(&served, "endpoint/b/e", OVERRIDE_DOWN, 1, served.now_ms + 1000);
	for (size_t i = 0; i < 4; i++)
		expect(&served, names[i], "");
	served_close(&served);
}

static void test_all_down_keeps_the_weights(void **state)
{
	(void)state;
	struct served served;
	open_with(&served,
		  "{'name': 'w', 'steering': 'weighted', 'pools': [{'pool': 'a', "
		  "'weight': 9}, {'pool': 'b', 'weight': 1}, {'pool': 'c', 'weight': 0}]}");
	static const char *const ids[] = {"endpoint/a/e", "endpoint/b/e", "endpoint/c/e",
					  "endpoint/d/e"};
	down_together(&served, ids, 4);
	int a = 0;
	expect(&served, "w.s.test", "1 2");
	for (int i = 0; i < 2000; i++)
		a += strstr(served_answer(&served, "w.s.test", "A", "192.0.2.99"), "192.0.2.1") !=
		     NULL;
	assert_in_range(a, 1740, 1860); /* 4.5 standard deviations around 1800 */
	served_close(&served);
}

/* A geofence keeps its clients in when everything in it is down. */
static void test_a_strict_rule_keeps_its_clients_whatever_happens_when_all_is_down(void **state)
{
	(void)state;
	static const char *const forms[] = {"'serve_all'", "'serve_last'",
					    "'fallback_pool', 'fallback_pool': 'b'", "'empty'"};
	for (size_t i = 0; i < 4; i++) {
		struct served served;
		char *service = mem_printf("{'name': 's', 'steering': 'rules', 'default': 'a', "
					   "'on_all_down': %s, 'rules': [{'match': ['10.0.0.0/8'], "
					   "'pool': 'c', 'strict': true}]}",
					   forms[i]);
		open_with(&served, service);
		free(service);
		down(&served, "endpoint/c/e");
		assert_string_equal(octets(&served, "s.s.test", "10.1.2.3"), i == 3 ? "" : "3");
		assert_string_equal(octets(&served, "s.s.test", "192.0.2.99"), "1");
		/* Nor does a hand that takes out the fence lead out of it. */
		served_override(&served, "endpoint/c/e", OVERRIDE_DOWN, 1, served.now_ms + 1000);
		assert_string_equal(octets(&served, "s.s.test", "10.1.2.3"), "");
		served_close(&served);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_when_all_is_down_the_service_says_what_is_answered),
		cmocka_unit_test(test_the_fallback_pool_goes_on_to_its_own_fallback),
		cmocka_unit_test(test_the_ttl_is_capped_while_the_fallback_pool_may_flip),
		cmocka_unit_test(test_serve_last_answers_the_pool_that_answered_last),
		cmocka_unit_test(test_serve_last_answers_the_first_of_pools_that_failed_at_once),
		cmocka_unit_test(test_serve_last_of_weights_answers_who_had_a_share_last),
		cmocka_unit_test(test_serve_last_answers_the_endpoints_that_served_last),
		cmocka_unit_test(
			test_serve_last_answers_no_endpoint_that_was_removed_or_taken_out_by_hand),
		cmocka_unit_test(
			test_a_responder_that_starts_while_all_is_down_reads_who_served_last),
		cmocka_unit_test(
			test_a_pool_taken_out_by_hand_answers_only_when_there_is_nothing_else),
		cmocka_unit_test(test_all_down_keeps_the_weights),
		cmocka_unit_test(
			test_a_strict_rule_keeps_its_clients_whatever_happens_when_all_is_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
