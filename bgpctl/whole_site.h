/*
 * whole_site: brings all that a site announces down to one level, with nothing but its settings:
 * for who acts while the controller is dead.
 *
 * No database, no guard, no health: who calls it has proof, or an order. It goes by the same file,
 * generation and ladder as the controller, which on its return finds a newer generation and decides
 * anew.
 */
#ifndef MERIDIAN_BGPCTL_WHOLE_SITE_H
#define MERIDIAN_BGPCTL_WHOLE_SITE_H

#include "bgpctl/level.h"
#include "db/instance.h"

#include <stddef.h>

struct whole_site {
	size_t prefixes;   /* that were announced, or are named by the file */
	char failure[256]; /* why it is not as it should be; "" */
};

/*
 * Withdraws all (LEVEL_NONE), or lengthens the path of all that is announced without
 * (LEVEL_DEGRADED). True where BIRD was seen to do so, or is not running and will do so from its
 * start.
 */
bool whole_site_lower(const struct instance *instance, enum level level, const char *reason,
		      struct whole_site *result) __attribute__((warn_unused_result));

#endif
