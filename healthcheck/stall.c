/* Knows how late a timer comes that should come every 50 ms. */
#include "healthcheck/stall.h"

#include "base/mem.h"
#include "base/mono.h"

#include <stdlib.h>

struct stall {
	uv_timer_t timer; /* first */
	struct mono expected;
	uint64_t total_ms;
};

static void on_tick(uv_timer_t *timer)
{
	struct stall *stall = timer->data;
	struct mono now = mono_now();
	int64_t late = mono_ms_between(stall->expected, now);
	if (late >= STALL_NOTICED_MS)
		stall->total_ms += (uint64_t)late;
	stall->expected = mono_add_ms(now, STALL_TICK_MS);
}

struct stall *stall_new(uv_loop_t *loop)
{
	struct stall *stall = mem_new(struct stall);
	uv_timer_init(loop, &stall->timer);
	stall->timer.data = stall;
	stall->expected = mono_add_ms(mono_now(), STALL_TICK_MS);
	uv_timer_start(&stall->timer, on_tick, STALL_TICK_MS, STALL_TICK_MS);
	return stall;
}

static void free_timer(uv_handle_t *handle)
{
	free(handle->data);
}

void stall_free(struct stall *stall)
{
	if (stall != NULL)
		uv_close((uv_handle_t *)&stall->timer, free_timer);
}

uint64_t stall_total_ms(const struct stall *stall)
{
	return stall->total_ms;
}
