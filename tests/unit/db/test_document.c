/* Whole documents, into a store and out of it. */
#include "base/rng.h"
#include "db/document.h"
#include "db/store.h"
#include "tests/unit/db/store_fixture.h"

/* The document of the contract, every key of it, with what it names. */
static const char *const contract =
	"{'meridian': 1,"
	"'sites': [{'name': 'fra', 'lat': 50.11, 'lon': 8.68}],"
	"'regions': [{'name': 'dach', 'places': ['EU-DE', 'EU-AT', 'EU-CH'],"
	" 'cidrs': ['198.51.100.0/24'], 'asns': [64500]}],"
	"'geo': [{'cidr': '203.0.113.0/24', 'place': 'EU-DE', 'lat': 52.5, 'lon': 13.4, 'asn': "
	"64500,"
	" 'note': 'office VPN'}],"
	"'monitors': [{'name': 'web', 'type': 'https', 'port': 443, 'path': '/healthz',"
	" 'host': 'www.example.com', 'sni': 'www.example.com', 'method': 'GET',"
	" 'headers': {'User-Agent': 'meridian'}, 'expect_status': '200-299,304',"
	" 'expect_body': 'ok', 'verify': true, 'ca_file': null, 'client_cert': null,"
	" 'client_key': null, 'min_tls': '1.2', 'http': '1.1', 'connection': 'session',"
	" 'interval_ms': 5000, 'timeout_ms': 2000, 'fall': 3, 'rise': 2, 'recheck_ms': 1000,"
	" 'degraded_above_ms': 800, 'cert_warn_days': 21}],"
	"'pools': [{'name': 'eu', 'lat': 50.11, 'lon': 8.68, 'monitor': 'web', 'answers': 'all',"
	" 'max_answers': 2, 'min_healthy': 1, 'fallback': 'us', 'endpoints':"
	" [{'name': 'eu1', 'address': '192.0.2.10', 'weight': 10, 'priority': 1, 'enabled': true},"
	"  {'name': 'eu2', 'address': '2001:db8::10'}]},"
	" {'name': 'us', 'lat': 40, 'lon': -75}, {'name': 'cn'}],"
	"'zones': [{'name': 'example.com', 'ttl': 300, 'primary': 'ns1.example.com.',"
	" 'contact': 'hostmaster.example.com.', 'negative_ttl': 300, 'ecs': true,"
	" 'records': [{'name': '@', 'type': 'NS', 'ttl': 86400,"
	"   'data': ['ns1.example.com.', 'ns2.example.com.']},"
	"  {'name': 'ns1', 'type': 'A', 'data': ['192.0.2.53']}],"
	" 'services': [{'name': 'www', 'ttl': 30, 'steering': 'rules', 'default': 'us',"
	"   'on_all_down': 'serve_all', 'rules': [{'match': ['EU', 'AF', 'region:dach',"
	"   '203.0.113.0/24', 'AS64500'], 'pool': 'eu'}, {'match': ['AS-CN'], 'pool': 'cn',"
	"   'strict': true}]},"
	"  {'name': 'cdn', 'ttl': 30, 'steering': 'nearest', 'pools': ['eu', 'us']},"
	"  {'name': 'app', 'ttl': 30, 'steering': 'weighted',"
	"   'pools': [{'pool': 'eu', 'weight': 9}, {'pool': 'us', 'weight': 1}]}]}],"
	"'prefixes': [{'prefix': '192.0.2.0/24', 'address': '192.0.2.53', 'sites': ['fra'],"
	" 'interface': 'lo', 'needs': {'dns': 'example.com. SOA', 'pools': ['eu']},"
	" 'on_backends_down': 'degrade', 'drain_s': 30, 'min_sites': 1}],"
	"'safety': {'max_withdraw_per_10min': 3, 'panic_fraction': 0.5},"
	"'alerts': [{'name': 'ops', 'type': 'webhook', 'url': 'https://hooks.example.com/x',"
	" 'events': ['endpoint', 'prefix']}]}";

enum { CONTRACT_OBJECTS = 16 };

static char *quoted(const char *text)
{
	char *copy = mem_strdup(text);
	for (char *c = copy; *c != '\0'; c++)
		*c = *c == '\'' ? '"' : *c;
	return copy;
}

static bool read_text(const char *text, bool prune, struct store *store, struct changes *changes,
		      struct findings *findings)
{
	char *json = quoted(text);
	bool good = document_read(json, strlen(json), prune, store, changes, findings);
	free(json);
	return good;
}

/* Applies TEXT; returns how many objects it changed. */
static size_t apply_document(struct store *store, const char *text, bool prune)
{
	struct changes changes = {0};
	struct findings findings = {0};
	struct error error = {0};
	int64_t revision;
	enum commit_result result = COMMIT_INVALID;
	const struct author author = {.name = "test", .confirmed = "prefix/192.0.2.0/24"};
	if (read_text(text, prune, store, &changes, &findings))
		result = store_commit(store, &changes, &author, NULL, false, &revision, &findings,
				      &error);
	if (result != COMMIT_DONE && result != COMMIT_NOTHING)
		fail_msg("%d %s %s %s", result, error.text,
			 findings.count > 0 ? findings.at[0].pointer : "",
			 findings.count > 0 ? findings.at[0].message : "");
	size_t count = changes.count;
	assert_int_equal(result == COMMIT_NOTHING, count == 0);
	changes_fini(&changes);
	return count;
}

static char *export_text(struct store *store, int64_t revision)
{
	struct error error = {0};
	json_t *document = document_export(store, revision, &error);
	if (document == NULL)
		fail_msg("%s", error.text);
	char *text = json_dumps(document, CODEC_DUMP_FLAGS);
	json_decref(document);
	return text;
}

static void test_the_document_of_the_contract_is_taken_whole(void **state)
{
	(void)state;
	struct store *store = open_store(STORE_WRITE);
	assert_int_equal(apply_document(store, contract, false), CONTRACT_OBJECTS);
	assert_int_equal(apply_document(store, contract, true), 0);
	store_close(store);
}

static void test_export_then_apply_changes_nothing(void **state)
{
	(void)state;
	struct store *store = open_store(STORE_WRITE);
	apply_document(store, contract, false);
	char *text = export_text(store, 0);
	assert_int_equal(apply_document(store, text, true), 0);
	free(text);
	store_close(store);
}

static void test_an_earlier_revision_is_exported_as_it_was(void **state)
{
	(void)state;
	struct store *store = open_store(STORE_WRITE);
	apply_document(store, contract, false);
	char *first = export_text(store, 0);
	apply_document(
		store,
		"{'meridian': 1, 'pools': [{'name': 'us', 'lat': 1, 'lon': 1}, {'name': 'new'}],"
		"'zones': [{'name': 'example.com', 'ttl': 1, 'records': [{'name': 'ns1', 'type':"
		"'A', 'data': ['192.0.2.54']}, {'name': 'a', 'type': 'A', 'data': ['192.0.2.1']}]},"
		"{'name': 'example.org', 'records': [{'name': '@', 'type': 'NS', 'data': "
		"['a']}]}]}",
		false);
	char *second = export_text(store, 0);
	assert_string_not_equal(first, second);
	apply_document(store, "{'meridian': 1}", true);
	char *again = export_text(store, 1), *between = export_text(store, 2);
	assert_string_equal(first, again);
	assert_string_equal(second, between);
	assert_int_equal(apply_document(store, first, true), CONTRACT_OBJECTS);
	char *newest = export_text(store, 0);
	assert_string_equal(first, newest);
	free(first);
	free(second);
	free(again);
	free(between);
	free(newest);
	store_close(store);
}

static size_t count_rrsets(struct store *store, const char *zone)
{
	char *text = export_text(store, 0);
	json_t *document = json_loads(text, 0, NULL), *each;
	size_t index, count = 0;
	json_array_foreach(json_object_get(document, "zones"), index, each)
	{
		if (strcmp(json_string_value(json_object_get(each, "name")), zone) == 0)
			count = 100 * json_array_size(json_object_get(each, "records")) +
				json_array_size(json_object_get(each, "services"));
	}
	json_decref(document);
	free(text);
	return count;
}

static void test_what_a_document_does_not_name_stays_or_goes_with_prune(void **state)
{
	(void)state;
	struct store *store = open_store(STORE_WRITE);
	static const struct {
		const char *text;
		bool prune;
		size_t left; /* of example.com: 100 a record, 1 a service */
	} table[] = {
		{"{'meridian': 1}", false, 203},
		{"{'meridian': 1, 'zones': [{'name': 'example.com'}]}", false, 203},
		{"{'meridian': 1, 'zones': [{'name': 'example.com', 'records': [], 'services': "
		 "[]}]}",
		 false, 203},
		{"{'meridian': 1, 'zones': [{'name': 'example.com', 'records': [{'name': 'x', "
		 "'type':"
		 "'A', 'data': ['192.0.2.1']}]}]}",
		 false, 303},
		{"{'meridian': 1, 'pools': [{'name': 'us', 'lat': 1, 'lon': 1}, {'name': 'eu', "
		 "'lat':1,"
		 "'lon': 1}, {'name': 'cn'}], 'regions': [{'name': 'dach', 'asns': [1]}], 'zones':"
		 "[{'name': 'example.com'}]}",
		 true, 203},
		{"{'meridian': 1, 'zones': [{'name': 'example.com', 'services': []}]}", true, 200},
		{"{'meridian': 1, 'zones': [{'name': 'Example.com.', 'services': [], 'records': "
		 "[{'name': '@', 'type': 'NS', 'data': ['ns1']}]}]}",
		 true, 100},
		{"{'meridian': 1}", true, 0},
	};
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		apply_document(store, "{'meridian': 1}", true);
		apply_document(store, contract, false);
		apply_document(store, table[i].text, table[i].prune);
		assert_int_equal(count_rrsets(store, "example.com"), table[i].left);
	}
	store_close(store);
}

static void test_overrides_outlive_a_prune(void **state)
{
	(void)state;
	struct store *store = open_store(STORE_WRITE);
	apply_document(store, contract, false);
	struct changes changes = {0};
	struct findings findings = {0};
	struct error error = {0};
	int64_t revision;
	const struct author author = {.name = "test", .confirmed = "prefix/192.0.2.0/24"};
	changes_put(&changes,
		    object_from("override", NULL,
				"{'object': 'pool/eu', 'action': 'down', 'reason': 'r', 'ends': "
				"'2999-01-01T00:00:00Z'}"),
		    NULL);
	assert_int_equal(
		store_commit(store, &changes, &author, NULL, false, &revision, &findings, &error),
		COMMIT_DONE);
	changes_fini(&changes);
	assert_int_equal(apply_document(store, contract, true), 0);
	struct model *model = store_load(store, &error);
	assert_non_null(model_find(model, KIND_OVERRIDE, "pool/eu"));
	model_unref(model);
	store_close(store);
}

static void test_records_take_the_ttl_of_their_zone(void **state)
{
	(void)state;
	struct changes changes = {0};
	struct findings findings = {0};
	assert_true(
		read_text("{'meridian': 1, 'zones': [{'name': 'a', 'ttl': 7, 'records': [{'name': "
			  "'x', 'type': 'A', 'data': ['192.0.2.1']}]}]}",
			  false, NULL, &changes, &findings));
	assert_int_equal(changes.count, 2);
	assert_string_equal(changes.at[1].pointer, "/zones/0/records/0");
	assert_int_equal(changes.at[1].after->rrset.ttl, 7);
	changes_fini(&changes);
}

static void test_a_bad_document_is_refused_with_pointer_and_sentence(void **state)
{
	(void)state;
	static const struct {
		const char *text, *pointer, *part;
	} table[] = {
		{"", "", "line 1, column 0"},
		{"{'meridian': 1,\n 'pools': [}", "", "line 2, column 12"},
		{"{'meridian': 1} x", "", "line 1"},
		{"{'meridian': 1, 'meridian': 1}", "", "duplicate object key"},
		{"{'meridian': 1, 'pools': [{'name': 'a', 'name': 'b'}]}", "",
		 "duplicate object key"},
		{"[]", "", "a document must be an object"},
		{"{}", "", "lacks \"meridian\""},
		{"{'meridian': 2}", "/meridian", "must be 1"},
		{"{'meridian': '1'}", "/meridian", "must be 1"},
		{"{'meridian': 1, 'origins': []}", "/origins", "is not a key of this document"},
		{"{'meridian': 1, 'overrides': []}", "/overrides", "is not a key of this document"},
		{"{'meridian': 1, 'pools': {}}", "/pools", "must be an array"},
		{"{'meridian': 1, 'pools': [7]}", "/pools/0", "must be an object"},
		{"{'meridian': 1, 'zones': [7]}", "/zones/0", "must be an object"},
		{"{'meridian': 1, 'zones': [{'name': 'a', 'records': 7}]}", "/zones/0/records",
		 "must be an array"},
		{"{'meridian': 1, 'zones': [{'name': 'a', 'ttl': -1, 'records': [{'name': 'x', "
		 "'type': "
		 "'A', 'data': ['192.0.2.300']}]}]}",
		 "/zones/0/records/0/data/0", "is not an IPv4 address: \"192.0.2.300\""},
		{"{'meridian': 1, 'zones': [{'name': 'a', 'services': [{'name': 'x', 'steering': "
		 "'hash', 'pools': [{'pool': 'p', 'weight': -1}]}]}]}",
		 "/zones/0/services/0/pools/0/weight", "0 to 65535"},
		{"{'meridian': 1, 'sites': [{'name': 'a'}, {'name': 'b'}, {'name': 'a'}]}",
		 "/sites/2", "site \"a\" stands at /sites/0 already"},
		{"{'meridian': 1, 'zones': [{'name': 'a.'}, {'name': 'A'}]}", "/zones/1",
		 "zone \"a\" stands at /zones/0 already"},
		{"{'meridian': 1, 'zones': [{'name': 'a', 'records': [{'name': 'x', 'type': 'A', "
		 "'data':"
		 "['192.0.2.1']}, {'name': 'X.a.', 'type': 'TYPE1', 'data': ['192.0.2.2']}]}]}",
		 "/zones/0/records/1", "stands at /zones/0/records/0 already"},
		{"{'meridian': 1, 'safety': []}", "/safety", "must be an object"},
	};
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		struct changes changes = {0};
		struct findings findings = {0};
		assert_false(read_text(table[i].text, false, NULL, &changes, &findings));
		bool found = false;
		for (size_t k = 0; k < findings.count; k++)
			found |= strcmp(findings.at[k].pointer, table[i].pointer) == 0 &&
				 strstr(findings.at[k].message, table[i].part) != NULL;
		if (!found)
			fail_msg("%s gave %s: %s", table[i].text, findings.at[0].pointer,
				 findings.at[0].message);
		changes_fini(&changes);
		findings_fini(&findings);
	}
}

static void test_garbage_of_ten_megabytes_is_refused(void **state)
{
	(void)state;
	static const char fills[] = {'[', '{', 'x', '"', ' ', '\0', '\xff'};
	size_t len = 10 << 20;
	char *text = mem_array(len, 1);
	for (size_t i = 0; i < sizeof fills; i++) {
		struct changes changes = {0};
		struct findings findings = {0};
		memset(text, fills[i], len);
		assert_false(document_read(text, len, false, NULL, &changes, &findings));
		assert_int_equal(findings.count, 1);
		assert_string_equal(findings.at[0].pointer, "");
		assert_true(strlen(findings.at[0].message) < 400);
		findings_fini(&findings);
		changes_fini(&changes);
	}
	struct rng rng;
	rng_init(&rng, 7);
	for (size_t i = 0; i < len; i++)
		text[i] = (char)rng_next(&rng);
	struct changes changes = {0};
	struct findings findings = {0};
	assert_false(document_read(text, len, false, NULL, &changes, &findings));
	findings_fini(&findings);
	free(text);
}

/* A JSON list of COUNT random choices out of WORDS. */
static json_t *some(struct rng *rng, const char *const *words, size_t words_count)
{
	json_t *list = json_array();
	for (size_t i = 0; i < words_count; i++) {
		if (rng_below(rng, 2) == 0)
			json_array_append_new(list, json_string(words[i]));
	}
	if (json_array_size(list) == 0)
		json_array_append_new(list, json_string(words[rng_below(rng, words_count)]));
	return list;
}

static double coordinate(struct rng *rng, int limit)
{
	return ((double)rng_below(rng, (uint64_t)limit * 2000000) - limit * 1e6) / 1e6;
}

static json_t *random_pool(struct rng *rng, int number)
{
	static const char *const answers[] = {"all", "weighted", "hash", "failover"};
	json_t *endpoints = json_array();
	for (uint64_t i = 0, n = rng_below(rng, 5); i < n; i++)
		json_array_append_new(endpoints,
				      json_pack("{s:o, s:o, s:I, s:I, s:b}", "name",
						json_sprintf("e%d", (int)i), "address",
						json_sprintf("2001:db8:%d::%d", number, (int)i + 1),
						"weight", (json_int_t)rng_below(rng, 65536),
						"priority", (json_int_t)rng_below(rng, 65536),
						"enabled", (int)rng_below(rng, 2)));
	json_t *pool =
		json_pack("{s:o, s:f, s:f, s:s, s:I, s:o}", "name", json_sprintf("p%d", number),
			  "lat", coordinate(rng, 90), "lon", coordinate(rng, 180), "answers",
			  answers[rng_below(rng, 4)], "max_answers", (json_int_t)rng_below(rng, 10),
			  "endpoints", endpoints);
	if (rng_below(rng, 2) == 0)
		json_object_set_new(pool, "monitor", json_sprintf("m%d", (int)rng_below(rng, 6)));
	if (number > 0 && rng_below(rng, 4) == 0)
		json_object_set_new(pool, "fallback", json_string("p0"));
	return pool;
}

static json_t *random_monitor(struct rng *rng, int number)
{
	static const char *const types[] = {"https", "http", "tcp", "tls", "dns", "icmp"};
	json_int_t interval = 100 + (json_int_t)rng_below(rng, 100000);
	json_t *monitor =
		json_pack("{s:o, s:s, s:I, s:I, s:I}", "name", json_sprintf("m%d", number), "type",
			  types[number % 6], "interval_ms", interval, "fall",
			  (json_int_t)rng_below(rng, 100) + 1, "degraded_above_ms",
			  (json_int_t)rng_below(rng, 1000));
	if (number % 6 != 5)
		json_object_set_new(monitor, "port",
				    json_integer((json_int_t)rng_below(rng, 65535) + 1));
	if (number % 6 < 2) {
		json_object_set_new(monitor, "headers",
				    json_pack("{s:s, s:s}", "X-A", "b", "X-C", "d \xc3\xa9"));
		json_object_set_new(monitor, "expect_status", json_string("200,301-302,404"));
		json_object_set_new(monitor, "http", json_string("2"));
	}
	return monitor;
}

static json_t *random_service(struct rng *rng, int number)
{
	static const char *const steering[] = {"nearest", "failover", "weighted", "hash"};
	static const char *const matches[] = {
		"EU",	    "AS",	  "AS-CN",	   "AS65000",
		"NA-US-CA", "10.0.0.0/8", "2001:db8::/32", "region:r0"};
	static const char *const pools[] = {"p0", "p1", "p2", "p3", "p4", "p5"};
	json_t *service = json_pack("{s:o, s:I}", "name", json_sprintf("s%d", number), "ttl",
				    (json_int_t)rng_below(rng, 100000));
	if (rng_below(rng, 2) == 0) {
		json_object_set_new(service, "steering", json_string(steering[rng_below(rng, 4)]));
		json_object_set_new(service, "pools", some(rng, pools, 6));
	} else {
		json_object_set_new(service, "steering", json_string("rules"));
		json_object_set_new(service, "default", json_string(pools[rng_below(rng, 6)]));
		json_object_set_new(service, "rules",
				    json_pack("[{s:o, s:s, s:b}]", "match", some(rng, matches, 8),
					      "pool", pools[rng_below(rng, 6)], "strict",
					      (int)rng_below(rng, 2)));
	}
	if (rng_below(rng, 3) == 0) {
		json_object_set_new(service, "on_all_down", json_string("fallback_pool"));
		json_object_set_new(service, "fallback_pool", json_string("p1"));
	}
	return service;
}

static json_t *random_record(struct rng *rng, int number)
{
	static const struct {
		const char *type, *data;
	} forms[] = {
		{"A", "192.0.2.1"},
		{"AAAA", "2001:DB8::1"},
		{"MX", "10 mail"},
		{"TXT", "\"a ; b\" c"},
		{"SRV", "0 5 443 www"},
		{"CAA", "0 issue \"x\""},
		{"HTTPS", "1 . alpn=h2"},
		{"CNAME", "other.example."},
		{"PTR", "host"},
		{"TYPE65280", "\\# 2 ABcd"},
		{"LOC", "52 22 23 N 4 53 32 E 0m"},
	};
	size_t form = rng_below(rng, sizeof forms / sizeof *forms);
	return json_pack("{s:o, s:s, s:I, s:[s]}", "name", json_sprintf("h%d", number), "type",
			 forms[form].type, "ttl", (json_int_t)rng_below(rng, 2147483648), "data",
			 forms[form].data);
}

static json_t *random_list(struct rng *rng, json_t *(*make)(struct rng *, int), int count)
{
	json_t *list = json_array();
	for (int i = 0; i < count; i++)
		json_array_append_new(list, make(rng, i));
	return list;
}

static char *random_document(struct rng *rng)
{
	json_t *records = random_list(rng, random_record, 40);
	json_array_append_new(records, json_pack("{s:s, s:s, s:[ss]}", "name", "@", "type", "NS",
						 "data", "ns1", "ns2.example.net."));
	json_t *zone = json_pack("{s:s, s:I, s:o, s:o}", "name", "example.com", "ttl",
				 (json_int_t)rng_below(rng, 1000), "records", records, "services",
				 random_list(rng, random_service, 10));
	json_t *document = json_pack(
		"{s:i, s:[{s:s, s:f, s:f}], s:[{s:s, s:[s]}], s:o, s:o, s:[o], s:{s:f}}",
		"meridian", 1, "sites", "name", "s", "lat", coordinate(rng, 90), "lon",
		coordinate(rng, 180), "regions", "name", "r0", "places", "OC-NZ", "monitors",
		random_list(rng, random_monitor, 6), "pools", random_list(rng, random_pool, 6),
		"zones", zone, "safety", "panic_fraction", (double)rng_below(rng, 1000) / 1000);
	char *text = json_dumps(document, 0);
	json_decref(document);
	return text;
}

static void check_round_trip(const struct object *object)
{
	struct findings findings = {0};
	json_t *json = codec_encode(object);
	const char *zone = object->kind == KIND_RRSET	  ? object->rrset.zone
			   : object->kind == KIND_SERVICE ? object->service.zone
							  : NULL;
	struct object *again = codec_decode(object->kind, json, zone, "", &findings);
	if (again == NULL)
		fail_msg("%s: %s %s", object->id, findings.at[0].pointer, findings.at[0].message);
	assert_true(codec_equal(object, again));
	object_unref(again);
	json_decref(json);
}

static void test_decode_of_encode_is_the_same_for_random_documents(void **state)
{
	(void)state;
	struct rng rng;
	rng_init(&rng, 20261120);
	struct store *store = open_store(STORE_WRITE);
	for (int round = 0; round < 30; round++) {
		struct changes changes = {0};
		struct findings findings = {0};
		char *text = random_document(&rng);
		if (!document_read(text, strlen(text), false, NULL, &changes, &findings))
			fail_msg("%s: %s\n%s", findings.at[0].pointer, findings.at[0].message,
				 text);
		for (size_t i = 0; i < changes.count; i++)
			check_round_trip(changes.at[i].after);
		changes_fini(&changes);
		apply_document(store, text, true);
		char *export = export_text(store, 0);
		assert_int_equal(apply_document(store, export, true), 0);
		free(export);
		free(text);
	}
	store_close(store);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, make_folder, remove_folder)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_the_document_of_the_contract_is_taken_whole),
		CASE(test_export_then_apply_changes_nothing),
		CASE(test_an_earlier_revision_is_exported_as_it_was),
		CASE(test_what_a_document_does_not_name_stays_or_goes_with_prune),
		CASE(test_overrides_outlive_a_prune),
		CASE(test_records_take_the_ttl_of_their_zone),
		CASE(test_a_bad_document_is_refused_with_pointer_and_sentence),
		CASE(test_garbage_of_ten_megabytes_is_refused),
		CASE(test_decode_of_encode_is_the_same_for_random_documents),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
