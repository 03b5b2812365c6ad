/* Knows how an override is asked for: with a duration, and signed by who asks. */
#include "web/override.h"

#include "base/mem.h"
#include "base/wall.h"
#include "db/jread.h"
#include "web/object.h"
#include "web/object_path.h"
#include "web/write.h"

#include <stdlib.h>
#include <string.h>

enum { DURATION_MIN_S = 60, DURATION_MAX_S = 30 * 24 * 3600, REASON_MAX = 500 };

static const char *const actions[] = {[OVERRIDE_UP] = "up",
				      [OVERRIDE_DOWN] = "down",
				      [OVERRIDE_DRAIN] = "drain",
				      [OVERRIDE_FREEZE] = "freeze"};

static bool pool_has(const struct model *model, const char *pool_and_name)
{
	const char *slash = strchr(pool_and_name, '/');
	if (slash == NULL)
		return false;
	char *pool_name = mem_dup(pool_and_name, (size_t)(slash - pool_and_name) + 1);
	pool_name[slash - pool_and_name] = '\0';
	const struct object *pool = model_find(model, KIND_POOL, pool_name);
	free(pool_name);
	for (size_t i = 0; pool != NULL && i < pool->pool.endpoint_count; i++) {
		if (strcmp(pool->pool.endpoints[i].name, slash + 1) == 0)
			return true;
	}
	return false;
}

static bool target_exists(struct app *app, const char *object)
{
	struct model *model = config_model(app->config);
	bool exists = false;
	if (strncmp(object, "endpoint/", 9) == 0)
		exists = pool_has(model, object + 9);
	else if (strncmp(object, "pool/", 5) == 0)
		exists = model_find(model, KIND_POOL, object + 5) != NULL;
	else if (strncmp(object, "prefix/", 7) == 0)
		exists = strcmp(object, "prefix/*") == 0 ||
			 model_find(model, KIND_PREFIX, object + 7) != NULL;
	model_unref(model);
	return exists;
}

/* The end: from "duration_s", or "ends". */
static int64_t read_end(struct jread *reader, int64_t starts_ms)
{
	uint32_t duration_s = jread_uint(reader, "duration_s", DURATION_MIN_S, DURATION_MAX_S, 0);
	const char *ends = jread_text(reader, "ends", OPTIONAL, WALL_TEXT_MAX);
	int64_t ends_ms = starts_ms + 1000 * (int64_t)duration_s;
	if (ends != NULL && duration_s != 0)
		jread_wrong(reader, "ends", "cannot stand beside duration_s");
	else if (ends != NULL && !wall_parse(ends, &ends_ms))
		jread_wrong(reader, "ends", "is no RFC 3339 time");
	else if (ends == NULL && duration_s == 0)
		jread_wrong(reader, "duration_s", "is needed: every override ends by itself");
	if (ends != NULL && (ends_ms < starts_ms + 1000 * (int64_t)DURATION_MIN_S ||
			     ends_ms > starts_ms + 1000 * (int64_t)DURATION_MAX_S))
		jread_wrong(reader, "ends", "must be between a minute and 30 days from now");
	return ends_ms;
}

/* What only answers have; the author and the start are always set here. */
static void strip(json_t *body)
{
	object_strip(body);
	json_object_del(body, "author");
	json_object_del(body, "starts");
}

static struct object *decode(struct app *app, const struct call *call, struct findings *findings)
{
	struct jpath root = jpath_root("");
	struct jread reader;
	int64_t now_ms = wall_now_ms();
	strip(call->body);
	jread_open(&reader, call->body, &root, "override", findings);
	struct object *object = object_new(KIND_OVERRIDE);
	struct override *override = &object->override;
	override->object = mem_strdup(jread_text(&reader, "object", REQUIRED, 200));
	override->action = (enum override_action)jread_word(&reader, "action", actions, 4, 4);
	override->reason = mem_strdup(jread_text(&reader, "reason", REQUIRED, REASON_MAX));
	override->author = mem_printf("%s%s", call->who.by_token ? "token:" : "", call->who.name);
	override->starts_ms = now_ms;
	override->ends_ms = read_end(&reader, now_ms);
	if (json_object_get(call->body, "action") == NULL)
		jread_wrong(&reader, "action", "is needed: up, down, drain or freeze");
	bool freeze = override->action == OVERRIDE_FREEZE;
	bool of_prefix = override->object != NULL && strncmp(override->object, "prefix/", 7) == 0;
	if (freeze ? !of_prefix : of_prefix && strcmp(override->object, "prefix/*") == 0)
		jread_wrong(&reader, "action",
			    freeze ? "freeze is for prefix/PREFIX and prefix/* alone"
				   : "for prefix/* can only be freeze");
	if (override->object != NULL && !target_exists(app, override->object))
		jread_wrong(&reader, "object",
			    "names nothing that is there: \"%s\"; it is endpoint/POOL/NAME, "
			    "pool/NAME or prefix/PREFIX",
			    override->object);
	jread_close(&reader);
	if (findings_total(findings) > 0) {
		object_unref(object);
		return NULL;
	}
	object->id = mem_strdup(override->object);
	return object;
}

/* Takes AFTER. Sets a new override, or one in the place of PRESENT. */
static struct response *store(struct app *app, const struct call *call, struct object *after,
			      int64_t present, unsigned status)
{
	struct changes changes = {0};
	int64_t revision = 0;
	struct expect expect = {KIND_OVERRIDE, after->id, present};
	changes_put(&changes, object_ref(after), "");
	struct response *response = write_changes(app, call, &changes, &expect, &revision);
	if (response == NULL) {
		response = object_answer(status, after, revision);
		response_header(response, "Location", "/api/v1/overrides/%s", after->id);
	}
	changes_fini(&changes);
	object_unref(after);
	return response;
}

struct response *override_create(struct app *app, struct call *call)
{
	struct findings findings = {0};
	struct object *after = decode(app, call, &findings);
	struct response *response = NULL;
	if (after == NULL) {
		response = problem_findings(422, &findings);
	} else {
		struct error error = {0};
		struct object *present = object_find(app, KIND_OVERRIDE, after->id, &error);
		bool in_force = present != NULL && present->override.ends_ms > wall_now_ms();
		int64_t revision = present != NULL ? present->revision : 0;
		if (in_force) {
			response = problem(409, "%s is overridden already; change or end that one.",
					   after->id);
			object_unref(after);
		} else {
			response = store(app, call, after, revision, 201);
		}
		object_unref(present);
	}
	findings_fini(&findings);
	return response;
}

struct response *override_put(struct app *app, struct call *call)
{
	struct error error = {0};
	struct findings findings = {0};
	struct object *present = object_find(app, KIND_OVERRIDE, call->parameter[0], &error);
	struct response *response = present == NULL
					    ? object_missing(KIND_OVERRIDE, call->parameter[0])
					    : object_check_match(call, present->revision);
	if (response == NULL) {
		object_path_fill(KIND_OVERRIDE, present->id, call->body);
		struct object *after = decode(app, call, &findings);
		if (after == NULL) {
			response = problem_findings(422, &findings);
		} else if (strcmp(after->id, present->id) != 0) {
			response = problem_at("/object", "is not what the path names (%s)",
					      present->id);
			object_unref(after);
		} else {
			response = store(app, call, after, present->revision, 200);
		}
	}
	object_unref(present);
	findings_fini(&findings);
	return response;
}

json_t *override_json(const struct model *model, const char *object, int64_t now_ms)
{
	const struct override *override = model_override(model, object, now_ms);
	if (override == NULL)
		return json_null();
	char starts[WALL_TEXT_MAX], ends[WALL_TEXT_MAX];
	wall_format(override->starts_ms, starts);
	wall_format(override->ends_ms, ends);
	return json_pack("{s:s, s:s?, s:s?, s:s, s:s}", "action", actions[override->action],
			 "reason", override->reason, "author", override->author, "starts", starts,
			 "ends", ends);
}
