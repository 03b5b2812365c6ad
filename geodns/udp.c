/* Knows how workers share the UDP listen addresses: the sockets, their opening, and the loop that
 * finds the busy ones. */
#include "geodns/udp.h"

#include "base/mem.h"
#include "geodns/sock.h"
#include "geodns/udp_batch.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/time.h>
#include <unistd.h>

enum {
	RECEIVE_BUFFER = 4 << 20, /* octets the kernel may queue a socket: some 5,000 queries */
	SEND_TIMEOUT_MS = 20,	  /* how long a full send queue may hold up a worker */
	ROUNDS_BETWEEN_POLLS =
		16 /* batches answered from busy sockets before the idle ones are looked at */
};

struct udp_socket {
	int fd;
	bool wildcard;
};

/* One cache line apart: each is written by its worker. */
struct udp_worker {
	_Alignas(64) struct udp_socket *sockets; /* one a listen address */
	struct udp_batch_counters counters;
};

struct udp {
	struct io_hooks hooks;
	unsigned listen_count, worker_count;
	uint16_t udp_size;
	bool pin;
	atomic_bool stop;
	struct udp_worker *workers;
};

static void set_timeout(int fd, int option, int ms)
{
	struct timeval timeout = {.tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000};
	(void)setsockopt(fd, SOL_SOCKET, option, &timeout, sizeof timeout);
}

static void set_queue(int fd)
{
	int size = RECEIVE_BUFFER;
	/* Above the system's limit only with the right to it. */
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size) != 0)
		(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
	set_timeout(fd, SO_RCVTIMEO, IO_QUIET_MS);
	set_timeout(fd, SO_SNDTIMEO, SEND_TIMEOUT_MS);
}

/* On a wildcard the kernel tells which address was asked, for the answer to leave from it. */
static bool ask_for_destination(int fd, int family, struct error *error)
{
	int on = 1;
	int done = family == AF_INET6
			   ? setsockopt(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof on)
			   : setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &on, sizeof on);
	if (done != 0)
		error_set_errno(error, "cannot learn the destination address of queries");
	return done == 0;
}

static bool open_socket(const struct io_address *at, struct udp_socket *socket, struct error *error)
{
	socket->fd = sock_bind(at, SOCK_DGRAM, true, error);
	if (socket->fd < 0)
		return false;
	set_queue(socket->fd);
	socket->wildcard = sock_is_wildcard(at);
	return !socket->wildcard || ask_for_destination(socket->fd, at->addr.ss_family, error);
}

/* Two processes could share a port without noticing, each taking half of the queries: a socket that
 * does not share finds out. */
static bool is_free(const struct io_address *at, struct error *error)
{
	int fd = sock_bind(at, SOCK_DGRAM, false, error);
	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

/* Port 0 becomes the port that the first worker's socket was given. */
static void keep_port(struct io_address *at, int fd)
{
	if (at->addr.ss_family == AF_INET6)
		((struct sockaddr_in6 *)&at->addr)->sin6_port = htons(sock_port(fd));
	else
		((struct sockaddr_in *)&at->addr)->sin_port = htons(sock_port(fd));
}

static bool open_address(struct udp *udp, unsigned index, struct io_address at, struct error *error)
{
	if (!is_free(&at, error))
		return false;
	for (unsigned w = 0; w < udp->worker_count; w++) {
		struct udp_socket *socket = &udp->workers[w].sockets[index];
		if (!open_socket(&at, socket, error))
			return false;
		keep_port(&at, socket->fd);
	}
	return true;
}

struct udp *udp_open(const struct udp_settings *settings, struct error *error)
{
	struct udp *udp = mem_new(struct udp);
	udp->hooks = settings->hooks;
	udp->listen_count = settings->listen_count;
	udp->worker_count = settings->workers;
	udp->udp_size = settings->udp_size;
	udp->pin = settings->pin;
	size_t size = udp->worker_count * sizeof *udp->workers;
	udp->workers = aligned_alloc(_Alignof(struct udp_worker), size);
	if (udp->workers == NULL) {
		error_set(error, "no memory for %u UDP workers", udp->worker_count);
		free(udp);
		return NULL;
	}
	for (unsigned w = 0; w < udp->worker_count; w++) {
		udp->workers[w] = (struct udp_worker){0};
		udp->workers[w].sockets = mem_array(udp->listen_count, sizeof(struct udp_socket));
		for (unsigned i = 0; i < udp->listen_count; i++)
			udp->workers[w].sockets[i].fd = -1;
	}
	for (unsigned i = 0; i < udp->listen_count; i++) {
		if (!open_address(udp, i, settings->listen[i], error)) {
			udp_close(udp);
			return NULL;
		}
	}
	return udp;
}

void udp_close(struct udp *udp)
{
	if (udp == NULL)
		return;
	for (unsigned w = 0; w < udp->worker_count; w++) {
		for (unsigned i = 0; i < udp->listen_count; i++) {
			if (udp->workers[w].sockets[i].fd >= 0)
				close(udp->workers[w].sockets[i].fd);
		}
		free(udp->workers[w].sockets);
	}
	free(udp->workers);
	free(udp);
}

uint16_t udp_port(const struct udp *udp, unsigned listen)
{
	return sock_port(udp->workers[0].sockets[listen].fd);
}

void udp_stop(struct udp *udp)
{
	atomic_store_explicit(&udp->stop, true, memory_order_relaxed);
}

static bool is_stopped(const struct udp *udp)
{
	return atomic_load_explicit(&udp->stop, memory_order_relaxed);
}

void udp_counters(const struct udp *udp, unsigned index, struct udp_counters *counters)
{
	udp_batch_read_counters(&udp->workers[index].counters, counters);
}

/* Worker INDEX stays on the INDEXth processor that the process may use. */
static void pin(unsigned index)
{
	cpu_set_t may, one;
	if (sched_getaffinity(0, sizeof may, &may) != 0)
		return;
	unsigned skip = index % (unsigned)CPU_COUNT(&may);
	for (size_t cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (!CPU_ISSET(cpu, &may) || skip-- > 0)
			continue;
		CPU_ZERO(&one);
		CPU_SET(cpu, &one);
		(void)sched_setaffinity(0, sizeof one, &one);
		return;
	}
}

/* One listen address: the blocking receive is the only wait, and the only system call beside the
 * send. */
static void run_one(struct udp *udp, struct udp_worker *worker, struct udp_batch *batch,
		    void *context)
{
	while (!is_stopped(udp)) {
		struct udp_socket *socket = &worker->sockets[0];
		if (udp_batch_answer(batch, socket->fd, socket->wildcard, MSG_WAITFORONE) ==
		    UDP_BATCH_FAILED)
			poll(NULL, 0,
			     1); /* out of memory in the kernel or the like: do not spin on it */
		udp->hooks.quiescent(context);
	}
}

/* Adds the sockets that have queries to the set BUSY of their indexes. */
static uint64_t look(int epoll, uint64_t busy)
{
	struct epoll_event events[32];
	int count = epoll_wait(epoll, events, 32, busy == 0 ? IO_QUIET_MS : 0);
	for (int i = 0; i < count; i++)
		busy |= UINT64_C(1) << events[i].data.u32;
	return busy;
}

/* Several listen addresses: a socket that gave a full batch's worth of work is asked again without
 * a look at the others. */
static void run_many(struct udp *udp, struct udp_worker *worker, struct udp_batch *batch, int epoll,
		     void *context)
{
	uint64_t busy = 0;
	for (unsigned round = 0; !is_stopped(udp); round++) {
		if (busy == 0 || round % ROUNDS_BETWEEN_POLLS == 0)
			busy = look(epoll, busy);
		for (uint64_t left = busy; left != 0; left &= left - 1) {
			unsigned index = (unsigned)__builtin_ctzll(left);
			struct udp_socket *socket = &worker->sockets[index];
			if (udp_batch_answer(batch, socket->fd, socket->wildcard, MSG_DONTWAIT) !=
			    UDP_BATCH_ANSWERED)
				busy &= ~(UINT64_C(1) << index);
		}
		udp->hooks.quiescent(context);
	}
}

static int watch(const struct udp_worker *worker, unsigned count)
{
	int epoll = epoll_create1(EPOLL_CLOEXEC);
	for (unsigned i = 0; i < count && epoll >= 0; i++) {
		struct epoll_event event = {.events = EPOLLIN, .data.u32 = i};
		if (epoll_ctl(epoll, EPOLL_CTL_ADD, worker->sockets[i].fd, &event) != 0) {
			close(epoll);
			return -1;
		}
	}
	return epoll;
}

bool udp_run(struct udp *udp, unsigned index, void *context, struct error *error)
{
	struct udp_worker *worker = &udp->workers[index];
	if (udp->pin)
		pin(index);
	struct udp_batch *batch =
		udp_batch_new(&udp->hooks, context, udp->udp_size, &worker->counters, error);
	if (batch == NULL)
		return false;
	bool ran = true;
	if (udp->listen_count == 1) {
		run_one(udp, worker, batch, context);
	} else {
		int epoll = watch(worker, udp->listen_count);
		ran = epoll >= 0;
		if (ran) {
			run_many(udp, worker, batch, epoll, context);
			close(epoll);
		} else {
			error_set_errno(error, "cannot watch the UDP sockets");
		}
	}
	udp_batch_free(batch);
	return ran;
}
