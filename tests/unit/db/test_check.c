/* What may be written only with the other objects in view: each case is a store, a change, and what
 * is said of it. */
#include "base/mem.h"
#include "db/check.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants the four above first */
#include <cmocka.h>

/* A store in memory: a model and some record sets. */
struct world {
	struct model *model;
	struct object *rrsets[64];
	size_t count, reads;
};

static struct object *decode(enum kind kind, const char *json, const char *zone)
{
	struct findings findings = {0};
	json_t *parsed = json_loads(json, 0, NULL);
	if (parsed == NULL)
		fail_msg("%s", json);
	struct object *object = codec_decode(kind, parsed, zone, "", &findings);
	if (object == NULL)
		fail_msg("%s: %s", json, findings.at[0].message);
	json_decref(parsed);
	return object;
}

static void each_stored(void *store, const char *zone, const char *name, check_rrset_visit *visit,
			void *context)
{
	struct world *world = store;
	world->reads++;
	for (size_t i = 0; i < world->count; i++) {
		const struct rrset *rrset = &world->rrsets[i]->rrset;
		if (strcmp(rrset->zone, zone) == 0 &&
		    (name == NULL || strcmp(rrset->name, name) == 0))
			visit(context, world->rrsets[i]);
	}
}

static void store_object(struct world *world, enum kind kind, const char *json, const char *zone)
{
	struct object *object = decode(kind, json, zone);
	if (kind == KIND_RRSET) {
		world->rrsets[world->count++] = object;
		return;
	}
	struct model_change change = {kind, object->id, object};
	struct model *with = model_with(world->model, 1, &change, 1);
	model_unref(world->model);
	world->model = with;
	object_unref(object);
}

static const struct {
	enum kind kind;
	const char *json, *zone;
} stored[] = {
	{KIND_SITE, "{\"name\": \"fra\"}", NULL},
	{KIND_REGION, "{\"name\": \"dach\", \"places\": [\"EU-DE\"]}", NULL},
	{KIND_MONITOR, "{\"name\": \"web\", \"type\": \"https\"}", NULL},
	{KIND_POOL,
	 "{\"name\": \"eu\", \"lat\": 50, \"lon\": 8, \"monitor\": \"web\", \"endpoints\": "
	 "[{\"name\": \"eu1\", \"address\": \"192.0.2.10\"}]}",
	 NULL},
	{KIND_POOL, "{\"name\": \"us\", \"lat\": 40, \"lon\": -75, \"fallback\": \"eu\"}", NULL},
	{KIND_POOL, "{\"name\": \"names\", \"kind\": \"cname\"}", NULL},
	{KIND_POOL, "{\"name\": \"spare\"}", NULL},
	{KIND_ZONE, "{\"name\": \"example.com\"}", NULL},
	{KIND_RRSET, "{\"name\": \"@\", \"type\": \"NS\", \"data\": [\"ns1\"]}", "example.com"},
	{KIND_RRSET, "{\"name\": \"ns1\", \"type\": \"A\", \"data\": [\"192.0.2.53\"]}",
	 "example.com"},
	{KIND_RRSET, "{\"name\": \"alias\", \"type\": \"CNAME\", \"data\": [\"ns1\"]}",
	 "example.com"},
	{KIND_RRSET, "{\"name\": \"text\", \"type\": \"TXT\", \"data\": [\"x\"]}", "example.com"},
	{KIND_SERVICE,
	 "{\"name\": \"www\", \"steering\": \"rules\", \"default\": \"us\", \"rules\": "
	 "[{\"match\": "
	 "[\"region:dach\"], \"pool\": \"eu\"}]}",
	 "example.com"},
	{KIND_SERVICE,
	 "{\"name\": \"cdn\", \"steering\": \"nearest\", \"pools\": [\"eu\", \"us\"]}",
	 "example.com"},
	{KIND_PREFIX,
	 "{\"prefix\": \"192.0.2.0/24\", \"address\": \"192.0.2.53\", \"sites\": [\"fra\"], "
	 "\"needs\": {\"dns\": \"www.example.com. A\", \"pools\": [\"us\"]}}",
	 NULL},
};

static int set_up(void **state)
{
	struct world *world = mem_new(struct world);
	world->model = model_new();
	for (size_t i = 0; i < sizeof stored / sizeof *stored; i++)
		store_object(world, stored[i].kind, stored[i].json, stored[i].zone);
	*state = world;
	return 0;
}

static int tear_down(void **state)
{
	struct world *world = *state;
	for (size_t i = 0; i < world->count; i++)
		object_unref(world->rrsets[i]);
	model_unref(world->model);
	free(world);
	return 0;
}

static struct object *find(const struct world *world, enum kind kind, const char *id)
{
	for (size_t i = 0; kind == KIND_RRSET && i < world->count; i++) {
		if (strcmp(world->rrsets[i]->id, id) == 0)
			return object_ref(world->rrsets[i]);
	}
	const struct object *object =
		kind != KIND_RRSET ? model_find(world->model, kind, id) : NULL;
	return object != NULL ? object_ref(object) : NULL;
}

static void put(struct world *world, struct changes *changes, enum kind kind, const char *json,
		const char *zone)
{
	char pointer[32];
	snprintf(pointer, sizeof pointer, "/%zu", changes->count);
	changes_put(changes, decode(kind, json, zone), pointer);
	struct change *change = &changes->at[changes->count - 1];
	change->before = find(world, kind, change->id);
}

static void drop(struct world *world, struct changes *changes, enum kind kind, const char *id)
{
	char pointer[32];
	snprintf(pointer, sizeof pointer, "/%zu", changes->count);
	changes_remove(changes, kind, id, pointer);
	changes->at[changes->count - 1].before = find(world, kind, id);
}

static bool judge(struct world *world, struct changes *changes, struct findings *findings)
{
	struct model_change list[256];
	size_t count = 0;
	bool blocked;
	for (size_t i = 0; i < changes->count; i++) {
		if (changes->at[i].kind != KIND_RRSET)
			list[count++] = (struct model_change){
				changes->at[i].kind, changes->at[i].id, changes->at[i].after};
	}
	struct model *after = model_with(world->model, 2, list, count);
	struct check_records records = {.store = world, .each = each_stored};
	check_changes(after, changes, &records, findings, &blocked);
	model_unref(after);
	return blocked;
}

/* POINTER NULL: it is good. */
static void expect(struct world *world, struct changes *changes, const char *pointer,
		   const char *part)
{
	struct findings findings = {0};
	assert_false(judge(world, changes, &findings));
	if (pointer == NULL && findings.count > 0)
		fail_msg("%s %s", findings.at[0].pointer, findings.at[0].message);
	if (pointer != NULL) {
		if (findings.count != 1)
			fail_msg("%zu findings instead of \"%s\" at %s", findings.count, part,
				 pointer);
		assert_string_equal(findings.at[0].pointer, pointer);
		if (strstr(findings.at[0].message, part) == NULL)
			fail_msg("\"%s\" lacks \"%s\"", findings.at[0].message, part);
	}
	findings_fini(&findings);
	changes_fini(changes);
}

static void test_one_put_is_judged_against_the_store(void **state)
{
	static const struct {
		enum kind kind;
		const char *json, *pointer, *part;
	} table[] = {
		{KIND_POOL, "{\"name\": \"x\", \"monitor\": \"web\", \"fallback\": \"eu\"}", NULL,
		 NULL},
		{KIND_POOL, "{\"name\": \"x\", \"monitor\": \"nope\"}", "/0/monitor",
		 "there is no monitor \"nope\""},
		{KIND_POOL, "{\"name\": \"x\", \"fallback\": \"nope\"}", "/0/fallback",
		 "there is no pool \"nope\""},
		{KIND_POOL, "{\"name\": \"x\", \"fallback\": \"x\"}", "/0/fallback",
		 "names itself"},
		{KIND_POOL, "{\"name\": \"x\", \"fallback\": \"names\"}", "/0/fallback",
		 "one kind"},
		{KIND_POOL, "{\"name\": \"eu\", \"lat\": 1, \"lon\": 1, \"fallback\": \"us\"}",
		 "/0/fallback", "a loop of fallbacks: eu -> us -> eu; take one of them out"},
		{KIND_POOL, "{\"name\": \"eu\"}", "/0",
		 "service example.com/cdn steers to the nearest"},
		{KIND_SERVICE, "{\"name\": \"s\", \"steering\": \"hash\", \"pools\": [\"eu\"]}",
		 NULL, NULL},
		{KIND_SERVICE,
		 "{\"name\": \"s\", \"steering\": \"hash\", \"pools\": [\"eu\", \"nope\"]}",
		 "/0/pools/1", "there is no pool \"nope\""},
		{KIND_SERVICE, "{\"name\": \"s\", \"steering\": \"rules\", \"default\": \"nope\"}",
		 "/0/default", "there is no pool \"nope\""},
		{KIND_SERVICE,
		 "{\"name\": \"s\", \"steering\": \"rules\", \"default\": \"eu\", \"rules\": "
		 "[{\"match\": "
		 "[\"EU\", \"region:nope\"], \"pool\": \"eu\"}]}",
		 "/0/rules/0/match/1", "there is no region \"nope\""},
		{KIND_SERVICE,
		 "{\"name\": \"s\", \"steering\": \"nearest\", \"pools\": [\"eu\", \"spare\"]}",
		 "/0/pools/1", "has no coordinates"},
		{KIND_SERVICE, "{\"name\": \"@\", \"steering\": \"hash\", \"pools\": [\"eu\"]}",
		 NULL, NULL},
		{KIND_SERVICE, "{\"name\": \"alias\", \"steering\": \"hash\", \"pools\": [\"eu\"]}",
		 "/0", "a CNAME stands beside service example.com/alias"},
		{KIND_SERVICE, "{\"name\": \"ns1\", \"steering\": \"hash\", \"pools\": [\"eu\"]}",
		 "/0", "A or AAAA records stand beside service"},
		{KIND_SERVICE, "{\"name\": \"text\", \"steering\": \"hash\", \"pools\": [\"eu\"]}",
		 NULL, NULL},
		{KIND_SERVICE,
		 "{\"name\": \"text\", \"steering\": \"hash\", \"pools\": [\"names\"]}", "/0",
		 "answers with a CNAME"},
		{KIND_RRSET, "{\"name\": \"www\", \"type\": \"A\", \"data\": [\"192.0.2.1\"]}",
		 "/0", "stand beside service example.com/www"},
		{KIND_RRSET,
		 "{\"name\": \"www\", \"type\": \"HTTPS\", \"data\": [\"1 . alpn=h2 "
		 "ipv4hint=192.0.2.1\"]}",
		 "/0", "address hints of SVCB or HTTPS stand beside service example.com/www"},
		{KIND_RRSET,
		 "{\"name\": \"www\", \"type\": \"HTTPS\", \"data\": [\"1 . alpn=h2\", \"2 . "
		 "port=8443 ipv6hint=2001:db8::1\"]}",
		 "/0", "address hints"},
		{KIND_RRSET,
		 "{\"name\": \"www\", \"type\": \"HTTPS\", \"data\": [\"1 . alpn=h2,h3\"]}", NULL,
		 NULL},
		{KIND_RRSET,
		 "{\"name\": \"www\", \"type\": \"HTTPS\", \"data\": [\"1 edge.example.net. "
		 "ipv4hint=192.0.2.1\"]}",
		 NULL, NULL},
		{KIND_RRSET,
		 "{\"name\": \"text\", \"type\": \"HTTPS\", \"data\": [\"1 . "
		 "ipv4hint=192.0.2.1\"]}",
		 NULL, NULL},
		{KIND_RRSET, "{\"name\": \"www\", \"type\": \"TXT\", \"data\": [\"x\"]}", NULL,
		 NULL},
		{KIND_RRSET, "{\"name\": \"www\", \"type\": \"NS\", \"data\": [\"ns1\"]}", "/0",
		 "NS records stand beside service example.com/www"},
		{KIND_RRSET, "{\"name\": \"www\", \"type\": \"DNAME\", \"data\": [\"x\"]}", NULL,
		 NULL},
		{KIND_RRSET, "{\"name\": \"@\", \"type\": \"DNAME\", \"data\": [\"x.\"]}", NULL,
		 NULL},
		{KIND_RRSET, "{\"name\": \"www\", \"type\": \"CNAME\", \"data\": [\"x\"]}", "/0",
		 "beside service"},
		{KIND_RRSET, "{\"name\": \"text\", \"type\": \"CNAME\", \"data\": [\"x\"]}", "/0",
		 "beside other records"},
		{KIND_RRSET, "{\"name\": \"alias\", \"type\": \"TXT\", \"data\": [\"x\"]}", "/0",
		 "beside other records"},
		{KIND_RRSET, "{\"name\": \"alias\", \"type\": \"CNAME\", \"data\": [\"y\"]}", NULL,
		 NULL},
		{KIND_RRSET, "{\"name\": \"@\", \"type\": \"CNAME\", \"data\": [\"x\"]}", "/0",
		 "apex"},
		{KIND_ZONE, "{\"name\": \"example.org\"}", "/0", "no NS record at its apex"},
		{KIND_ZONE, "{\"name\": \"example.com\", \"ttl\": 5}", NULL, NULL},
		{KIND_PREFIX,
		 "{\"prefix\": \"10.0.0.0/24\", \"address\": \"10.0.0.1\", \"sites\": [\"nope\"]}",
		 "/0/sites/0", "there is no site \"nope\""},
		{KIND_PREFIX,
		 "{\"prefix\": \"10.0.0.0/24\", \"address\": \"10.0.0.1\", \"sites\": [\"fra\"], "
		 "\"needs\": {\"pools\": [\"nope\"]}}",
		 "/0/needs/pools/0", "there is no pool \"nope\""},
		{KIND_PREFIX,
		 "{\"prefix\": \"10.0.0.0/24\", \"address\": \"10.0.0.1\", \"sites\": [\"fra\"], "
		 "\"needs\": {\"dns\": \"example.org. SOA\"}}",
		 "/0/needs/dns", "no zone here"},
		{KIND_OVERRIDE,
		 "{\"object\": \"endpoint/eu/eu1\", \"action\": \"down\", \"reason\": \"r\", "
		 "\"ends\": "
		 "\"2026-11-20T12:00:00Z\"}",
		 NULL, NULL},
		{KIND_OVERRIDE,
		 "{\"object\": \"endpoint/eu/eu2\", \"action\": \"down\", \"reason\": \"r\", "
		 "\"ends\": "
		 "\"2026-11-20T12:00:00Z\"}",
		 "/0/object", "there is no endpoint/eu/eu2"},
		{KIND_OVERRIDE,
		 "{\"object\": \"prefix/10.0.0.0/8\", \"action\": \"down\", \"reason\": \"r\", "
		 "\"ends\": "
		 "\"2026-11-20T12:00:00Z\"}",
		 "/0/object", "there is no prefix/10.0.0.0/8"},
	};
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		struct changes changes = {0};
		put(*state, &changes, table[i].kind, table[i].json,
		    table[i].kind == KIND_RRSET || table[i].kind == KIND_SERVICE ? "example.com"
										 : NULL);
		expect(*state, &changes, table[i].pointer, table[i].part);
	}
}

static void test_a_cname_service_at_the_apex_is_refused(void **state)
{
	struct changes changes = {0};
	struct findings findings = {0};
	put(*state, &changes, KIND_SERVICE,
	    "{\"name\": \"@\", \"steering\": \"hash\", \"pools\": [\"names\"]}", "example.com");
	judge(*state, &changes, &findings);
	assert_int_equal(findings.count, 2);
	assert_string_equal(findings.at[0].pointer, "/0/pools/0");
	assert_non_null(strstr(findings.at[0].message, "apex"));
	findings_fini(&findings);
	changes_fini(&changes);
}

static void test_a_removal_names_everybody_who_is_in_the_way(void **state)
{
	static const struct {
		enum kind kind;
		const char *id, *part;
	} table[] = {
		{KIND_SITE, "fra", "in use by prefix 192.0.2.0/24;"},
		{KIND_REGION, "dach", "in use by service example.com/www;"},
		{KIND_MONITOR, "web", "in use by pool eu;"},
		{KIND_POOL, "us",
		 "in use by service example.com/cdn, service example.com/www, prefix "
		 "192.0.2.0/24;"},
		{KIND_POOL, "eu",
		 "in use by pool us, service example.com/cdn, service example.com/www;"},
	};
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		struct changes changes = {0};
		struct findings findings = {0};
		drop(*state, &changes, table[i].kind, table[i].id);
		assert_true(judge(*state, &changes, &findings));
		assert_int_equal(findings.count, 1);
		assert_string_equal(findings.at[0].pointer, "/0");
		if (strstr(findings.at[0].message, table[i].part) == NULL)
			fail_msg("\"%s\" lacks \"%s\"", findings.at[0].message, table[i].part);
		findings_fini(&findings);
		changes_fini(&changes);
	}
}

static void test_what_nobody_names_may_go_and_users_may_go_with_it(void **state)
{
	struct changes changes = {0};
	drop(*state, &changes, KIND_POOL, "spare");
	expect(*state, &changes, NULL, NULL);
	drop(*state, &changes, KIND_PREFIX, "192.0.2.0/24");
	drop(*state, &changes, KIND_SITE, "fra");
	expect(*state, &changes, NULL, NULL);
}

static void test_a_zone_goes_with_its_contents_but_not_from_under_a_prefix(void **state)
{
	struct world *world = *state;
	struct changes changes = {0};
	struct findings findings = {0};
	for (size_t i = 0; i < world->count; i++)
		drop(world, &changes, KIND_RRSET, world->rrsets[i]->id);
	drop(world, &changes, KIND_SERVICE, "example.com/www");
	drop(world, &changes, KIND_SERVICE, "example.com/cdn");
	drop(world, &changes, KIND_ZONE, "example.com");
	assert_true(judge(world, &changes, &findings));
	assert_int_equal(findings.count, 1);
	assert_non_null(strstr(findings.at[0].message, "in use by prefix 192.0.2.0/24"));
	findings_fini(&findings);
	drop(world, &changes, KIND_PREFIX, "192.0.2.0/24");
	expect(world, &changes, NULL, NULL);
}

static void test_the_last_ns_of_an_apex_stays(void **state)
{
	struct changes changes = {0};
	drop(*state, &changes, KIND_RRSET, "example.com/@/NS");
	expect(*state, &changes, "/0", "no NS record at its apex");
}

static void test_a_cname_may_replace_what_goes_in_the_same_change(void **state)
{
	struct changes changes = {0};
	drop(*state, &changes, KIND_RRSET, "example.com/text/TXT");
	put(*state, &changes, KIND_RRSET,
	    "{\"name\": \"text\", \"type\": \"CNAME\", \"data\": [\"x\"]}", "example.com");
	expect(*state, &changes, NULL, NULL);
	drop(*state, &changes, KIND_RRSET, "example.com/alias/CNAME");
	put(*state, &changes, KIND_SERVICE,
	    "{\"name\": \"alias\", \"steering\": \"hash\", \"pools\": [\"eu\"]}", "example.com");
	expect(*state, &changes, NULL, NULL);
}

/* RFC 6672 section 2.3. */
static void test_a_dname_and_a_delegation_do_not_share_a_name(void **state)
{
	struct changes changes = {0};
	put(*state, &changes, KIND_RRSET,
	    "{\"name\": \"both\", \"type\": \"NS\", \"data\": [\"ns1\"]}", "example.com");
	expect(*state, &changes, NULL, NULL);
	put(*state, &changes, KIND_RRSET,
	    "{\"name\": \"both\", \"type\": \"NS\", \"data\": [\"ns1\"]}", "example.com");
	put(*state, &changes, KIND_RRSET,
	    "{\"name\": \"both\", \"type\": \"DNAME\", \"data\": [\"x\"]}", "example.com");
	expect(*state, &changes, "/0", "a DNAME stands beside NS records");
}

static void test_a_record_needs_its_zone_and_a_twin_is_refused(void **state)
{
	struct changes changes = {0};
	put(*state, &changes, KIND_RRSET,
	    "{\"name\": \"a\", \"type\": \"A\", \"data\": [\"192.0.2.1\"]}", "example.net");
	expect(*state, &changes, "/0", "there is no zone \"example.net\"");
	put(*state, &changes, KIND_SITE, "{\"name\": \"a\"}", NULL);
	put(*state, &changes, KIND_SITE, "{\"name\": \"a\"}", NULL);
	expect(*state, &changes, "/1", "stands here twice");
}

static void test_a_pool_that_turns_to_host_names_is_judged_with_its_users(void **state)
{
	struct changes changes = {0};
	struct findings findings = {0};
	put(*state, &changes, KIND_POOL,
	    "{\"name\": \"eu\", \"kind\": \"cname\", \"lat\": 1, \"lon\": 1}", NULL);
	judge(*state, &changes, &findings);
	assert_int_equal(findings.count, 1);
	assert_string_equal(findings.at[0].pointer, "/0/kind");
	assert_non_null(strstr(findings.at[0].message, "pool \"us\" falls back to it"));
	findings_fini(&findings);
	changes_fini(&changes);
}

static void test_a_chain_of_fallbacks_ends_where_the_responder_stops(void **state)
{
	for (int length = 8; length <= 9; length++) {
		struct changes changes = {0};
		char json[128];
		put(*state, &changes, KIND_POOL, "{\"name\": \"c0\"}", NULL);
		for (int i = 1; i <= length; i++) {
			snprintf(json, sizeof json, "{\"name\": \"c%d\", \"fallback\": \"c%d\"}", i,
				 i - 1);
			put(*state, &changes, KIND_POOL, json, NULL);
		}
		if (length == 8)
			expect(*state, &changes, NULL, NULL);
		else
			expect(*state, &changes, "/9/fallback", "more than 8 fallbacks");
	}
}

/* Whatever its length and whoever of it changes; 8 is the longest chain that is followed. */
static void test_a_loop_of_fallbacks_is_refused_once_with_its_whole_way(void **state)
{
	char json[128];
	for (int length = 2; length <= 9; length++) {
		struct changes changes = {0};
		for (int i = 0; i < length; i++) {
			snprintf(json, sizeof json, "{\"name\": \"c%d\", \"fallback\": \"c%d\"}", i,
				 (i + 1) % length);
			put(*state, &changes, KIND_POOL, json, NULL);
		}
		/* One that leads into the loop is not of it. */
		if (length < 9)
			put(*state, &changes, KIND_POOL,
			    "{\"name\": \"beside\", \"fallback\": \"c1\"}", NULL);
		expect(*state, &changes, "/0/fallback",
		       length == 2   ? "loop of fallbacks: c0 -> c1 -> c0;"
		       : length == 3 ? "loop of fallbacks: c0 -> c1 -> c2 -> c0;"
				     : "loop of fallbacks: c0 -> c1 -> c2 -> c3 -> ");
	}
}

static void test_a_big_change_reads_its_zone_once(void **state)
{
	struct world *world = *state;
	struct changes changes = {0};
	char json[128];
	for (int i = 0; i < 200; i++) {
		snprintf(json, sizeof json,
			 "{\"name\": \"h%d\", \"type\": \"A\", \"data\": [\"192.0.2.1\"]}", i);
		put(world, &changes, KIND_RRSET, json, "example.com");
	}
	put(world, &changes, KIND_RRSET,
	    "{\"name\": \"alias\", \"type\": \"A\", \"data\": [\"192.0.2.1\"]}", "example.com");
	world->reads = 0;
	struct findings findings = {0};
	judge(world, &changes, &findings);
	assert_int_equal(world->reads, 1);
	assert_int_equal(findings.count, 1);
	assert_string_equal(findings.at[0].pointer, "/200");
	findings_fini(&findings);
	changes_fini(&changes);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_one_put_is_judged_against_the_store),
		CASE(test_a_cname_service_at_the_apex_is_refused),
		CASE(test_a_removal_names_everybody_who_is_in_the_way),
		CASE(test_what_nobody_names_may_go_and_users_may_go_with_it),
		CASE(test_a_zone_goes_with_its_contents_but_not_from_under_a_prefix),
		CASE(test_the_last_ns_of_an_apex_stays),
		CASE(test_a_cname_may_replace_what_goes_in_the_same_change),
		CASE(test_a_dname_and_a_delegation_do_not_share_a_name),
		CASE(test_a_record_needs_its_zone_and_a_twin_is_refused),
		CASE(test_a_pool_that_turns_to_host_names_is_judged_with_its_users),
		CASE(test_a_chain_of_fallbacks_ends_where_the_responder_stops),
		CASE(test_a_loop_of_fallbacks_is_refused_once_with_its_whole_way),
		CASE(test_a_big_change_reads_its_zone_once),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
