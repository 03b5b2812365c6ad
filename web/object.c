/* Knows what GET, POST, PUT, PATCH and DELETE mean for an object of the configuration. */
#include "web/object.h"

#include "base/mem.h"
#include "web/merge_patch.h"
#include "web/object_path.h"
#include "web/precondition.h"
#include "web/users.h"
#include "web/write.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct response *object_missing(enum kind kind, const char *id)
{
	return problem(404, "There is no %s %s.", kind_name(kind), id);
}

void object_strip(json_t *body)
{
	json_object_del(body, "revision");
	json_object_del(body, "used_by");
	json_object_del(body, "id");
}

json_t *object_json(const struct object *object, int64_t revision)
{
	json_t *json = codec_encode(object);
	if (object->kind == KIND_SERVICE && json_object_get(json, "zone") == NULL)
		json_object_set_new(json, "zone", json_string(object->service.zone));
	json_object_set_new(json, "revision", json_integer(revision));
	return json;
}

struct response *object_answer(unsigned status, const struct object *object, int64_t revision)
{
	struct response *response = response_json(status, object_json(object, revision));
	response_etag(response, revision);
	return response;
}

/* What holds where no safety object is stored. */
static struct object *default_safety(const struct model *model)
{
	struct object *object = object_new(KIND_SAFETY);
	object->id = mem_strdup("safety");
	object->safety = model_safety(model);
	return object;
}

static struct object *find_in_model(struct app *app, enum kind kind, const char *id)
{
	struct model *model = config_model(app->config);
	const struct object *found = model_find(model, kind, id);
	struct object *object = found != NULL	      ? object_ref(found)
				: kind == KIND_SAFETY ? default_safety(model)
						      : NULL;
	model_unref(model);
	return object;
}

struct object *object_find(struct app *app, enum kind kind, const char *id, struct error *error)
{
	if (kind != KIND_RRSET)
		return find_in_model(app, kind, id);
	struct store *store = config_reader(app->config, error);
	if (store == NULL)
		return NULL;
	struct object *object = store_get(store, kind, id, error);
	config_release(app->config, store);
	return object;
}

struct response *object_check_match(const struct call *call, int64_t revision)
{
	const char *header = request_header(call->request, "If-Match");
	switch (precondition_if_match(header, true, revision)) {
	case PRECONDITION_ABSENT:
		return problem(428, "Send If-Match with the object's ETag, so that nobody's change "
				    "is lost.");
	case PRECONDITION_FAILS:
		return problem(412,
			       "The object is now at revision %" PRId64
			       "; read it again and repeat the change.",
			       revision);
	default:
		return NULL;
	}
}

/* The object that CALL's path names, or NULL with the answer. *ID is on the heap either way. */
static struct object *find_of_call(struct app *app, const struct call *call, char **id,
				   struct response **answer)
{
	enum kind kind = call->route->kind;
	*id = object_path_id(kind, call->parameter);
	if (*id == NULL) {
		*answer = problem(404, "The path names no %s.", kind_name(kind));
		return NULL;
	}
	struct error error = {0};
	struct object *object = object_find(app, kind, *id, &error);
	if (object == NULL)
		*answer = error.text[0] != '\0' ? store_failure(&error) : object_missing(kind, *id);
	return object;
}

struct response *object_get(struct app *app, struct call *call)
{
	char *id;
	struct response *response = NULL;
	struct object *object = find_of_call(app, call, &id, &response);
	if (object != NULL) {
		const char *none_match = request_header(call->request, "If-None-Match");
		if (none_match != NULL && etag_matches_weakly(none_match, object->revision)) {
			response = response_new(304);
			response_etag(response, object->revision);
		} else {
			json_t *json = object_json(object, object->revision);
			struct model *model = config_model(app->config);
			json_object_set_new(json, "used_by", users_of(model, object->kind, id));
			model_unref(model);
			response = response_json(200, json);
			response_etag(response, object->revision);
		}
		object_unref(object);
	}
	free(id);
	return response;
}

/* The zone of the path in canonical spelling, or NULL; on the heap. */
static char *zone_of_call(const struct call *call)
{
	bool below = call->route->kind == KIND_RRSET || call->route->kind == KIND_SERVICE;
	return below && strstr(call->route->pattern, "{zone}") != NULL
		       ? object_path_id(KIND_ZONE, call->parameter)
		       : NULL;
}

/* Decodes the call's body. ID NULL: any (create). NULL with the answer. */
static struct object *decode(const struct call *call, const char *id, struct response **answer)
{
	enum kind kind = call->route->kind;
	char *zone = zone_of_call(call);
	object_strip(call->body);
	json_t *in_body = json_object_get(call->body, "zone");
	if (zone != NULL && json_is_string(in_body) &&
	    strcmp(json_string_value(in_body), zone) == 0)
		json_object_del(call->body, "zone");
	if (id != NULL)
		object_path_fill(kind, id, call->body);
	struct findings findings = {0};
	struct object *object = codec_decode(kind, call->body, zone, "", &findings);
	if (object == NULL) {
		*answer = problem_findings(422, &findings);
	} else if (id != NULL && strcmp(object->id, id) != 0) {
		char *pointer = mem_printf("/%s", object_path_key(kind));
		*answer = problem_at(pointer,
				     "is not what the path names (%s); to rename, create "
				     "the new object and delete the old one",
				     id);
		free(pointer);
		object_unref(object);
		object = NULL;
	}
	findings_fini(&findings);
	free(zone);
	return object;
}

/* Stores AFTER (taken) and answers STATUS with it. PRESENT is the revision it has now, 0: none. */
static struct response *store_object(struct app *app, const struct call *call, struct object *after,
				     int64_t present, unsigned status)
{
	struct changes changes = {0};
	int64_t revision = present;
	struct expect expect = {after->kind, after->id, present};
	changes_put(&changes, object_ref(after), "");
	struct response *response = write_changes(app, call, &changes, &expect, &revision);
	if (response == NULL) {
		response = object_answer(status, after, changes.count > 0 ? revision : present);
		if (status == 201) {
			char *path = object_path(after);
			response_header(response, "Location", "%s", path);
			free(path);
		}
	}
	changes_fini(&changes);
	object_unref(after);
	return response;
}

static struct response *create(struct app *app, const struct call *call, struct object *after)
{
	struct error error = {0};
	struct object *present = object_find(app, after->kind, after->id, &error);
	if (present == NULL)
		return store_object(app, call, after, 0, 201);
	struct response *response =
		problem(409, "The %s %s exists already, at revision %" PRId64 ".",
			kind_name(after->kind), after->id, present->revision);
	object_unref(present);
	object_unref(after);
	return response;
}

struct response *object_create(struct app *app, struct call *call)
{
	struct response *response = NULL;
	struct object *after = decode(call, NULL, &response);
	return after != NULL ? create(app, call, after) : response;
}

static struct response *put_new(struct app *app, const struct call *call, const char *id)
{
	const char *none_match = request_header(call->request, "If-None-Match");
	if (none_match == NULL || strcmp(none_match, "*") != 0)
		return problem(404, "There is no %s %s; to create it, send If-None-Match: *.",
			       kind_name(call->route->kind), id);
	struct response *response = NULL;
	struct object *after = decode(call, id, &response);
	return after != NULL ? create(app, call, after) : response;
}

/* CALL's body takes the place of PRESENT, where its If-Match holds. */
static struct response *replace(struct app *app, struct call *call, const struct object *present,
				const char *id)
{
	struct response *response = object_check_match(call, present->revision);
	struct object *after = response == NULL ? decode(call, id, &response) : NULL;
	return after != NULL ? store_object(app, call, after, present->revision, 200) : response;
}

struct response *object_put(struct app *app, struct call *call)
{
	char *id;
	struct response *response = NULL;
	struct object *present = find_of_call(app, call, &id, &response);
	if (present == NULL && id != NULL && response->status == 404) {
		response_free(response);
		response = put_new(app, call, id);
	} else if (present != NULL) {
		response = replace(app, call, present, id);
	}
	object_unref(present);
	free(id);
	return response;
}

struct response *object_patch(struct app *app, struct call *call)
{
	char *id;
	struct response *response = NULL;
	struct object *present = find_of_call(app, call, &id, &response);
	if (present != NULL) {
		json_t *before = codec_encode(present);
		json_t *patched = merge_patch(before, call->body);
		json_decref(before);
		json_decref(call->body);
		call->body = patched;
		response = replace(app, call, present, id);
	}
	object_unref(present);
	free(id);
	return response;
}

struct response *object_delete(struct app *app, struct call *call)
{
	char *id;
	struct response *response = NULL;
	struct object *present = find_of_call(app, call, &id, &response);
	if (present != NULL)
		response = object_check_match(call, present->revision);
	if (present != NULL && response == NULL) {
		struct changes changes = {0};
		int64_t revision;
		struct expect expect = {present->kind, id, present->revision};
		changes_remove(&changes, present->kind, id, "");
		response = write_changes(app, call, &changes, &expect, &revision);
		changes_fini(&changes);
	}
	object_unref(present);
	free(id);
	return response != NULL ? response : response_new(204);
}
