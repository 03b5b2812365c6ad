/* Knows how places are told apart and how ranges grow, join and overlay. */
#include "geodns/place_builder.h"

#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

static uint64_t hash_place(const struct place *place)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);
	const unsigned char *bytes = (const unsigned char *)place;
	for (size_t i = 0; i < sizeof *place; i++)
		hash = (hash ^ bytes[i]) * UINT64_C(0x100000001b3);
	return hash ^ hash >> 32;
}

/* The slot that holds PLACE, or the free one where it belongs. */
static uint32_t *slot_of(struct place_set *set, const struct place *place)
{
	size_t i = hash_place(place) & (set->slot_count - 1);
	while (set->slots[i] != 0 &&
	       memcmp(&set->places[set->slots[i] - 1], place, sizeof *place) != 0)
		i = (i + 1) & (set->slot_count - 1);
	return &set->slots[i];
}

static void append_place(struct place_set *set, const struct place *place)
{
	if (set->count == set->capacity) {
		set->capacity = set->capacity > 0 ? 2 * set->capacity : 512;
		set->places = mem_resize(set->places, set->capacity, sizeof *set->places);
	}
	set->places[set->count++] = *place;
	*slot_of(set, place) = (uint32_t)set->count;
}

static void grow_slots(struct place_set *set)
{
	static const struct place unknown = {0};
	size_t count = set->count;
	free(set->slots);
	set->slot_count = set->slot_count > 0 ? 2 * set->slot_count : 1024;
	set->slots = mem_array(set->slot_count, sizeof *set->slots);
	for (size_t i = 0; i < count; i++)
		*slot_of(set, &set->places[i]) = (uint32_t)i + 1;
	if (count == 0)
		append_place(set, &unknown);
}

uint32_t place_set_add(struct place_set *set, const struct place *place)
{
	if (2 * (set->count + 1) > set->slot_count)
		grow_slots(set);
	uint32_t *slot = slot_of(set, place);
	if (*slot == 0) {
		append_place(set, place);
		return (uint32_t)set->count - 1;
	}
	return *slot - 1;
}

void place_set_fini(struct place_set *set)
{
	free(set->places);
	free(set->slots);
	*set = (struct place_set){0};
}

void range_list_append4(struct range_list *list, uint32_t start, uint32_t value)
{
	if (list->count4 > 0 && list->value4[list->count4 - 1] == value)
		return;
	if (list->count4 == list->capacity4) {
		list->capacity4 = list->capacity4 > 0 ? 2 * list->capacity4 : 4096;
		list->start4 = mem_resize(list->start4, list->capacity4, sizeof *list->start4);
		list->value4 = mem_resize(list->value4, list->capacity4, sizeof *list->value4);
	}
	list->start4[list->count4] = start;
	list->value4[list->count4++] = value;
}

void range_list_append6(struct range_list *list, unsigned __int128 start, uint32_t value)
{
	if (list->count6 > 0 && list->value6[list->count6 - 1] == value)
		return;
	if (list->count6 == list->capacity6) {
		list->capacity6 = list->capacity6 > 0 ? 2 * list->capacity6 : 4096;
		list->hi6 = mem_resize(list->hi6, list->capacity6, sizeof *list->hi6);
		list->lo6 = mem_resize(list->lo6, list->capacity6, sizeof *list->lo6);
		list->value6 = mem_resize(list->value6, list->capacity6, sizeof *list->value6);
	}
	list->hi6[list->count6] = (uint64_t)(start >> 64);
	list->lo6[list->count6] = (uint64_t)start;
	list->value6[list->count6++] = value;
}

void range_list_fini(struct range_list *list)
{
	free(list->start4);
	free(list->value4);
	free(list->hi6);
	free(list->lo6);
	free(list->value6);
	*list = (struct range_list){0};
}

struct ranges4 range_list_view4(const struct range_list *list)
{
	return (struct ranges4){list->start4, list->value4, list->count4};
}

struct ranges6 range_list_view6(const struct range_list *list)
{
	uint64_t low = 0;
	for (size_t i = 0; i < list->count6; i++)
		low |= list->lo6[i];
	return (struct ranges6){list->hi6, low != 0 ? list->lo6 : NULL, list->value6, list->count6};
}

static void overlay4(struct range_list *to, struct ranges4 first, struct ranges4 second)
{
	size_t i = 0, j = 0;
	uint32_t above = 0, below = 0;
	while (i < first.count || j < second.count) {
		uint32_t start = i < first.count ? first.start[i] : UINT32_MAX;
		if (j < second.count && (i == first.count || second.start[j] < start))
			start = second.start[j];
		if (i < first.count && first.start[i] == start)
			above = first.value[i++];
		if (j < second.count && second.start[j] == start)
			below = second.value[j++];
		range_list_append4(to, start, above != 0 ? above : below);
	}
}

static void overlay6(struct range_list *to, struct ranges6 first, struct ranges6 second)
{
	size_t i = 0, j = 0;
	uint32_t above = 0, below = 0;
	while (i < first.count || j < second.count) {
		unsigned __int128 start = i < first.count ? ranges_start6(&first, i) : 0;
		if (i == first.count || (j < second.count && ranges_start6(&second, j) < start))
			start = ranges_start6(&second, j);
		if (i < first.count && ranges_start6(&first, i) == start)
			above = first.value[i++];
		if (j < second.count && ranges_start6(&second, j) == start)
			below = second.value[j++];
		range_list_append6(to, start, above != 0 ? above : below);
	}
}

void range_list_overlay(struct range_list *to, const struct range_list *first,
			const struct range_list *second)
{
	overlay4(to, range_list_view4(first), range_list_view4(second));
	overlay6(to, range_list_view6(first), range_list_view6(second));
}
