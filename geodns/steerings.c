/* Knows when a plan or a map is out of date, and which of them nobody needs any more. */
#include "geodns/steerings.h"

#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

void steerings_init(struct steerings *steerings, struct quiesce *quiesce, struct pools *pools,
		    struct mapmaker *mapmaker, struct atlas *atlas)
{
	*steerings = (struct steerings){.quiesce = quiesce,
					.pools = pools,
					.mapmaker = mapmaker,
					.atlas = atlas_ref(atlas)};
}

static void list_add(struct steering_list *list, struct steering_live *steering)
{
	if (list->count == list->capacity) {
		list->capacity = list->capacity > 0 ? 2 * list->capacity : 4;
		list->at = mem_resize(list->at, list->capacity, sizeof(*list->at));
	}
	list->at[list->count++] = steering;
}

static void list_remove(struct steering_list *list, const struct steering_live *steering)
{
	for (size_t i = 0; i < list->count; i++) {
		if (list->at[i] == steering) {
			list->at[i] = list->at[--list->count];
			return;
		}
	}
}

static void note_pools(struct steerings *steerings, struct steering_live *steering)
{
	for (size_t i = 0; i < steering->steer->pool_count; i++) {
		const char *pool = steering->steer->pools[i].name;
		struct steering_list *list = strmap_find(&steerings->of_pool, pool);
		if (list == NULL) {
			list = mem_new(struct steering_list);
			strmap_put(&steerings->of_pool, pool, list);
		}
		list_add(list, steering);
	}
}

static void free_list(struct steering_list *list)
{
	free(list->at);
	free(list);
}

static void forget_pools(struct steerings *steerings, const struct steering_live *steering)
{
	for (size_t i = 0; i < steering->steer->pool_count; i++) {
		const char *pool = steering->steer->pools[i].name;
		struct steering_list *list = strmap_find(&steerings->of_pool, pool);
		list_remove(list, steering);
		if (list->count == 0)
			free_list(strmap_remove(&steerings->of_pool, pool));
	}
}

static struct plan *current_plan(struct steering_live *steering)
{
	/* Published as constant for the readers; the plan is ours. */
	union {
		const struct plan *published;
		struct plan *owned;
	} plan = {.published = atomic_load_explicit(&steering->cell.plan, memory_order_relaxed)};
	return plan.owned;
}

static void steering_free(void *what)
{
	struct steering_live *steering = what;
	free(current_plan(steering));
	compiled_free(steering->compiled);
	steer_free(steering->steer);
	atlas_unref(steering->atlas);
	free(steering);
}

void steerings_fini(struct steerings *steerings)
{
	size_t cursor = 0;
	const char *key;
	void *value;
	while (strmap_next(&steerings->of, &cursor, &key, &value))
		steering_free(value);
	cursor = 0;
	while (strmap_next(&steerings->of_pool, &cursor, &key, &value))
		free_list(value);
	strmap_fini(&steerings->of_pool);
	free(steerings->outdated.at);
	strmap_fini(&steerings->of);
	atlas_unref(steerings->atlas);
}

static const struct pool_live *find_pool(void *context, const char *name)
{
	return pools_find(context, name);
}

static void publish(struct steerings *steerings, struct steering_live *steering)
{
	struct plan *old = current_plan(steering);
	struct plan *plan =
		plan_new(steering->steer, steering->compiled, find_pool, steerings->pools);
	atomic_store_explicit(&steering->cell.plan, plan, memory_order_release);
	quiesce_retire(steerings->quiesce, old, free);
}

/* Takes STEER. */
static struct steering_live *steering_new(struct steerings *steerings, struct steer *steer)
{
	struct steering_live *steering = mem_new(struct steering_live);
	struct atlas *atlas = atlas_ref(steerings->atlas);
	steering->steer = steer;
	steering->atlas = atlas;
	steering->compiled =
		compiled_new(steer, atlas->table, atlas->overrides, atlas->override_count, NULL);
	atomic_init(&steering->cell.plan, NULL);
	publish(steerings, steering);
	strmap_put(&steerings->of, steer->key, steering);
	note_pools(steerings, steering);
	return steering;
}

struct steering_live *steerings_get(struct steerings *steerings, const struct service *service,
				    const struct model *model, struct error *error)
{
	struct steer *steer = steer_new(service, model, error);
	if (steer == NULL)
		return NULL;
	struct steering_live *steering = strmap_find(&steerings->of, steer->key);
	if (steering == NULL)
		steering = steering_new(steerings, steer);
	else
		steer_free(steer);
	steering->users++;
	return steering;
}

void steerings_put(struct steerings *steerings, struct steering_live *steering)
{
	if (steering == NULL || --steering->users > 0)
		return;
	strmap_remove(&steerings->of, steering->steer->key);
	forget_pools(steerings, steering);
	list_remove(&steerings->outdated, steering);
	quiesce_retire(steerings->quiesce, steering, steering_free);
}

int steering_pool(const struct steering_live *steering, const char *pool)
{
	for (size_t i = 0; i < steering->steer->pool_count; i++) {
		if (strcmp(steering->steer->pools[i].name, pool) == 0)
			return (int)i;
	}
	return -1;
}

void steerings_outdate(struct steerings *steerings, const char *pool)
{
	const struct steering_list *list = strmap_find(&steerings->of_pool, pool);
	for (size_t i = 0; list != NULL && i < list->count; i++) {
		if (!list->at[i]->is_outdated)
			list_add(&steerings->outdated, list->at[i]);
		list->at[i]->is_outdated = true;
	}
}

void steerings_replan(struct steerings *steerings)
{
	for (size_t i = 0; i < steerings->outdated.count; i++) {
		steerings->outdated.at[i]->is_outdated = false;
		publish(steerings, steerings->outdated.at[i]);
	}
	steerings->outdated.count = 0;
}

static void ask_for_map(struct steerings *steerings, struct steering_live *steering)
{
	atlas_unref(steering->atlas);
	steering->atlas = atlas_ref(steerings->atlas);
	steering->users++;
	mapmaker_ask(steerings->mapmaker, steering, steering->steer, steering->atlas);
}

void steerings_set_atlas(struct steerings *steerings, struct atlas *atlas)
{
	struct atlas *old = steerings->atlas;
	size_t cursor = 0;
	const char *key;
	void *value;
	steerings->atlas = atlas_ref(atlas);
	atlas_unref(old);
	while (strmap_next(&steerings->of, &cursor, &key, &value)) {
		struct steering_live *steering = value;
		if (steer_uses_place(steering->steer))
			ask_for_map(steerings, steering);
	}
}

void steerings_take_maps(struct steerings *steerings)
{
	struct compiled *compiled;
	struct atlas *atlas;
	void *owner;
	while (mapmaker_take(steerings->mapmaker, &owner, &compiled, &atlas)) {
		struct steering_live *steering = owner;
		struct compiled *old = steering->compiled;
		/* Jobs are done in the order asked for: the last one is of the present atlas. */
		steering->compiled = compiled;
		publish(steerings, steering);
		quiesce_retire(steerings->quiesce, old, compiled_free);
		atlas_unref(atlas);
		steerings_put(steerings, steering);
	}
}
