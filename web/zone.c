/* Knows that a zone brings its records and services along, in one transaction. */
#include "web/zone.h"

#include "base/mem.h"
#include "web/object.h"
#include "web/object_path.h"
#include "web/write.h"

#include <stdlib.h>
#include <string.h>

static void decode_list(const json_t *list, enum kind kind, const char *zone, const char *key,
			struct changes *changes, struct findings *findings)
{
	if (list == NULL)
		return;
	if (!json_is_array(list)) {
		char *pointer = mem_printf("/%s", key);
		findings_add(findings, pointer, "must be an array");
		free(pointer);
		return;
	}
	for (size_t i = 0; i < json_array_size(list); i++) {
		char *pointer = mem_printf("/%s/%zu", key, i);
		struct object *object =
			codec_decode(kind, json_array_get(list, i), zone, pointer, findings);
		if (object != NULL)
			changes_put(changes, object, pointer);
		free(pointer);
	}
}

/* Reads {"name", ..., "records": [...], "services": [...]}; NULL where there was any finding. */
static struct object *decode_zone(json_t *body, struct changes *changes, struct findings *findings)
{
	json_t *records = json_incref(json_object_get(body, "records"));
	json_t *services = json_incref(json_object_get(body, "services"));
	json_object_del(body, "records");
	json_object_del(body, "services");
	object_strip(body);
	struct object *zone = codec_decode(KIND_ZONE, body, NULL, "", findings);
	if (zone != NULL) {
		changes_put(changes, object_ref(zone), "");
		decode_list(records, KIND_RRSET, zone->id, "records", changes, findings);
		decode_list(services, KIND_SERVICE, zone->id, "services", changes, findings);
	}
	json_decref(records);
	json_decref(services);
	if (findings->count > 0) {
		object_unref(zone);
		return NULL;
	}
	return zone;
}

static struct response *create(struct app *app, const struct call *call, const struct object *zone,
			       struct changes *changes)
{
	int64_t revision = 0;
	struct error error = {0};
	struct object *present = object_find(app, KIND_ZONE, zone->id, &error);
	if (present != NULL) {
		object_unref(present);
		return problem(409, "The zone %s exists already.", zone->id);
	}
	struct expect expect = {KIND_ZONE, zone->id, 0};
	struct response *response = write_changes(app, call, changes, &expect, &revision);
	if (response != NULL)
		return response;
	response = object_answer(201, zone, revision);
	char *path = object_path(zone);
	response_header(response, "Location", "%s", path);
	free(path);
	return response;
}

struct response *zone_create(struct app *app, struct call *call)
{
	struct changes changes = {0};
	struct findings findings = {0};
	struct object *zone = decode_zone(call->body, &changes, &findings);
	struct response *response =
		zone != NULL ? create(app, call, zone, &changes) : problem_findings(422, &findings);
	object_unref(zone);
	changes_fini(&changes);
	findings_fini(&findings);
	return response;
}

static bool remove_rrset(void *context, const struct object *rrset)
{
	changes_remove(context, KIND_RRSET, rrset->id, NULL);
	return true;
}

static bool collect_contents(struct app *app, const char *zone, struct changes *changes,
			     struct error *error)
{
	struct model *model = config_model(app->config);
	const struct objects *services = &model->of[KIND_SERVICE];
	for (size_t i = 0; i < services->count; i++) {
		if (strcmp(services->at[i]->service.zone, zone) == 0)
			changes_remove(changes, KIND_SERVICE, services->at[i]->id, NULL);
	}
	model_unref(model);
	struct store *store = config_reader(app->config, error);
	if (store == NULL)
		return false;
	bool done = store_rrsets(store, zone, NULL, false, remove_rrset, changes, error);
	config_release(app->config, store);
	return done;
}

static struct response *delete_whole(struct app *app, const struct call *call,
				     const struct object *zone)
{
	struct changes changes = {0};
	struct error error = {0};
	int64_t revision;
	struct expect expect = {KIND_ZONE, zone->id, zone->revision};
	changes_remove(&changes, KIND_ZONE, zone->id, "");
	struct response *response = collect_contents(app, zone->id, &changes, &error)
					    ? write_changes(app, call, &changes, &expect, &revision)
					    : store_failure(&error);
	changes_fini(&changes);
	return response != NULL ? response : response_new(204);
}

struct response *zone_delete(struct app *app, struct call *call)
{
	struct error error = {0};
	char *id = object_path_id(KIND_ZONE, call->parameter);
	struct object *zone = id != NULL ? object_find(app, KIND_ZONE, id, &error) : NULL;
	struct response *response = zone == NULL ? object_missing(KIND_ZONE, call->parameter[0])
						 : object_check_match(call, zone->revision);
	if (response == NULL)
		response = delete_whole(app, call, zone);
	object_unref(zone);
	free(id);
	return response;
}
