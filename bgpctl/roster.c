/* Knows which prefixes the controller looks after, and when one is forgotten. */
#include "bgpctl/roster.h"

#include "base/mem.h"
#include "bgpctl/memory.h"

#include <stdlib.h>

struct announcement *roster_find(const struct controller *controller, const struct prefix *prefix)
{
	for (size_t i = 0; i < controller->count; i++)
		if (prefix_compare(&controller->items[i]->prefix, prefix) == 0)
			return controller->items[i];
	return NULL;
}

static int by_prefix(const void *a, const void *b)
{
	const struct announcement *const *left = a, *const *right = b;
	return prefix_compare(&(*left)->prefix, &(*right)->prefix);
}

struct announcement *roster_add(struct controller *controller, const struct prefix *prefix,
				enum level level, struct mono now)
{
	struct announcement *item = announcement_new(prefix, level, now);
	memory_recall(controller->memory, item, now);
	controller->items =
		mem_resize(controller->items, controller->count + 1, sizeof *controller->items);
	controller->items[controller->count++] = item;
	qsort(controller->items, controller->count, sizeof *controller->items, by_prefix);
	return item;
}

/* A prefix that is of this site gets an announcement; one that is announced keeps its own. */
void roster_configure(struct controller *controller, struct mono now)
{
	const struct model *model = controller->feed.model;
	const struct objects *prefixes = &model->of[KIND_PREFIX];
	struct safety safety = model_safety(model);
	controller->limits.max_withdraw_per_10min = safety.max_withdraw_per_10min;
	controller->limits.panic_fraction = safety.panic_fraction;
	for (size_t i = 0; i < prefixes->count; i++) {
		const struct announce_prefix *config = &prefixes->at[i]->prefix;
		if (announcement_names_site(config, controller->instance->site_name) &&
		    roster_find(controller, &config->prefix) == NULL)
			roster_add(controller, &config->prefix, LEVEL_NONE, now);
	}
	for (size_t i = 0; i < controller->count; i++) {
		struct announcement *item = controller->items[i];
		announcement_configure(item, model_find(model, KIND_PREFIX, item->net),
				       controller->instance, controller->prober, now);
	}
}

/* What is neither of this site nor announced any more, nor in the file, is forgotten. */
void roster_tidy(struct controller *controller)
{
	size_t kept = 0;
	for (size_t i = 0; i < controller->count; i++) {
		struct announcement *item = controller->items[i];
		bool done = item->known && !item->here && item->state.level == LEVEL_NONE &&
			    item->applied == LEVEL_NONE && item->verdict == SIGHT_VERIFIED &&
			    !controller->applier.busy && !controller->applier.file_differs;
		if (done)
			announcement_free(item, controller->prober);
		else
			controller->items[kept++] = item;
	}
	controller->count = kept;
}
