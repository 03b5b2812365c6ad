/* Knows who owns what in a list of changes. */
#include "base/mem.h"
#include "db/check.h"

#include <stdlib.h>

static struct change *append(struct changes *changes, enum kind kind, const char *id,
			     const char *pointer)
{
	if (changes->count == changes->capacity) {
		changes->capacity = changes->capacity > 0 ? 2 * changes->capacity : 8;
		changes->at = mem_resize(changes->at, changes->capacity, sizeof *changes->at);
	}
	struct change *change = &changes->at[changes->count++];
	*change =
		(struct change){.kind = kind, .id = mem_strdup(id), .pointer = mem_strdup(pointer)};
	return change;
}

void changes_put(struct changes *changes, struct object *after, const char *pointer)
{
	append(changes, after->kind, after->id, pointer)->after = after;
}

void changes_remove(struct changes *changes, enum kind kind, const char *id, const char *pointer)
{
	append(changes, kind, id, pointer);
}

void change_fini(struct change *change)
{
	free(change->id);
	free(change->pointer);
	object_unref(change->before);
	object_unref(change->after);
}

void changes_fini(struct changes *changes)
{
	for (size_t i = 0; i < changes->count; i++)
		change_fini(&changes->at[i]);
	free(changes->at);
	*changes = (struct changes){0};
}
