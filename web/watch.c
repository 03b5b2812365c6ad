/* Knows when a connection is too slow to be kept. */
#include "web/watch.h"

#include "base/mem.h"
#include "base/mono.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

struct watched {
	int fd;
	/* mono ns, 0: none. Written by the connection's thread, read by the watch's; nothing else
	 * hangs on it (relaxed). */
	_Atomic int64_t deadline_ns;
	struct watched *next, *previous;
};

struct watch {
	pthread_t thread;
	pthread_mutex_t mutex; /* of the list and of STOPPING */
	pthread_cond_t wake;
	struct watched *first;
	bool stopping;
};

static void end_late(struct watch *watch, struct mono now)
{
	for (struct watched *at = watch->first; at != NULL; at = at->next) {
		int64_t deadline = atomic_load_explicit(&at->deadline_ns, memory_order_relaxed);
		if (deadline != 0 && deadline <= now.ns) {
			shutdown(at->fd, SHUT_RDWR);
			atomic_store_explicit(&at->deadline_ns, 0, memory_order_relaxed);
		}
	}
}

static void *run(void *argument)
{
	struct watch *watch = argument;
	pthread_mutex_lock(&watch->mutex);
	while (!watch->stopping) {
		struct timespec until;
		clock_gettime(CLOCK_MONOTONIC, &until);
		until.tv_sec += 1;
		pthread_cond_timedwait(&watch->wake, &watch->mutex, &until);
		end_late(watch, mono_now());
	}
	pthread_mutex_unlock(&watch->mutex);
	return NULL;
}

struct watch *watch_new(void)
{
	struct watch *watch = mem_new(struct watch);
	pthread_condattr_t attributes;
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&watch->wake, &attributes);
	pthread_condattr_destroy(&attributes);
	pthread_mutex_init(&watch->mutex, NULL);
	if (pthread_create(&watch->thread, NULL, run, watch) != 0)
		watch->stopping = true;
	return watch;
}

void watch_free(struct watch *watch)
{
	pthread_mutex_lock(&watch->mutex);
	bool running = !watch->stopping;
	watch->stopping = true;
	pthread_cond_signal(&watch->wake);
	pthread_mutex_unlock(&watch->mutex);
	if (running)
		pthread_join(watch->thread, NULL);
	pthread_cond_destroy(&watch->wake);
	pthread_mutex_destroy(&watch->mutex);
	free(watch);
}

struct watched *watch_add(struct watch *watch, int fd, int within_ms)
{
	struct watched *watched = mem_new(struct watched);
	watched->fd = fd;
	watch_deadline(watched, within_ms);
	pthread_mutex_lock(&watch->mutex);
	watched->next = watch->first;
	if (watch->first != NULL)
		watch->first->previous = watched;
	watch->first = watched;
	pthread_mutex_unlock(&watch->mutex);
	return watched;
}

void watch_remove(struct watch *watch, struct watched *watched)
{
	if (watched == NULL)
		return;
	pthread_mutex_lock(&watch->mutex);
	if (watched->next != NULL)
		watched->next->previous = watched->previous;
	if (watched->previous != NULL)
		watched->previous->next = watched->next;
	else
		watch->first = watched->next;
	pthread_mutex_unlock(&watch->mutex);
	free(watched);
}

void watch_deadline(struct watched *watched, int within_ms)
{
	if (watched == NULL)
		return;
	int64_t at = within_ms == 0 ? 0 : mono_add_ms(mono_now(), within_ms).ns;
	atomic_store_explicit(&watched->deadline_ns, at, memory_order_relaxed);
}
