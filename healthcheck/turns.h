/*
 * turns: how long the loop works between two looks at its sockets. That is what a check that falls
 * due meanwhile has to wait, whatever else the machine does.
 */
#ifndef MERIDIAN_HEALTHCHECK_TURNS_H
#define MERIDIAN_HEALTHCHECK_TURNS_H

#include "healthcheck/histogram.h"

#include <uv.h>

struct turns;
/* Before LOOP first runs. */
struct turns *turns_new(uv_loop_t *loop);
/* The handle ends at the loop's next turn. NULL is allowed. */
void turns_free(struct turns *turns);

/* One entry a turn. */
const struct histogram *turns_taken(const struct turns *turns);

#endif
