/* Knows how libcurl's sockets and its one timer ride on libuv. */
#include "healthcheck/transfers.h"

#include "base/mem.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { SEATS_MAX = 1000 };

struct shard {
	CURLM *multi;
	uv_loop_t *loop;
	uv_timer_t *timer;
	char *group; /* NULL: any */
	size_t seats;
	struct shard *next;
};

struct transfers {
	uv_loop_t *loop;
	struct shard *shards;
};

struct transfer_seat {
	struct transfers *transfers;
	struct shard *shard;
	CURL *easy;
	transfer_done *done;
	void *context;
	bool running;
};

struct transfers *transfers_new(uv_loop_t *loop)
{
	struct transfers *transfers = mem_new(struct transfers);
	transfers->loop = loop;
	return transfers;
}

static void free_handle(uv_handle_t *handle)
{
	free(handle);
}

/* Hands each finished transfer to its owner, who may start, stop or leave any seat. */
static void collect(struct shard *shard)
{
	CURLMsg *message;
	int left;
	while ((message = curl_multi_info_read(shard->multi, &left)) != NULL) {
		if (message->msg != CURLMSG_DONE)
			continue;
		CURLcode result = message->data.result;
		CURL *easy = message->easy_handle;
		char *private = NULL;
		curl_easy_getinfo(easy, CURLINFO_PRIVATE, &private);
		struct transfer_seat *seat = (struct transfer_seat *)(void *)private;
		curl_multi_remove_handle(shard->multi, easy);
		seat->running = false;
		seat->done(seat->context, result);
	}
}

static void on_timer(uv_timer_t *timer)
{
	struct shard *shard = timer->data;
	int running;
	curl_multi_socket_action(shard->multi, CURL_SOCKET_TIMEOUT, 0, &running);
	collect(shard);
}

static int timer_wanted(CURLM *multi, long timeout_ms, void *context)
{
	(void)multi;
	struct shard *shard = context;
	if (timeout_ms < 0) {
		uv_timer_stop(shard->timer);
		return 0;
	}
	uv_update_time(shard->loop);
	uv_timer_start(shard->timer, on_timer, (uint64_t)timeout_ms, 0);
	return 0;
}

struct watched {
	uv_poll_t poll; /* first: the handle is what libuv gives back to free */
	struct shard *shard;
	curl_socket_t socket;
};

static void on_socket(uv_poll_t *poll, int status, int events)
{
	struct watched *watched = poll->data;
	struct shard *shard = watched->shard;
	int action = 0, running;
	/* libuv makes EBADF of a socket's error; a read or write lets libcurl see the real one. */
	if (status < 0)
		action = CURL_CSELECT_IN | CURL_CSELECT_OUT;
	if (events & UV_READABLE)
		action |= CURL_CSELECT_IN;
	if (events & UV_WRITABLE)
		action |= CURL_CSELECT_OUT;
	curl_multi_socket_action(shard->multi, watched->socket, action, &running);
	collect(shard);
}

static int socket_wanted(CURL *easy, curl_socket_t socket, int what, void *context, void *attached)
{
	(void)easy;
	struct shard *shard = context;
	struct watched *watched = attached;
	if (what == CURL_POLL_REMOVE) {
		if (watched != NULL) {
			uv_poll_stop(&watched->poll);
			uv_close((uv_handle_t *)&watched->poll, free_handle);
			curl_multi_assign(shard->multi, socket, NULL);
		}
		return 0;
	}
	if (watched == NULL) {
		watched = mem_new(struct watched);
		watched->shard = shard;
		watched->socket = socket;
		if (uv_poll_init(shard->loop, &watched->poll, socket) != 0) {
			free(watched);
			return -1;
		}
		watched->poll.data = watched;
		curl_multi_assign(shard->multi, socket, watched);
	}
	int events =
		(what & CURL_POLL_IN ? UV_READABLE : 0) | (what & CURL_POLL_OUT ? UV_WRITABLE : 0);
	return uv_poll_start(&watched->poll, events, on_socket) == 0 ? 0 : -1;
}

static struct shard *shard_new(struct transfers *transfers, const char *group)
{
	struct shard *shard = mem_new(struct shard);
	shard->loop = transfers->loop;
	shard->group = mem_strdup(group);
	shard->timer = mem_new(uv_timer_t);
	uv_timer_init(shard->loop, shard->timer);
	shard->timer->data = shard;
	shard->multi = curl_multi_init();
	if (shard->multi == NULL)
		abort(); /* no memory at configuration: as in mem.h */
	curl_multi_setopt(shard->multi, CURLMOPT_SOCKETFUNCTION, socket_wanted);
	curl_multi_setopt(shard->multi, CURLMOPT_SOCKETDATA, shard);
	curl_multi_setopt(shard->multi, CURLMOPT_TIMERFUNCTION, timer_wanted);
	curl_multi_setopt(shard->multi, CURLMOPT_TIMERDATA, shard);
	curl_multi_setopt(shard->multi, CURLMOPT_MAXCONNECTS, (long)SEATS_MAX);
	/* Each check is a connection's only one: a shared connection would measure its neighbour.
	 */
	curl_multi_setopt(shard->multi, CURLMOPT_PIPELINING, (long)CURLPIPE_NOTHING);
	shard->next = transfers->shards;
	transfers->shards = shard;
	return shard;
}

static void shard_free(struct transfers *transfers, struct shard *shard)
{
	struct shard **link = &transfers->shards;
	while (*link != shard)
		link = &(*link)->next;
	*link = shard->next;
	curl_multi_cleanup(shard->multi);
	uv_close((uv_handle_t *)shard->timer, free_handle);
	free(shard->group);
	free(shard);
}

void transfers_free(struct transfers *transfers)
{
	if (transfers == NULL)
		return;
	while (transfers->shards != NULL) {
		assert(transfers->shards->seats == 0);
		shard_free(transfers, transfers->shards);
	}
	free(transfers);
}

static bool same_group(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

struct transfer_seat *transfers_seat(struct transfers *transfers, const char *group, CURL *easy,
				     transfer_done *done, void *context)
{
	struct shard *shard = transfers->shards;
	while (shard != NULL && (shard->seats >= SEATS_MAX || !same_group(shard->group, group)))
		shard = shard->next;
	if (shard == NULL)
		shard = shard_new(transfers, group);
	shard->seats++;
	struct transfer_seat *seat = mem_new(struct transfer_seat);
	*seat = (struct transfer_seat){.transfers = transfers,
				       .shard = shard,
				       .easy = easy,
				       .done = done,
				       .context = context};
	curl_easy_setopt(easy, CURLOPT_PRIVATE, seat);
	return seat;
}

bool transfer_start(struct transfer_seat *seat)
{
	assert(!seat->running);
	seat->running = curl_multi_add_handle(seat->shard->multi, seat->easy) == CURLM_OK;
	return seat->running;
}

void transfer_stop(struct transfer_seat *seat)
{
	if (seat->running)
		curl_multi_remove_handle(seat->shard->multi, seat->easy);
	seat->running = false;
}

void transfer_leave(struct transfer_seat *seat)
{
	if (seat == NULL)
		return;
	transfer_stop(seat);
	seat->shard->seats--; /* an empty shard stays: its idle connections end with their time */
	free(seat);
}
