/*
 * keep: the mark by which an upgrade says that what ends now comes back at once, so that nothing is
 * withdrawn meanwhile.
 *
 * It is a file beside the include file, in a folder that does not survive a boot, and counts for
 * five minutes only: an upgrade that broke off does not disarm anything for good.
 */
#ifndef MERIDIAN_BGPCTL_KEEP_H
#define MERIDIAN_BGPCTL_KEEP_H

#include "db/instance.h"

enum { KEEP_MAX_S = 300 };

/* True where the mark of INSTANCE is there, and younger than KEEP_MAX_S. */
bool keep_in_force(const struct instance *instance);

#endif
