/*
 * off_limits: addresses that a check does not go to unless its monitor allows it (pure): link-local
 * ones, and those under which clouds hand out credentials.
 */
#ifndef MERIDIAN_HEALTHCHECK_OFF_LIMITS_H
#define MERIDIAN_HEALTHCHECK_OFF_LIMITS_H

#include "base/addr.h"

/* "link-local", "a cloud's metadata address", or NULL where ADDRESS is as good as any. */
const char *off_limits(const struct addr *address);

#endif
