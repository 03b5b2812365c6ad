/*
 * memory: what a restart of the controller must not forget: how much was withdrawn lately, how
 * often each prefix has changed, and when it was announced last. Else one that ends again and again
 * would be bound by no limit.
 *
 * It is a file beside the include file, written with each job that changes something. Its times are
 * of the clock that only goes forward, which a restart does not touch; after a boot it is not
 * there. How well the site is does not stand in it: that is proved anew.
 */
#ifndef MERIDIAN_BGPCTL_MEMORY_H
#define MERIDIAN_BGPCTL_MEMORY_H

#include "bgpctl/announcement.h"

#include <jansson.h>

/* The text of the file (heap). */
char *memory_render(const struct guard_history *history, struct announcement *const *items,
		    size_t count);

/* What stands in the file TEXT (may be NULL), for the calls below; NULL: nothing that can be read.
 */
json_t *memory_read(const char *text);

/* Both take over what lies before NOW, and leave the rest as it is. MEMORY may be NULL. */
void memory_recall_history(const json_t *memory, struct guard_history *history, struct mono now);
void memory_recall(const json_t *memory, struct announcement *item, struct mono now);

#endif
