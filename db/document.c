/* Knows the document's keys, and what of the store a document without a key leaves alone. */
#include "db/document.h"

#include "base/strmap.h"
#include "db/jread.h"
#include "db/names.h"
#include "db/store.h"

#include <stdio.h>
#include <string.h>

enum { POINTER_MAX = 96 };

/* What a document says of the contents of a zone. */
enum { ZONE_NAMED = 1, ZONE_RECORDS = 2, ZONE_SERVICES = 4 };

struct reading {
	struct changes *changes;
	struct findings *findings;
	struct strmap named[KIND_COUNT]; /* id -> index into changes, plus one */
	struct strmap zones;		 /* name -> flags of ZONE_... */
};

static void *number_as_pointer(uintptr_t number)
{
	return (void *)number;
}

/* Takes the reference of OBJECT (NULL: it could not be decoded). */
static void take(struct reading *reading, struct object *object, const char *pointer)
{
	if (object == NULL)
		return;
	struct strmap *named = &reading->named[object->kind];
	void *index = number_as_pointer(reading->changes->count + 1);
	uintptr_t before = (uintptr_t)strmap_put(named, object->id, index);
	if (before == 0) {
		changes_put(reading->changes, object, pointer);
		return;
	}
	strmap_put(named, object->id, number_as_pointer(before));
	const struct change *first = &reading->changes->at[before - 1];
	findings_add(reading->findings, pointer, "%s \"%s\" stands at %s already; leave one out",
		     kind_name(object->kind), object->id, first->pointer);
	object_unref(object);
}

static void read_list(struct reading *reading, struct jread *reader, const char *key,
		      enum kind kind)
{
	const json_t *array = jread_array(reader, key, OPTIONAL);
	for (size_t i = 0; i < json_array_size(array); i++) {
		char pointer[POINTER_MAX];
		snprintf(pointer, sizeof pointer, "/%s/%zu", key, i);
		take(reading,
		     codec_decode(kind, json_array_get(array, i), NULL, pointer, reading->findings),
		     pointer);
	}
}

/* One of a zone's lists, which is freed once it is read: a document may hold a million records. */
static void read_contents(struct reading *reading, json_t *json, const char *zone, uint32_t ttl,
			  const char *zone_pointer, const char *key)
{
	json_t *array = json_object_get(json, key);
	bool records = strcmp(key, "records") == 0;
	char pointer[POINTER_MAX];
	snprintf(pointer, sizeof pointer, "%s/%s", zone_pointer, key);
	if (array != NULL && !json_is_array(array))
		findings_add(reading->findings, pointer, "must be an array");
	for (size_t i = 0; i < json_array_size(array); i++) {
		const json_t *element = json_array_get(array, i);
		snprintf(pointer, sizeof pointer, "%s/%s/%zu", zone_pointer, key, i);
		take(reading,
		     records ? codec_decode_rrset(element, zone, ttl, pointer, reading->findings)
			     : codec_decode(KIND_SERVICE, element, zone, pointer,
					    reading->findings),
		     pointer);
	}
	json_object_del(json, key);
}

static void read_zone(struct reading *reading, json_t *json, const char *pointer)
{
	json_t *alone = json_copy(json); /* shallow */
	json_object_del(alone, "records");
	json_object_del(alone, "services");
	struct object *zone = codec_decode(KIND_ZONE, alone, NULL, pointer, reading->findings);
	uint32_t ttl = zone != NULL ? zone->zone.ttl : ZONE_TTL_DEFAULT;
	char name[DNS_NAME_TEXT_MAX];
	const char *text = json_string_value(json_object_get(json, "name"));
	json_decref(alone);
	take(reading, zone, pointer);
	if (text == NULL || dns_name_canonical(text, name) != NULL)
		return;
	uintptr_t flags = ZONE_NAMED;
	flags |= json_object_get(json, "records") != NULL ? ZONE_RECORDS : 0;
	flags |= json_object_get(json, "services") != NULL ? ZONE_SERVICES : 0;
	strmap_put(&reading->zones, name, number_as_pointer(flags));
	read_contents(reading, json, name, ttl, pointer, "records");
	read_contents(reading, json, name, ttl, pointer, "services");
}

static void read_zones(struct reading *reading, struct jread *reader)
{
	const json_t *array = jread_array(reader, "zones", OPTIONAL);
	for (size_t i = 0; i < json_array_size(array); i++) {
		char pointer[POINTER_MAX];
		snprintf(pointer, sizeof pointer, "/zones/%zu", i);
		read_zone(reading, json_array_get(array, i), pointer);
	}
}

static void read_version(struct jread *reader)
{
	const json_t *version = jread_value(reader, "meridian", REQUIRED);
	if (version != NULL && (!json_is_integer(version) || json_integer_value(version) != 1))
		jread_wrong(reader, "meridian", "must be 1, the version of this document's form");
}

static void read_document(struct reading *reading, const json_t *root)
{
	struct jpath path = jpath_root("");
	struct jread reader;
	jread_open(&reader, root, &path, "document", reading->findings);
	read_version(&reader);
	read_list(reading, &reader, "sites", KIND_SITE);
	read_list(reading, &reader, "regions", KIND_REGION);
	read_list(reading, &reader, "geo", KIND_GEO);
	read_list(reading, &reader, "monitors", KIND_MONITOR);
	read_list(reading, &reader, "pools", KIND_POOL);
	read_zones(reading, &reader);
	read_list(reading, &reader, "prefixes", KIND_PREFIX);
	const json_t *safety = jread_value(&reader, "safety", OPTIONAL);
	if (safety != NULL)
		take(reading, codec_decode(KIND_SAFETY, safety, NULL, "/safety", reading->findings),
		     "/safety");
	read_list(reading, &reader, "alerts", KIND_ALERT);
	jread_close(&reader);
}

static bool is_named(const struct reading *reading, const struct object *object)
{
	return strmap_find(&reading->named[object->kind], object->id) != NULL;
}

static uintptr_t zone_flags(const struct reading *reading, const char *zone)
{
	return (uintptr_t)strmap_find(&reading->zones, zone);
}

static bool prune_rrset(void *context, const struct object *rrset)
{
	struct reading *reading = context;
	if (!is_named(reading, rrset))
		changes_remove(reading->changes, KIND_RRSET, rrset->id, NULL);
	return true;
}

/* What a removed zone holds goes with it (store_commit); what a named zone holds goes where its
 * list is there and does not name it. */
static bool prune_model(struct reading *reading, struct store *store, const struct model *model,
			struct error *error)
{
	for (unsigned kind = 0; kind < KIND_RRSET; kind++) {
		const struct objects *objects = &model->of[kind];
		for (size_t i = 0; kind != KIND_OVERRIDE && i < objects->count; i++) {
			const struct object *object = objects->at[i];
			if (is_named(reading, object) ||
			    (kind == KIND_SERVICE &&
			     (zone_flags(reading, object->service.zone) & ZONE_SERVICES) == 0))
				continue;
			changes_remove(reading->changes, object->kind, object->id, NULL);
		}
	}
	const struct objects *zones = &model->of[KIND_ZONE];
	for (size_t i = 0; i < zones->count; i++) {
		const char *zone = zones->at[i]->id;
		if ((zone_flags(reading, zone) & ZONE_RECORDS) != 0 &&
		    !store_rrsets(store, zone, NULL, false, prune_rrset, reading, error))
			return false;
	}
	return true;
}

static void prune_store(struct reading *reading, struct store *store)
{
	struct error error = {0};
	struct model *model = store_load(store, &error);
	if (model == NULL || !prune_model(reading, store, model, &error))
		findings_add(reading->findings, "", "%s", error.text);
	model_unref(model);
}

static json_t *parse(const char *text, size_t len, struct findings *findings)
{
	json_error_t error;
	if (len > DOCUMENT_MAX) {
		findings_add(findings, "", "the document is larger than %d MiB",
			     DOCUMENT_MAX >> 20);
		return NULL;
	}
	json_t *root = json_loadb(text, len, JSON_REJECT_DUPLICATES, &error);
	if (root == NULL)
		findings_add(findings, "", "line %d, column %d: %.200s", error.line, error.column,
			     error.text);
	return root;
}

bool document_read(const char *text, size_t len, bool prune, struct store *store,
		   struct changes *changes, struct findings *findings)
{
	struct reading reading = {.changes = changes, .findings = findings};
	size_t before = findings_total(findings);
	json_t *root = parse(text, len, findings);
	if (root == NULL)
		return false;
	read_document(&reading, root);
	json_decref(root);
	if (prune && store != NULL && findings_total(findings) == before)
		prune_store(&reading, store);
	for (unsigned kind = 0; kind < KIND_COUNT; kind++)
		strmap_fini(&reading.named[kind]);
	strmap_fini(&reading.zones);
	return findings_total(findings) == before;
}
