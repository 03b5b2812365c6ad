/*
 * refusal: why the compiler refused a database last, in a file beside the place table:
 * TABLE.refused, one sentence. Where it is not there, nothing is refused.
 *
 * meridian-geoc writes it, for it alone opens databases; the responder reads it, for somebody has
 * to tell.
 */
#ifndef MERIDIAN_GEODNS_REFUSAL_H
#define MERIDIAN_GEODNS_REFUSAL_H

#include "base/error.h"
#include "geodns/file_stamp.h"

/* Leaves WHY beside TABLE, whole or not at all; NULL takes away what is there. A folder that cannot
 * be written is left as it is: the caller's exit status says the rest. */
void refusal_leave(const char *table, const char *why);

/* What was read last. Begins with zeros. */
struct refusal {
	struct file_stamp stamp;
	struct error why; /* "": nothing is refused */
};

/* Reads what stands beside TABLE where that is new; returns whether it was. */
bool refusal_follow(struct refusal *refusal, const char *table);

#endif
