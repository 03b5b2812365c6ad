/*
 * binding: the health table as the responder sees it: there or not, fresh or stale, and a
 * descriptor that tells of changes.
 */
#ifndef MERIDIAN_GEODNS_BINDING_H
#define MERIDIAN_GEODNS_BINDING_H

#include "db/health.h"

struct binding;

/* Begins to watch PATH (borrowed), which may come later, on a thread of its own. NULL with ERROR.
 */
struct binding *binding_open(const char *path, struct error *error);
void binding_close(struct binding *binding); /* NULL is allowed */

/* Readable when a word may have changed, or the table has come: at once, or 5 ms after it was
 * readable last. */
int binding_fd(const struct binding *binding);
void binding_drain(struct binding *binding);

/*
 * The control thread's: the table, or NULL where there is none. A table that was replaced is opened
 * anew; what an earlier call returned is then gone.
 */
const struct health_table *binding_table(struct binding *binding);

/* Why there is none; "" where there is. */
const char *binding_problem(const struct binding *binding);

#endif
