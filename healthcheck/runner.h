/*
 * runner: lets checks begin when they are due, never more at once than the cap, never in a burst.
 *
 * An item is idle, waits for its time, stands in the queue because the cap is reached, or runs. How
 * late it begins is measured.
 */
#ifndef MERIDIAN_HEALTHCHECK_RUNNER_H
#define MERIDIAN_HEALTHCHECK_RUNNER_H

#include "healthcheck/histogram.h"
#include "healthcheck/schedule.h"

#include <stdbool.h>
#include <uv.h>

/* Begun at most between two looks at the sockets, so that starting many does not delay answers. */
enum { RUNNER_BATCH = 16, RUNNER_STRAINED_US = 100000 };

enum runner_state { RUNNER_IDLE, RUNNER_WAITING, RUNNER_QUEUED, RUNNER_RUNNING };

/* Embed it. All zeros: idle. */
struct runner_item {
	struct schedule_item wait; /* first */
	struct runner_item *next, *previous;
	enum runner_state state;
};

struct runner;

/* Begins ITEM's check; runner_ended() is called when it is over, perhaps inside. */
typedef void runner_begin(void *context, struct runner_item *item);

struct runner *runner_new(uv_loop_t *loop, size_t cap, runner_begin *begin, void *context);
void runner_free(struct runner *runner);

/* Lets ITEM, idle or waiting, begin at DUE. */
void runner_wait(struct runner *runner, struct runner_item *item, struct mono due);
/* ITEM's check is over: it is idle. */
void runner_ended(struct runner *runner, struct runner_item *item);
/* Forgets ITEM whatever its state; the caller has stopped its check. */
void runner_forget(struct runner *runner, struct runner_item *item);

/* Checks begin late: whoever would like to check more often than the interval says should not. */
bool runner_strained(const struct runner *runner);

struct runner_numbers {
	size_t running, queued, waiting, cap;
	struct histogram lag;
	uint64_t worst_lag_us;
};
const struct runner_numbers *runner_numbers(struct runner *runner);

#endif
