/* Knows who still reads a place table that was replaced. */
#include "geodns/atlas.h"

#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

struct atlas_table {
	unsigned refs; /* atomic */
	struct place_table *table;
};

static struct atlas_table *table_ref(struct atlas_table *file)
{
	if (file != NULL)
		__atomic_add_fetch(&file->refs, 1, __ATOMIC_RELAXED);
	return file;
}

static void table_unref(struct atlas_table *file)
{
	if (file == NULL || __atomic_sub_fetch(&file->refs, 1, __ATOMIC_ACQ_REL) > 0)
		return;
	place_table_close(file->table);
	free(file);
}

struct atlas *atlas_ref(struct atlas *atlas)
{
	__atomic_add_fetch(&atlas->refs, 1, __ATOMIC_RELAXED);
	return atlas;
}

void atlas_unref(struct atlas *atlas)
{
	if (atlas == NULL || __atomic_sub_fetch(&atlas->refs, 1, __ATOMIC_ACQ_REL) > 0)
		return;
	table_unref(atlas->file);
	free(atlas->overrides);
	free(atlas);
}

/* Takes FILE's reference. */
static struct atlas *atlas_new(struct atlas_table *file, size_t override_count)
{
	struct atlas *atlas = mem_new(struct atlas);
	atlas->refs = 1;
	atlas->file = file;
	atlas->table = file != NULL ? file->table : NULL;
	atlas->overrides = mem_array(override_count, sizeof *atlas->overrides);
	atlas->override_count = override_count;
	return atlas;
}

struct atlas *atlas_with_overrides(const struct atlas *old, const struct model *model)
{
	const struct objects *objects = &model->of[KIND_GEO];
	struct atlas_table *file = old != NULL ? table_ref(old->file) : NULL;
	struct atlas *atlas = atlas_new(file, objects->count);
	for (size_t i = 0; i < objects->count; i++)
		place_override_init(&atlas->overrides[i], &objects->at[i]->geo);
	return atlas;
}

struct atlas *atlas_with_table(const struct atlas *old, const char *path, struct error *error)
{
	struct place_table *table = place_table_open(path, error);
	if (table == NULL)
		return NULL;
	struct atlas_table *file = mem_new(struct atlas_table);
	*file = (struct atlas_table){.refs = 1, .table = table};
	struct atlas *atlas = atlas_new(file, old != NULL ? old->override_count : 0);
	if (atlas->override_count > 0)
		memcpy(atlas->overrides, old->overrides,
		       atlas->override_count * sizeof *atlas->overrides);
	return atlas;
}
