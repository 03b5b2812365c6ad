/* Knows how a model shares what did not change with the model before it. */
#include "db/model.h"

#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

/* The pointers of one kind, shared by every model in which that kind is the same. */
struct block {
	unsigned refs;
	struct object *at[];
};

static struct block *block_of(const struct objects *objects)
{
	return (struct block *)(void *)((char *)objects->at - offsetof(struct block, at));
}

static struct objects block_new(size_t capacity)
{
	struct block *block = mem_array(1, sizeof *block + capacity * sizeof block->at[0]);
	block->refs = 1;
	return (struct objects){.at = block->at};
}

static struct objects block_share(const struct objects *objects)
{
	if (objects->at != NULL)
		__atomic_add_fetch(&block_of(objects)->refs, 1, __ATOMIC_RELAXED);
	return *objects;
}

static void block_drop(const struct objects *objects)
{
	if (objects->at == NULL)
		return;
	struct block *block = block_of(objects);
	if (__atomic_sub_fetch(&block->refs, 1, __ATOMIC_ACQ_REL) > 0)
		return;
	for (size_t i = 0; i < objects->count; i++)
		object_unref(objects->at[i]);
	free(block);
}

struct model *model_new(void)
{
	struct model *model = mem_new(struct model);
	model->refs = 1;
	return model;
}

struct model *model_ref(const struct model *model)
{
	struct model *shared = (struct model *)(uintptr_t)model;
	__atomic_add_fetch(&shared->refs, 1, __ATOMIC_RELAXED);
	return shared;
}

void model_unref(struct model *model)
{
	if (model == NULL || __atomic_sub_fetch(&model->refs, 1, __ATOMIC_ACQ_REL) > 0)
		return;
	for (unsigned kind = 0; kind < KIND_COUNT; kind++)
		block_drop(&model->of[kind]);
	free(model);
}

const struct object *model_find(const struct model *model, enum kind kind, const char *id)
{
	const struct objects *objects = &model->of[kind];
	size_t low = 0, high = objects->count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = strcmp(id, objects->at[middle]->id);
		if (order == 0)
			return objects->at[middle];
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

/* By id; of one id the later change last. */
static int compare_changes(const void *a, const void *b)
{
	const struct model_change *const *left = a, *const *right = b;
	int order = strcmp((*left)->id, (*right)->id);
	return order != 0 ? order : *left < *right ? -1 : 1;
}

static void append(struct objects *objects, const struct object *object)
{
	objects->at[objects->count++] = object_ref(object);
}

/* OLD and the sorted CHANGES, merged into a block of its own. */
static struct objects merge(const struct objects *old, const struct model_change **changes,
			    size_t count)
{
	struct objects merged = block_new(old->count + count);
	size_t i = 0;
	for (size_t k = 0; k < count; k++) {
		if (k + 1 < count && strcmp(changes[k]->id, changes[k + 1]->id) == 0)
			continue;
		int order = -1;
		while (i < old->count && (order = strcmp(old->at[i]->id, changes[k]->id)) < 0)
			append(&merged, old->at[i++]);
		if (i < old->count && order == 0)
			i++;
		if (changes[k]->put != NULL)
			append(&merged, changes[k]->put);
	}
	while (i < old->count)
		append(&merged, old->at[i++]);
	return merged;
}

struct model *model_with(const struct model *model, int64_t revision,
			 const struct model_change *changes, size_t count)
{
	struct model *with = model_new();
	const struct model_change **touched = mem_array(count, sizeof(void *));
	with->revision = revision;
	for (unsigned kind = 0; kind < KIND_RRSET; kind++) {
		size_t n = 0;
		for (size_t i = 0; i < count; i++) {
			if ((unsigned)changes[i].kind == kind)
				touched[n++] = &changes[i];
		}
		if (n == 0) {
			with->of[kind] = block_share(&model->of[kind]);
			continue;
		}
		qsort(touched, n, sizeof *touched, compare_changes);
		with->of[kind] = merge(&model->of[kind], touched, n);
	}
	free(touched);
	return with;
}

struct safety model_safety(const struct model *model)
{
	if (model->of[KIND_SAFETY].count > 0)
		return model->of[KIND_SAFETY].at[0]->safety;
	return (struct safety){
		.max_withdraw_per_10min = 3, .panic_fraction = 0.5, .database_old_days = 45};
}

const struct override *model_override(const struct model *model, const char *object, int64_t now_ms)
{
	const struct object *found = model_find(model, KIND_OVERRIDE, object);
	if (found == NULL || now_ms < found->override.starts_ms ||
	    now_ms >= found->override.ends_ms)
		return NULL;
	return &found->override;
}

int64_t model_next_override_change(const struct model *model, int64_t now_ms)
{
	int64_t next = INT64_MAX;
	for (size_t i = 0; i < model->of[KIND_OVERRIDE].count; i++) {
		const struct override *override = &model->of[KIND_OVERRIDE].at[i]->override;
		if (override->starts_ms > now_ms && override->starts_ms < next)
			next = override->starts_ms;
		if (override->ends_ms > now_ms && override->ends_ms < next)
			next = override->ends_ms;
	}
	return next;
}
