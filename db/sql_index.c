/* Knows when SQLite maps a part of the index, and when it lets go of it. */
#include "db/sql_index.h"

#include "base/mem.h"
#include "db/mapping_guard.h"

#include <sqlite3.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

struct part {
	volatile void *start;
	int guard;
};

/* The methods of one open file: SQLite's own, but for the two that map and unmap. */
struct sql_index {
	struct sqlite3_io_methods methods;
	const struct sqlite3_io_methods *own;
	struct part *parts;
	int count;
};

static struct sql_index *index_of(sqlite3_file *file)
{
	/* The file's methods are the first member of what it was given. */
	return (struct sql_index *)(uintptr_t)file->pMethods;
}

static void forget_parts(struct sql_index *index)
{
	for (int i = 0; i < index->count; i++)
		mapping_guard_remove(index->parts[i].guard);
	free(index->parts);
	index->parts = NULL;
	index->count = 0;
}

/* Parts are of the same size and are asked for from the first on; one that is there already may be
 * asked for again. */
static int map_part(sqlite3_file *file, int part, int len, int extend, void volatile **start)
{
	struct sql_index *index = index_of(file);
	int code = index->own->xShmMap(file, part, len, extend, start);
	if (*start == NULL || part < index->count)
		return code;
	index->parts = mem_resize(index->parts, (size_t)part + 1, sizeof *index->parts);
	for (; index->count < part; index->count++)
		index->parts[index->count] = (struct part){NULL, MAPPING_GUARD_NONE};
	index->parts[index->count++] = (struct part){
		*start, mapping_guard_add((void *)(uintptr_t)*start, (size_t)len, true)};
	return code;
}

static int unmap_parts(sqlite3_file *file, int remove)
{
	struct sql_index *index = index_of(file);
	forget_parts(index);
	return index->own->xShmUnmap(file, remove);
}

struct sql_index *sql_index_guard(struct sqlite3 *db)
{
	struct sql_index *index = mem_new(struct sql_index);
	sqlite3_file *file = NULL;
	int code = sqlite3_file_control(db, "main", SQLITE_FCNTL_FILE_POINTER, &file);
	if (code != SQLITE_OK || file == NULL || file->pMethods == NULL)
		return index;
	index->own = file->pMethods;
	index->methods = *file->pMethods;
	index->methods.xShmMap = map_part;
	index->methods.xShmUnmap = unmap_parts;
	file->pMethods = &index->methods;
	return index;
}

void sql_index_free(struct sql_index *index)
{
	if (index == NULL)
		return;
	forget_parts(index);
	free(index);
}

bool sql_index_torn(const struct sql_index *index)
{
	for (int i = 0; index != NULL && i < index->count; i++)
		if (mapping_guard_torn(index->parts[i].guard))
			return true;
	return false;
}
