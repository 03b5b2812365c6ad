/* Knows services as JSON: their steering, their rules and what a rule matches. */
#include "base/mem.h"
#include "base/strmap.h"
#include "db/codec_kinds.h"
#include "db/names.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { SERVICE_TTL_DEFAULT = 30, RULES_MAX = 10000, BIAS_MAX_KM = 20040 /* half way round */ };

static const char *const steering_words[] = {"rules", "nearest", "failover", "weighted", "hash"};
static const char *const down_words[] = {"serve_all", "serve_last", "fallback_pool", "empty"};

/* "AS" and digits alone is a number; "AS" and "AS-CN" are Asia and China in it. */
static bool is_asn(const char *text)
{
	if (strncmp(text, "AS", 2) != 0 || text[2] == '\0')
		return false;
	return strspn(text + 2, "0123456789") == strlen(text + 2);
}

static void decode_asn_match(const char *text, const struct jpath *path, struct findings *findings,
			     struct match *match)
{
	errno = 0;
	unsigned long long number = strtoull(text + 2, NULL, 10);
	match->kind = MATCH_ASN;
	match->asn = (uint32_t)number;
	if (errno != 0 || number < 1 || number > UINT32_MAX)
		jpath_finding(path, findings,
			      "\"%.40s\" is not an autonomous system; they are AS1 to AS4294967295",
			      text);
}

static void decode_match(const char *text, const struct jpath *path, struct findings *findings,
			 struct match *match)
{
	static const char region[] = "region:";
	match->text = mem_strdup(text);
	if (strncmp(text, region, sizeof region - 1) == 0) {
		match->kind = MATCH_REGION;
		memmove(match->text, text + sizeof region - 1, strlen(text) - sizeof region + 2);
		if (!name_valid(match->text))
			jpath_finding(path, findings,
				      "\"%.80s\" does not name a region; a name " NAME_RULE, text);
	} else if (strpbrk(text, "/:.") != NULL) {
		match->kind = MATCH_CIDR;
		(void)!codec_cidr(text, path, findings, &match->cidr);
	} else if (is_asn(text)) {
		decode_asn_match(text, path, findings, match);
	} else {
		match->kind = MATCH_PLACE;
		free(codec_place(text, path, findings));
	}
}

static void decode_rule(const json_t *json, const struct jpath *path, struct findings *findings,
			struct rule *rule)
{
	struct jread reader;
	jread_open(&reader, json, path, "rule", findings);
	const json_t *array = jread_array(&reader, "match", REQUIRED);
	struct jpath at_match = jpath_key(path, "match");
	if (array != NULL && json_array_size(array) == 0)
		jread_wrong(&reader, "match",
			    "is empty, so the rule matches nobody; name places, regions, prefixes "
			    "or autonomous systems");
	rule->matches = mem_array(json_array_size(array), sizeof *rule->matches);
	for (size_t i = 0; i < json_array_size(array); i++) {
		struct jpath at = jpath_index(&at_match, i);
		const char *text = jread_element_text(json_array_get(array, i), &at, 128, findings);
		if (text != NULL)
			decode_match(text, &at, findings, &rule->matches[rule->match_count++]);
	}
	rule->pool = jread_name(&reader, "pool", REQUIRED);
	rule->strict = jread_bool(&reader, "strict", false);
	jread_close(&reader);
}

static void decode_rules(struct jread *reader, struct service *service)
{
	const json_t *array = jread_array(reader, "rules", OPTIONAL);
	struct jpath path = jpath_key(reader->path, "rules");
	size_t count = json_array_size(array);
	service->default_pool = jread_name(reader, "default", REQUIRED);
	if (count > RULES_MAX) {
		jread_wrong(reader, "rules", "holds %zu rules; a service has at most %d", count,
			    RULES_MAX);
		return;
	}
	service->rules = mem_array(count, sizeof *service->rules);
	for (size_t i = 0; i < count; i++) {
		struct jpath at = jpath_index(&path, i);
		decode_rule(json_array_get(array, i), &at, reader->findings,
			    &service->rules[service->rule_count++]);
	}
}

static bool has_weights(enum steering steering)
{
	return steering == STEERING_WEIGHTED || steering == STEERING_HASH;
}

static int32_t decode_bias(struct jread *reader)
{
	const json_t *value = jread_value(reader, "bias_km", OPTIONAL);
	json_int_t km = json_integer_value(value);
	if (value == NULL)
		return 0;
	if (!json_is_integer(value) || km < -BIAS_MAX_KM || km > BIAS_MAX_KM) {
		jread_wrong(reader, "bias_km", "must be an integer of -%d to %d", BIAS_MAX_KM,
			    BIAS_MAX_KM);
		return 0;
	}
	return (int32_t)km;
}

static void decode_ref(const json_t *json, const struct jpath *path, enum steering steering,
		       struct findings *findings, struct pool_ref *ref)
{
	ref->weight = 1;
	if (json_is_string(json)) {
		const char *text = jread_element_text(json, path, 255, findings);
		if (text != NULL && !name_valid(text))
			jpath_finding(path, findings, "is not a name: \"%.80s\"; a name " NAME_RULE,
				      text);
		ref->pool = mem_strdup(text);
		return;
	}
	struct jread reader;
	jread_open(&reader, json, path, "pool of a service", findings);
	ref->pool = jread_name(&reader, "pool", REQUIRED);
	if (has_weights(steering))
		ref->weight = jread_uint(&reader, "weight", 0, 65535, 1);
	if (steering == STEERING_NEAREST)
		ref->bias_km = decode_bias(&reader);
	jread_close(&reader);
}

static void decode_refs(struct jread *reader, struct service *service)
{
	const json_t *array = jread_array(reader, "pools", REQUIRED);
	struct jpath path = jpath_key(reader->path, "pools");
	struct strmap seen = {0};
	size_t count = json_array_size(array);
	if (array != NULL && count == 0)
		jread_wrong(reader, "pools", "is empty; name at least one pool");
	service->pools = mem_array(count, sizeof *service->pools);
	for (size_t i = 0; i < count; i++) {
		struct jpath at = jpath_index(&path, i);
		struct pool_ref *ref = &service->pools[service->pool_count++];
		decode_ref(json_array_get(array, i), &at, service->steering, reader->findings, ref);
		if (ref->pool != NULL && strmap_put(&seen, ref->pool, ref) != NULL)
			jpath_finding(&at, reader->findings, "names pool \"%.80s\" twice",
				      ref->pool);
	}
	strmap_fini(&seen);
}

static void decode_owner(struct jread *reader, const char *zone, struct object *object)
{
	char canonical[DNS_NAME_TEXT_MAX] = "";
	const char *name = jread_text(reader, "name", REQUIRED, DNS_NAME_TEXT_MAX - 1);
	const char *wrong = name != NULL ? dns_owner_canonical(name, zone, canonical) : NULL;
	if (wrong != NULL)
		jread_wrong(reader, "name", "\"%.80s\" %s (%s)", name, wrong, zone);
	object->service.zone = mem_strdup(zone);
	object->service.name = mem_strdup(canonical);
	object->id = mem_printf("%s/%s", zone, canonical);
}

void codec_decode_service(struct jread *reader, const struct codec_scope *scope,
			  struct object *object)
{
	struct service *service = &object->service;
	decode_owner(reader, scope->zone, object);
	service->ttl = jread_uint(reader, "ttl", 0, TTL_MAX, SERVICE_TTL_DEFAULT);
	service->steering = (enum steering)jread_word(reader, "steering", steering_words, 5, 5);
	if (service->steering == STEERING_RULES)
		decode_rules(reader, service);
	else
		decode_refs(reader, service);
	if (service->steering == STEERING_NEAREST)
		service->default_pool = jread_name(reader, "default", OPTIONAL);
	service->on_all_down =
		(enum on_all_down)jread_word(reader, "on_all_down", down_words, 4, 0);
	service->fallback_pool = jread_name(reader, "fallback_pool", OPTIONAL);
	if (service->on_all_down == ALL_DOWN_FALLBACK_POOL && service->fallback_pool == NULL)
		jread_wrong(reader, "on_all_down",
			    "is \"fallback_pool\", so name the pool in \"fallback_pool\"");
	if (service->on_all_down != ALL_DOWN_FALLBACK_POOL && service->fallback_pool != NULL)
		jread_wrong(reader, "fallback_pool",
			    "is never used; set \"on_all_down\" to \"fallback_pool\"");
}

static json_t *encode_match(const struct match *match)
{
	if (match->kind == MATCH_REGION)
		return json_sprintf("region:%s", match->text);
	return json_string(match->text);
}

static json_t *encode_rules(const struct service *service)
{
	json_t *rules = json_array();
	for (size_t i = 0; i < service->rule_count; i++) {
		const struct rule *rule = &service->rules[i];
		json_t *matches = json_array();
		for (size_t k = 0; k < rule->match_count; k++)
			json_array_append_new(matches, encode_match(&rule->matches[k]));
		json_array_append_new(rules, json_pack("{s:o, s:s, s:b}", "match", matches, "pool",
						       rule->pool, "strict", rule->strict));
	}
	return rules;
}

static json_t *encode_refs(const struct service *service)
{
	json_t *refs = json_array();
	for (size_t i = 0; i < service->pool_count; i++) {
		const struct pool_ref *ref = &service->pools[i];
		json_t *json = json_string(ref->pool);
		if (has_weights(service->steering))
			json = json_pack("{s:o, s:I}", "pool", json, "weight",
					 (json_int_t)ref->weight);
		else if (service->steering == STEERING_NEAREST)
			json = json_pack("{s:o, s:I}", "pool", json, "bias_km",
					 (json_int_t)ref->bias_km);
		json_array_append_new(refs, json);
	}
	return refs;
}

json_t *codec_encode_service(const struct object *object)
{
	const struct service *service = &object->service;
	json_t *json =
		json_pack("{s:s, s:I, s:s}", "name", service->name, "ttl", (json_int_t)service->ttl,
			  "steering", steering_words[service->steering]);
	if (service->steering == STEERING_RULES) {
		json_object_set_new(json, "default", json_string(service->default_pool));
		json_object_set_new(json, "rules", encode_rules(service));
	} else {
		json_object_set_new(json, "pools", encode_refs(service));
	}
	if (service->steering == STEERING_NEAREST)
		json_object_set_new(json, "default", codec_text(service->default_pool));
	json_object_set_new(json, "on_all_down", json_string(down_words[service->on_all_down]));
	json_object_set_new(json, "fallback_pool", codec_text(service->fallback_pool));
	return json;
}
