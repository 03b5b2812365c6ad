/* Knows pools and their endpoints as JSON. */
#include "base/mem.h"
#include "base/strmap.h"
#include "db/codec_kinds.h"
#include "db/names.h"

#include <stdlib.h>
#include <string.h>

enum { WEIGHT_MAX = 65535, PRIORITY_MAX = 65535, ENDPOINTS_MAX = 10000 };

static const char *const answers_words[] = {"all", "weighted", "hash", "failover"};
static const char *const kind_words[] = {"address", "cname"};

/* The half-sentence that says why IP cannot be an endpoint's, or NULL. */
static const char *unusable(const struct addr *ip)
{
	static const uint8_t zeros[16];
	static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
	if (memcmp(ip->bytes, zeros, sizeof zeros) == 0)
		return "is the unspecified address";
	if (ip->family == ADDR_IPV4 ? (ip->bytes[0] & 0xf0) == 0xe0 : ip->bytes[0] == 0xff)
		return "is a multicast address";
	if (ip->family == ADDR_IPV4 && ip->bytes[0] >= 0xf0)
		return "is of the reserved range 240.0.0.0/4";
	if (ip->family == ADDR_IPV6 && memcmp(ip->bytes, mapped, sizeof mapped) == 0)
		return "is an IPv4 address in IPv6 form; write it as IPv4";
	return NULL;
}

static void decode_address(struct jread *reader, bool cname, struct endpoint *endpoint)
{
	const char *text = jread_text(reader, "address", REQUIRED, 255);
	if (text == NULL)
		return;
	endpoint->address = mem_strdup(text);
	if (cname) {
		if (!host_name_valid(text))
			jread_wrong(reader, "address",
				    "is not a host name: \"%.80s\"; a pool of kind \"cname\" holds "
				    "host names",
				    text);
		return;
	}
	if (!addr_parse(text, &endpoint->ip)) {
		jread_wrong(reader, "address",
			    "is not an IP address: \"%.80s\"; host names need a pool of \"kind\": "
			    "\"cname\"",
			    text);
		return;
	}
	const char *why = unusable(&endpoint->ip);
	if (why != NULL)
		jread_wrong(reader, "address", "\"%s\" %s", text, why);
}

static void decode_endpoint(const json_t *json, const struct jpath *path, bool cname,
			    struct findings *findings, struct endpoint *endpoint)
{
	struct jread reader;
	jread_open(&reader, json, path, "endpoint", findings);
	endpoint->name = jread_name(&reader, "name", REQUIRED);
	decode_address(&reader, cname, endpoint);
	endpoint->weight = jread_uint(&reader, "weight", 0, WEIGHT_MAX, 1);
	endpoint->priority = jread_uint(&reader, "priority", 0, PRIORITY_MAX, 1);
	endpoint->enabled = jread_bool(&reader, "enabled", true);
	jread_close(&reader);
}

/* What two endpoints of one pool must not share: the name, and the address, which would be one
 * record twice (RFC 2181 section 5). */
static void refuse_twins(const struct pool *pool, const struct jpath *path,
			 struct findings *findings)
{
	struct strmap names = {0}, addresses = {0};
	for (size_t i = 0; i < pool->endpoint_count; i++) {
		struct endpoint *endpoint = &pool->endpoints[i];
		struct jpath at = jpath_index(path, i);
		char address[DNS_NAME_TEXT_MAX] = "";
		if (endpoint->ip.family != ADDR_NONE)
			addr_format(&endpoint->ip, address);
		else if (endpoint->address == NULL ||
			 dns_name_canonical(endpoint->address, address) != NULL)
			address[0] = '\0';
		if (endpoint->name != NULL && strmap_put(&names, endpoint->name, endpoint) != NULL)
			jpath_finding(&at, findings, "an endpoint \"%s\" is in this pool already",
				      endpoint->name);
		struct endpoint *twin =
			address[0] != '\0' ? strmap_put(&addresses, address, endpoint) : NULL;
		if (twin != NULL && twin->name != NULL)
			jpath_finding(&at, findings, "%s is the address of endpoint \"%s\" already",
				      address, twin->name);
	}
	strmap_fini(&names);
	strmap_fini(&addresses);
}

static void decode_endpoints(struct jread *reader, struct pool *pool)
{
	const json_t *array = jread_array(reader, "endpoints", OPTIONAL);
	struct jpath path = jpath_key(reader->path, "endpoints");
	size_t count = json_array_size(array);
	if (count > ENDPOINTS_MAX) {
		jread_wrong(reader, "endpoints", "holds %zu endpoints; a pool holds at most %d",
			    count, ENDPOINTS_MAX);
		return;
	}
	pool->endpoints = mem_array(count, sizeof *pool->endpoints);
	for (size_t i = 0; i < count; i++) {
		struct jpath at = jpath_index(&path, i);
		decode_endpoint(json_array_get(array, i), &at, pool->cname, reader->findings,
				&pool->endpoints[pool->endpoint_count++]);
	}
	refuse_twins(pool, &path, reader->findings);
}

void codec_decode_pool(struct jread *reader, const struct codec_scope *scope, struct object *object)
{
	struct pool *pool = &object->pool;
	(void)scope;
	pool->name = jread_name(reader, "name", REQUIRED);
	object->id = mem_strdup(pool->name);
	pool->cname = jread_word(reader, "kind", kind_words, 2, 0) == 1;
	pool->position = jread_position(reader);
	pool->monitor = jread_name(reader, "monitor", OPTIONAL);
	pool->answers = (enum pool_answers)jread_word(reader, "answers", answers_words, 4, 0);
	pool->max_answers = jread_uint(reader, "max_answers", 0, ENDPOINTS_MAX, 0);
	pool->min_healthy = jread_uint(reader, "min_healthy", 1, ENDPOINTS_MAX, 1);
	pool->fallback = jread_name(reader, "fallback", OPTIONAL);
	decode_endpoints(reader, pool);
	if (pool->min_healthy > 1 && pool->min_healthy > pool->endpoint_count)
		jread_wrong(reader, "min_healthy",
			    "is %u, but the pool has %zu endpoints, so it could never serve",
			    pool->min_healthy, pool->endpoint_count);
}

json_t *codec_encode_endpoint(const struct endpoint *endpoint)
{
	return json_pack("{s:s, s:s, s:I, s:I, s:b}", "name", endpoint->name, "address",
			 endpoint->address, "weight", (json_int_t)endpoint->weight, "priority",
			 (json_int_t)endpoint->priority, "enabled", endpoint->enabled);
}

json_t *codec_encode_pool(const struct object *object)
{
	const struct pool *pool = &object->pool;
	json_t *endpoints = json_array();
	for (size_t i = 0; i < pool->endpoint_count; i++)
		json_array_append_new(endpoints, codec_encode_endpoint(&pool->endpoints[i]));
	json_t *json = json_pack("{s:s, s:s}", "name", pool->name, "kind", kind_words[pool->cname]);
	codec_put_position(json, &pool->position);
	json_object_set_new(json, "monitor", codec_text(pool->monitor));
	json_object_set_new(json, "answers", json_string(answers_words[pool->answers]));
	json_object_set_new(json, "max_answers", json_integer(pool->max_answers));
	json_object_set_new(json, "min_healthy", json_integer(pool->min_healthy));
	json_object_set_new(json, "fallback", codec_text(pool->fallback));
	json_object_set_new(json, "endpoints", endpoints);
	return json;
}
