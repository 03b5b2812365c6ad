/* Knows how verdicts, overrides and switches make the state of a pool. */
#include "web/health_view.h"

#include "base/mem.h"
#include "base/strmap.h"
#include "base/wall.h"
#include "db/effective.h"
#include "web/ask.h"
#include "web/csv.h"
#include "web/override.h"
#include "web/verdicts.h"

#include <stdlib.h>
#include <string.h>

struct view {
	struct app *app;
	const struct model *model;
	struct strmap targets; /* id -> the checker's json_t, borrowed */
	bool fresh;
	int64_t now_ms;
};

/* What the endpoints of one pool add up to. */
struct tally {
	size_t enabled, serving, degraded, known;
	bool proved_suffice;	    /* endpoints proved well are as many as the pool needs */
	const char *since, *reason; /* of the newest change; of the first that does not serve */
	const char *reason_endpoint;
};

static const char *monitor_type_name(const struct model *model, const char *monitor)
{
	static const char *const names[] = {"https", "http", "tcp", "tls", "dns", "icmp"};
	const struct object *object =
		monitor != NULL ? model_find(model, KIND_MONITOR, monitor) : NULL;
	return object != NULL ? names[object->monitor.type] : NULL;
}

/* True where as many endpoints are proved well as the pool needs. */
static bool enough_are_proved(const struct view *view, const struct pool *pool)
{
	size_t proved = 0;
	for (size_t i = 0; i < pool->endpoint_count; i++) {
		char *id = mem_printf("endpoint/%s/%s", pool->name, pool->endpoints[i].name);
		const struct override *override = model_override(view->model, id, view->now_ms);
		proved += effective_is_proved(
			effective_is_by_hand(pool->endpoints[i].enabled, override),
			verdicts_get(view->app->verdicts, id));
		free(id);
	}
	return effective_do_suffice(pool, proved);
}

static struct effective effective_of(const struct view *view, const struct pool *pool,
				     const struct endpoint *endpoint, const char *id,
				     bool others_suffice)
{
	const struct override *override = model_override(view->model, id, view->now_ms);
	struct health_state state = verdicts_get(view->app->verdicts, id);
	struct effective_input input = {
		.has_override = override != NULL,
		.override = override != NULL ? override->action : OVERRIDE_UP,
		.enabled = endpoint->enabled,
		.monitored = pool->monitor != NULL,
		.others_suffice = others_suffice,
		.fresh = view->fresh,
		.health = state,
		/* The words of a checker that has gone are the last state known. */
		.has_before = !view->fresh && state.verdict >= VERDICT_UP,
		.before = state.verdict == VERDICT_DOWN ? SERVING_NO : SERVING_YES,
	};
	return effective_state(&input);
}

/* The checker's words of a target, or as much of them as the configuration alone knows. */
static json_t *target_json(const struct view *view, const struct pool *pool,
			   const struct endpoint *endpoint, const char *id)
{
	const json_t *said = strmap_find(&view->targets, id);
	if (said != NULL)
		return json_copy((json_t *)(uintptr_t)said);
	const struct object *monitor =
		pool->monitor != NULL ? model_find(view->model, KIND_MONITOR, pool->monitor) : NULL;
	return json_pack(
		"{s:s, s:s, s:s, s:s, s:o, s:s?, s:s?, s:s, s:b, s:n, s:n, s:n, s:[], s:n}", "id",
		id, "pool", pool->name, "endpoint", endpoint->name, "address", endpoint->address,
		"port", monitor != NULL ? json_integer(monitor->monitor.port) : json_null(),
		"monitor", pool->monitor, "type", monitor_type_name(view->model, pool->monitor),
		"state", "unknown", "pending", 0, "since", "reason", "last", "history", "cert");
}

static const char *text_of(const json_t *json, const char *key)
{
	return json_string_value(json_object_get(json, key));
}

static void count(struct tally *tally, const struct endpoint *endpoint, const json_t *json,
		  const struct effective *effective, bool monitored)
{
	if (!endpoint->enabled)
		return;
	tally->enabled++;
	const char *state = text_of(json, "state"), *since = text_of(json, "since");
	bool known = !monitored || (state != NULL && strcmp(state, "unknown") != 0);
	tally->known += known;
	tally->serving += effective->serving == SERVING_YES;
	tally->degraded += effective->serving == SERVING_YES && state != NULL &&
			   strcmp(state, "degraded") == 0;
	if (since != NULL && (tally->since == NULL || strcmp(since, tally->since) > 0))
		tally->since = since;
	if (effective->serving == SERVING_NO && tally->reason_endpoint == NULL) {
		const char *reason = text_of(json, "reason");
		tally->reason = reason != NULL ? reason : effective->why;
		tally->reason_endpoint = endpoint->name;
	}
}

static json_t *endpoint_json(const struct view *view, const struct pool *pool,
			     const struct endpoint *endpoint, struct tally *tally)
{
	char *id = mem_printf("endpoint/%s/%s", pool->name, endpoint->name);
	json_t *json = target_json(view, pool, endpoint, id);
	struct effective effective = effective_of(view, pool, endpoint, id, tally->proved_suffice);
	json_object_set_new(json, "enabled", json_boolean(endpoint->enabled));
	json_object_set_new(json, "weight", json_integer(endpoint->weight));
	json_object_set_new(json, "priority", json_integer(endpoint->priority));
	json_object_set_new(json, "override", override_json(view->model, id, view->now_ms));
	json_object_set_new(json, "effective",
			    json_pack("{s:b, s:s}", "serving", effective.serving == SERVING_YES,
				      "why", effective.why));
	count(tally, endpoint, json, &effective, pool->monitor != NULL);
	free(id);
	return json;
}

static const char *pool_state(const struct pool *pool, const struct tally *tally,
			      const struct override *override)
{
	uint32_t needed = pool->min_healthy > 0 ? pool->min_healthy : 1;
	if (override != NULL)
		return override->action == OVERRIDE_UP ? "healthy" : "down";
	if (tally->enabled > 0 && tally->known == 0)
		return "unknown";
	if (tally->serving < needed)
		return "down";
	return tally->serving < tally->enabled || tally->degraded > 0 ? "degraded" : "healthy";
}

static json_t *position_json(const struct position *position)
{
	return position->known ? json_pack("{s:f, s:f}", "lat", position->lat, "lon", position->lon)
			       : json_null();
}

static json_t *reason_json(const struct tally *tally, const struct override *override)
{
	if (override != NULL)
		return json_string(override->reason != NULL ? override->reason : "overridden");
	if (tally->reason_endpoint == NULL)
		return json_null();
	char *text = mem_printf("%s: %s", tally->reason_endpoint, tally->reason);
	json_t *json = json_string(text);
	free(text);
	return json;
}

static json_t *pool_json(const struct view *view, const struct pool *pool)
{
	struct tally tally = {.proved_suffice = enough_are_proved(view, pool)};
	json_t *endpoints = json_array();
	for (size_t i = 0; i < pool->endpoint_count; i++)
		json_array_append_new(endpoints,
				      endpoint_json(view, pool, &pool->endpoints[i], &tally));
	char *id = mem_printf("pool/%s", pool->name);
	const struct override *override = model_override(view->model, id, view->now_ms);
	const char *state = pool_state(pool, &tally, override);
	bool serving = override != NULL
			       ? override->action == OVERRIDE_UP
			       : tally.serving >= (pool->min_healthy > 0 ? pool->min_healthy : 1);
	json_t *json = json_pack(
		"{s:s, s:s, s:s?, s:s, s:b, s:I, s:I, s:I, s:s?, s:o, s:o, s:s?, s:o, s:o}", "name",
		pool->name, "kind", pool->cname ? "cname" : "address", "monitor", pool->monitor,
		"state", state, "serving", serving, "healthy", (json_int_t)tally.serving, "total",
		(json_int_t)tally.enabled, "min_healthy", (json_int_t)pool->min_healthy, "fallback",
		pool->fallback, "position", position_json(&pool->position), "override",
		override_json(view->model, id, view->now_ms), "since", tally.since, "reason",
		reason_json(&tally, override), "endpoints", endpoints);
	free(id);
	return json;
}

json_t *health_view(struct app *app, const struct model *model, const json_t *reply,
		    const char *why, const char *only)
{
	struct view view = {.app = app, .model = model, .now_ms = wall_now_ms()};
	view.fresh = reply != NULL && verdicts_fresh(app->verdicts);
	const json_t *targets = json_object_get(reply, "targets");
	for (size_t i = 0; i < json_array_size(targets); i++) {
		json_t *target = json_array_get(targets, i);
		const char *id = text_of(target, "id");
		if (id != NULL)
			strmap_put(&view.targets, id, target);
	}
	json_t *pools = json_array();
	for (size_t i = 0; i < model->of[KIND_POOL].count; i++) {
		const struct pool *pool = &model->of[KIND_POOL].at[i]->pool;
		if (only == NULL || strcmp(only, pool->name) == 0)
			json_array_append_new(pools, pool_json(&view, pool));
	}
	strmap_fini(&view.targets);
	json_t *problems = json_array();
	if (reply == NULL)
		json_array_append_new(problems, json_string(why));
	else if (!view.fresh)
		json_array_append_new(
			problems, json_string("The health checker has not written for more than "
					      "10 s; its last states hold."));
	char now[WALL_TEXT_MAX];
	wall_format(view.now_ms, now);
	return json_pack("{s:s, s:b, s:o, s:o}", "time", now, "fresh", view.fresh, "problems",
			 problems, "pools", pools);
}

static const struct csv_column health_columns[] = {
	{"pool", false},    {"endpoint", false}, {"address", false}, {"port", false},
	{"monitor", false}, {"type", false},	 {"enabled", false}, {"weight", false},
	{"state", false},   {"since", false},	 {"reason", true},   {NULL, false}};

/* One row an endpoint. */
static struct response *health_csv(json_t *health)
{
	json_t *endpoints = json_array();
	const json_t *pools = json_object_get(health, "pools");
	for (size_t i = 0; i < json_array_size(pools); i++)
		json_array_extend(endpoints,
				  json_object_get(json_array_get(pools, i), "endpoints"));
	struct response *response = csv_response(endpoints, health_columns);
	json_decref(endpoints);
	json_decref(health);
	return response;
}

struct response *health_get_all(struct app *app, struct call *call)
{
	struct error error = {0};
	json_t *reply;
	const char *only = request_query(call->request, "pool");
	struct model *model = config_model(app->config);
	struct response *response;
	if (only != NULL && model_find(model, KIND_POOL, only) == NULL) {
		response = problem(404, "There is no pool %s.", only);
	} else {
		json_t *args =
			only != NULL ? json_pack("{s:s, s:b}", "pool", only, "history", 1) : NULL;
		ask(app, DAEMON_HEALTHCHECK, "health", args, ASK_MS, &reply, &error);
		json_decref(args);
		json_t *health = health_view(app, model, reply, error.text, only);
		response =
			csv_wanted(call->request) ? health_csv(health) : response_json(200, health);
		json_decref(reply);
	}
	model_unref(model);
	return response;
}

struct response *health_get_series(struct app *app, struct call *call)
{
	static const char *const names[] = {"id", "step", "since", "until"};
	json_t *args = json_object();
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		const char *value = request_query(call->request, names[i]);
		if (value != NULL)
			json_object_set_new(args, names[i], json_string(value));
	}
	struct response *response = ask_and_answer(app, DAEMON_HEALTHCHECK, "series", args, ASK_MS);
	json_decref(args);
	return response;
}
