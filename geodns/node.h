/*
 * node: one owner name of one zone with all that it answers, in one flat immutable block.
 *
 * Its RRsets stand in wire form with the owner as a pointer to the question (c0 0c), so that an
 * answer is a copy. A change of anything at the name makes a new node.
 */
#ifndef MERIDIAN_GEODNS_NODE_H
#define MERIDIAN_GEODNS_NODE_H

#include "base/error.h"
#include "db/model.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct service_live;
struct zone_live;

enum { NODE_NAME_MAX = 255 };

/* The records of one type, one behind the other; AT counts from the node's first octet of records.
 */
struct node_rrset {
	uint16_t type, count;
	uint32_t at, len;
};

struct node {
	uint64_t hash; /* of the lower-case wire name */
	struct zone_live *zone;
	const struct service_live *service; /* NULL: none at this name */
	_Atomic(struct node *) behind; /* the same name in an enclosing zone that is served too */
	struct node *previous, *next;  /* all nodes of the zone; the control thread's alone */
	uint32_t children;	       /* names directly below; the control thread's alone */
	uint32_t records_at;	       /* from the node's start */
	uint16_t mark;		       /* the load that last wrote it; the control thread's alone */
	_Atomic bool has_wildcard;     /* a name "*" is directly below: what is not there may be */
	uint16_t rrset_count;
	uint8_t name_len, labels;
	struct node_rrset rrsets[]; /* then the name, then the records */
};

/* The owner in lower-case wire form. */
static inline const uint8_t *node_name(const struct node *node)
{
	return (const uint8_t *)(node->rrsets + node->rrset_count);
}

static inline const uint8_t *node_records(const struct node *node, const struct node_rrset *rrset)
{
	return (const uint8_t *)node + node->records_at + rrset->at;
}

/* The control thread writes, before the wildcard is put and after it was removed; anyone reads. */
static inline void node_set_wildcard(struct node *node, bool has)
{
	atomic_store_explicit(&node->has_wildcard, has, memory_order_release);
}

static inline bool node_has_wildcard(const struct node *node)
{
	return atomic_load_explicit(&node->has_wildcard, memory_order_acquire);
}

/* NULL where the node has no records of TYPE. */
static inline const struct node_rrset *node_find(const struct node *node, uint16_t type)
{
	for (uint16_t i = 0; i < node->rrset_count; i++) {
		if (node->rrsets[i].type == type)
			return &node->rrsets[i];
	}
	return NULL;
}

/* Labels of a wire name without the root: 0 for ".". */
unsigned node_count_labels(const uint8_t *name);

/*
 * A new node for NAME (lower-case wire form, LEN octets) on the heap. RRSETS are borrowed. NULL
 * with ERROR where record data is not well-formed wire data.
 */
struct node *node_new(struct zone_live *zone, const uint8_t *name, size_t len,
		      const struct object *const *rrsets, size_t count,
		      const struct service_live *service, struct error *error);

/* free() with the type that quiesce_retire wants. */
void node_free(void *node);

#endif
