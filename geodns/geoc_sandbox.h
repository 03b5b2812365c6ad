/*
 * geoc_sandbox: takes from the process all but computing and the files it holds open.
 */
#ifndef MERIDIAN_GEODNS_GEOC_SANDBOX_H
#define MERIDIAN_GEODNS_GEOC_SANDBOX_H

#include "base/error.h"

#include <stdbool.h>

/*
 * From here on: at most 2 GiB of memory and 120 s of CPU; no file can be opened but through
 * /proc/self/fd where the kernel has Landlock, and for reading alone where it has not; any system
 * call beyond memory, reading, writing and ending kills the process. False where that cannot be
 * had.
 */
bool geoc_sandbox_enter(struct error *error) __attribute__((warn_unused_result));

#endif
