/* Knows open addressing with back-shift deletion, so that a map never fills with tombstones. */
#include "base/strmap.h"

#include "base/mem.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct strmap_slot {
	char *key; /* NULL: free */
	void *value;
	uint64_t hash;
};

/* FNV-1a, 64 bits: configuration is not hostile, and keys are short. */
static uint64_t hash_text(const char *text)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);
	for (; *text != '\0'; text++)
		hash = (hash ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
	return hash ^ (hash >> 32);
}

void strmap_fini(struct strmap *map)
{
	for (size_t i = 0; i < map->capacity; i++)
		free(map->slots[i].key);
	free(map->slots);
	*map = (struct strmap){0};
}

static size_t slot_for(const struct strmap *map, const char *key, uint64_t hash)
{
	size_t i = hash & (map->capacity - 1);
	while (map->slots[i].key != NULL &&
	       (map->slots[i].hash != hash || strcmp(map->slots[i].key, key) != 0))
		i = (i + 1) & (map->capacity - 1);
	return i;
}

static void grow(struct strmap *map)
{
	struct strmap bigger = {.capacity = map->capacity > 0 ? 2 * map->capacity : 16,
				.count = map->count};
	bigger.slots = mem_array(bigger.capacity, sizeof *bigger.slots);
	for (size_t i = 0; i < map->capacity; i++) {
		if (map->slots[i].key != NULL)
			bigger.slots[slot_for(&bigger, map->slots[i].key, map->slots[i].hash)] =
				map->slots[i];
	}
	free(map->slots);
	*map = bigger;
}

void *strmap_put(struct strmap *map, const char *key, void *value)
{
	if (4 * (map->count + 1) > 3 * map->capacity)
		grow(map);
	uint64_t hash = hash_text(key);
	struct strmap_slot *slot = &map->slots[slot_for(map, key, hash)];
	void *before = slot->value;
	if (slot->key == NULL) {
		*slot = (struct strmap_slot){.key = mem_strdup(key), .hash = hash};
		before = NULL;
		map->count++;
	}
	slot->value = value;
	return before;
}

void *strmap_find(const struct strmap *map, const char *key)
{
	if (map->count == 0)
		return NULL;
	const struct strmap_slot *slot = &map->slots[slot_for(map, key, hash_text(key))];
	return slot->key != NULL ? slot->value : NULL;
}

void *strmap_remove(struct strmap *map, const char *key)
{
	if (map->count == 0)
		return NULL;
	size_t hole = slot_for(map, key, hash_text(key)), mask = map->capacity - 1;
	if (map->slots[hole].key == NULL)
		return NULL;
	void *value = map->slots[hole].value;
	free(map->slots[hole].key);
	for (size_t i = (hole + 1) & mask; map->slots[i].key != NULL; i = (i + 1) & mask) {
		size_t home = map->slots[i].hash & mask;
		if (((i - home) & mask) >= ((i - hole) & mask)) {
			map->slots[hole] = map->slots[i];
			hole = i;
		}
	}
	map->slots[hole] = (struct strmap_slot){0};
	map->count--;
	return value;
}

bool strmap_next(const struct strmap *map, size_t *cursor, const char **key, void **value)
{
	for (; *cursor < map->capacity; (*cursor)++) {
		const struct strmap_slot *slot = &map->slots[*cursor];
		if (slot->key != NULL) {
			*key = slot->key;
			*value = slot->value;
			(*cursor)++;
			return true;
		}
	}
	return false;
}
