/* Knows how to decide about a configuration that is not in force. */
#include "bgpctl/forecast.h"

#include "base/mem.h"
#include "base/wall.h"
#include "db/codec.h"
#include "db/control.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* How far ahead "later" is, in steps of a second: behind hold-up, gap and most drains. */
enum { LATER_S = 300 };

struct forecast_prefix {
	struct announcement item; /* a copy, whose pointers are the original's */
	struct prefix_state first;
	bool is_new;
};

struct forecasting {
	const struct controller *controller;
	struct model *model;
	struct forecast_prefix *at;
	size_t count;
	struct plan_limits limits;
};

/* *PUT is what the change refers to, for the caller to release. */
static struct model_change decode_change(const json_t *json, struct object **put,
					 struct findings *findings)
{
	struct model_change change = {.kind = KIND_COUNT};
	const char *kind = json_string_value(json_object_get(json, "kind"));
	const json_t *object = json_object_get(json, "object");
	change.id = json_string_value(json_object_get(json, "id"));
	enum kind found;
	if (kind == NULL || change.id == NULL || !kind_parse(kind, &found) ||
	    (found != KIND_PREFIX && found != KIND_OVERRIDE && found != KIND_SAFETY)) {
		findings_add(findings, NULL, "a change needs kind, id and object");
		return change;
	}
	if (json_is_object(object))
		change.put = *put = codec_decode(found, object, NULL, "", findings);
	change.kind = found;
	return change;
}

/* The model with CHANGES in it; NULL with FINDINGS. */
static struct model *changed_model(const struct model *model, const json_t *changes,
				   struct findings *findings)
{
	struct model *result = model_ref(model);
	const json_t *json;
	size_t i;
	json_array_foreach(changes, i, json)
	{
		struct object *put = NULL;
		struct model_change change = decode_change(json, &put, findings);
		if (findings->count == 0) {
			struct model *next = model_with(result, model->revision, &change, 1);
			model_unref(result);
			result = next;
		}
		object_unref(put);
	}
	if (findings->count == 0)
		return result;
	model_unref(result);
	return NULL;
}

static void take_item(struct forecasting *at, struct forecast_prefix *to,
		      const struct announcement *from)
{
	to->item = *from;
	const struct object *object = model_find(at->model, KIND_PREFIX, from->net);
	to->item.object = object != NULL ? object_ref(object) : NULL;
	if (object != NULL)
		to->item.watched = to->item.object;
	to->item.known = true;
	to->item.here = to->item.object != NULL &&
			announcement_names_site(&to->item.object->prefix,
						at->controller->instance->site_name);
	announcement_order(&to->item, at->model, wall_now_ms());
}

/* A prefix that this site would announce for the first time. */
static void take_new(struct forecasting *at, const struct object *object)
{
	struct announcement *made =
		announcement_new(&object->prefix.prefix, LEVEL_NONE, mono_now());
	for (size_t i = 0; i < at->count; i++)
		if (strcmp(at->at[i].item.net, made->net) == 0 ||
		    !announcement_names_site(&object->prefix, at->controller->instance->site_name))
			made->known = true;
	if (!made->known &&
	    announcement_names_site(&object->prefix, at->controller->instance->site_name)) {
		at->at = mem_resize(at->at, at->count + 1, sizeof *at->at);
		memset(&at->at[at->count], 0, sizeof *at->at);
		take_item(at, &at->at[at->count], made);
		at->at[at->count].is_new = true;
		at->count++;
	}
	free(made);
}

static void gather(struct forecasting *at)
{
	const struct objects *prefixes = &at->model->of[KIND_PREFIX];
	const struct safety safety = model_safety(at->model);
	at->limits = (struct plan_limits){.max_withdraw_per_10min = safety.max_withdraw_per_10min,
					  .panic_fraction = safety.panic_fraction};
	at->count = at->controller->count;
	at->at = mem_array(at->count, sizeof *at->at);
	for (size_t i = 0; i < at->count; i++)
		take_item(at, &at->at[i], at->controller->items[i]);
	for (size_t i = 0; i < prefixes->count; i++)
		take_new(at, prefixes->at[i]);
}

/* The first decision, and the ones that follow while nothing else happens. */
static void decide(struct forecasting *at)
{
	struct guard_history history = at->controller->history;
	struct plan_item *plan = mem_array(at->count, sizeof *plan);
	struct mono now = mono_now();
	for (size_t i = 0; i < at->count; i++) {
		announcement_facts(&at->at[i].item, at->controller->presence, &plan[i].facts);
		plan[i].facts.asks =
			at->controller->conf_asks[0] != '\0' ? at->controller->conf_asks : NULL;
		plan[i].facts.stale = at->controller->freshness.text[0] != '\0'
					      ? at->controller->freshness.text
					      : NULL;
		plan[i].state = &at->at[i].item.state;
	}
	for (int second = 0; second <= LATER_S; second++) {
		plan_make(plan, at->count, &at->limits, &at->controller->params, &history,
			  mono_add_ms(now, 1000 * second));
		for (size_t i = 0; second == 0 && i < at->count; i++)
			at->at[i].first = at->at[i].item.state;
	}
	free(plan);
}

static json_t *prefixes_json(const struct forecasting *at)
{
	json_t *list = json_array();
	for (size_t i = 0; i < at->count; i++) {
		const struct forecast_prefix *one = &at->at[i];
		const char *rule = guard_rule_name(one->first.blocked_by);
		json_array_append_new(list,
				      json_pack("{s:s, s:s, s:s, s:s, s:s, s:s?}", "prefix",
						one->item.net, "now", level_name(one->item.applied),
						"then", prefix_state_name(&one->first), "later",
						prefix_state_name(&one->item.state), "reason",
						one->first.reason, "blocked_by", rule));
	}
	return list;
}

static json_t *exports_json(const struct forecasting *at)
{
	const struct bird_protocols *sessions = &at->controller->applier.protocols;
	json_t *list = json_array();
	for (size_t peer = 0; peer < sessions->count; peer++) {
		for (size_t i = 0; i < at->count; i++) {
			const struct forecast_prefix *one = &at->at[i];
			if (!sight_carries(&sessions->at[peer], one->item.prefix.addr.family) ||
			    one->first.level == one->item.applied)
				continue;
			json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:s}", "peer",
							      sessions->at[peer].name, "prefix",
							      one->item.net, "now",
							      level_name(one->item.applied), "then",
							      level_name(one->first.level)));
		}
	}
	return list;
}

static json_t *file_json(const struct forecasting *at)
{
	const char *path = at->controller->instance->bird_include;
	struct include_entry *entries = mem_array(at->count, sizeof *entries);
	char now[WALL_TEXT_MAX];
	bool missing;
	for (size_t i = 0; i < at->count; i++) {
		entries[i].prefix = at->at[i].item.prefix;
		entries[i].level = at->at[i].first.level;
		snprintf(entries[i].reason, sizeof entries[i].reason, "%s", at->at[i].first.reason);
	}
	wall_format(wall_now_ms(), now);
	char *after =
		include_render(entries, at->count, at->controller->applier.generation + 1, now);
	char *before = include_read(path, &missing, NULL);
	json_t *json =
		json_pack("{s:s, s:s?, s:s}", "path", path, "before", before, "after", after);
	free(before);
	free(after);
	free(entries);
	return json;
}

json_t *forecast(const struct controller *controller, const json_t *args)
{
	struct findings findings = {0};
	struct forecasting at = {.controller = controller};
	if (controller->feed.model == NULL || !controller->applier.adopted)
		return control_failure("the configuration has not been read yet");
	at.model =
		changed_model(controller->feed.model, json_object_get(args, "changes"), &findings);
	if (at.model == NULL) {
		json_t *failure = control_failure("%s", findings.at[0].message);
		findings_fini(&findings);
		return failure;
	}
	gather(&at);
	decide(&at);
	json_t *json = json_pack("{s:s, s:o, s:o, s:o}", "site", controller->instance->site_name,
				 "prefixes", prefixes_json(&at), "exports", exports_json(&at),
				 "file", file_json(&at));
	for (size_t i = 0; i < at.count; i++)
		object_unref(at.at[i].item.object);
	free(at.at);
	model_unref(at.model);
	findings_fini(&findings);
	return json;
}
