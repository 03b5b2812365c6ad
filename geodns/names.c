/* Knows how the table of names changes under its readers: which store makes what visible. */
#include "geodns/names_layout.h"

#include "base/mem.h"
#include "geodns/zone.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

/* Marks a slot as removed. It has no name, not even the root's, and so is never found. */
static struct node removed;

static struct names_slots *slots_new(size_t capacity)
{
	struct names_slots *slots =
		mem_array(1, sizeof(struct names_slots) + capacity * sizeof(struct names_slot));
	slots->mask = capacity - 1;
	return slots;
}

struct names *names_new(struct quiesce *quiesce)
{
	struct names *names = mem_new(struct names);
	names->quiesce = quiesce;
	tails_init(&names->tails, quiesce);
	atomic_init(&names->slots, slots_new(1024));
	atomic_init(&names->max_labels, 0);
	return names;
}

static struct node *behind(const struct node *node)
{
	return atomic_load_explicit(&node->behind, memory_order_acquire);
}

void names_free(struct names *names)
{
	if (names == NULL)
		return;
	struct names_slots *slots = atomic_load(&names->slots);
	for (size_t i = 0; i <= slots->mask; i++) {
		struct node *node = names_slot_node(&slots->at[i]);
		while (node != NULL && node != &removed) {
			struct node *next = behind(node);
			free(node);
			node = next;
		}
	}
	free(slots);
	tails_fini(&names->tails);
	free(names);
}

/* The slot of NAME, or the slot where it would go. */
static struct names_slot *slot_for(struct names_slots *slots, uint64_t hash, const uint8_t *name,
				   size_t len)
{
	struct names_slot *reusable = NULL;
	for (size_t i = hash & slots->mask;; i = (i + 1) & slots->mask) {
		struct names_slot *slot = &slots->at[i];
		struct node *node = names_slot_node(slot);
		if (node == NULL)
			return reusable != NULL ? reusable : slot;
		if (node == &removed) {
			reusable = reusable != NULL ? reusable : slot;
			continue;
		}
		if (atomic_load_explicit(&slot->hash, memory_order_relaxed) == hash &&
		    names_is(node, name, len))
			return slot;
	}
}

static void grow(struct names *names)
{
	struct names_slots *old = atomic_load(&names->slots);
	size_t capacity = old->mask + 1;
	struct names_slots *slots =
		slots_new(2 * names->count >= capacity ? 2 * capacity : capacity);
	for (size_t i = 0; i <= old->mask; i++) {
		struct node *node = names_slot_node(&old->at[i]);
		if (node == NULL || node == &removed)
			continue;
		size_t at = node->hash & slots->mask;
		while (names_slot_node(&slots->at[at]) != NULL)
			at = (at + 1) & slots->mask;
		atomic_init(&slots->at[at].hash, node->hash);
		atomic_init(&slots->at[at].node, node);
	}
	names->used = names->count;
	atomic_store_explicit(&names->slots, slots, memory_order_release);
	quiesce_retire(names->quiesce, old, free);
}

/* NODE takes the place of OLD, in its zone's list too. */
static void inherit(struct node *node, struct node *old)
{
	node->children = old->children;
	node_set_wildcard(node, node_has_wildcard(old));
	node->previous = old->previous;
	node->next = old->next;
	if (node->previous != NULL)
		node->previous->next = node;
	else
		node->zone->first = node;
	if (node->next != NULL)
		node->next->previous = node;
	atomic_init(&node->behind, behind(old));
}

/* Puts NODE into the chain that begins at LINK: deeper zones first. */
static void put_in_chain(struct names *names, _Atomic(struct node *) *link, struct node *node)
{
	struct node *at = atomic_load_explicit(link, memory_order_relaxed);
	while (at != NULL && at->zone != node->zone && at->zone->labels > node->zone->labels) {
		link = &at->behind;
		at = behind(at);
	}
	if (at != NULL && at->zone == node->zone) {
		inherit(node, at);
		atomic_store_explicit(link, node, memory_order_release);
		quiesce_retire(names->quiesce, at, node_free);
		return;
	}
	atomic_init(&node->behind, at);
	atomic_store_explicit(link, node, memory_order_release);
}

void names_put(struct names *names, struct node *node)
{
	struct names_slots *slots = atomic_load_explicit(&names->slots, memory_order_relaxed);
	if (2 * (names->used + 1) > slots->mask + 1) {
		grow(names);
		slots = atomic_load_explicit(&names->slots, memory_order_relaxed);
	}
	if (node->labels > names_max_labels(names))
		atomic_store_explicit(&names->max_labels, node->labels, memory_order_release);
	struct names_slot *slot = slot_for(slots, node->hash, node_name(node), node->name_len);
	struct node *there = names_slot_node(slot);
	if (there != NULL && there != &removed) {
		put_in_chain(names, &slot->node, node);
		return;
	}
	names->used += there == NULL;
	names->count++;
	atomic_store_explicit(&slot->hash, node->hash, memory_order_relaxed);
	atomic_store_explicit(&slot->node, node, memory_order_release);
}

void names_remove(struct names *names, struct node *node)
{
	struct names_slots *slots = atomic_load_explicit(&names->slots, memory_order_relaxed);
	struct names_slot *slot = slot_for(slots, node->hash, node_name(node), node->name_len);
	_Atomic(struct node *) *link = &slot->node;
	while (atomic_load_explicit(link, memory_order_relaxed) != node)
		link = &atomic_load_explicit(link, memory_order_relaxed)->behind;
	struct node *next = behind(node);
	bool last = link == &slot->node && next == NULL;
	names->count -= last;
	atomic_store_explicit(link, last ? &removed : next, memory_order_release);
	quiesce_retire(names->quiesce, node, node_free);
}

void names_put_apex(struct names *names, const uint8_t *apex, size_t len)
{
	tails_put(&names->tails, apex, len);
}

void names_remove_apex(struct names *names, const uint8_t *apex, size_t len)
{
	tails_remove(&names->tails, apex, len);
}

struct node *names_find(const struct names *names, uint64_t hash, const uint8_t *name, size_t len)
{
	return names_probe(names, hash, name, len, names_is);
}

struct node *names_find_in(const struct names *names, const struct zone_live *zone, uint64_t hash,
			   const uint8_t *name, size_t len)
{
	struct node *node = names_find(names, hash, name, len);
	while (node != NULL && node->zone != zone)
		node = behind(node);
	return node;
}

unsigned names_max_labels(const struct names *names)
{
	return atomic_load_explicit(&names->max_labels, memory_order_acquire);
}

size_t names_count(const struct names *names)
{
	return names->count;
}
