/* Knows which changes people are told of, and in which words. */
#include "bgpctl/events.h"

#include "base/log.h"
#include "base/wall.h"

#include <stdio.h>
#include <string.h>

static void count_change(struct announcement *item, const char *to)
{
	for (size_t i = 0; announcement_word(i) != NULL; i++)
		if (strcmp(announcement_word(i), to) == 0)
			item->changes[i]++;
}

static const char *actor_of(const struct controller *controller, const struct announcement *item,
			    const char *to)
{
	if (strcmp(to, "fault") != 0)
		return item->state.actor;
	return controller->applier.reach == BIRD_UP ? "reconcile" : "bird";
}

static void note_prefix(struct controller *controller, struct announcement *item, const char *to)
{
	const struct applier *applier = &controller->applier;
	const char *reason = controller_reason(controller, item);
	const char *from = item->shown[0] != '\0' ? item->shown : NULL;
	const char *rule = guard_rule_name(item->state.blocked_by);
	json_t *data = json_pack(
		"{s:I, s:I, s:i, s:s?}", "generation", (json_int_t)applier->generation, "took_us",
		(json_int_t)applier->took_us, "step", (int)applier->step, "blocked_by", rule);
	const struct event event = {.kind = "prefix",
				    .object = item->id,
				    .from = from,
				    .to = to,
				    .reason = reason,
				    .actor = actor_of(controller, item, to),
				    .data = data};
	journal_add(controller->journal, &event);
	json_decref(data);
	log_notice("prefix %s is %s: %s", item->net, to, reason);
	count_change(item, to);
	snprintf(item->shown, sizeof item->shown, "%s", to);
	item->shown_since_ms = wall_now_ms();
}

void events_prefixes(struct controller *controller)
{
	for (size_t i = 0; i < controller->count; i++) {
		struct announcement *item = controller->items[i];
		const char *to = controller_shown(controller, item);
		/* Not yet looked at: the first word is the one that was seen. */
		if (item->verdict == SIGHT_UNKNOWN && controller->applier.reach == BIRD_UP)
			continue;
		if (strcmp(to, item->shown) != 0)
			note_prefix(controller, item, to);
	}
}

static bool is_session(const struct bird_protocol *protocol)
{
	return protocol != NULL && strcmp(protocol->type, "BGP") == 0;
}

static void note_session(struct controller *controller, const char *name, const char *from,
			 const char *to, const char *info)
{
	char object[16 + BIRD_NAME_MAX];
	snprintf(object, sizeof object, "session/%s", name);
	const struct event event = {.kind = "session",
				    .object = object,
				    .from = from,
				    .to = to,
				    .reason = info,
				    .actor = "bird"};
	journal_add(controller->journal, &event);
	log_notice("BGP session %s is %s: %s", name, to, info);
}

void events_sessions(struct controller *controller, const struct bird_protocols *before)
{
	const struct bird_protocols *now = &controller->applier.protocols;
	for (size_t i = 0; i < now->count; i++) {
		const struct bird_protocol *session = &now->at[i];
		if (!is_session(session))
			continue;
		const struct bird_protocol *old = bird_protocols_find(before, session->name);
		if (old != NULL && old->established == session->established)
			continue;
		note_session(controller, session->name,
			     old == NULL	? NULL
			     : old->established ? "up"
						: "down",
			     session->established ? "up" : "down", session->info);
	}
	for (size_t i = 0; i < before->count; i++)
		if (is_session(&before->at[i]) &&
		    !is_session(bird_protocols_find(now, before->at[i].name)))
			note_session(controller, before->at[i].name,
				     before->at[i].established ? "up" : "down", "gone",
				     controller->applier.reach == BIRD_UP
					     ? "no longer configured in BIRD"
					     : controller->applier.bird_error);
}

void events_reach(struct controller *controller, enum bird_reach before)
{
	const struct applier *applier = &controller->applier;
	if (applier->reach == before)
		return;
	const char *reason = applier->reach == BIRD_UP ? "BIRD answers" : applier->bird_error;
	const struct event event = {.kind = "daemon",
				    .object = "daemon/bird",
				    .from = bird_reach_name(before),
				    .to = bird_reach_name(applier->reach),
				    .reason = reason,
				    .actor = "reconcile"};
	journal_add(controller->journal, &event);
	log_notice("BIRD is %s: %s", bird_reach_name(applier->reach), reason);
}
