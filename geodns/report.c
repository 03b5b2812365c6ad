/* Knows the verbs of the control socket and the shape of status. */
#include "geodns/report.h"

#include "base/wall.h"
#include "geodns/explain.h"
#include "geodns/metrics.h"
#include "geodns/responder.h"

#include <string.h>
#include <unistd.h>

static json_t *time_json(int64_t ms)
{
	char text[WALL_TEXT_MAX];
	wall_format(ms, text);
	return json_string(text);
}

static json_t *config_json(const struct feed *feed)
{
	json_t *error = feed->live ? json_null() : json_string(feed->error.text);
	return json_pack("{s:s, s:o, s:o}", "state", feed->live ? "live" : "stale", "since",
			 time_json(feed->since_ms), "error", error);
}

static bool has_monitored_pool(const struct pools *pools)
{
	size_t cursor = 0;
	const char *name;
	void *pool;
	while (strmap_next(&pools->of, &cursor, &name, &pool)) {
		if (((const struct pool_live *)pool)->config->pool.monitor != NULL)
			return true;
	}
	return false;
}

static bool uses_places(const struct steerings *steerings)
{
	size_t cursor = 0;
	const char *key;
	void *steering;
	while (strmap_next(&steerings->of, &cursor, &key, &steering)) {
		if (steer_uses_place(((const struct steering_live *)steering)->steer))
			return true;
	}
	return false;
}

static void add_problem(json_t *problems, const char *text)
{
	json_array_append_new(problems, json_string(text));
}

static void health_problem(json_t *problems, struct responder *responder)
{
	if (responder->fresh || !has_monitored_pool(&responder->content.pools))
		return;
	if (binding_table(responder->binding) == NULL)
		add_problem(problems, binding_problem(responder->binding));
	else
		add_problem(problems, "health is stale, what was last known holds: see that "
				      "meridian-healthcheck runs");
}

/* Without a table nothing is wrong where no service asks for places. */
static void places_problems(json_t *problems, const struct responder *responder)
{
	const struct places_watch *places = &responder->places;
	const struct steerings *steerings = &responder->content.steerings;
	if (places->problem.text[0] != '\0' &&
	    (steerings->atlas->table != NULL || uses_places(steerings)))
		add_problem(problems, places->problem.text);
	if (places->refusal.why.text[0] != '\0')
		json_array_append_new(problems,
				      json_sprintf("a geo database is refused, the places before "
						   "hold: %s",
						   places->refusal.why.text));
}

static json_t *problems_json(struct responder *responder)
{
	json_t *problems = json_array();
	if (!responder->feed.live)
		add_problem(problems, responder->feed.error.text);
	if (responder->content_problem.text[0] != '\0')
		add_problem(problems, responder->content_problem.text);
	health_problem(problems, responder);
	places_problems(problems, responder);
	if (responder->secrets.problem.text[0] != '\0')
		add_problem(problems, responder->secrets.problem.text);
	return problems;
}

static json_t *database_json(const struct place_database *database)
{
	if (database->networks == 0)
		return json_null();
	return json_pack("{s:s, s:I, s:o}", "type", database->description, "networks",
			 (json_int_t)database->networks, "built",
			 time_json(database->build_epoch * 1000));
}

static json_t *places_json(const struct atlas *atlas)
{
	const struct place_table *table = atlas->table;
	if (table == NULL)
		return json_null();
	return json_pack("{s:o, s:I, s:o, s:o, s:o}", "compiled", time_json(table->built_ms),
			 "places", (json_int_t)table->place_count, "country",
			 database_json(&table->from[PLACE_FROM_COUNTRY]), "city",
			 database_json(&table->from[PLACE_FROM_CITY]), "asn",
			 database_json(&table->from[PLACE_FROM_ASN]));
}

static json_t *pools_json(const struct pools *pools)
{
	json_t *result = json_object();
	size_t cursor = 0;
	const char *name;
	void *value;
	while (strmap_next(&pools->of, &cursor, &name, &value)) {
		const struct pool_live *pool = value;
		const char *override = pool->override;
		json_object_set_new(result, name,
				    json_pack("{s:b, s:I, s:I, s:s?}", "can_serve", pool->can_serve,
					      "serving", (json_int_t)pool->serving, "endpoints",
					      (json_int_t)pool->config->pool.endpoint_count,
					      "override", override));
	}
	return result;
}

static json_t *status(struct responder *responder)
{
	const struct content *content = &responder->content;
	const struct model *model = responder->feed.model;
	return json_pack("{s:s, s:i, s:s, s:o, s:I, s:o, s:o, s:I, s:I, s:I, s:I, s:o, s:o, s:s, "
			 "s:i}",
			 "daemon", "geodns", "pid", (int)getpid(), "version", MERIDIAN_VERSION,
			 "since", time_json(responder->started_ms), "revision",
			 (json_int_t)(model != NULL ? model->revision : 0), "config",
			 config_json(&responder->feed), "problems", problems_json(responder),
			 "zones", (json_int_t)content->zones.of.count, "names",
			 (json_int_t)names_count(content->zones.names), "services",
			 (json_int_t)content->services.count, "steerings",
			 (json_int_t)content->steerings.of.count, "pools",
			 pools_json(&content->pools), "places",
			 places_json(content->steerings.atlas), "health",
			 responder->fresh ? "fresh" : "stale", "threads",
			 (int)workers_threads(responder->workers));
}

json_t *report_request(void *context, const char *verb, const json_t *args)
{
	struct responder *responder = context;
	if (strcmp(verb, "status") == 0)
		return status(responder);
	if (strcmp(verb, "stats") == 0)
		return metrics_stats(responder);
	if (strcmp(verb, "answers") == 0)
		return metrics_answers(responder);
	if (strcmp(verb, "explain") == 0)
		return explain(responder, args);
	if (strcmp(verb, "geo_lookup") == 0)
		return explain_geo_lookup(responder, args);
	return NULL;
}
