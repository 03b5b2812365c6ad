/* Knows how checks are spread over time, in a heap ordered by due time. */
#include "healthcheck/schedule.h"

#include "base/mem.h"

#include <assert.h>
#include <stdlib.h>

enum { NS_PER_MS = 1000000, FIRST_EACH_MS = 2 };

static int64_t window_ns(uint32_t interval_ms)
{
	int64_t window = (int64_t)interval_ms * NS_PER_MS / SCHEDULE_JITTER_PART;
	int64_t most = (int64_t)SCHEDULE_JITTER_MAX_MS * NS_PER_MS;
	return window < most ? window : most;
}

struct mono schedule_slot(uint64_t key, uint32_t interval_ms, struct mono after, uint64_t chance)
{
	assert(interval_ms > 0);
	int64_t window = window_ns(interval_ms);
	int64_t step = (int64_t)interval_ms * NS_PER_MS - window;
	int64_t phase = (int64_t)(key % (uint64_t)step);
	int64_t since = after.ns - phase;
	int64_t slots = since >= 0 ? since / step + 1 : -((-since - 1) / step);
	int64_t jitter = window > 0 ? (int64_t)(chance % (uint64_t)window) : 0;
	return (struct mono){.ns = phase + slots * step + jitter};
}

struct mono schedule_first(uint64_t key, uint32_t interval_ms, size_t batch, struct mono now)
{
	uint64_t wanted = (uint64_t)FIRST_EACH_MS * batch;
	uint64_t spread = wanted < interval_ms ? wanted : interval_ms;
	return (struct mono){.ns = now.ns + (int64_t)(key % (spread * NS_PER_MS + 1))};
}

/* FNV-1a, then the finaliser of splitmix64 (Steele, Lea, Flood 2014): ids differ in their last
 * characters only. */
uint64_t schedule_key(const char *id)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);
	for (; *id != '\0'; id++)
		hash = (hash ^ (unsigned char)*id) * UINT64_C(0x100000001b3);
	hash = (hash ^ (hash >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	hash = (hash ^ (hash >> 27)) * UINT64_C(0x94d049bb133111eb);
	return hash ^ (hash >> 31);
}

void schedule_fini(struct schedule *schedule)
{
	free(schedule->heap);
	*schedule = (struct schedule){0};
}

static void settle(struct schedule *schedule, struct schedule_item *item, size_t place)
{
	schedule->heap[place - 1] = item;
	item->place = place;
}

static void sift_up(struct schedule *schedule, struct schedule_item *item, size_t place)
{
	while (place > 1 && schedule->heap[place / 2 - 1]->due.ns > item->due.ns) {
		settle(schedule, schedule->heap[place / 2 - 1], place);
		place /= 2;
	}
	settle(schedule, item, place);
}

static void sift_down(struct schedule *schedule, struct schedule_item *item, size_t place)
{
	for (;;) {
		size_t child = 2 * place;
		if (child > schedule->count)
			break;
		if (child < schedule->count &&
		    schedule->heap[child]->due.ns < schedule->heap[child - 1]->due.ns)
			child++;
		if (schedule->heap[child - 1]->due.ns >= item->due.ns)
			break;
		settle(schedule, schedule->heap[child - 1], place);
		place = child;
	}
	settle(schedule, item, place);
}

void schedule_put(struct schedule *schedule, struct schedule_item *item, struct mono due)
{
	schedule_remove(schedule, item);
	if (schedule->count == schedule->capacity) {
		schedule->capacity = schedule->capacity > 0 ? 2 * schedule->capacity : 64;
		schedule->heap =
			mem_resize(schedule->heap, schedule->capacity, sizeof *schedule->heap);
	}
	item->due = due;
	schedule->count++;
	sift_up(schedule, item, schedule->count);
}

void schedule_remove(struct schedule *schedule, struct schedule_item *item)
{
	if (item->place == 0)
		return;
	size_t place = item->place;
	item->place = 0;
	struct schedule_item *last = schedule->heap[--schedule->count];
	if (last == item)
		return;
	if (place > 1 && schedule->heap[place / 2 - 1]->due.ns > last->due.ns)
		sift_up(schedule, last, place);
	else
		sift_down(schedule, last, place);
}

struct schedule_item *schedule_peek(const struct schedule *schedule)
{
	return schedule->count > 0 ? schedule->heap[0] : NULL;
}
