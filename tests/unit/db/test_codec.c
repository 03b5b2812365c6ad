/* Every kind of object out of JSON and back, and every rule that refuses one. */
#include "db/codec.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants the four above first */
#include <cmocka.h>

struct example {
	enum kind kind;
	const char *json;
};

static const char *zone_of(enum kind kind)
{
	return kind == KIND_RRSET || kind == KIND_SERVICE ? "example.com" : NULL;
}

static struct object *decode(enum kind kind, const char *text, struct findings *findings)
{
	json_error_t error;
	json_t *json = json_loads(text, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
	if (json == NULL)
		fail_msg("%s: %s", text, error.text);
	struct object *object = codec_decode(kind, json, zone_of(kind), "/x", findings);
	json_decref(json);
	return object;
}

static struct object *decode_good(enum kind kind, const char *text)
{
	struct findings findings = {0};
	struct object *object = decode(kind, text, &findings);
	if (object == NULL)
		fail_msg("%s: %s %s", text, findings.at[0].pointer, findings.at[0].message);
	assert_int_equal(findings.count, 0);
	return object;
}

static const struct example good[] = {
	{KIND_SITE, "{\"name\": \"fra\", \"lat\": 50.11, \"lon\": 8.68}"},
	{KIND_SITE, "{\"name\": \"fra\"}"},
	{KIND_SITE, "{\"name\": \"fra\", \"lat\": null, \"lon\": null}"},
	{KIND_SITE, "{\"name\": \"pole\", \"lat\": -90, \"lon\": 180}"},
	{KIND_REGION,
	 "{\"name\": \"dach\", \"places\": [\"EU-DE\", \"EU-AT\", \"NA-US-CA\", \"AS\"], "
	 "\"cidrs\": [\"198.51.100.0/24\", \"2001:db8::/32\"], \"asns\": [64500]}"},
	{KIND_GEO,
	 "{\"cidr\": \"203.0.113.0/24\", \"place\": \"EU-DE\", \"lat\": 52.5, \"lon\": 13.4, "
	 "\"asn\": 64500, \"note\": \"office VPN\"}"},
	{KIND_GEO, "{\"cidr\": \"2001:DB8::/32\", \"place\": null, \"asn\": 1}"},
	{KIND_MONITOR,
	 "{\"name\": \"web\", \"type\": \"https\", \"port\": 443, \"path\": \"/healthz\", "
	 "\"host\": "
	 "\"www.example.com\", \"sni\": \"www.example.com\", \"method\": \"GET\", \"headers\": "
	 "{\"User-Agent\": \"meridian\"}, \"expect_status\": \"200-299,304\", \"expect_body\": "
	 "\"ok\", "
	 "\"verify\": true, \"ca_file\": null, \"client_cert\": null, \"client_key\": null, "
	 "\"min_tls\": "
	 "\"1.2\", \"http\": \"1.1\", \"connection\": \"session\", \"interval_ms\": 5000, "
	 "\"timeout_ms\": "
	 "2000, \"fall\": 3, \"rise\": 2, \"recheck_ms\": 1000, \"degraded_above_ms\": 800, "
	 "\"cert_warn_days\": 21}"},
	{KIND_MONITOR, "{\"name\": \"m\", \"type\": \"https\"}"},
	{KIND_MONITOR, "{\"name\": \"m\", \"type\": \"http\", \"interval_ms\": 100}"},
	{KIND_MONITOR, "{\"name\": \"m\", \"type\": \"tcp\", \"port\": 25}"},
	{KIND_MONITOR, "{\"name\": \"m\", \"type\": \"tls\", \"sni\": \"a.example\"}"},
	{KIND_MONITOR, "{\"name\": \"m\", \"type\": \"dns\", \"host\": \"a.example\"}"},
	{KIND_MONITOR, "{\"name\": \"m\", \"type\": \"icmp\"}"},
	{KIND_POOL, "{\"name\": \"eu\", \"lat\": 50.11, \"lon\": 8.68, \"monitor\": \"web\", "
		    "\"answers\": \"all\", "
		    "\"max_answers\": 2, \"min_healthy\": 1, \"fallback\": \"us\", \"endpoints\": "
		    "[{\"name\": \"eu1\", "
		    "\"address\": \"192.0.2.10\", \"weight\": 10, \"priority\": 1, \"enabled\": "
		    "true}, {\"name\": "
		    "\"eu2\", \"address\": \"2001:db8::10\"}]}"},
	{KIND_POOL,
	 "{\"name\": \"c\", \"kind\": \"cname\", \"endpoints\": [{\"name\": \"a\", \"address\": "
	 "\"lb.example.net\", \"weight\": 0}]}"},
	{KIND_POOL, "{\"name\": \"empty\"}"},
	{KIND_ZONE,
	 "{\"name\": \"Example.COM.\", \"ttl\": 300, \"primary\": \"ns1.example.com.\", "
	 "\"contact\": \"hostmaster.example.com.\", \"negative_ttl\": 300, \"ecs\": true}"},
	{KIND_ZONE, "{\"name\": \".\"}"},
	{KIND_ZONE, "{\"name\": \"e@ample.com\"}"},
	{KIND_ZONE, "{\"name\": \"example.org\", \"ttl\": 2147483647}"},
	{KIND_RRSET,
	 "{\"name\": \"@\", \"type\": \"NS\", \"ttl\": 86400, \"data\": [\"ns1.example.com.\", "
	 "\"ns2\"]}"},
	{KIND_RRSET,
	 "{\"name\": \"WWW.Example.com.\", \"type\": \"a\", \"data\": [\"192.0.2.53\"]}"},
	{KIND_RRSET,
	 "{\"name\": \"*\", \"type\": \"TYPE65280\", \"data\": [\"\\\\# 4 0a000001\"]}"},
	{KIND_SERVICE, "{\"name\": \"www\", \"ttl\": 30, \"steering\": \"rules\", \"default\": "
		       "\"us\", \"on_all_down\": "
		       "\"serve_all\", \"rules\": [{\"match\": [\"EU\", \"AF\", \"region:dach\", "
		       "\"203.0.113.0/24\", "
		       "\"AS64500\"], \"pool\": \"eu\"}, {\"match\": [\"AS-CN\", \"AS\"], "
		       "\"pool\": \"cn\", \"strict\": "
		       "true}]}"},
	{KIND_SERVICE,
	 "{\"name\": \"cdn\", \"steering\": \"nearest\", \"pools\": [\"eu\", {\"pool\": "
	 "\"us\", \"bias_km\": -200}]}"},
	{KIND_SERVICE,
	 "{\"name\": \"app\", \"steering\": \"weighted\", \"pools\": [{\"pool\": \"eu\", "
	 "\"weight\": 9}, {\"pool\": \"us\", \"weight\": 0}]}"},
	{KIND_SERVICE, "{\"name\": \"@\", \"steering\": \"failover\", \"pools\": [\"eu\", \"us\"], "
		       "\"on_all_down\": \"fallback_pool\", \"fallback_pool\": \"sorry\"}"},
	{KIND_PREFIX, "{\"prefix\": \"192.0.2.0/24\", \"address\": \"192.0.2.53\", \"sites\": "
		      "[\"fra\"], \"interface\": "
		      "\"lo\", \"needs\": {\"dns\": \"example.com. SOA\", \"pools\": [\"eu\"]}, "
		      "\"on_backends_down\": "
		      "\"degrade\", \"drain_s\": 30, \"min_sites\": 1}"},
	{KIND_PREFIX,
	 "{\"prefix\": \"2001:db8::/48\", \"address\": \"2001:db8::53\", \"sites\": []}"},
	{KIND_SAFETY,
	 "{\"max_withdraw_per_10min\": 3, \"panic_fraction\": 0.5, \"database_old_days\": 45}"},
	{KIND_SAFETY, "{}"},
	{KIND_ALERT,
	 "{\"name\": \"ops\", \"type\": \"webhook\", \"url\": \"https://hooks.example.com/x\", "
	 "\"events\": [\"endpoint\", \"prefix\"]}"},
	{KIND_ALERT, "{\"name\": \"ops\", \"type\": \"email\", \"to\": \"ops@example.com\"}"},
	{KIND_OVERRIDE,
	 "{\"object\": \"endpoint/eu/eu1\", \"action\": \"drain\", \"reason\": \"upgrade\", "
	 "\"starts\": \"2026-11-20T12:00:00Z\", \"ends\": \"2026-11-20T15:00:00+01:30\"}"},
};

static void test_every_kind_survives_decoding_and_encoding(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		struct object *object = decode_good(good[i].kind, good[i].json);
		json_t *once = codec_encode(object);
		assert_non_null(once);
		char *text = json_dumps(once, CODEC_DUMP_FLAGS);
		struct object *again = decode_good(good[i].kind, text);
		json_t *twice = codec_encode(again);
		assert_true(json_equal(once, twice));
		assert_true(codec_equal(object, again));
		assert_string_equal(object->id, again->id);
		object_unref(object);
		object_unref(again);
		json_decref(once);
		json_decref(twice);
		free(text);
	}
}

static const struct {
	enum kind kind;
	const char *json, *pointer, *part;
} bad[] = {
	{KIND_SITE, "[]", "/x", "a site must be an object, not an array"},
	{KIND_SITE, "{}", "/x", "this site lacks \"name\""},
	{KIND_SITE, "{\"name\": \"Fra\"}", "/x/name", "must match [a-z0-9]"},
	{KIND_SITE, "{\"name\": \"-a\"}", "/x/name", "must match"},
	{KIND_SITE, "{\"name\": 7}", "/x/name", "must be text, not an integer"},
	{KIND_SITE, "{\"name\": \"a\", \"a/b~\": 1}", "/x/a~1b~0", "is not a key of this site"},
	{KIND_SITE, "{\"name\": \"a\", \"lat\": 1}", "/x/lat", "stands alone"},
	{KIND_SITE, "{\"name\": \"a\", \"lat\": 90.1, \"lon\": 0}", "/x/lat", "-90 to 90"},
	{KIND_SITE, "{\"name\": \"a\", \"lat\": \"1\", \"lon\": 0}", "/x/lat", "must be a number"},
	{KIND_REGION, "{\"name\": \"r\"}", "/x", "is empty"},
	{KIND_REGION, "{\"name\": \"r\", \"places\": [\"DE\"]}", "/x/places/0", "write EU-DE"},
	{KIND_REGION, "{\"name\": \"r\", \"places\": [\"AS-DE\"]}", "/x/places/0", "write EU-DE"},
	{KIND_REGION, "{\"name\": \"r\", \"places\": [\"EU-XX\"]}", "/x/places/0", "no country"},
	{KIND_REGION, "{\"name\": \"r\", \"places\": [\"eu\"]}", "/x/places/0", "is not a place"},
	{KIND_REGION, "{\"name\": \"r\", \"cidrs\": [\"10.0.0.1/8\"]}", "/x/cidrs/0", "10.0.0.1/8"},
	{KIND_REGION, "{\"name\": \"r\", \"asns\": [0]}", "/x/asns/0", "1 to 4294967295"},
	{KIND_REGION, "{\"name\": \"r\", \"asns\": [4294967296]}", "/x/asns/0", "1 to 4294967295"},
	{KIND_GEO, "{\"cidr\": \"10.0.0.0/8\"}", "/x", "says nothing"},
	{KIND_GEO, "{\"cidr\": \"10.0.0.0/33\", \"asn\": 1}", "/x/cidr", "10.0.0.0/33"},
	{KIND_MONITOR, "{\"name\": \"m\"}", "/x", "lacks \"type\""},
	{KIND_MONITOR, "{\"name\": \"m\", \"type\": \"exec\"}", "/x/type",
	 "must be one of \"https\""},
	{KIND_MONITOR, "{\"name\": \"m\", \"type\": \"tcp\"}", "/x", "needs a \"port\""},
	{KIND_MONITOR, "{\"name\": \"m\", \"type\": \"tcp\", \"port\": 0}", "/x/port",
	 "1 to 65535"},
	{KIND_MONITOR, "{\"name\": \"m\", \"type\": \"tcp\", \"port\": 65536}", "/x/port",
	 "1 to 65535"},
	{KIND_MONITOR, "{\"name\": \"m\", \"type\": \"tcp\", \"port\": 1, \"path\": \"/\"}",
	 "/x/path", "is not a key of this monitor"},
	{KIND_MONITOR, "{\"name\": \"m\", \"type\": \"http\", \"path\": \"x\"}", "/x/path",
	 "begin with"},
	{KIND_MONITOR, "{\"name\": \"m\", \"type\": \"http\", \"method\": \"DELETE\"}", "/x/method",
	 "GET"},
	{KIND_MONITOR, "{\"name\": \"m\", \"type\": \"http\", \"headers\": {\"a b\": \"c\"}}",
	 "/x/headers/a b", "is not the name of a header field"},
	{KIND_MONITOR, "{\"name\": \"m\", \"type\": \"http\", \"headers\": {\"Host\": \"c\"}}",
	 "/x/headers/Host", "use \"host\""},
	{KIND_MONITOR,
	 "{\"name\": \"m\", \"type\": \"http\", \"headers\": {\"a\": \"b\\r\\nc: d\"}}",
	 "/x/headers/a", "control character"},
	{KIND_MONITOR, "{\"name\": \"m\", \"type\": \"http\", \"expect_status\": \"99\"}",
	 "/x/expect_status", "codes and ranges"},
	{KIND_MONITOR, "{\"name\": \"m\", \"type\": \"http\", \"expect_status\": \"200-\"}",
	 "/x/expect_status", "codes and ranges"},
	{KIND_MONITOR, "{\"name\": \"m\", \"type\": \"http\", \"expect_status\": \"300-200\"}",
	 "/x/expect_status", "codes and ranges"},
	{KIND_MONITOR, "{\"name\": \"m\", \"type\": \"http\", \"expect_status\": \"200,\"}",
	 "/x/expect_status", "codes and ranges"},
	{KIND_MONITOR, "{\"name\": \"m\", \"type\": \"http\", \"timeout_ms\": 6000}",
	 "/x/timeout_ms", "longer than interval_ms"},
	{KIND_MONITOR, "{\"name\": \"m\", \"type\": \"http\", \"fall\": 0}", "/x/fall", "1 to 100"},
	{KIND_MONITOR, "{\"name\": \"m\", \"type\": \"https\", \"ca_file\": \"ca.pem\"}",
	 "/x/ca_file", "absolute path"},
	{KIND_MONITOR, "{\"name\": \"m\", \"type\": \"https\", \"client_key\": \"/k\"}",
	 "/x/client_key", "stands alone"},
	{KIND_MONITOR, "{\"name\": \"m\", \"type\": \"https\", \"sni\": \"192.0.2.1\"}", "/x/sni",
	 "is not a host name"},
	{KIND_MONITOR,
	 "{\"name\": \"m\", \"type\": \"http\", \"method\": \"HEAD\", \"expect_body\": \"x\"}",
	 "/x/expect_body", "has no body"},
	{KIND_POOL,
	 "{\"name\": \"p\", \"endpoints\": [{\"name\": \"a\", \"address\": \"192.0.2.300\"}]}",
	 "/x/endpoints/0/address", "is not an IP address: \"192.0.2.300\""},
	{KIND_POOL, "{\"name\": \"p\", \"endpoints\": [{\"name\": \"a\", \"address\": \"::\"}]}",
	 "/x/endpoints/0/address", "unspecified"},
	{KIND_POOL,
	 "{\"name\": \"p\", \"endpoints\": [{\"name\": \"a\", \"address\": \"224.0.0.1\"}]}",
	 "/x/endpoints/0/address", "multicast"},
	{KIND_POOL,
	 "{\"name\": \"p\", \"endpoints\": [{\"name\": \"a\", \"address\": \"192.0.2.1\", "
	 "\"weight\": -1}]}",
	 "/x/endpoints/0/weight", "must be an integer of 0 to 65535; it is -1"},
	{KIND_POOL,
	 "{\"name\": \"p\", \"endpoints\": [{\"name\": \"a\", \"address\": \"192.0.2.1\", "
	 "\"weight\": 1.5}]}",
	 "/x/endpoints/0/weight", "not a number"},
	{KIND_POOL,
	 "{\"name\": \"p\", \"endpoints\": [{\"name\": \"a\", \"address\": \"192.0.2.1\"}, "
	 "{\"name\": \"a\", "
	 "\"address\": \"192.0.2.2\"}]}",
	 "/x/endpoints/1", "\"a\" is in this pool already"},
	{KIND_POOL,
	 "{\"name\": \"p\", \"endpoints\": [{\"name\": \"a\", \"address\": \"2001:db8::1\"}, "
	 "{\"name\": \"b\", "
	 "\"address\": \"2001:DB8:0::1\"}]}",
	 "/x/endpoints/1", "is the address of endpoint \"a\" already"},
	{KIND_POOL,
	 "{\"name\": \"p\", \"kind\": \"cname\", \"endpoints\": [{\"name\": \"a\", \"address\": "
	 "\"192.0.2.1\"}]}",
	 "/x/endpoints/0/address", "is not a host name"},
	{KIND_POOL, "{\"name\": \"p\", \"min_healthy\": 2}", "/x/min_healthy", "could never serve"},
	{KIND_POOL, "{\"name\": \"p\", \"enabled\": true}", "/x/enabled",
	 "is not a key of this pool"},
	{KIND_ZONE, "{\"name\": \"a..b\"}", "/x/name", "empty label"},
	{KIND_ZONE, "{\"name\": \"a/b\"}", "/x/name", "RFC 2317"},
	{KIND_ZONE, "{\"name\": \"b\\u00fccher.example\"}", "/x/name", "Punycode"},
	{KIND_ZONE, "{\"name\": \"a\", \"ttl\": 2147483648}", "/x/ttl", "0 to 2147483647"},
	{KIND_ZONE, "{\"name\": \"a\", \"contact\": \"x@example.com\"}", "/x/contact",
	 "holds an \"@\""},
	{KIND_RRSET, "{\"name\": \"w\", \"type\": \"SOA\", \"data\": [\"a b 1 2 3 4 5\"]}",
	 "/x/type", "\"primary\", \"contact\""},
	{KIND_RRSET, "{\"name\": \"w\", \"type\": \"NSEC\", \"data\": [\"a A\"]}", "/x/type",
	 "signed"},
	{KIND_RRSET, "{\"name\": \"w\", \"type\": \"ANY\", \"data\": [\"a\"]}", "/x/type",
	 "not a type"},
	{KIND_RRSET, "{\"name\": \"w\", \"type\": \"A\", \"data\": [\"192.0.2.300\"]}", "/x/data/0",
	 "is not an IPv4 address: \"192.0.2.300\""},
	{KIND_RRSET, "{\"name\": \"w\", \"type\": \"A\", \"data\": []}", "/x/data", "is empty"},
	{KIND_RRSET, "{\"name\": \"w\", \"type\": \"A\", \"data\": \"192.0.2.1\"}", "/x/data",
	 "must be an array"},
	{KIND_RRSET,
	 "{\"name\": \"w\", \"type\": \"A\", \"data\": [\"192.0.2.1\", \"192.0.2.2\", "
	 "\"192.0.2.1\"]}",
	 "/x/data/2", "says the same as data 0"},
	{KIND_RRSET, "{\"name\": \"w\", \"type\": \"CNAME\", \"data\": [\"a\", \"b\"]}", "/x/data",
	 "one CNAME at most"},
	{KIND_RRSET, "{\"name\": \"w.example.org.\", \"type\": \"A\", \"data\": [\"192.0.2.1\"]}",
	 "/x/name", "outside of the zone"},
	{KIND_SERVICE, "{\"name\": \"w\", \"pools\": [\"a\"]}", "/x", "lacks \"steering\""},
	{KIND_SERVICE, "{\"name\": \"w\", \"steering\": \"rules\", \"rules\": []}", "/x",
	 "lacks \"default\""},
	{KIND_SERVICE, "{\"name\": \"w\", \"steering\": \"nearest\", \"pools\": []}", "/x/pools",
	 "is empty"},
	{KIND_SERVICE,
	 "{\"name\": \"w\", \"steering\": \"failover\", \"pools\": [\"a\"], \"default\": \"a\"}",
	 "/x/default", "is not a key"},
	{KIND_SERVICE,
	 "{\"name\": \"w\", \"steering\": \"nearest\", \"pools\": [{\"pool\": \"a\", \"weight\": "
	 "1}]}",
	 "/x/pools/0/weight", "is not a key"},
	{KIND_SERVICE,
	 "{\"name\": \"w\", \"steering\": \"weighted\", \"pools\": [{\"pool\": \"a\", \"weight\": "
	 "-1}]}",
	 "/x/pools/0/weight", "0 to 65535"},
	{KIND_SERVICE, "{\"name\": \"w\", \"steering\": \"hash\", \"pools\": [\"a\", \"a\"]}",
	 "/x/pools/1", "twice"},
	{KIND_SERVICE,
	 "{\"name\": \"w\", \"steering\": \"rules\", \"default\": \"a\", \"rules\": [{\"match\": "
	 "[], \"pool\": \"a\"}]}",
	 "/x/rules/0/match", "matches nobody"},
	{KIND_SERVICE,
	 "{\"name\": \"w\", \"steering\": \"rules\", \"default\": \"a\", \"rules\": [{\"match\": "
	 "[\"AS4294967296\"], "
	 "\"pool\": \"a\"}]}",
	 "/x/rules/0/match/0", "AS1 to AS4294967295"},
	{KIND_SERVICE,
	 "{\"name\": \"w\", \"steering\": \"rules\", \"default\": \"a\", \"rules\": [{\"match\": "
	 "[\"AS0\"], \"pool\": "
	 "\"a\"}]}",
	 "/x/rules/0/match/0", "AS1 to AS4294967295"},
	{KIND_SERVICE,
	 "{\"name\": \"w\", \"steering\": \"rules\", \"default\": \"a\", \"rules\": [{\"match\": "
	 "[\"203.0.113.1/24\"], "
	 "\"pool\": \"a\"}]}",
	 "/x/rules/0/match/0", "203.0.113.1/24"},
	{KIND_SERVICE,
	 "{\"name\": \"w\", \"steering\": \"hash\", \"pools\": [\"a\"], \"on_all_down\": "
	 "\"fallback_pool\"}",
	 "/x/on_all_down", "name the pool"},
	{KIND_SERVICE,
	 "{\"name\": \"w\", \"steering\": \"hash\", \"pools\": [\"a\"], \"fallback_pool\": \"b\"}",
	 "/x/fallback_pool", "never used"},
	{KIND_PREFIX, "{\"prefix\": \"192.0.2.0/24\", \"address\": \"192.0.3.1\", \"sites\": []}",
	 "/x/address", "does not lie within 192.0.2.0/24"},
	{KIND_PREFIX, "{\"prefix\": \"0.0.0.0/0\", \"address\": \"192.0.3.1\", \"sites\": []}",
	 "/x/prefix", "default route"},
	{KIND_PREFIX,
	 "{\"prefix\": \"192.0.2.0/24\", \"address\": \"192.0.2.1\", \"sites\": [], \"needs\": "
	 "{\"dns\": \"x\"}}",
	 "/x/needs/dns", "a name and a type"},
	{KIND_PREFIX,
	 "{\"prefix\": \"192.0.2.0/24\", \"address\": \"192.0.2.1\", \"sites\": [], \"interface\": "
	 "\"a/b\"}",
	 "/x/interface", "is not the name of an interface"},
	{KIND_SAFETY, "{\"panic_fraction\": 1.1}", "/x/panic_fraction", "0 to 1"},
	{KIND_ALERT, "{\"name\": \"a\", \"type\": \"webhook\", \"url\": \"ftp://x\"}", "/x/url",
	 "https://"},
	{KIND_ALERT, "{\"name\": \"a\", \"type\": \"email\", \"to\": \"ops\"}", "/x/to",
	 "mail address"},
	{KIND_ALERT, "{\"name\": \"a\", \"type\": \"email\", \"to\": \"a@b\", \"events\": [\"x\"]}",
	 "/x/events/0", "is not a kind of event"},
	{KIND_OVERRIDE,
	 "{\"object\": \"zone/x\", \"action\": \"up\", \"reason\": \"r\", \"ends\": "
	 "\"2026-11-20T12:00:00Z\"}",
	 "/x/object", "endpoint/POOL/NAME"},
	{KIND_OVERRIDE,
	 "{\"object\": \"pool/x\", \"action\": \"up\", \"reason\": \"r\", \"ends\": \"tomorrow\"}",
	 "/x/ends", "is not a time"},
	{KIND_OVERRIDE,
	 "{\"object\": \"pool/x\", \"action\": \"up\", \"ends\": \"2026-11-20T12:00:00Z\"}", "/x",
	 "lacks \"reason\""},
	{KIND_OVERRIDE,
	 "{\"object\": \"pool/x\", \"action\": \"up\", \"reason\": \"r\", \"starts\": "
	 "\"2026-11-20T12:00:00Z\", "
	 "\"ends\": \"2026-11-20T13:00:00+01:30\"}",
	 "/x/ends", "is not after"},
};

static void test_every_rule_refuses_with_pointer_and_sentence(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct findings findings = {0};
		if (decode(bad[i].kind, bad[i].json, &findings) != NULL)
			fail_msg("accepted: %s", bad[i].json);
		assert_true(findings.count > 0);
		bool found = false;
		for (size_t k = 0; k < findings.count; k++)
			found |= strcmp(findings.at[k].pointer, bad[i].pointer) == 0 &&
				 strstr(findings.at[k].message, bad[i].part) != NULL;
		if (!found)
			fail_msg("%s\n gave %s: %s", bad[i].json, findings.at[0].pointer,
				 findings.at[0].message);
		findings_fini(&findings);
	}
}

static void test_every_fault_is_found_up_to_the_limit(void **state)
{
	(void)state;
	struct findings findings = {0};
	json_t *json = json_pack("{s:s}", "name", "a");
	for (int i = 0; i < 150; i++) {
		char key[16];
		snprintf(key, sizeof key, "k%d", i);
		json_object_set_new(json, key, json_true());
	}
	assert_null(codec_decode(KIND_SITE, json, NULL, "", &findings));
	assert_int_equal(findings.count, FINDINGS_MAX);
	assert_int_equal(findings.dropped, 50);
	json_t *list = findings_json(&findings);
	assert_int_equal(json_array_size(list), FINDINGS_MAX);
	json_decref(list);
	json_decref(json);
	findings_fini(&findings);
}

static void test_a_cut_or_broken_quotation_stays_valid_text(void **state)
{
	(void)state;
	struct findings findings = {0};
	findings_add(&findings, "/a", "cut \"%.2s\" \x1b[31m %s", "a\xc3\xa4", "\xed\xa0\x80");
	assert_string_equal(findings.at[0].message, "cut \"a?\" ?[31m ???");
	findings_fini(&findings);
}

static void test_ids_are_canonical(void **state)
{
	(void)state;
	static const struct {
		enum kind kind;
		const char *json, *id;
	} table[] = {
		{KIND_ZONE, "{\"name\": \"Example.COM.\"}", "example.com"},
		{KIND_GEO, "{\"cidr\": \"2001:DB8:0::/32\", \"asn\": 1}", "2001:db8::/32"},
		{KIND_RRSET, "{\"name\": \"WWW\", \"type\": \"aaaa\", \"data\": [\"::1\"]}",
		 "example.com/www/AAAA"},
		{KIND_RRSET,
		 "{\"name\": \"example.com.\", \"type\": \"TYPE1\", \"data\": [\"192.0.2.1\"]}",
		 "example.com/@/A"},
		{KIND_SERVICE, "{\"name\": \"*.CDN\", \"steering\": \"hash\", \"pools\": [\"a\"]}",
		 "example.com/*.cdn"},
		{KIND_SAFETY, "{}", "safety"},
		{KIND_OVERRIDE,
		 "{\"object\": \"prefix/2001:DB8::/32\", \"action\": \"up\", \"reason\": \"r\", "
		 "\"ends\": "
		 "\"2026-11-20T12:00:00Z\"}",
		 "prefix/2001:db8::/32"},
	};
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		struct object *object = decode_good(table[i].kind, table[i].json);
		assert_string_equal(object->id, table[i].id);
		object_unref(object);
	}
}

static void test_as_with_digits_is_a_number_and_without_is_asia(void **state)
{
	(void)state;
	struct object *object = decode_good(
		KIND_SERVICE,
		"{\"name\": \"w\", \"steering\": \"rules\", \"default\": \"d\", "
		"\"rules\": [{\"match\": [\"AS\", \"AS-CN\", \"AS64500\", \"10.0.0.1\", "
		"\"2001:db8::/32\", \"region:x\"], \"pool\": \"p\"}]}");
	const struct match *matches = object->service.rules[0].matches;
	assert_int_equal(matches[0].kind, MATCH_PLACE);
	assert_int_equal(matches[1].kind, MATCH_PLACE);
	assert_int_equal(matches[2].kind, MATCH_ASN);
	assert_int_equal(matches[2].asn, 64500);
	assert_int_equal(matches[3].kind, MATCH_CIDR);
	assert_int_equal(matches[3].cidr.len, 32);
	assert_int_equal(matches[4].kind, MATCH_CIDR);
	assert_int_equal(matches[5].kind, MATCH_REGION);
	assert_string_equal(matches[5].text, "x");
	object_unref(object);
}

static void test_record_sets_inherit_the_ttl_of_their_zone(void **state)
{
	(void)state;
	struct findings findings = {0};
	json_t *json =
		json_pack("{s:s, s:s, s:[s]}", "name", "w", "type", "A", "data", "192.0.2.1");
	struct object *object = codec_decode_rrset(json, "example.com", 77, "", &findings);
	assert_non_null(object);
	assert_int_equal(object->rrset.ttl, 77);
	assert_int_equal(object->rrset.rdata_len, 6);
	assert_memory_equal(object->rrset.rdata, "\0\4\300\0\2\1", 6);
	object_unref(object);
	json_decref(json);
}

static void test_a_set_without_presentation_forms_is_encoded_from_its_wire_forms(void **state)
{
	(void)state;
	struct object *object = decode_good(
		KIND_RRSET,
		"{\"name\": \"w\", \"type\": \"MX\", \"data\": [\"10 a\", \"20 b.example.\"]}");
	struct object *bare = decode_good(
		KIND_RRSET,
		"{\"name\": \"w\", \"type\": \"MX\", \"data\": [\"10 a\", \"20 b.example.\"]}");
	for (size_t i = 0; i < bare->rrset.data.count; i++)
		free(bare->rrset.data.at[i]);
	bare->rrset.data.count = 0;
	json_t *json = codec_encode(bare);
	json_t *data = json_object_get(json, "data");
	assert_string_equal(json_string_value(json_array_get(data, 0)), "10 a.example.com.");
	assert_string_equal(json_string_value(json_array_get(data, 1)), "20 b.example.");
	json_decref(json);
	object_unref(object);
	object_unref(bare);
}

static void test_a_set_that_fits_no_message_is_refused(void **state)
{
	(void)state;
	json_t *data = json_array();
	for (int i = 0; i < 4000; i++)
		json_array_append_new(data, json_sprintf("10.0.%d.%d", i / 256, i % 256));
	json_t *json = json_pack("{s:s, s:s, s:O}", "name", "w", "type", "A", "data", data);
	struct findings findings = {0};
	assert_null(codec_decode(KIND_RRSET, json, "example.com", "", &findings));
	assert_string_equal(findings.at[0].pointer, "/data");
	findings_fini(&findings);
	while (json_array_size(data) > 3500)
		json_array_remove(data, 0);
	struct object *object = codec_decode(KIND_RRSET, json, "example.com", "", &findings);
	assert_non_null(object);
	object_unref(object);
	json_decref(json);
	json_decref(data);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_kind_survives_decoding_and_encoding),
		cmocka_unit_test(test_every_rule_refuses_with_pointer_and_sentence),
		cmocka_unit_test(test_every_fault_is_found_up_to_the_limit),
		cmocka_unit_test(test_a_cut_or_broken_quotation_stays_valid_text),
		cmocka_unit_test(test_ids_are_canonical),
		cmocka_unit_test(test_as_with_digits_is_a_number_and_without_is_asia),
		cmocka_unit_test(test_record_sets_inherit_the_ttl_of_their_zone),
		cmocka_unit_test(
			test_a_set_without_presentation_forms_is_encoded_from_its_wire_forms),
		cmocka_unit_test(test_a_set_that_fits_no_message_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
