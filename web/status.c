/* Knows when the daemons are well together. */
#include "web/status.h"

#include "base/mem.h"
#include "base/wall.h"
#include "web/counters.h"
#include "web/verdicts.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool has_monitored_pool(const struct model *model)
{
	const struct objects *pools = &model->of[KIND_POOL];
	for (size_t i = 0; i < pools->count; i++)
		if (pools->at[i]->pool.monitor != NULL)
			return true;
	return false;
}

json_t *status_of_web(struct app *app)
{
	char started[WALL_TEXT_MAX], since[WALL_TEXT_MAX];
	struct model *model = config_model(app->config);
	struct config_trouble trouble = config_trouble(app->config);
	wall_format(app->started_ms, started);
	wall_format(trouble.since_ms, since);
	json_t *problems = json_array();
	if (trouble.stale) {
		char *text =
			mem_printf("The configuration cannot be read, the last one is shown: %s",
				   trouble.error);
		json_array_append_new(problems, json_string(text));
		free(text);
	}
	if (has_monitored_pool(model) && !verdicts_fresh(app->verdicts))
		json_array_append_new(problems,
				      json_string("Health is stale, what was last known is shown: "
						  "see that meridian-healthcheck runs"));
	json_t *json = json_pack("{s:s, s:i, s:s, s:s, s:I, s:{s:s, s:s, s:s?}, s:o}", "daemon",
				 "web", "pid", (int)getpid(), "version", MERIDIAN_VERSION, "since",
				 started, "revision", (json_int_t)model->revision, "config",
				 "state", trouble.stale ? "stale" : "live", "since", since, "error",
				 trouble.stale ? trouble.error : NULL, "problems", problems);
	model_unref(model);
	return json;
}

static void add_problem(json_t *problems, const char *daemon, const char *text)
{
	json_array_append_new(problems, json_pack("{s:s, s:s}", "daemon", daemon, "text", text));
}

/* REPLY is borrowed, NULL where it could not be had. */
static json_t *one(const char *name, const json_t *reply, const char *error, int64_t revision,
		   json_t *problems)
{
	const json_t *at = json_object_get(reply, "revision");
	bool in_sync = reply != NULL && json_is_integer(at) && json_integer_value(at) == revision;
	if (reply == NULL)
		add_problem(problems, name, error);
	const json_t *own = json_object_get(reply, "problems");
	for (size_t i = 0; i < json_array_size(own); i++) {
		const char *text = json_string_value(json_array_get(own, i));
		if (text != NULL)
			add_problem(problems, name, text);
	}
	json_t *status = reply != NULL ? json_incref((json_t *)(uintptr_t)reply) : json_null();
	return json_pack("{s:s, s:b, s:s?, s:b, s:o}", "name", name, "reachable", reply != NULL,
			 "error", reply != NULL ? NULL : error, "in_sync", in_sync, "status",
			 status);
}

json_t *status_view(struct app *app, const struct answer answers[DAEMON_COUNT])
{
	json_t *web = status_of_web(app);
	int64_t revision = json_integer_value(json_object_get(web, "revision"));
	json_t *problems = json_array();
	json_t *daemons = json_array();
	bool in_sync = true;
	for (int i = 0; i < DAEMON_COUNT; i++) {
		json_t *json = one(daemon_name((enum daemon)i), answers[i].reply,
				   answers[i].error.text, revision, problems);
		in_sync = in_sync && json_is_true(json_object_get(json, "in_sync"));
		json_array_append_new(daemons, json);
	}
	json_array_append_new(daemons, one("web", web, NULL, revision, problems));
	json_decref(web);
	char now[WALL_TEXT_MAX];
	wall_format(wall_now_ms(), now);
	return json_pack("{s:s, s:s, s:I, s:b, s:o, s:o}", "time", now, "version", MERIDIAN_VERSION,
			 "revision", (json_int_t)revision, "in_sync", in_sync, "daemons", daemons,
			 "problems", problems);
}

struct response *status_get(struct app *app, struct call *call)
{
	(void)call;
	struct answer answers[DAEMON_COUNT];
	ask_all(app, "status", answers);
	json_t *json = status_view(app, answers);
	answers_fini(answers);
	return response_json(200, json);
}

struct response *stats_get(struct app *app, struct call *call)
{
	(void)call;
	struct answer answers[DAEMON_COUNT];
	struct error error;
	json_t *json = json_object(), *per_pool;
	ask_all(app, "stats", answers);
	for (int i = 0; i < DAEMON_COUNT; i++)
		json_object_set_new(json, daemon_name((enum daemon)i),
				    answers[i].reply != NULL ? json_incref(answers[i].reply)
							     : json_null());
	answers_fini(answers);
	json_object_set_new(json, "web", counters_stats(app));
	if (ask(app, DAEMON_GEODNS, "answers", NULL, ASK_MS, &per_pool, &error) != ASK_DONE)
		per_pool = json_null();
	json_object_set_new(json, "answers", per_pool);
	return response_json(200, json);
}
