/*
 * names: the one hash table of every name that is served, read by workers while it is changed.
 *
 * One writer (the control thread); readers take no lock. A slot's node is replaced as a whole, and
 * what was there is freed when no reader can hold it (quiesce.h). Where two zones that are served
 * hold the same name, the node of the deeper zone stands in the table and the other one behind it.
 */
#ifndef MERIDIAN_GEODNS_NAMES_H
#define MERIDIAN_GEODNS_NAMES_H

#include "geodns/node.h"
#include "geodns/quiesce.h"

struct names;

/* QUIESCE is borrowed; nodes in the table belong to it. */
struct names *names_new(struct quiesce *quiesce);
/* No reader may be left. Frees the nodes too. NULL is allowed. */
void names_free(struct names *names);

/*
 * Takes NODE. A node of the same name and zone is replaced and retired: NODE then inherits its
 * place in the zone's list and its count of children. Otherwise NODE's list members are the
 * caller's to set before.
 */
void names_put(struct names *names, struct node *node);

/* Takes NODE, which is in the table, out and retires it. */
void names_remove(struct names *names, struct node *node);

/* That a zone of this apex is served: before its names are put, after they are removed. */
void names_put_apex(struct names *names, const uint8_t *apex, size_t len);
void names_remove_apex(struct names *names, const uint8_t *apex, size_t len);

/* Any thread. NAME is in lower-case wire form. The node of the deepest zone, or NULL. */
struct node *names_find(const struct names *names, uint64_t hash, const uint8_t *name, size_t len);

/* Any thread. The node of ZONE itself, or NULL. */
struct node *names_find_in(const struct names *names, const struct zone_live *zone, uint64_t hash,
			   const uint8_t *name, size_t len);

/* Any thread. No name that is served has more labels. */
unsigned names_max_labels(const struct names *names);

size_t names_count(const struct names *names);

#endif
