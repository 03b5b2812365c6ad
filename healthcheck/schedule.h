/*
 * schedule: when each target is due (pure: the clock and chance are arguments).
 *
 * A target has slots: its own phase, from a hash of its id, plus whole steps. A start lies in the
 * slot's jitter window behind it, and step + window is the interval; so two starts are never
 * further apart than the interval, targets spread evenly, and phases stay the same across restarts.
 */
#ifndef MERIDIAN_HEALTHCHECK_SCHEDULE_H
#define MERIDIAN_HEALTHCHECK_SCHEDULE_H

#include "base/mono.h"

#include <stddef.h>
#include <stdint.h>

/* A twentieth of the interval is jitter, at most this. */
enum { SCHEDULE_JITTER_PART = 20, SCHEDULE_JITTER_MAX_MS = 100 };

/* The start that follows one at AFTER; at most INTERVAL_MS (> 0) behind it, and never in the same
 * slot. KEY is the target's hash, CHANCE any random number. */
struct mono schedule_slot(uint64_t key, uint32_t interval_ms, struct mono after, uint64_t chance);

/* The start of the first check of a target that is one of BATCH new ones: soon, but spread, one
 * each two milliseconds (a full handshake takes one), over at most the interval. */
struct mono schedule_first(uint64_t key, uint32_t interval_ms, size_t batch, struct mono now);

/* A hash of an id, well mixed in every bit. */
uint64_t schedule_key(const char *id);

/* What waits for its time; embed it. All zeros: not waiting. */
struct schedule_item {
	struct mono due;
	size_t place; /* in the heap, from 1; 0: not waiting */
};

/* A heap of items by due time. All zeros: empty. */
struct schedule {
	struct schedule_item **heap;
	size_t count, capacity;
};

void schedule_fini(struct schedule *schedule);
/* Puts ITEM in at DUE, or moves it there. ITEM is borrowed until it is taken out. */
void schedule_put(struct schedule *schedule, struct schedule_item *item, struct mono due);
/* Takes ITEM out; nothing where it is not waiting. */
void schedule_remove(struct schedule *schedule, struct schedule_item *item);
/* The item due first; NULL when none waits. */
struct schedule_item *schedule_peek(const struct schedule *schedule);

#endif
