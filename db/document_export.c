/* Knows how the objects of one revision become a document. */
#include "base/mem.h"
#include "base/strmap.h"
#include "db/document.h"
#include "db/store.h"

#include <stdlib.h>
#include <string.h>

/* A writer may commit between two reads; then the reading starts again. */
enum { READS_MAX = 5 };

struct exporting {
	struct store *store;
	struct changes diff;	/* what turns the newest revision into the one wanted */
	struct strmap replaced; /* ids of the record sets in DIFF */
	struct objects rrsets;	/* of the zone at hand, gathered to be sorted */
	size_t capacity;
};

static bool gather(void *context, const struct object *rrset)
{
	struct exporting *export = context;
	struct objects *rrsets = &export->rrsets;
	if (rrsets->count == export->capacity) {
		export->capacity = export->capacity > 0 ? 2 * export->capacity : 64;
		rrsets->at = mem_resize(rrsets->at, export->capacity, sizeof *rrsets->at);
	}
	rrsets->at[rrsets->count++] = object_ref(rrset);
	return true;
}

static bool gather_present(void *context, const struct object *rrset)
{
	struct exporting *export = context;
	return strmap_find(&export->replaced, rrset->id) != NULL || gather(context, rrset);
}

static int compare_ids(const void *a, const void *b)
{
	const struct object *const *left = a, *const *right = b;
	return strcmp((*left)->id, (*right)->id);
}

static json_t *export_records(struct exporting *export, const char *zone, struct error *error)
{
	json_t *records = NULL;
	if (!store_rrsets(export->store, zone, NULL, true, gather_present, export, error))
		goto out;
	for (size_t i = 0; i < export->diff.count; i++) {
		const struct object *after = export->diff.at[i].after;
		if (after != NULL && after->kind == KIND_RRSET &&
		    strcmp(after->rrset.zone, zone) == 0)
			gather(export, after);
	}
	if (export->rrsets.count > 0)
		qsort(export->rrsets.at, export->rrsets.count, sizeof *export->rrsets.at,
		      compare_ids);
	records = json_array();
	for (size_t i = 0; i < export->rrsets.count; i++)
		json_array_append_new(records, codec_encode(export->rrsets.at[i]));
out:
	for (size_t i = 0; i < export->rrsets.count; i++)
		object_unref(export->rrsets.at[i]);
	export->rrsets.count = 0;
	return records;
}

static json_t *export_kind(const struct model *model, enum kind kind)
{
	json_t *list = json_array();
	for (size_t i = 0; i < model->of[kind].count; i++)
		json_array_append_new(list, codec_encode(model->of[kind].at[i]));
	return list;
}

/* Services are sorted by "zone/name", so those of one zone stand together. */
static json_t *export_zones(struct exporting *export, const struct model *model,
			    struct error *error)
{
	json_t *zones = json_array();
	struct strmap services = {0}; /* zone -> JSON array, borrowed from ZONES */
	for (size_t i = 0; i < model->of[KIND_ZONE].count; i++) {
		const struct object *zone = model->of[KIND_ZONE].at[i];
		json_t *json = codec_encode(zone), *list = json_array();
		json_t *records = export_records(export, zone->id, error);
		json_array_append_new(zones, json);
		if (records != NULL)
			json_object_set_new(json, "records", records);
		json_object_set_new(json, "services", list);
		strmap_put(&services, zone->id, list);
		if (records == NULL) {
			json_decref(zones);
			zones = NULL;
			goto out;
		}
	}
	for (size_t i = 0; i < model->of[KIND_SERVICE].count; i++) {
		const struct object *service = model->of[KIND_SERVICE].at[i];
		json_t *list = strmap_find(&services, service->service.zone);
		if (list != NULL)
			json_array_append_new(list, codec_encode(service));
	}
out:
	strmap_fini(&services);
	return zones;
}

static json_t *export_model(struct exporting *export, const struct model *model,
			    struct error *error)
{
	json_t *zones = export_zones(export, model, error);
	if (zones == NULL)
		return NULL;
	json_t *document = json_pack("{s:i}", "meridian", 1);
	json_object_set_new(document, "sites", export_kind(model, KIND_SITE));
	json_object_set_new(document, "regions", export_kind(model, KIND_REGION));
	json_object_set_new(document, "geo", export_kind(model, KIND_GEO));
	json_object_set_new(document, "monitors", export_kind(model, KIND_MONITOR));
	json_object_set_new(document, "pools", export_kind(model, KIND_POOL));
	json_object_set_new(document, "zones", zones);
	json_object_set_new(document, "prefixes", export_kind(model, KIND_PREFIX));
	const struct object *safety = model_find(model, KIND_SAFETY, "safety");
	if (safety != NULL)
		json_object_set_new(document, "safety", codec_encode(safety));
	json_object_set_new(document, "alerts", export_kind(model, KIND_ALERT));
	return document;
}

/* The model of an earlier revision out of the newest one. */
static struct model *turn_back(struct exporting *export, const struct model *newest,
			       int64_t revision, struct error *error)
{
	if (!store_diff(export->store, newest->revision, revision, &export->diff, error))
		return NULL;
	struct model_change *changes = mem_array(export->diff.count, sizeof *changes);
	for (size_t i = 0; i < export->diff.count; i++) {
		const struct change *change = &export->diff.at[i];
		changes[i] = (struct model_change){change->kind, change->id, change->after};
		if (change->kind == KIND_RRSET)
			strmap_put(&export->replaced, change->id, export);
	}
	struct model *model = model_with(newest, revision, changes, export->diff.count);
	free(changes);
	return model;
}

/* One attempt; *NEWEST tells which revision was the newest when it began. */
static json_t *export_once(struct store *store, int64_t revision, int64_t *newest,
			   struct error *error)
{
	struct exporting export = {.store = store};
	json_t *document = NULL;
	struct model *earlier = NULL, *model = store_load(store, error);
	if (model == NULL)
		return NULL;
	*newest = model->revision;
	if (revision != 0 && revision != model->revision) {
		earlier = turn_back(&export, model, revision, error);
		if (earlier == NULL)
			goto out;
	}
	document = export_model(&export, earlier != NULL ? earlier : model, error);
out:
	model_unref(earlier);
	model_unref(model);
	changes_fini(&export.diff);
	strmap_fini(&export.replaced);
	free(export.rrsets.at);
	return document;
}

json_t *document_export(struct store *store, int64_t revision, struct error *error)
{
	for (int i = 0; i < READS_MAX; i++) {
		int64_t newest = 0;
		json_t *document = export_once(store, revision, &newest, error);
		if (document == NULL || store_revision(store, error) == newest)
			return document;
		json_decref(document);
	}
	error_set(error, "the configuration changes faster than it can be read; try again");
	return NULL;
}
