/* Knows which connections there are: who may come in, who has been idle the longest, who has to go.
 */
#include "geodns/tcp.h"

#include "base/mem.h"
#include "geodns/prefix_count.h"
#include "geodns/sock.h"
#include "geodns/tcp_connection.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

enum {
	BACKLOG = 511,
	ACCEPTS_PER_EVENT =
		64, /* so that a flood of new clients does not starve those that are here */
	EVENTS = 128,
	LISTEN_MAX = 32
};

struct listener {
	int fd;
};

struct tcp {
	unsigned listen_count, max_connections, max_per_prefix, idle_ms;
	struct io_hooks hooks;
	struct listener listeners[LISTEN_MAX];
	int epoll;
	atomic_bool stop;

	unsigned open;
	struct tcp_connection *oldest, *newest; /* by the time of their last whole query */
	struct tcp_connection *dead;		/* closed in this round; linked by NEWER */
	struct prefix_count *per_prefix;
	struct tcp_scratch *scratch;

	/* Written by the thread of tcp_run() once a round. */
	struct {
		_Atomic uint64_t received, sent, accepted, refused, evicted, idle_closed,
			slow_closed, open;
	} counters;
};

static void count(_Atomic uint64_t *counter)
{
	uint64_t before = atomic_load_explicit(counter, memory_order_relaxed);
	atomic_store_explicit(counter, before + 1, memory_order_relaxed);
}

static void link_newest(struct tcp *tcp, struct tcp_connection *connection)
{
	connection->older = tcp->newest;
	connection->newer = NULL;
	if (tcp->newest != NULL)
		tcp->newest->newer = connection;
	else
		tcp->oldest = connection;
	tcp->newest = connection;
}

static void unlink_connection(struct tcp *tcp, struct tcp_connection *connection)
{
	if (connection->older != NULL)
		connection->older->newer = connection->newer;
	else
		tcp->oldest = connection->newer;
	if (connection->newer != NULL)
		connection->newer->older = connection->older;
	else
		tcp->newest = connection->older;
}

/* Closes now, frees after the round: an event of the same round may still name it. */
static void drop(struct tcp *tcp, struct tcp_connection *connection)
{
	unlink_connection(tcp, connection);
	prefix_count_remove(tcp->per_prefix, connection->prefix);
	tcp_connection_fini(connection);
	tcp->open--;
	connection->newer = tcp->dead;
	tcp->dead = connection;
}

static void bury(struct tcp *tcp)
{
	while (tcp->dead != NULL) {
		struct tcp_connection *connection = tcp->dead;
		tcp->dead = connection->newer;
		free(connection);
	}
}

static void touch(struct tcp *tcp, struct tcp_connection *connection, struct mono now)
{
	connection->active = now;
	unlink_connection(tcp, connection);
	link_newest(tcp, connection);
}

static bool evict_oldest(struct tcp *tcp)
{
	if (tcp->oldest == NULL)
		return false;
	count(&tcp->counters.evicted);
	drop(tcp, tcp->oldest);
	return true;
}

static void drop_idle(struct tcp *tcp, struct mono now)
{
	while (tcp->oldest != NULL && mono_ms_between(tcp->oldest->active, now) >= tcp->idle_ms) {
		bool slow = tcp_connection_is_blocked(tcp->oldest);
		count(slow ? &tcp->counters.slow_closed : &tcp->counters.idle_closed);
		drop(tcp, tcp->oldest);
	}
}

/* Waits for the client to speak, or, while answers wait, for it to take them. */
static bool watch(struct tcp *tcp, struct tcp_connection *connection, int operation)
{
	bool blocked = tcp_connection_is_blocked(connection);
	struct epoll_event event = {.events = blocked ? EPOLLOUT : EPOLLIN, .data.ptr = connection};
	return epoll_ctl(tcp->epoll, operation, connection->fd, &event) == 0;
}

/* Takes FD, whose client is CONNECTION's; false where its prefix has enough. */
static bool admit(struct tcp *tcp, struct tcp_connection *connection, struct mono now)
{
	struct addr addr;
	uint16_t port;
	if (!addr_from_sockaddr(&connection->client.any, &addr, &port))
		return false;
	connection->prefix = prefix_count_key(&addr);
	if (prefix_count_get(tcp->per_prefix, connection->prefix) >= tcp->max_per_prefix) {
		count(&tcp->counters.refused);
		return false;
	}
	if (tcp->open >= tcp->max_connections)
		(void)evict_oldest(tcp);
	if (!watch(tcp, connection, EPOLL_CTL_ADD))
		return false;
	int on = 1; /* a second answer must not wait for the first one's acknowledgement */
	(void)setsockopt(connection->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	connection->active = now;
	prefix_count_add(tcp->per_prefix, connection->prefix);
	link_newest(tcp, connection);
	tcp->open++;
	count(&tcp->counters.accepted);
	return true;
}

enum accepted { ACCEPTED, ACCEPT_NONE, ACCEPT_FULL };

static enum accepted accept_one(struct tcp *tcp, int listener, struct mono now)
{
	struct tcp_connection *connection = calloc(1, sizeof *connection);
	if (connection == NULL)
		return ACCEPT_FULL;
	socklen_t len = sizeof connection->client;
	connection->fd =
		accept4(listener, &connection->client.any, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (connection->fd < 0) {
		free(connection);
		bool full =
			errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS;
		return full ? ACCEPT_FULL : ACCEPT_NONE;
	}
	if (!admit(tcp, connection, now)) {
		close(connection->fd);
		free(connection);
	}
	return ACCEPTED;
}

static void accept_some(struct tcp *tcp, int listener, struct mono now)
{
	for (unsigned i = 0; i < ACCEPTS_PER_EVENT; i++) {
		enum accepted got = accept_one(tcp, listener, now);
		if (got == ACCEPT_NONE)
			return;
		/* Without descriptors, the longest idle one makes room; without any, waiting does.
		 */
		if (got == ACCEPT_FULL && !evict_oldest(tcp)) {
			usleep(1000);
			return;
		}
	}
}

static void serve(struct tcp *tcp, struct tcp_connection *connection, uint32_t events,
		  struct mono now)
{
	if (connection->fd < 0) /* dropped earlier in this round */
		return;
	bool was_blocked = tcp_connection_is_blocked(connection);
	enum tcp_progress progress;
	if (was_blocked)
		progress = (events & (EPOLLERR | EPOLLHUP)) != 0
				   ? TCP_OVER
				   : tcp_connection_write(connection, tcp->scratch);
	else
		progress = tcp_connection_read(connection, tcp->scratch);
	if (progress == TCP_ACTIVE)
		touch(tcp, connection, now);
	bool changed = tcp_connection_is_blocked(connection) != was_blocked;
	if (progress == TCP_OVER || (changed && !watch(tcp, connection, EPOLL_CTL_MOD)))
		drop(tcp, connection);
}

static bool is_listener(const struct tcp *tcp, const void *pointer)
{
	const struct listener *listener = pointer;
	for (unsigned i = 0; i < tcp->listen_count; i++) {
		if (listener == &tcp->listeners[i])
			return true;
	}
	return false;
}

static void publish_counters(struct tcp *tcp)
{
	atomic_store_explicit(&tcp->counters.received, tcp->scratch->received,
			      memory_order_relaxed);
	atomic_store_explicit(&tcp->counters.sent, tcp->scratch->sent, memory_order_relaxed);
	atomic_store_explicit(&tcp->counters.open, tcp->open, memory_order_relaxed);
}

static void run_round(struct tcp *tcp)
{
	struct epoll_event events[EVENTS];
	int ready = epoll_wait(tcp->epoll, events, EVENTS, IO_QUIET_MS);
	struct mono now = mono_now();
	for (int i = 0; i < ready; i++) {
		if (is_listener(tcp, events[i].data.ptr))
			accept_some(tcp, ((struct listener *)events[i].data.ptr)->fd, now);
		else
			serve(tcp, events[i].data.ptr, events[i].events, now);
	}
	drop_idle(tcp, now);
	bury(tcp);
	publish_counters(tcp);
}

void tcp_run(struct tcp *tcp, void *context)
{
	tcp->scratch->hooks = tcp->hooks;
	tcp->scratch->context = context;
	while (!atomic_load_explicit(&tcp->stop, memory_order_relaxed)) {
		run_round(tcp);
		tcp->hooks.quiescent(context);
	}
	while (tcp->oldest != NULL)
		drop(tcp, tcp->oldest);
	bury(tcp);
	publish_counters(tcp);
}

static bool open_listener(struct tcp *tcp, const struct io_address *at, struct error *error)
{
	struct listener *listener = &tcp->listeners[tcp->listen_count];
	listener->fd = sock_bind(at, SOCK_STREAM | SOCK_NONBLOCK, false, error);
	if (listener->fd < 0)
		return false;
	tcp->listen_count++;
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = listener};
	if (listen(listener->fd, BACKLOG) != 0 ||
	    epoll_ctl(tcp->epoll, EPOLL_CTL_ADD, listener->fd, &event) != 0) {
		char text[SOCK_ADDRESS_TEXT];
		sock_format(at, text);
		error_set_errno(error, "cannot listen on TCP %s", text);
		return false;
	}
	return true;
}

struct tcp *tcp_open(const struct tcp_settings *settings, struct error *error)
{
	struct tcp *tcp = mem_new(struct tcp);
	tcp->max_connections = settings->max_connections;
	tcp->max_per_prefix = settings->max_per_prefix;
	tcp->idle_ms = settings->idle_ms;
	tcp->hooks = settings->hooks;
	tcp->per_prefix = prefix_count_new(settings->max_connections + 1);
	tcp->scratch = mem_new(struct tcp_scratch);
	tcp->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (tcp->epoll < 0) {
		error_set_errno(error, "cannot watch TCP connections");
		tcp_close(tcp);
		return NULL;
	}
	for (unsigned i = 0; i < settings->listen_count && i < LISTEN_MAX; i++) {
		if (!open_listener(tcp, &settings->listen[i], error)) {
			tcp_close(tcp);
			return NULL;
		}
	}
	return tcp;
}

void tcp_close(struct tcp *tcp)
{
	if (tcp == NULL)
		return;
	for (unsigned i = 0; i < tcp->listen_count; i++)
		close(tcp->listeners[i].fd);
	if (tcp->epoll >= 0)
		close(tcp->epoll);
	prefix_count_free(tcp->per_prefix);
	free(tcp->scratch);
	free(tcp);
}

uint16_t tcp_port(const struct tcp *tcp, unsigned listen)
{
	return sock_port(tcp->listeners[listen].fd);
}

void tcp_stop(struct tcp *tcp)
{
	atomic_store_explicit(&tcp->stop, true, memory_order_relaxed);
}

void tcp_counters(const struct tcp *tcp, struct tcp_counters *counters)
{
	counters->received = atomic_load_explicit(&tcp->counters.received, memory_order_relaxed);
	counters->sent = atomic_load_explicit(&tcp->counters.sent, memory_order_relaxed);
	counters->accepted = atomic_load_explicit(&tcp->counters.accepted, memory_order_relaxed);
	counters->refused = atomic_load_explicit(&tcp->counters.refused, memory_order_relaxed);
	counters->evicted = atomic_load_explicit(&tcp->counters.evicted, memory_order_relaxed);
	counters->idle_closed =
		atomic_load_explicit(&tcp->counters.idle_closed, memory_order_relaxed);
	counters->slow_closed =
		atomic_load_explicit(&tcp->counters.slow_closed, memory_order_relaxed);
	counters->open = atomic_load_explicit(&tcp->counters.open, memory_order_relaxed);
}
