/*
 * place_builder: the parts of a place table while it is made: distinct places, and ranges that come
 * in ascending order.
 */
#ifndef MERIDIAN_GEODNS_PLACE_BUILDER_H
#define MERIDIAN_GEODNS_PLACE_BUILDER_H

#include "geodns/place.h"
#include "geodns/place_table.h"

#include <stddef.h>
#include <stdint.h>

/* Distinct places; number 0 is the unknown one. An empty set is all zeros. */
struct place_set {
	struct place *places;
	size_t count, capacity;
	uint32_t *slots; /* place numbers + 1 by hash; 0: free */
	size_t slot_count;
};

/* The number of PLACE, which is added where it is new. */
uint32_t place_set_add(struct place_set *set, const struct place *place);
void place_set_fini(struct place_set *set);

/* An empty list is all zeros. */
struct range_list {
	uint32_t *start4, *value4;
	size_t count4, capacity4;
	uint64_t *hi6, *lo6;
	uint32_t *value6;
	size_t count6, capacity6;
};

/* The first START is 0, later ones ascend. A range of the value before it joins it. */
void range_list_append4(struct range_list *list, uint32_t start, uint32_t value);
void range_list_append6(struct range_list *list, unsigned __int128 start, uint32_t value);
void range_list_fini(struct range_list *list);

/* Puts into TO (empty) what FIRST says, and what SECOND says where FIRST has value 0. */
void range_list_overlay(struct range_list *to, const struct range_list *first,
			const struct range_list *second);

/* Borrowed views, for struct place_table. LO is NULL where every start is on a /64. */
struct ranges4 range_list_view4(const struct range_list *list);
struct ranges6 range_list_view6(const struct range_list *list);

#endif
