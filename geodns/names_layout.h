/*
 * names_layout: how the table of names lies in memory; for names.c, which changes it, and lookup.c,
 * which asks it for the name of every query.
 */
#ifndef MERIDIAN_GEODNS_NAMES_LAYOUT_H
#define MERIDIAN_GEODNS_NAMES_LAYOUT_H

#include "geodns/names.h"
#include "geodns/tails.h"
#include "geodns/wire/name_fold.h"

#include <stdatomic.h>

/*
 * The hash is written before the node (release), and read after it (acquire): whoever sees a node
 * sees its hash or that of a later tenant of the slot. A later tenant means that the node was
 * removed, and then passing over it is right.
 */
struct names_slot {
	_Atomic uint64_t hash;
	_Atomic(struct node *) node; /* NULL: free, &removed: was used, the probe goes on */
};

struct names_slots {
	size_t mask;
	struct names_slot at[];
};

struct names {
	_Atomic(struct names_slots *) slots;
	struct quiesce *quiesce;
	struct tails tails;
	size_t used;  /* slots that are not free, the removed too */
	size_t count; /* slots with a node */
	_Atomic unsigned max_labels;
};

static inline struct node *names_slot_node(const struct names_slot *slot)
{
	return atomic_load_explicit(&slot->node, memory_order_acquire);
}

static inline bool names_is(const struct node *node, const uint8_t *name, size_t len)
{
	return node->name_len == len && name_fold_same(node_name(node), name, len);
}

/* The same of a name of 16 octets or more. */
static inline bool names_is_long(const struct node *node, const uint8_t *name, size_t len)
{
	return node->name_len == len && name_fold_same_long(node_name(node), name, len);
}

/* The slot's node where it is of HASH, or NULL; *END where no more follow. */
static inline struct node *names_at(const struct names_slots *slots, size_t i, uint64_t hash,
				    bool *end)
{
	struct node *node = names_slot_node(&slots->at[i]);
	*end = node == NULL;
	return node != NULL && atomic_load_explicit(&slots->at[i].hash, memory_order_relaxed) ==
				       hash
		       ? node
		       : NULL;
}

typedef bool names_same(const struct node *node, const uint8_t *name, size_t len);

/* names_find(), for the caller to inline. SAME is names_is, or names_is_long where LEN allows it.
 */
static inline __attribute__((always_inline)) struct node *names_probe(const struct names *names,
								      uint64_t hash,
								      const uint8_t *name,
								      size_t len, names_same *same)
{
	const struct names_slots *slots = atomic_load_explicit(&names->slots, memory_order_acquire);
	bool end = false;
	for (size_t i = hash & slots->mask; !end; i = (i + 1) & slots->mask) {
		struct node *node = names_at(slots, i, hash, &end);
		if (node != NULL && same(node, name, len))
			return node;
	}
	return NULL;
}

#endif
