/* Knows the shape in which the controller tells what it does. */
#include "bgpctl/report.h"

#include "base/wall.h"
#include "bgpctl/forecast.h"
#include "db/control.h"

#include <string.h>
#include <unistd.h>

static json_t *time_json(int64_t ms)
{
	char text[WALL_TEXT_MAX];
	wall_format(ms, text);
	return json_string(text);
}

static json_t *text_or_null(const char *text)
{
	return text != NULL && text[0] != '\0' ? json_string(text) : json_null();
}

static void add_problem(json_t *problems, const char *text)
{
	if (text[0] != '\0')
		json_array_append_new(problems, json_string(text));
}

static const char *const steps[] = {[LADDER_NONE] = "none",
				    [LADDER_INCLUDE] = "include",
				    [LADDER_PROTOCOL] = "protocol",
				    [LADDER_SESSIONS] = "sessions",
				    [LADDER_OPERATOR] = "operator"};

/* Remembered until a change comes out by configuration alone. */
static void add_step(json_t *problems, const struct applier *applier)
{
	if (applier->step > LADDER_INCLUDE && applier->failure[0] == '\0')
		json_array_append_new(
			problems,
			json_sprintf(
				"the last withdrawal went by disabling (step %s), because BIRD's "
				"configuration did not withdraw it: mend bird.conf",
				steps[applier->step]));
}

static json_t *problems_json(const struct controller *controller)
{
	const struct applier *applier = &controller->applier;
	json_t *problems = json_array();
	add_problem(problems, controller->feed.error);
	add_problem(problems, controller->feed.health_error);
	add_problem(problems, controller->presence_error);
	/* Who announces nothing needs no BIRD. */
	add_problem(problems, controller->count > 0 ? applier->bird_error : "");
	add_problem(problems, controller->freshness.text);
	add_problem(problems, controller->conf_asks);
	add_problem(problems, controller->count > 0 ? applier->conf_error : "");
	add_problem(problems, applier->failure);
	add_step(problems, applier);
	for (size_t i = 0; i < controller->count; i++) {
		const struct announcement *item = controller->items[i];
		const char *shown = controller_shown(controller, item);
		bool bad = strcmp(shown, "fault") == 0 || strcmp(shown, "frozen") == 0 ||
			   item->state.blocked_by != GUARD_PASS;
		if (bad)
			json_array_append_new(problems,
					      json_sprintf("prefix %s: %s", item->net,
							   controller_reason(controller, item)));
	}
	return problems;
}

/* Whether the files that BIRD reads are those that were accepted. */
static json_t *conf_json(const struct conf_watch *watch)
{
	return json_pack("{s:s, s:s, s:s}", "state",
			 watch->found == NULL ? "unknown"
			 : watch->changed     ? "changed"
					      : "accepted",
			 "files", watch->files, "id", watch->id);
}

static json_t *bird_json(const struct controller *controller)
{
	const struct applier *applier = &controller->applier;
	return json_pack(
		"{s:s, s:o, s:o, s:o, s:o, s:s, s:o}", "state",
		applier->adopted ? bird_reach_name(applier->reach) : "down", "version",
		text_or_null(applier->status.version), "error",
		text_or_null(applier->reach == BIRD_UP ? applier->failure : applier->bird_error),
		"booted", text_or_null(applier->status.booted), "reconfigured",
		text_or_null(applier->status.reconfigured), "step", steps[applier->step], "conf",
		conf_json(&controller->conf_watch));
}

static json_t *status(const struct controller *controller)
{
	const struct feed *feed = &controller->feed;
	unsigned announced = 0;
	for (size_t i = 0; i < controller->count; i++)
		announced += controller->items[i]->state.level != LEVEL_NONE;
	json_t *config =
		json_pack("{s:s, s:o, s:o}", "state", feed->stale ? "stale" : "live", "since",
			  time_json(feed->since_ms), "error", text_or_null(feed->error));
	return json_pack("{s:s, s:i, s:s, s:o, s:I, s:o, s:o, s:s, s:o, s:I, s:I, s:b, s:I}",
			 "daemon", "bgpctl", "pid", (int)getpid(), "version", MERIDIAN_VERSION,
			 "since", time_json(controller->started_ms), "revision",
			 (json_int_t)(feed->model != NULL ? feed->model->revision : 0), "config",
			 config, "problems", problems_json(controller), "site",
			 controller->instance->site_name, "bird", bird_json(controller), "prefixes",
			 (json_int_t)controller->count, "announced", (json_int_t)announced,
			 "responder_watched", controller->responder_fd >= 0, "generation",
			 (json_int_t)controller->applier.generation);
}

static json_t *exported_json(const struct controller *controller, size_t item)
{
	const struct applier *applier = &controller->applier;
	json_t *list = json_array();
	for (size_t i = 0; i < applier->export_count; i++) {
		const struct sight_export *export = &applier->exports[i];
		if (export->entry != item)
			continue;
		json_t *json =
			json_pack("{s:s, s:b}", "peer", applier->protocols.at[export->peer].name,
				  "present", export->present);
		/* As last looked at: of many prefixes the attributes are looked at more rarely. */
		if (export->attributes_known)
			json_object_set_new(json, "attributes",
					    json_pack("{s:I, s:I, s:b}", "prepended",
						      (json_int_t) export->attributes.path_len,
						      "med", (json_int_t) export->attributes.med,
						      "graceful_shutdown",
						      export->attributes.graceful_shutdown));
		json_array_append_new(list, json);
	}
	return list;
}

static json_t *prefix_json(const struct controller *controller, size_t i)
{
	const struct announcement *item = controller->items[i];
	char address[ADDR_TEXT_MAX] = "";
	if (item->object != NULL)
		addr_format(&item->object->prefix.address, address);
	return json_pack("{s:s, s:o, s:s, s:o, s:s, s:s, s:s, s:b, s:o, s:o, s:b, s:f, s:f}",
			 "prefix", item->net, "address", text_or_null(address), "state",
			 controller_shown(controller, item), "since",
			 time_json(item->shown_since_ms), "reason",
			 controller_reason(controller, item), "actor", item->state.actor, "wanted",
			 level_name(item->state.level), "verified",
			 item->verdict == SIGHT_VERIFIED && !item->changing, "blocked_by",
			 text_or_null(guard_rule_name(item->state.blocked_by)), "exported",
			 exported_json(controller, i), "suppressed", item->state.damping.suppressed,
			 "penalty", damping_penalty(&item->state.damping, mono_now()), "took_ms",
			 (double)item->took_us / 1000);
}

static json_t *since_json(const struct bird_protocol *session)
{
	int64_t ms;
	return bird_view_time(session->since, wall_now_ms(), &ms) ? time_json(ms) : json_null();
}

static json_t *sessions_json(const struct bird_protocols *protocols)
{
	json_t *list = json_array();
	for (size_t i = 0; i < protocols->count; i++) {
		const struct bird_protocol *session = &protocols->at[i];
		if (strcmp(session->type, "BGP") != 0)
			continue;
		json_array_append_new(
			list, json_pack("{s:s, s:s, s:o, s:o, s:o}", "name", session->name, "state",
					session->established ? "up" : "down", "info",
					text_or_null(session->info), "since", since_json(session),
					"neighbor", text_or_null(session->neighbor)));
	}
	return list;
}

static json_t *anycast(const struct controller *controller)
{
	json_t *prefixes = json_array();
	for (size_t i = 0; i < controller->count; i++)
		json_array_append_new(prefixes, prefix_json(controller, i));
	return json_pack("{s:s, s:o, s:o, s:o}", "site", controller->instance->site_name, "bird",
			 bird_json(controller), "prefixes", prefixes, "sessions",
			 sessions_json(&controller->applier.protocols));
}

static json_t *metric(json_t *metrics, const char *name, const char *type, const char *help)
{
	json_t *samples = json_array();
	json_array_append_new(metrics, json_pack("{s:s, s:s, s:s, s:o}", "name", name, "type", type,
						 "help", help, "samples", samples));
	return samples;
}

static void sample(json_t *samples, json_t *labels, json_int_t value)
{
	json_array_append_new(samples, json_pack("{s:o, s:I}", "labels", labels, "value", value));
}

static void prefix_metrics(const struct controller *controller, json_t *metrics)
{
	json_t *announced = metric(metrics, "meridian_bgp_announced", "gauge",
				   "1 where the prefix was seen announced by BIRD.");
	json_t *changes = metric(metrics, "meridian_bgp_changes_total", "counter",
				 "Changes of a prefix's state, by the state entered.");
	for (size_t i = 0; i < controller->count; i++) {
		const struct announcement *item = controller->items[i];
		bool seen = item->state.level != LEVEL_NONE && item->verdict == SIGHT_VERIFIED;
		sample(announced, json_pack("{s:s}", "prefix", item->net), seen);
		for (size_t k = 0; announcement_word(k) != NULL; k++)
			if (item->changes[k] > 0)
				sample(changes,
				       json_pack("{s:s, s:s}", "prefix", item->net, "to",
						 announcement_word(k)),
				       (json_int_t)item->changes[k]);
	}
}

static void session_metrics(const struct bird_protocols *protocols, json_t *metrics)
{
	json_t *up = metric(metrics, "meridian_bgp_session_up", "gauge",
			    "1 where the BGP session is established.");
	for (size_t i = 0; i < protocols->count; i++)
		if (strcmp(protocols->at[i].type, "BGP") == 0)
			sample(up, json_pack("{s:s}", "peer", protocols->at[i].name),
			       protocols->at[i].established);
}

static json_t *stats(const struct controller *controller)
{
	json_t *metrics = json_array();
	prefix_metrics(controller, metrics);
	session_metrics(&controller->applier.protocols, metrics);
	json_t *blocks = metric(metrics, "meridian_safety_blocks_total", "counter",
				"Withdrawals that a safety rule refused.");
	for (int rule = GUARD_PASS + 1; rule < GUARD_RULES; rule++)
		sample(blocks, json_pack("{s:s}", "rule", guard_rule_name((enum guard_rule)rule)),
		       (json_int_t)controller->blocks[rule]);
	const struct model *model = controller->feed.model;
	sample(metric(metrics, "meridian_config_revision", "gauge",
		      "The revision of the configuration in force."),
	       json_pack("{s:s}", "daemon", "bgpctl"), model != NULL ? model->revision : 0);
	return json_pack("{s:o}", "metrics", metrics);
}

static json_t *confirm(struct controller *controller, const json_t *args)
{
	struct error error = {0};
	const char *id = json_string_value(json_object_get(args, "id"));
	const char *actor = json_string_value(json_object_get(args, "actor"));
	if (id == NULL || actor == NULL)
		return control_failure("confirm needs id and actor");
	if (!controller_confirm(controller, id, actor, &error))
		return control_failure("%s", error.text);
	return json_pack("{s:o}", "conf", conf_json(&controller->conf_watch));
}

json_t *report_answer(void *context, const char *verb, const json_t *args)
{
	struct controller *controller = context;
	if (strcmp(verb, "confirm") == 0)
		return confirm(controller, args);
	if (strcmp(verb, "plan") == 0)
		return forecast(controller, args);
	if (strcmp(verb, "status") == 0)
		return status(controller);
	if (strcmp(verb, "stats") == 0)
		return stats(controller);
	if (strcmp(verb, "anycast") == 0)
		return anycast(controller);
	return NULL;
}
