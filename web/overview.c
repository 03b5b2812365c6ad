/* Knows what stands on the first page. */
#include "web/overview.h"

#include "base/wall.h"
#include "web/anycast_view.h"
#include "web/ask.h"
#include "web/attention.h"
#include "web/health_view.h"
#include "web/status.h"
#include "web/traffic.h"

#include <pthread.h>
#include <string.h>

enum { CHANGES_MAX = 20, DAY_MS = 24 * 3600 * 1000 };

static void set_count(json_t *counts, const char *name, size_t value)
{
	json_object_set_new(counts, name, json_integer((json_int_t)value));
}

static bool says(const json_t *json, const char *key, const char *value)
{
	const char *text = json_string_value(json_object_get(json, key));
	return text != NULL && strcmp(text, value) == 0;
}

static void count_health(json_t *counts, const json_t *health)
{
	size_t healthy = 0, endpoints = 0, serving = 0;
	const json_t *pools = json_object_get(health, "pools");
	for (size_t i = 0; i < json_array_size(pools); i++) {
		const json_t *pool = json_array_get(pools, i);
		healthy += says(pool, "state", "healthy");
		endpoints += json_array_size(json_object_get(pool, "endpoints"));
		serving += (size_t)json_integer_value(json_object_get(pool, "healthy"));
	}
	set_count(counts, "pools_healthy", healthy);
	set_count(counts, "endpoints", endpoints);
	set_count(counts, "endpoints_serving", serving);
}

static json_t *count_all(const struct model *model, const json_t *health, const json_t *anycast)
{
	json_t *counts = json_object();
	set_count(counts, "zones", model->of[KIND_ZONE].count);
	set_count(counts, "services", model->of[KIND_SERVICE].count);
	set_count(counts, "pools", model->of[KIND_POOL].count);
	set_count(counts, "sites", model->of[KIND_SITE].count);
	set_count(counts, "monitors", model->of[KIND_MONITOR].count);
	set_count(counts, "regions", model->of[KIND_REGION].count);
	set_count(counts, "prefixes", model->of[KIND_PREFIX].count);
	count_health(counts, health);
	size_t announced = 0;
	const json_t *prefixes = json_object_get(anycast, "prefixes");
	for (size_t i = 0; i < json_array_size(prefixes); i++)
		announced += says(json_array_get(prefixes, i), "state", "announced") ||
			     says(json_array_get(prefixes, i), "state", "degraded");
	set_count(counts, "prefixes_announced", announced);
	return counts;
}

static json_t *sites(const struct model *model)
{
	json_t *list = json_array();
	for (size_t i = 0; i < model->of[KIND_SITE].count; i++) {
		const struct site *site = &model->of[KIND_SITE].at[i]->site;
		bool known = site->position.known;
		json_array_append_new(
			list, json_pack("{s:s, s:o, s:o}", "name", site->name, "lat",
					known ? json_real(site->position.lat) : json_null(), "lon",
					known ? json_real(site->position.lon) : json_null()));
	}
	return list;
}

static json_t *recent_changes(const struct app *app)
{
	struct journal_filter filter = {
		.since_ms = wall_now_ms() - DAY_MS, .newest_first = true, .limit = CHANGES_MAX};
	json_t *events = journal_read(app->instance.events_dir, &filter, NULL, NULL);
	return events != NULL ? events : json_array();
}

static json_t *problem_texts(const json_t *status, const json_t *health)
{
	json_t *texts = json_array();
	const json_t *problems = json_object_get(status, "problems");
	for (size_t i = 0; i < json_array_size(problems); i++)
		json_array_append(texts, json_object_get(json_array_get(problems, i), "text"));
	if (json_is_false(json_object_get(health, "fresh")))
		json_array_extend(texts, json_object_get(health, "problems"));
	return texts;
}

static void drop_endpoints(json_t *health)
{
	json_t *pools = json_object_get(health, "pools");
	for (size_t i = 0; i < json_array_size(pools); i++)
		json_object_del(json_array_get(pools, i), "endpoints");
}

/* All questions are asked at the same time. */
struct gathered {
	struct app *app;
	struct answer health, anycast;
};

static void *ask_health(void *context)
{
	struct gathered *gathered = context;
	json_t *args = json_pack("{s:b}", "history", 0);
	ask(gathered->app, DAEMON_HEALTHCHECK, "health", args, ASK_MS, &gathered->health.reply,
	    &gathered->health.error);
	json_decref(args);
	return NULL;
}

static void *ask_anycast(void *context)
{
	struct gathered *gathered = context;
	ask(gathered->app, DAEMON_BGPCTL, "anycast", NULL, ASK_MS, &gathered->anycast.reply,
	    &gathered->anycast.error);
	return NULL;
}

static json_t *gather(struct gathered *gathered)
{
	struct answer answers[DAEMON_COUNT];
	pthread_t threads[2];
	bool health = pthread_create(&threads[0], NULL, ask_health, gathered) == 0;
	bool anycast = pthread_create(&threads[1], NULL, ask_anycast, gathered) == 0;
	ask_all(gathered->app, "status", answers);
	json_t *status = status_view(gathered->app, answers);
	answers_fini(answers);
	if (health)
		pthread_join(threads[0], NULL);
	else
		ask_health(gathered);
	if (anycast)
		pthread_join(threads[1], NULL);
	else
		ask_anycast(gathered);
	return status;
}

struct response *overview_get(struct app *app, struct call *call)
{
	(void)call;
	struct gathered gathered = {.app = app};
	json_t *status = gather(&gathered);
	struct model *model = config_model(app->config);
	json_t *health =
		health_view(app, model, gathered.health.reply, gathered.health.error.text, NULL);
	json_t *anycast = anycast_view(model, app->instance.site_name, gathered.anycast.reply,
				       gathered.anycast.error.text);
	json_t *traffic = traffic_view(app->traffic);
	json_t *attention = attention_list(health, anycast, status, traffic);
	json_t *counts = count_all(model, health, anycast);
	drop_endpoints(health);
	json_t *json = json_pack(
		"{s:O, s:O, s:O, s:o, s:O, s:o, s:O, s:O, s:o, s:o, s:o, s:o}", "time",
		json_object_get(status, "time"), "revision", json_object_get(status, "revision"),
		"in_sync", json_object_get(status, "in_sync"), "counts", counts, "pools",
		json_object_get(health, "pools"), "sites", sites(model), "prefixes",
		json_object_get(anycast, "prefixes"), "sessions",
		json_object_get(anycast, "sessions"), "attention", attention, "changes",
		recent_changes(app), "traffic", traffic, "problems", problem_texts(status, health));
	model_unref(model);
	json_decref(status);
	json_decref(health);
	json_decref(anycast);
	json_decref(gathered.health.reply);
	json_decref(gathered.anycast.reply);
	return response_json(200, json);
}
