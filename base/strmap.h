/*
 * strmap: a hash map from text to pointers. Keys are copied, values are borrowed. Not thread-safe.
 *
 * Allocation failure ends the process (see mem.h): these maps hold configuration, never packets.
 */
#ifndef MERIDIAN_BASE_STRMAP_H
#define MERIDIAN_BASE_STRMAP_H

#include <stdbool.h>
#include <stddef.h>

struct strmap {
	struct strmap_slot *slots;
	size_t capacity; /* a power of two, or 0 */
	size_t count;
};

/* An empty map is all zeros: struct strmap map = {0}. */
void strmap_fini(struct strmap *map);

/* Sets KEY to VALUE (not NULL) and returns what was there before, or NULL. */
void *strmap_put(struct strmap *map, const char *key, void *value);

/* NULL where KEY is not in the map. */
void *strmap_find(const struct strmap *map, const char *key);

/* Takes KEY out and returns its value, or NULL. */
void *strmap_remove(struct strmap *map, const char *key);

/* Walks in no order: start with *CURSOR = 0; false at the end. The map must not change meanwhile.
 */
bool strmap_next(const struct strmap *map, size_t *cursor, const char **key, void **value);

#endif
