/* Knows how events are held that are in no file. */
#include "healthcheck/unkept.h"

#include "base/mem.h"
#include "base/wall.h"

#include <pthread.h>
#include <stdlib.h>

struct unkept {
	pthread_mutex_t lock; /* of all below */
	json_t *ring[UNKEPT_MAX];
	uint64_t count;
};

struct unkept *unkept_new(void)
{
	struct unkept *unkept = mem_new(struct unkept);
	pthread_mutex_init(&unkept->lock, NULL);
	return unkept;
}

void unkept_free(struct unkept *unkept)
{
	for (size_t i = 0; i < UNKEPT_MAX; i++)
		json_decref(unkept->ring[i]);
	pthread_mutex_destroy(&unkept->lock);
	free(unkept);
}

void unkept_add(void *context, const char *daemon, const struct event *event)
{
	struct unkept *unkept = context;
	char time[WALL_TEXT_MAX];
	wall_format(event->time_ms, time);
	json_t *data = event->data != NULL ? json_deep_copy(event->data) : json_null();
	json_t *json = json_pack("{s:n, s:s, s:s, s:s, s:s, s:s?, s:s?, s:s?, s:s?, s:o}", "id",
				 "time", time, "daemon", daemon, "kind", event->kind, "object",
				 event->object, "from", event->from, "to", event->to, "reason",
				 event->reason, "actor", event->actor, "data", data);
	pthread_mutex_lock(&unkept->lock);
	json_t **place = &unkept->ring[unkept->count % UNKEPT_MAX];
	json_decref(*place);
	*place = json;
	unkept->count++;
	pthread_mutex_unlock(&unkept->lock);
}

uint64_t unkept_count(struct unkept *unkept)
{
	pthread_mutex_lock(&unkept->lock);
	uint64_t count = unkept->count;
	pthread_mutex_unlock(&unkept->lock);
	return count;
}

void unkept_take(struct unkept *unkept, uint64_t *seen, json_t *events)
{
	pthread_mutex_lock(&unkept->lock);
	uint64_t first = unkept->count > UNKEPT_MAX ? unkept->count - UNKEPT_MAX : 0;
	for (uint64_t i = *seen > first ? *seen : first; i < unkept->count; i++)
		json_array_append_new(events, json_deep_copy(unkept->ring[i % UNKEPT_MAX]));
	*seen = unkept->count;
	pthread_mutex_unlock(&unkept->lock);
}
