/* What a steering makes of what it names, down to what the store would refuse: and the plans that
 * follow when pools are not there. */
#include "base/error.h"
#include "base/mem.h"
#include "db/codec.h"
#include "geodns/place_pattern.h"
#include "geodns/planner.h"

#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants the four above first */
#include <cmocka.h>

static struct object *decode(enum kind kind, const char *text, const char *zone)
{
	char *json = mem_strdup(text);
	for (char *c = json; *c != '\0'; c++)
		*c = *c == '\'' ? '"' : *c;
	struct findings findings = {0};
	json_t *parsed = json_loads(json, 0, NULL);
	assert_non_null(parsed);
	struct object *object = codec_decode(kind, parsed, zone, "", &findings);
	if (object == NULL)
		fail_msg("%s: %s", json, findings.at[0].message);
	json_decref(parsed);
	free(json);
	return object;
}

/* The model of POOLS, a list that ends with NULL. */
static struct model *model_of(const char *const *pools)
{
	struct model *model = model_new();
	for (size_t i = 0; pools[i] != NULL; i++) {
		struct object *object = decode(KIND_POOL, pools[i], NULL);
		struct model_change change = {KIND_POOL, object->id, object};
		struct model *with = model_with(model, 1, &change, 1);
		model_unref(model);
		object_unref(object);
		model = with;
	}
	return model;
}

static struct steer *steer_of(const char *service, const char *const *pools)
{
	struct error error = {""};
	struct model *model = model_of(pools);
	struct object *object = decode(KIND_SERVICE, service, "s.test");
	struct steer *steer = steer_new(&object->service, model, &error);
	if (steer == NULL)
		assert_string_equal(error.text,
				    "the service w of zone s.test names no pool that is there");
	object_unref(object);
	model_unref(model);
	return steer;
}

/* The pools of a client's ranking as text. */
static char *ranked(const struct steer *steer, const struct place *place, uint32_t asn, int tag)
{
	struct rankings rankings = {0};
	struct geomap_client client = {.place = place, .asn = asn, .tag = tag};
	char *text = mem_strdup("");
	uint32_t at = steer_rank(steer, &rankings, &client);
	assert_int_equal(steer_rank(steer, &rankings, &client), at); /* equal ones are one */
	const struct ranking *ranking = rankings.at[at];
	for (uint16_t i = 0; i < ranking->count; i++) {
		char *longer = mem_printf("%s%s%s", text, i > 0 ? " " : "",
					  steer->pools[ranking->pools[i]].name);
		free(text);
		text = longer;
	}
	rankings_fini(&rankings);
	return text;
}

static void expect_ranked(const struct steer *steer, const char *place, uint32_t asn, int tag,
			  const char *expected)
{
	struct place at = {.flags = 0};
	if (place != NULL)
		assert_true(place_pattern_read(place, &at));
	char *got = ranked(steer, &at, asn, tag);
	if (strcmp(got, expected) != 0)
		fail_msg("%s: \"%s\" instead of \"%s\"", place != NULL ? place : "nowhere", got,
			 expected);
	free(got);
}

static const char *const three[] = {
	"{'name': 'a', 'lat': 50, 'lon': 8, 'fallback': 'b', 'endpoints': []}",
	"{'name': 'b', 'lat': 40, 'lon': -74, 'fallback': 'gone', 'endpoints': []}",
	"{'name': 'c', 'endpoints': []}", NULL};

static void test_places_of_every_form_match_what_lies_in_them(void **state)
{
	(void)state;
	struct steer *steer =
		steer_of("{'name': 'w', 'steering': 'rules', 'default': 'c', 'rules': "
			 "[{'match': ['NA-US-CA', 'EU-DE'], 'pool': 'a'}, {'match': "
			 "['EU', 'AS64500'], 'pool': 'b'}]}",
			 three);
	expect_ranked(steer, "NA-US-CA", 0, GEOMAP_NO_TAG, "a b c");
	expect_ranked(steer, "NA-US", 0, GEOMAP_NO_TAG, "c");
	expect_ranked(steer, "NA-US-NY", 0, GEOMAP_NO_TAG, "c");
	expect_ranked(steer, "EU-DE-BE", 0, GEOMAP_NO_TAG, "a b c");
	expect_ranked(steer, "EU-FR", 0, GEOMAP_NO_TAG, "b c");
	expect_ranked(steer, "EU", 0, GEOMAP_NO_TAG, "b c");
	expect_ranked(steer, "AS-CN", 64500, GEOMAP_NO_TAG, "b c");
	expect_ranked(steer, NULL, 64500, GEOMAP_NO_TAG, "b c");
	expect_ranked(steer, NULL, 64501, GEOMAP_NO_TAG, "c");
	/* A prefix of the second rule does not go before the first rule. */
	expect_ranked(steer, "EU-DE", 0, 1, "a b c");
	expect_ranked(steer, "AS-CN", 0, 1, "b c");
	expect_ranked(steer, "EU-FR", 0, 0, "a b c");
	steer_free(steer);
}

static void test_what_is_not_there_is_left_out(void **state)
{
	(void)state;
	struct steer *steer = steer_of("{'name': 'w', 'steering': 'rules', 'default': 'gone', "
				       "'rules': [{'match': ['EU'], 'pool': 'gone'}, {'match': "
				       "['region:gone', 'AS'], 'pool': 'c'}]}",
				       three);
	assert_false(steer->has_default);
	assert_int_equal(steer->rule_count, 1);
	expect_ranked(steer, "AS", 0, GEOMAP_NO_TAG, "c");
	expect_ranked(steer, "EU", 0, GEOMAP_NO_TAG, "");
	steer_free(steer);
	steer = steer_of("{'name': 'w', 'steering': 'nearest', 'pools': ['c', 'gone', 'b', 'a']}",
			 three);
	/* c has no coordinates. */
	expect_ranked(steer, "EU-DE", 0, GEOMAP_NO_TAG, "a b c");
	expect_ranked(steer, NULL, 0, GEOMAP_NO_TAG, "c b a");
	steer_free(steer);
	assert_null(steer_of("{'name': 'w', 'steering': 'failover', 'pools': ['gone']}", three));
	steer_free(NULL);
}

/* A place that is none, which the store refuses, matches nobody; what else the rule says holds. */
static void test_a_place_that_is_none_matches_nobody(void **state)
{
	(void)state;
	struct error error = {""};
	struct model *model = model_of(three);
	struct object *object = decode(KIND_SERVICE,
				       "{'name': 'w', 'steering': 'rules', 'default': 'c', "
				       "'rules': [{'match': ['EU', 'NA'], 'pool': 'a'}]}",
				       "s.test");
	struct match *match = &object->service.rules[0].matches[0];
	free(match->text);
	match->text = mem_strdup("nowhere");
	struct steer *steer = steer_new(&object->service, model, &error);
	assert_int_equal(steer->match_count, 1);
	expect_ranked(steer, "EU", 0, GEOMAP_NO_TAG, "c");
	expect_ranked(steer, "NA", 0, GEOMAP_NO_TAG, "a b c");
	steer_free(steer);
	object_unref(object);
	model_unref(model);
}

/* Who is nearest counts for sixteen; what is left follows as written. */
static void test_beyond_the_nearest_sixteen_pools_follow_as_written(void **state)
{
	(void)state;
	enum { COUNT = 20 };
	char *pools[COUNT + 1] = {0}, *names = mem_strdup("");
	for (int i = 0; i < COUNT; i++) {
		/* p0 is the farthest from 0, 0. */
		pools[i] = mem_printf("{'name': 'p%d', 'lat': 0, 'lon': %d, 'endpoints': []}", i,
				      COUNT - i);
		char *longer = mem_printf("%s%s'p%d'", names, i > 0 ? ", " : "", i);
		free(names);
		names = longer;
	}
	char *service = mem_printf("{'name': 'w', 'steering': 'nearest', 'pools': [%s]}", names);
	struct steer *steer = steer_of(service, (const char *const *)pools);
	struct place place = {.flags = 0};
	assert_true(place_set_position(&place, 0, 0));
	char *got = ranked(steer, &place, 0, GEOMAP_NO_TAG);
	assert_string_equal(got, "p19 p18 p17 p16 p15 p14 p13 p12 p11 p10 p9 p8 p7 p6 p5 p4 p0 p1 "
				 "p2 p3");
	free(got);
	steer_free(steer);
	free(service);
	free(names);
	for (int i = 0; i < COUNT; i++)
		free(pools[i]);
}

static void test_a_chain_of_eight_fallbacks_is_followed_and_no_further(void **state)
{
	(void)state;
	enum { COUNT = 10 };
	char *pools[COUNT + 1] = {0};
	for (int i = 0; i < COUNT; i++)
		pools[i] =
			mem_printf("{'name': 'p%d', 'fallback': 'p%d', 'endpoints': []}", i, i + 1);
	struct steer *steer =
		steer_of("{'name': 'w', 'steering': 'rules', 'default': 'p0', 'rules': []}",
			 (const char *const *)pools);
	expect_ranked(steer, NULL, 0, GEOMAP_NO_TAG, "p0 p1 p2 p3 p4 p5 p6 p7 p8");
	steer_free(steer);
	for (int i = 0; i < COUNT; i++)
		free(pools[i]);
}

/* A loop, which the store refuses, goes round no one. */
static void test_a_loop_of_fallbacks_ends_all_the_same(void **state)
{
	(void)state;
	static const char *const loop[] = {"{'name': 'a', 'fallback': 'b', 'endpoints': []}",
					   "{'name': 'b', 'fallback': 'a', 'endpoints': []}", NULL};
	struct steer *steer = steer_of(
		"{'name': 'w', 'steering': 'rules', 'default': 'b', 'rules': [{'match': ['EU'], "
		"'pool': 'a'}]}",
		loop);
	expect_ranked(steer, "EU", 0, GEOMAP_NO_TAG, "a b");
	expect_ranked(steer, NULL, 0, GEOMAP_NO_TAG, "b a");
	steer_free(steer);
}

static const struct pool_live *find_nothing(void *context, const char *name)
{
	(void)context;
	(void)name;
	return NULL;
}

/* Between the removal of a pool and the new steering of its services. */
static void test_a_plan_without_any_pool_is_empty_in_every_form(void **state)
{
	(void)state;
	static const char *const steerings[] = {
		"'steering': 'failover', 'pools': ['a', 'b']",
		"'steering': 'weighted', 'pools': ['a', 'b']",
		"'steering': 'hash', 'pools': ['a', 'b']",
		"'steering': 'nearest', 'pools': ['a', 'b']",
		"'steering': 'rules', 'default': 'a', 'rules': [{'match': ['EU'], 'pool': 'b', "
		"'strict': true}]"};
	static const char *const forms[] = {"serve_all", "serve_last", "empty",
					    "fallback_pool', 'fallback_pool': 'c"};
	for (size_t i = 0; i < 5; i++) {
		for (size_t k = 0; k < 4; k++) {
			char *service = mem_printf("{'name': 'w', %s, 'on_all_down': '%s'}",
						   steerings[i], forms[k]);
			struct steer *steer = steer_of(service, three);
			struct compiled *compiled = compiled_new(steer, NULL, NULL, 0, NULL);
			struct plan *plan = plan_new(steer, compiled, find_nothing, NULL);
			assert_true(plan->count > 0);
			assert_int_equal(plan->types, 0);
			for (uint32_t n = 0; n < plan->count; n++) {
				assert_null(plan->choices[n].set);
				assert_int_equal(plan->choices[n].why, CHOICE_EMPTY);
			}
			free(plan);
			compiled_free(compiled);
			steer_free(steer);
			free(service);
		}
	}
	compiled_free(NULL);
}

static struct poolset nobody = {.named = 0}, somebody = {.named = 1};

/* Pools of which none can serve, by their names: */
static const struct pool_live *find_down(void *context, const char *name)
{
	static const struct pool_live pools[] = {
		['a' - 'a'] = {.all = &nobody, .served_until.ns = POOLS_NEVER},
		['b' - 'a'] = {.all = &somebody, .served_until.ns = POOLS_NEVER},
		['c' - 'a'] = {.all = &somebody, .last = &nobody, .served_until.ns = 9},
	};
	(void)context;
	return &pools[name[0] - 'a'];
}

/* The specification's on_all_down, where there is nothing of what it asks for. */
static void test_when_nothing_can_serve_the_next_best_answers(void **state)
{
	(void)state;
	static const struct {
		const char *why, *service;
		const struct poolset *set;
		enum choice_why as;
	} table[] = {
		{"nobody is known to have served: all",
		 "'pools': ['b'], 'on_all_down': 'serve_last'", &somebody, CHOICE_SERVE_ALL},
		{"who served last was removed: all",
		 "'pools': ['c', 'b'], 'on_all_down': 'serve_last'", &somebody, CHOICE_SERVE_ALL},
		{"the first pool has nobody: the second",
		 "'pools': ['a', 'b'], 'on_all_down': 'serve_all'", &somebody, CHOICE_SERVE_ALL},
		{"no pool has anybody: nothing", "'pools': ['a'], 'on_all_down': 'serve_all'", NULL,
		 CHOICE_EMPTY},
		{"the fallback pool has nobody: all",
		 "'pools': ['b'], 'on_all_down': 'fallback_pool', 'fallback_pool': 'a'", &somebody,
		 CHOICE_SERVE_ALL},
		{"the fallback pool is not there: all",
		 "'pools': ['b'], 'on_all_down': 'fallback_pool', 'fallback_pool': 'gone'",
		 &somebody, CHOICE_SERVE_ALL},
		{"the fallback pool has somebody: it",
		 "'pools': ['a'], 'on_all_down': 'fallback_pool', 'fallback_pool': 'c'", &somebody,
		 CHOICE_FALLBACK},
		{"empty is empty", "'pools': ['b'], 'on_all_down': 'empty'", NULL, CHOICE_EMPTY},
	};
	static const char *const alone[] = {"{'name': 'a', 'endpoints': []}",
					    "{'name': 'b', 'endpoints': []}",
					    "{'name': 'c', 'endpoints': []}", NULL};
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		char *service =
			mem_printf("{'name': 'w', 'steering': 'failover', %s}", table[i].service);
		struct steer *steer = steer_of(service, alone);
		struct compiled *compiled = compiled_new(steer, NULL, NULL, 0, NULL);
		struct plan *plan = plan_new(steer, compiled, find_down, NULL);
		assert_int_equal(plan->count, 1);
		if (plan->choices[0].set != table[i].set || plan->choices[0].why != table[i].as)
			fail_msg("%s: %u", table[i].why, plan->choices[0].why);
		free(plan);
		compiled_free(compiled);
		steer_free(steer);
		free(service);
	}
}

/* A client of no rule whose default is not there has no pool at all, however steered: NODATA. */
static void test_a_client_without_any_pool_is_answered_nothing(void **state)
{
	(void)state;
	static const char *const forms[] = {"serve_all", "serve_last", "empty",
					    "fallback_pool', 'fallback_pool': 'gone"};
	for (size_t i = 0; i < 4; i++) {
		char *service = mem_printf("{'name': 'w', 'steering': 'rules', 'default': 'gone', "
					   "'on_all_down': '%s', 'rules': [{'match': "
					   "['10.0.0.0/8'], 'pool': 'b'}]}",
					   forms[i]);
		static const char *const alone[] = {"{'name': 'b', 'endpoints': []}", NULL};
		struct steer *steer = steer_of(service, alone);
		struct compiled *compiled = compiled_new(steer, NULL, NULL, 0, NULL);
		struct plan *plan = plan_new(steer, compiled, find_down, NULL);
		struct addr in, out;
		assert_true(addr_parse("10.1.2.3", &in) && addr_parse("192.0.2.99", &out));
		struct plan_chosen chosen =
			plan_choose(plan, &(struct plan_client){.resolver = &out});
		assert_null(chosen.choice->set);
		assert_int_equal(chosen.choice->why, CHOICE_EMPTY);
		chosen = plan_choose(plan, &(struct plan_client){.resolver = &in});
		assert_ptr_equal(chosen.choice->set, i == 2 ? NULL : &somebody);
		free(plan);
		compiled_free(compiled);
		steer_free(steer);
		free(service);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_places_of_every_form_match_what_lies_in_them),
		cmocka_unit_test(test_what_is_not_there_is_left_out),
		cmocka_unit_test(test_beyond_the_nearest_sixteen_pools_follow_as_written),
		cmocka_unit_test(test_a_chain_of_eight_fallbacks_is_followed_and_no_further),
		cmocka_unit_test(test_a_loop_of_fallbacks_ends_all_the_same),
		cmocka_unit_test(test_a_place_that_is_none_matches_nobody),
		cmocka_unit_test(test_a_plan_without_any_pool_is_empty_in_every_form),
		cmocka_unit_test(test_when_nothing_can_serve_the_next_best_answers),
		cmocka_unit_test(test_a_client_without_any_pool_is_answered_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
