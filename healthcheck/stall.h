/*
 * stall: how long this process was kept from its loop (no CPU, stopped, a slow callback), so that
 * an answer we were too late to read is not held against the target.
 */
#ifndef MERIDIAN_HEALTHCHECK_STALL_H
#define MERIDIAN_HEALTHCHECK_STALL_H

#include <stdint.h>
#include <uv.h>

enum { STALL_TICK_MS = 50, STALL_NOTICED_MS = 20 };

struct stall;
struct stall *stall_new(uv_loop_t *loop);
void stall_free(struct stall *stall);

/* Milliseconds lost since the start, in gaps of at least STALL_NOTICED_MS. */
uint64_t stall_total_ms(const struct stall *stall);

#endif
