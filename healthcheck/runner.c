/* Knows the way of an item from its due time through the queue to its start. */
#include "healthcheck/runner.h"

#include "base/mem.h"

#include <assert.h>
#include <stdlib.h>

struct runner {
	uv_loop_t *loop;
	uv_timer_t *timer;
	struct schedule schedule;
	struct runner_item *first, *last; /* the queue */
	struct runner_numbers numbers;
	uint64_t recent_lag_us; /* moving average over about eight starts */
	runner_begin *begin;
	void *context;
};

static void turn(struct runner *runner);

static void on_timer(uv_timer_t *timer)
{
	turn(timer->data);
}

struct runner *runner_new(uv_loop_t *loop, size_t cap, runner_begin *begin, void *context)
{
	struct runner *runner = mem_new(struct runner);
	runner->loop = loop;
	runner->numbers.cap = cap;
	runner->begin = begin;
	runner->context = context;
	runner->timer = mem_new(uv_timer_t);
	uv_timer_init(loop, runner->timer);
	runner->timer->data = runner;
	return runner;
}

static void free_handle(uv_handle_t *handle)
{
	free(handle);
}

void runner_free(struct runner *runner)
{
	if (runner == NULL)
		return;
	uv_close((uv_handle_t *)runner->timer, free_handle);
	schedule_fini(&runner->schedule);
	free(runner);
}

static void enqueue(struct runner *runner, struct runner_item *item)
{
	item->state = RUNNER_QUEUED;
	item->next = NULL;
	item->previous = runner->last;
	if (runner->last != NULL)
		runner->last->next = item;
	else
		runner->first = item;
	runner->last = item;
	runner->numbers.queued++;
}

static void dequeue(struct runner *runner, struct runner_item *item)
{
	if (item->previous != NULL)
		item->previous->next = item->next;
	else
		runner->first = item->next;
	if (item->next != NULL)
		item->next->previous = item->previous;
	else
		runner->last = item->previous;
	item->next = item->previous = NULL;
	runner->numbers.queued--;
}

static void begin(struct runner *runner, struct runner_item *item)
{
	dequeue(runner, item);
	item->state = RUNNER_RUNNING;
	runner->numbers.running++;
	int64_t late = mono_us_between(item->wait.due, mono_now());
	uint64_t lag = late > 0 ? (uint64_t)late : 0;
	histogram_add(&runner->numbers.lag, lag);
	runner->recent_lag_us = (7 * runner->recent_lag_us + lag) / 8;
	if (lag > runner->numbers.worst_lag_us)
		runner->numbers.worst_lag_us = lag;
	runner->begin(runner->context, item);
}

static void set_timer(struct runner *runner)
{
	bool can_begin = runner->first != NULL && runner->numbers.running < runner->numbers.cap;
	const struct schedule_item *next = schedule_peek(&runner->schedule);
	if (!can_begin && next == NULL) {
		uv_timer_stop(runner->timer);
		return;
	}
	int64_t wait_us = can_begin ? 0 : mono_us_between(mono_now(), next->due);
	uint64_t wait_ms = wait_us > 0 ? (uint64_t)(wait_us + 999) / 1000 : 0;
	uv_update_time(runner->loop);
	uv_timer_start(runner->timer, on_timer, wait_ms, 0);
}

/* Queues what is due and begins a batch of it; the rest follows at the loop's next turn. */
static void turn(struct runner *runner)
{
	struct mono now = mono_now();
	struct schedule_item *due;
	while ((due = schedule_peek(&runner->schedule)) != NULL && due->due.ns <= now.ns) {
		schedule_remove(&runner->schedule, due);
		enqueue(runner, (struct runner_item *)due);
	}
	for (int i = 0; i < RUNNER_BATCH && runner->first != NULL &&
			runner->numbers.running < runner->numbers.cap;
	     i++)
		begin(runner, runner->first);
	set_timer(runner);
}

void runner_wait(struct runner *runner, struct runner_item *item, struct mono due)
{
	assert(item->state == RUNNER_IDLE || item->state == RUNNER_WAITING);
	item->state = RUNNER_WAITING;
	schedule_put(&runner->schedule, &item->wait, due);
	if (schedule_peek(&runner->schedule) == &item->wait)
		set_timer(runner);
}

void runner_ended(struct runner *runner, struct runner_item *item)
{
	assert(item->state == RUNNER_RUNNING);
	item->state = RUNNER_IDLE;
	runner->numbers.running--;
	if (runner->first != NULL)
		set_timer(runner);
}

void runner_forget(struct runner *runner, struct runner_item *item)
{
	if (item->state == RUNNER_RUNNING)
		runner_ended(runner, item);
	else if (item->state == RUNNER_QUEUED)
		dequeue(runner, item);
	schedule_remove(&runner->schedule, &item->wait);
	item->state = RUNNER_IDLE;
}

bool runner_strained(const struct runner *runner)
{
	return runner->recent_lag_us > RUNNER_STRAINED_US;
}

const struct runner_numbers *runner_numbers(struct runner *runner)
{
	runner->numbers.waiting = runner->schedule.count;
	return &runner->numbers;
}
