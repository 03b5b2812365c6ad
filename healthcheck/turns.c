/* Knows how a turn of libuv's loop is timed: the callbacks of sockets run inside its poll, so that
 * only the time it slept there tells work from waiting. */
#include "healthcheck/turns.h"

#include "base/mem.h"
#include "base/mono.h"

#include <stdlib.h>

enum { NS_PER_US = 1000 };

struct turns {
	uv_prepare_t prepare; /* first: comes once a turn, before the poll */
	struct mono last;
	uint64_t slept_ns; /* in all, then */
	struct histogram taken;
};

static void on_prepare(uv_prepare_t *prepare)
{
	struct turns *turns = prepare->data;
	struct mono now = mono_now();
	uint64_t slept_ns = uv_metrics_idle_time(prepare->loop);
	int64_t worked = now.ns - turns->last.ns - (int64_t)(slept_ns - turns->slept_ns);
	histogram_add(&turns->taken, worked > 0 ? (uint64_t)worked / NS_PER_US : 0);
	turns->last = now;
	turns->slept_ns = slept_ns;
}

struct turns *turns_new(uv_loop_t *loop)
{
	struct turns *turns = mem_new(struct turns);
	uv_loop_configure(loop, UV_METRICS_IDLE_TIME);
	uv_prepare_init(loop, &turns->prepare);
	turns->prepare.data = turns;
	turns->last = mono_now();
	uv_prepare_start(&turns->prepare, on_prepare);
	return turns;
}

static void free_handle(uv_handle_t *handle)
{
	free(handle->data);
}

void turns_free(struct turns *turns)
{
	if (turns != NULL)
		uv_close((uv_handle_t *)&turns->prepare, free_handle);
}

const struct histogram *turns_taken(const struct turns *turns)
{
	return &turns->taken;
}
