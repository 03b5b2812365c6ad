/* Knows how far each listener has heard. */
#include "web/hub.h"

#include "base/mem.h"
#include "base/wall.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct hub {
	pthread_mutex_t mutex; /* of all below */
	pthread_cond_t news;
	char *ring[HUB_RING]; /* message N stands at N % HUB_RING, formatted for the wire */
	uint64_t next;	      /* number of the next message */
	uint64_t epoch;	      /* tells the ids of one run from another's */
	unsigned streams;
	bool closed;
};

struct listening {
	struct hub *hub;
	struct hub_listener listener;
	char *pending; /* text on its way, from SENT on */
	size_t sent;
	uint64_t at; /* next message to hear */
};

struct hub *hub_new(void)
{
	struct hub *hub = mem_new(struct hub);
	pthread_condattr_t attributes;
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&hub->news, &attributes);
	pthread_condattr_destroy(&attributes);
	pthread_mutex_init(&hub->mutex, NULL);
	hub->epoch = (uint64_t)wall_now_ms();
	hub->next = 1;
	return hub;
}

void hub_free(struct hub *hub)
{
	for (size_t i = 0; i < HUB_RING; i++)
		free(hub->ring[i]);
	pthread_cond_destroy(&hub->news);
	pthread_mutex_destroy(&hub->mutex);
	free(hub);
}

void hub_close(struct hub *hub)
{
	pthread_mutex_lock(&hub->mutex);
	hub->closed = true;
	pthread_cond_broadcast(&hub->news);
	pthread_mutex_unlock(&hub->mutex);
}

bool hub_has_listeners(struct hub *hub)
{
	pthread_mutex_lock(&hub->mutex);
	bool has = hub->streams > 0;
	pthread_mutex_unlock(&hub->mutex);
	return has;
}

/* JSON in one line has no line break of its own: strings escape theirs. Takes DATA. NUMBER 0: no
 * id. */
static char *format(const struct hub *hub, uint64_t number, const char *event, json_t *data)
{
	char *text = json_dumps(data, JSON_COMPACT | JSON_REAL_PRECISION(15));
	json_decref(data);
	char *id = number != 0 ? mem_printf("id: %" PRIu64 "-%" PRIu64 "\n", hub->epoch, number)
			       : mem_strdup("");
	char *message =
		mem_printf("%sevent: %s\ndata: %s\n\n", id, event, text != NULL ? text : "{}");
	free(id);
	free(text);
	return message;
}

void hub_publish(struct hub *hub, const char *event, json_t *data)
{
	pthread_mutex_lock(&hub->mutex);
	char **slot = &hub->ring[hub->next % HUB_RING];
	free(*slot);
	*slot = format(hub, hub->next, event, data);
	hub->next++;
	pthread_cond_broadcast(&hub->news);
	pthread_mutex_unlock(&hub->mutex);
}

static bool is_kept(const struct hub *hub, uint64_t number)
{
	return number >= 1 && number <= hub->next && hub->next - number <= HUB_RING;
}

/* The text to send next, or NULL where nothing came before the keep-alive is due. Under the mutex.
 */
static char *wait_for_text(struct listening *listening)
{
	struct hub *hub = listening->hub;
	struct timespec until;
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += HUB_KEEPALIVE_MS / 1000;
	while (!hub->closed && listening->at == hub->next) {
		if (pthread_cond_timedwait(&hub->news, &hub->mutex, &until) != 0)
			return NULL;
	}
	if (hub->closed)
		return NULL;
	if (!is_kept(hub, listening->at)) {
		listening->at = hub->next;
		return format(hub, hub->next - 1, "resync", json_object());
	}
	return mem_strdup(hub->ring[listening->at++ % HUB_RING]);
}

static bool next_text(struct listening *listening)
{
	struct hub *hub = listening->hub;
	pthread_mutex_lock(&hub->mutex);
	char *text = wait_for_text(listening);
	bool closed = hub->closed;
	pthread_mutex_unlock(&hub->mutex);
	if (closed) {
		free(text);
		return false;
	}
	if (text == NULL) {
		if (!listening->listener.still_allowed(listening->listener.context))
			return false;
		text = mem_strdup(": still here\n\n");
	}
	free(listening->pending);
	listening->pending = text;
	listening->sent = 0;
	return true;
}

static ssize_t read_stream(void *context, char *buffer, size_t size)
{
	struct listening *listening = context;
	if (listening->pending[listening->sent] == '\0' && !next_text(listening))
		return -1;
	size_t left = strlen(listening->pending + listening->sent);
	size_t len = left < size ? left : size;
	memcpy(buffer, listening->pending + listening->sent, len);
	listening->sent += len;
	return (ssize_t)len;
}

static void free_stream(void *context)
{
	struct listening *listening = context;
	struct hub *hub = listening->hub;
	pthread_mutex_lock(&hub->mutex);
	hub->streams--;
	pthread_mutex_unlock(&hub->mutex);
	listening->listener.free(listening->listener.context);
	free(listening->pending);
	free(listening);
}

/* The message after the one the listener heard last; one that is not kept leads to a resync. */
static uint64_t resume_at(const struct hub *hub, const char *last_id)
{
	uint64_t epoch = 0, number = 0;
	if (last_id == NULL)
		return hub->next;
	if (sscanf(last_id, "%" SCNu64 "-%" SCNu64, &epoch, &number) != 2 || epoch != hub->epoch)
		return 0;
	return number + 1;
}

struct response *hub_listen(struct hub *hub, const struct hub_listener *listener)
{
	pthread_mutex_lock(&hub->mutex);
	bool room = hub->streams < HUB_STREAMS_MAX && !hub->closed;
	struct listening *listening = NULL;
	if (room) {
		hub->streams++;
		listening = mem_new(struct listening);
		listening->hub = hub;
		listening->listener = *listener;
		listening->at = resume_at(hub, listener->last_id);
		listening->pending = format(hub, 0, "hello", listener->hello);
		listening->listener.last_id = NULL;
	}
	pthread_mutex_unlock(&hub->mutex);
	if (!room) {
		json_decref(listener->hello);
		listener->free(listener->context);
		return NULL;
	}
	struct response *response = response_new(200);
	response->stream = (struct stream){read_stream, free_stream, listening};
	response_header(response, "Content-Type", "text/event-stream");
	response_header(response, "Cache-Control", "no-store");
	response_header(response, "X-Accel-Buffering", "no");
	return response;
}
