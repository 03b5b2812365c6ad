/* Knows how a change of one endpoint is a change of its pool. */
#include "web/endpoint.h"

#include "base/mem.h"
#include "web/merge_patch.h"
#include "web/object.h"
#include "web/write.h"

#include <stdlib.h>
#include <string.h>

/* The pool of a call, as JSON that may be changed, and where the endpoint stands in it. */
struct site_of_work {
	struct object *pool;
	json_t *json;
	json_t *endpoints; /* borrowed, in JSON */
	size_t index;	   /* of the endpoint; the count where it is not there */
};

static size_t index_of(const json_t *endpoints, const char *name)
{
	size_t i;
	for (i = 0; i < json_array_size(endpoints); i++) {
		const char *at =
			json_string_value(json_object_get(json_array_get(endpoints, i), "name"));
		if (at != NULL && strcmp(at, name) == 0)
			break;
	}
	return i;
}

static struct response *open_work(struct app *app, const struct call *call, bool must_exist,
				  struct site_of_work *work)
{
	struct error error = {0};
	*work = (struct site_of_work){
		.pool = object_find(app, KIND_POOL, call->parameter[0], &error)};
	if (work->pool == NULL)
		return object_missing(KIND_POOL, call->parameter[0]);
	work->json = codec_encode(work->pool);
	work->endpoints = json_object_get(work->json, "endpoints");
	work->index = must_exist ? index_of(work->endpoints, call->parameter[1])
				 : json_array_size(work->endpoints);
	if (must_exist && work->index == json_array_size(work->endpoints))
		return problem(404, "There is no endpoint %s in the pool %s.", call->parameter[1],
			       call->parameter[0]);
	return NULL;
}

static void close_work(struct site_of_work *work)
{
	object_unref(work->pool);
	json_decref(work->json);
}

/* A pointer into the pool becomes one into the endpoint that was sent. */
static void relate(struct findings *findings, size_t index)
{
	char head[40];
	int len = snprintf(head, sizeof head, "/endpoints/%zu", index);
	for (size_t i = 0; i < findings->count; i++) {
		char *pointer = findings->at[i].pointer;
		if (strncmp(pointer, head, (size_t)len) == 0)
			memmove(pointer, pointer + len, strlen(pointer + len) + 1);
	}
}

static struct response *commit_pool(struct app *app, const struct call *call,
				    const struct site_of_work *work, int64_t *revision)
{
	struct findings findings = {0};
	struct object *after = codec_decode(KIND_POOL, work->json, NULL, "", &findings);
	struct response *response = NULL;
	if (after == NULL) {
		relate(&findings, work->index);
		response = problem_findings(422, &findings);
	} else {
		struct changes changes = {0};
		struct expect expect = {KIND_POOL, work->pool->id, work->pool->revision};
		changes_put(&changes, after, "");
		response = write_changes(app, call, &changes, &expect, revision);
		if (response == NULL && changes.count == 0)
			*revision = work->pool->revision;
		changes_fini(&changes);
	}
	findings_fini(&findings);
	return response;
}

static struct response *answer(unsigned status, struct app *app, const struct call *call,
			       const char *name, int64_t revision)
{
	struct site_of_work work;
	struct response *response = open_work(app, call, false, &work);
	if (response == NULL) {
		json_t *found = json_array_get(work.endpoints, index_of(work.endpoints, name));
		json_t *json = found != NULL ? json_copy(found) : json_object();
		json_object_set_new(json, "revision", json_integer(revision));
		response = response_json(status, json);
		response_etag(response, revision);
		response_header(response, "Location", "/api/v1/pools/%s/endpoints/%s",
				call->parameter[0], name);
	}
	close_work(&work);
	return response;
}

struct response *endpoint_list(struct app *app, struct call *call)
{
	struct site_of_work work;
	struct response *response = open_work(app, call, false, &work);
	if (response == NULL) {
		json_t *items = json_incref(work.endpoints);
		response =
			response_json(200, json_pack("{s:o, s:I}", "items", items, "total",
						     (json_int_t)json_array_size(work.endpoints)));
		response_etag(response, work.pool->revision);
	}
	close_work(&work);
	return response;
}

struct response *endpoint_create(struct app *app, struct call *call)
{
	struct site_of_work work;
	int64_t revision = 0;
	const char *sent = json_string_value(json_object_get(call->body, "name"));
	char *name = mem_strdup(sent != NULL ? sent : "");
	struct response *response = open_work(app, call, false, &work);
	if (response == NULL && index_of(work.endpoints, name) < work.index)
		response = problem(409, "The endpoint %s exists already in the pool %s.", name,
				   call->parameter[0]);
	if (response == NULL) {
		object_strip(call->body);
		json_array_append(work.endpoints, call->body);
		response = commit_pool(app, call, &work, &revision);
	}
	if (response == NULL)
		response = answer(201, app, call, name, revision);
	close_work(&work);
	free(name);
	return response;
}

struct response *endpoint_get(struct app *app, struct call *call)
{
	struct site_of_work work;
	struct response *response = open_work(app, call, true, &work);
	int64_t revision = work.pool != NULL ? work.pool->revision : 0;
	close_work(&work);
	return response != NULL ? response : answer(200, app, call, call->parameter[1], revision);
}

static struct response *replace(struct app *app, struct call *call, struct site_of_work *work)
{
	const char *name = json_string_value(json_object_get(call->body, "name"));
	int64_t revision = 0;
	if (name != NULL && strcmp(name, call->parameter[1]) != 0)
		return problem_at("/name", "is not what the path names (%s)", call->parameter[1]);
	object_strip(call->body);
	if (json_object_get(call->body, "name") == NULL)
		json_object_set_new(call->body, "name", json_string(call->parameter[1]));
	json_array_set(work->endpoints, work->index, call->body);
	struct response *response = commit_pool(app, call, work, &revision);
	return response != NULL ? response : answer(200, app, call, call->parameter[1], revision);
}

struct response *endpoint_put(struct app *app, struct call *call)
{
	struct site_of_work work;
	struct response *response = open_work(app, call, true, &work);
	if (response == NULL)
		response = object_check_match(call, work.pool->revision);
	if (response == NULL)
		response = replace(app, call, &work);
	close_work(&work);
	return response;
}

struct response *endpoint_patch(struct app *app, struct call *call)
{
	struct site_of_work work;
	struct response *response = open_work(app, call, true, &work);
	if (response == NULL)
		response = object_check_match(call, work.pool->revision);
	if (response == NULL) {
		json_t *patched =
			merge_patch(json_array_get(work.endpoints, work.index), call->body);
		json_decref(call->body);
		call->body = patched;
		response = replace(app, call, &work);
	}
	close_work(&work);
	return response;
}

struct response *endpoint_delete(struct app *app, struct call *call)
{
	struct site_of_work work;
	int64_t revision = 0;
	struct response *response = open_work(app, call, true, &work);
	if (response == NULL)
		response = object_check_match(call, work.pool->revision);
	if (response == NULL) {
		json_array_remove(work.endpoints, work.index);
		response = commit_pool(app, call, &work, &revision);
	}
	close_work(&work);
	return response != NULL ? response : response_new(204);
}
