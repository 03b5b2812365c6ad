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

static json_t *probes_json(const struct announcement *item)
{
	static const char *const outcomes[] = {[PROBE_GOOD] = "good",
					       [PROBE_WRONG] = "wrong",
					       [PROBE_SILENT] = "silent",
					       [PROBE_REFUSED] = "refused"};
	json_t *list = json_array();
	size_t first = item->noted > PROBE_NOTES ? item->noted - PROBE_NOTES : 0;
	for (size_t i = first; i < item->noted; i++) {
		const struct probe_note *note = &item->notes[i % PROBE_NOTES];
		char time[WALL_TEXT_MAX];
		wall_format(note->time_ms, time);
		json_array_append_new(list,
				      json_pack("{s:s, s:s, s:s, s:I, s:s?}", "time", time,
						"transport", probe_transport_name(note->transport),
						"outcome", outcomes[note->outcome], "took_us",
						(json_int_t)note->took_us, "reason",
						note->reason[0] != '\0' ? note->reason : NULL));
	}
	return list;
}

static json_t *guard_json(const struct announcement *item)
{
	static const char *const forces[] = {[GUARD_FORCE_NONE] = "none",
					     [GUARD_FORCE_GO] = "drain",
					     [GUARD_FORCE_ORDER] = "order",
					     [GUARD_FORCE_PROOF] = "proof"};
	const struct guard_case *at = &item->guard;
	if (!item->guarded)
		return json_null();
	return json_pack("{s:s, s:i, s:i, s:i, s:i, s:f, s:i, s:b, s:i, s:s?}", "force",
			 forces[at->force], "others_announcing", (int)at->others_announcing,
			 "min_sites", (int)at->min_sites, "announced", (int)at->announced,
			 "leaving", (int)at->leaving, "panic_fraction", at->panic_fraction,
			 "recent", (int)at->recent, "just_before", at->just_before, "max_recent",
			 (int)at->max_recent, "rule", guard_rule_name(guard_judge(at)));
}

static json_t *said_json(const char *said)
{
	json_t *list = json_array();
	while (*said != '\0') {
		size_t len = strcspn(said, "\n");
		json_array_append_new(list, json_sprintf("%.*s", (int)len, said));
		said += len + (said[len] == '\n');
	}
	return list;
}

/* All that led to a change of ITEM, and what was done. */
static json_t *record_json(const struct applier *applier, const struct announcement *item)
{
	static const char *const verdicts[] = {[SIGHT_UNKNOWN] = "unknown",
					       [SIGHT_VERIFIED] = "verified",
					       [SIGHT_PENDING] = "pending",
					       [SIGHT_MISMATCH] = "mismatch"};
	const struct deed *deed = &applier->deed;
	return json_pack("{s:I, s:I, s:I, s:s, s:i, s:s?, s:s, s:s, s:o, s:o, s:o}", "generation",
			 (json_int_t)applier->generation, "took_us", (json_int_t)applier->took_us,
			 "verify_us", (json_int_t)deed->verify_us, "verdict",
			 verdicts[item->verdict], "step", (int)applier->step, "blocked_by",
			 guard_rule_name(item->state.blocked_by), "file_before", deed->hash_before,
			 "file_after", deed->hash_after, "bird", said_json(deed->said), "probes",
			 probes_json(item), "guard", guard_json(item));
}

/* In trouble the reason is the trouble; what is decided then is told behind it. */
static void explain(const struct controller *controller, const struct announcement *item,
		    const char *to, char *reason, size_t size)
{
	const char *why = controller_reason(controller, item);
	if (strcmp(to, "fault") == 0 && why != item->state.reason)
		snprintf(reason, size, "%s; decided is %s: %s", why, level_name(item->state.level),
			 item->state.reason);
	else
		snprintf(reason, size, "%s", why);
}

static void note_prefix(struct controller *controller, struct announcement *item, const char *to)
{
	const struct applier *applier = &controller->applier;
	char reason[2 * PREFIX_REASON_MAX];
	const char *from = item->shown[0] != '\0' ? item->shown : NULL;
	explain(controller, item, to, reason, sizeof reason);
	json_t *data = record_json(applier, item);
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
	item->told_rule = item->state.blocked_by;
	item->told_level = item->state.level;
	if (from != NULL && strcmp(from, to) == 0)
		return;
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
		/* What the guard refuses, or no longer does, and what is decided while BIRD is in
		 * trouble, may leave the word as it is. */
		bool decided = (item->state.blocked_by != item->told_rule ||
				item->state.level != item->told_level) &&
			       !controller_under_way(controller, item);
		if (decided || strcmp(to, item->shown) != 0)
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

void events_refusal(struct controller *controller, const char *before)
{
	const struct applier *applier = &controller->applier;
	if (applier->refused[0] == '\0' || strcmp(applier->refused, before) == 0)
		return;
	json_t *data = json_pack("{s:I, s:s}", "generation", (json_int_t)applier->generation,
				 "file", applier->deed.hash_after);
	const struct event event = {.kind = "daemon",
				    .object = "daemon/bgpctl",
				    .to = "refusing",
				    .reason = applier->refused,
				    .actor = "guard",
				    .data = data};
	journal_add(controller->journal, &event);
	json_decref(data);
	log_error("%s", applier->refused);
}

void events_file(struct controller *controller)
{
	const struct applier *applier = &controller->applier;
	const char *path = controller->instance->bird_include;
	char reason[PREFIX_REASON_MAX];
	if (!applier->file_foreign)
		return;
	snprintf(reason, sizeof reason, "somebody else changed %.160s: it is to be written anew",
		 path);
	json_t *data = json_pack("{s:I, s:s, s:s}", "generation", (json_int_t)applier->generation,
				 "file_before", applier->deed.hash_after, "file_after",
				 applier->file_hash);
	const struct event event = {.kind = "daemon",
				    .object = "daemon/bgpctl",
				    .to = "restoring",
				    .reason = reason,
				    .actor = "reconcile",
				    .data = data};
	journal_add(controller->journal, &event);
	json_decref(data);
	log_warning("%s", reason);
}

void events_conf(struct controller *controller, const char *actor)
{
	const struct conf_watch *watch = &controller->conf_watch;
	char text[PREFIX_REASON_MAX + 64];
	snprintf(text, sizeof text,
		 watch->changed ? "somebody changed %s: announcing waits until that is confirmed"
				: "BIRD's configuration is accepted%s",
		 watch->files);
	json_t *data = json_pack("{s:s, s:s}", "id", watch->id, "files", watch->files);
	const struct event event = {.kind = "daemon",
				    .object = "daemon/bird",
				    .from = watch->changed ? "accepted" : "changed",
				    .to = watch->changed ? "changed" : "accepted",
				    .reason = text,
				    .actor = actor,
				    .data = data};
	journal_add(controller->journal, &event);
	json_decref(data);
	log_notice("%s", text);
}
