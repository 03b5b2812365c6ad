/* Knows which kind is decoded and encoded by whom, and when two objects say the same. */
#include "db/codec.h"

#include "base/mem.h"
#include "db/codec_kinds.h"

#include <assert.h>
#include <string.h>

static const struct {
	codec_decoder *decode;
	codec_encoder *encode;
	const char *what;
} kinds[KIND_COUNT] = {
	[KIND_SITE] = {codec_decode_site, codec_encode_site, "site"},
	[KIND_REGION] = {codec_decode_region, codec_encode_region, "region"},
	[KIND_GEO] = {codec_decode_geo, codec_encode_geo, "geo override"},
	[KIND_MONITOR] = {codec_decode_monitor, codec_encode_monitor, "monitor"},
	[KIND_POOL] = {codec_decode_pool, codec_encode_pool, "pool"},
	[KIND_ZONE] = {codec_decode_zone, codec_encode_zone, "zone"},
	[KIND_SERVICE] = {codec_decode_service, codec_encode_service, "service"},
	[KIND_PREFIX] = {codec_decode_prefix, codec_encode_prefix, "prefix"},
	[KIND_SAFETY] = {codec_decode_safety, codec_encode_safety, "safety rule"},
	[KIND_ALERT] = {codec_decode_alert, codec_encode_alert, "alert"},
	[KIND_OVERRIDE] = {codec_decode_override, codec_encode_override, "override"},
	[KIND_RRSET] = {codec_decode_record, codec_encode_record, "record"},
};

static struct object *decode(enum kind kind, const json_t *json, const struct codec_scope *scope,
			     const char *pointer, struct findings *findings)
{
	size_t before = findings_total(findings);
	struct jpath path = jpath_root(pointer);
	struct jread reader;
	struct object *object = object_new(kind);
	jread_open(&reader, json, &path, kinds[kind].what, findings);
	kinds[kind].decode(&reader, scope, object);
	jread_close(&reader);
	if (findings_total(findings) == before) {
		assert(object->id != NULL);
		return object;
	}
	object_unref(object);
	return NULL;
}

struct object *codec_decode(enum kind kind, const json_t *json, const char *zone,
			    const char *pointer, struct findings *findings)
{
	struct codec_scope scope = {.zone = zone, .ttl = ZONE_TTL_DEFAULT};
	assert((unsigned)kind < KIND_COUNT);
	assert((zone != NULL) == (kind == KIND_RRSET || kind == KIND_SERVICE));
	return decode(kind, json, &scope, pointer, findings);
}

struct object *codec_decode_rrset(const json_t *json, const char *zone, uint32_t default_ttl,
				  const char *pointer, struct findings *findings)
{
	struct codec_scope scope = {.zone = zone, .ttl = default_ttl};
	return decode(KIND_RRSET, json, &scope, pointer, findings);
}

json_t *codec_encode(const struct object *object)
{
	return kinds[object->kind].encode(object);
}

static bool rrset_equal(const struct rrset *a, const struct rrset *b)
{
	if (a->ttl != b->ttl || a->rdata_len != b->rdata_len || a->data.count != b->data.count ||
	    memcmp(a->rdata, b->rdata, a->rdata_len) != 0)
		return false;
	for (size_t i = 0; i < a->data.count; i++) {
		if (strcmp(a->data.at[i], b->data.at[i]) != 0)
			return false;
	}
	return true;
}

/* Record sets come by the million and are compared as they are; the others by what they encode to,
 * so that no member can be forgotten. */
bool codec_equal(const struct object *a, const struct object *b)
{
	if (a->kind != b->kind || strcmp(a->id, b->id) != 0)
		return false;
	if (a->kind == KIND_RRSET)
		return rrset_equal(&a->rrset, &b->rrset);
	json_t *left = codec_encode(a), *right = codec_encode(b);
	bool equal = json_equal(left, right);
	json_decref(left);
	json_decref(right);
	return equal;
}
