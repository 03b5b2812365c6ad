/*
 * quiesce: when nobody can still be reading what was replaced.
 *
 * Quiescent-state based reclamation (McKenney and Slingwine 1998): the control thread replaces a
 * pointer, retires what it pointed to, and frees that once every worker has passed a point at which
 * it holds no reference. A worker's cost is one load and one store a batch.
 */
#ifndef MERIDIAN_GEODNS_QUIESCE_H
#define MERIDIAN_GEODNS_QUIESCE_H

#include <stddef.h>

struct quiesce;

/* For WORKERS readers, numbered from 0; never NULL. */
struct quiesce *quiesce_new(unsigned workers);

/* Frees everything retired at once: no worker may run any more. NULL is allowed. */
void quiesce_free(struct quiesce *quiesce);

/* A worker's: it holds no reference taken before this call. */
void quiesce_pass(struct quiesce *quiesce, unsigned worker);

/* A worker's that ends, or never starts: it is no longer waited for. */
void quiesce_leave(struct quiesce *quiesce, unsigned worker);

/*
 * The control thread's: calls RELEASE(WHAT) once every worker has passed. WHAT must be unreachable
 * already (its pointer replaced with release order). WHAT may be NULL: then nothing happens.
 */
void quiesce_retire(struct quiesce *quiesce, void *what, void (*release)(void *what));

/* The control thread's: frees what may be freed. Returns how many still wait. */
size_t quiesce_reclaim(struct quiesce *quiesce);

#endif
