/* Knows the verdicts as they were told last. */
#include "web/feed_health.h"

#include "base/mem.h"
#include "base/strmap.h"
#include "base/wall.h"
#include "web/verdicts.h"

#include <stdlib.h>

struct feed_health {
	struct strmap words; /* target id -> the word told, on the heap */
};

struct feed_health *feed_health_new(void)
{
	return mem_new(struct feed_health);
}

void feed_health_free(struct feed_health *health)
{
	size_t cursor = 0;
	const char *key;
	void *word;
	while (strmap_next(&health->words, &cursor, &key, &word))
		free(word);
	strmap_fini(&health->words);
	free(health);
}

static json_t *target_json(const char *id, struct health_state state)
{
	char since[WALL_TEXT_MAX];
	wall_format(1000 * (int64_t)state.since_s, since);
	return json_pack("{s:s, s:s, s:b, s:o}", "id", id, "state",
			 state.verdict == VERDICT_NONE ? "unknown" : verdict_name(state.verdict),
			 "pending", state.pending, "since",
			 state.since_s != 0 ? json_string(since) : json_null());
}

/* What people see of a word: a count-down to the next flip is no news. */
static uint64_t visible(struct health_state state)
{
	state.flip_after_s = 0;
	return health_pack(state);
}

static void look_at(struct feed_health *health, struct app *app, const char *id, json_t **changes)
{
	struct health_state state = verdicts_get(app->verdicts, id);
	uint64_t now = visible(state);
	uint64_t *told = strmap_find(&health->words, id);
	if (told != NULL && *told == now)
		return;
	if (told == NULL) {
		told = mem_new(uint64_t);
		strmap_put(&health->words, id, told);
	}
	*told = now;
	if (*changes == NULL)
		*changes = json_array();
	json_array_append_new(*changes, target_json(id, state));
}

json_t *feed_health_changes(struct feed_health *health, struct app *app)
{
	json_t *changes = NULL;
	struct model *model = config_model(app->config);
	for (size_t i = 0; i < model->of[KIND_POOL].count; i++) {
		const struct pool *pool = &model->of[KIND_POOL].at[i]->pool;
		for (size_t j = 0; j < pool->endpoint_count; j++) {
			char *id =
				mem_printf("endpoint/%s/%s", pool->name, pool->endpoints[j].name);
			look_at(health, app, id, &changes);
			free(id);
		}
	}
	model_unref(model);
	return changes;
}
