/* Knows what of the controller's past binds it after a restart, and how that is written down. */
#include "bgpctl/memory.h"

#include "base/mem.h"

#include <stdlib.h>

static json_t *history_json(const struct guard_history *history)
{
	json_t *list = json_array();
	for (size_t i = 0; i < history->count; i++)
		json_array_append_new(list, json_pack("{s:I, s:i}", "at_ns",
						      (json_int_t)history->of[i].at.ns, "family",
						      (int)history->of[i].family));
	return list;
}

static json_t *prefix_json(const struct prefix_state *state)
{
	json_t *json = json_pack("{s:f, s:I, s:b}", "penalty", state->damping.penalty, "at_ns",
				 (json_int_t)state->damping.at.ns, "suppressed",
				 state->damping.suppressed);
	if (state->was_announced || state->gap_holds)
		json_object_set_new(json, "announced_at_ns", json_integer(state->announced_at.ns));
	if (state->left && state->level == LEVEL_NONE)
		json_object_set_new(json, "left_at_ns", json_integer(state->left_at.ns));
	return json;
}

char *memory_render(const struct guard_history *history, struct announcement *const *items,
		    size_t count)
{
	json_t *prefixes = json_object();
	for (size_t i = 0; i < count; i++)
		json_object_set_new(prefixes, items[i]->net, prefix_json(&items[i]->state));
	json_t *memory =
		json_pack("{s:o, s:o}", "withdrawals", history_json(history), "prefixes", prefixes);
	char *text = json_dumps(memory, JSON_COMPACT);
	json_decref(memory);
	return text != NULL ? text : mem_strdup("");
}

json_t *memory_read(const char *text)
{
	return text != NULL ? json_loads(text, 0, NULL) : NULL;
}

/* False where KEY is no time before NOW. */
static bool time_in(const json_t *json, const char *key, struct mono now, struct mono *at)
{
	const json_t *value = json_object_get(json, key);
	struct mono found = {.ns = json_integer_value(value)};
	if (!json_is_integer(value) || found.ns <= 0 || found.ns > now.ns)
		return false;
	*at = found;
	return true;
}

void memory_recall_history(const json_t *memory, struct guard_history *history, struct mono now)
{
	const json_t *list = json_object_get(memory, "withdrawals"), *one;
	size_t i;
	json_array_foreach(list, i, one)
	{
		struct mono at;
		json_int_t family = json_integer_value(json_object_get(one, "family"));
		if ((family == ADDR_IPV4 || family == ADDR_IPV6) && time_in(one, "at_ns", now, &at))
			guard_history_add(history, (uint8_t)family, at);
	}
}

void memory_recall(const json_t *memory, struct announcement *item, struct mono now)
{
	const json_t *json = json_object_get(json_object_get(memory, "prefixes"), item->net);
	struct prefix_state *state = &item->state;
	struct mono at;
	double penalty = json_number_value(json_object_get(json, "penalty"));
	if (time_in(json, "at_ns", now, &at) && penalty > 0 && penalty <= DAMPING_CEILING)
		state->damping = (struct damping){
			.penalty = penalty,
			.at = at,
			.suppressed = json_is_true(json_object_get(json, "suppressed"))};
	state->gap_holds = time_in(json, "announced_at_ns", now, &state->announced_at);
	state->left =
		state->level == LEVEL_NONE && time_in(json, "left_at_ns", now, &state->left_at);
}
