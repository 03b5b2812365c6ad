/* Knows how a question travels to the responder of this machine, and what each way of failing says.
 */
#include "bgpctl/probe.h"

#include "base/mem.h"
#include "base/rng.h"

#include <assert.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

/* USES_MOST: how many probes a UDP socket serves. */
enum { EVENTS_AT_ONCE = 64, ROUNDS_AT_MOST = 64, USES_MOST = 8 };

struct prober {
	int epoll;
	probe_done *done;
	void *context;
	struct probe *first; /* in flight */
	struct rng rng;
};

const char *probe_transport_name(enum probe_transport transport)
{
	return transport == PROBE_TCP ? "TCP" : "UDP";
}

struct prober *prober_new(probe_done *done, void *context, struct error *error)
{
	struct prober *prober = mem_new(struct prober);
	prober->done = done;
	prober->context = context;
	rng_init(&prober->rng, rng_seed());
	prober->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (prober->epoll < 0) {
		error_set_errno(error, "cannot make an epoll descriptor");
		free(prober);
		return NULL;
	}
	return prober;
}

static void leave(struct prober *prober, struct probe *probe)
{
	struct probe **link = &prober->first;
	while (*link != probe)
		link = &(*link)->next;
	*link = probe->next;
	probe->in_flight = false;
}

static void close_socket(struct probe *probe)
{
	if (probe->open)
		close(probe->fd);
	probe->open = false;
}

void probe_cancel(struct prober *prober, struct probe *probe)
{
	if (probe->in_flight)
		leave(prober, probe);
	close_socket(probe);
}

void prober_free(struct prober *prober)
{
	if (prober == NULL)
		return;
	while (prober->first != NULL)
		probe_cancel(prober, prober->first);
	close(prober->epoll);
	free(prober);
}

int prober_fd(const struct prober *prober)
{
	return prober->epoll;
}

/* WHAT is a half-sentence: the reason names who, and over what. */
static void finish(struct prober *prober, struct probe *probe, enum probe_outcome outcome,
		   const char *what)
{
	char reason[EVIDENCE_REASON_MAX] = "", address[ADDR_TEXT_MAX];
	leave(prober, probe);
	if (outcome != PROBE_GOOD || probe->transport != PROBE_UDP || probe->uses >= USES_MOST)
		close_socket(probe);
	if (outcome != PROBE_GOOD) {
		addr_format(&probe->address, address);
		snprintf(reason, sizeof reason, "the responder at %s port %u %s over %s", address,
			 probe->port, what, probe_transport_name(probe->transport));
	}
	prober->done(prober->context, probe, outcome, reason);
}

static void finish_errno(struct prober *prober, struct probe *probe, int number)
{
	char what[EVIDENCE_REASON_MAX];
	if (number == ECONNREFUSED) {
		finish(prober, probe, PROBE_REFUSED, "refuses connections");
		return;
	}
	snprintf(what, sizeof what, "cannot be asked (%s)", strerror(number));
	finish(prober, probe, PROBE_SILENT, what);
}

static bool open_socket(struct probe *probe)
{
	struct sockaddr_storage own, to;
	int type = probe->transport == PROBE_TCP ? SOCK_STREAM : SOCK_DGRAM;
	int family = probe->address.family == ADDR_IPV6 ? AF_INET6 : AF_INET;
	const struct linger reset = {.l_onoff = 1, .l_linger = 0};
	const int hops = 1;
	probe->fd = socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	probe->open = probe->fd >= 0;
	probe->uses = 0;
	if (!probe->open)
		return false;
	/* It may outlive its address; what it sent would go to another site then. */
	if (type == SOCK_DGRAM &&
	    setsockopt(probe->fd, family == AF_INET6 ? IPPROTO_IPV6 : IPPROTO_IP,
		       family == AF_INET6 ? IPV6_UNICAST_HOPS : IP_TTL, &hops, sizeof hops) != 0)
		return false;
	/* Probes come every second, for ever: leave no TIME_WAIT behind. */
	if (type == SOCK_STREAM)
		(void)setsockopt(probe->fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
	socklen_t len = addr_to_sockaddr(&probe->address, 0, &own);
	if (bind(probe->fd, (const struct sockaddr *)&own, len) != 0)
		return false;
	len = addr_to_sockaddr(&probe->address, probe->port, &to);
	return connect(probe->fd, (const struct sockaddr *)&to, len) == 0 || errno == EINPROGRESS;
}

/* True where the whole message went out. TCP puts its length before it (RFC 1035 section 4.2.2). */
static bool send_query(const struct probe *probe)
{
	uint8_t octets[2 + sizeof probe->question.octets];
	size_t len = probe->question.len;
	octets[0] = (uint8_t)(len >> 8);
	octets[1] = (uint8_t)len;
	memcpy(octets + 2, probe->question.octets, len);
	size_t skip = probe->transport == PROBE_TCP ? 0 : 2;
	return send(probe->fd, octets + skip, len + 2 - skip, MSG_NOSIGNAL) ==
	       (ssize_t)(len + 2 - skip);
}

/* Sends over the socket that was kept, or over a new one. False with errno. */
static bool send_or_connect(struct prober *prober, struct probe *probe)
{
	bool sent = probe->open && send_query(probe);
	if (sent)
		return true;
	/* The kept one may have met an error that is over. */
	close_socket(probe);
	if (!open_socket(probe))
		return false;
	sent = send_query(probe);
	/* On loopback a TCP connection mostly stands by now; else it is waited for. */
	if (!sent && (probe->transport != PROBE_TCP || errno != EAGAIN))
		return false;
	struct epoll_event event = {.events = sent ? EPOLLIN : EPOLLOUT, .data.ptr = probe};
	return epoll_ctl(prober->epoll, EPOLL_CTL_ADD, probe->fd, &event) == 0;
}

void probe_begin(struct prober *prober, struct probe *probe, enum probe_transport transport,
		 const struct addr *address, uint16_t port, const struct question *question,
		 struct mono now)
{
	assert(!probe->in_flight);
	probe->transport = transport;
	probe->address = *address;
	probe->port = port;
	probe->question = *question;
	probe->started = now;
	probe->got = 0;
	question_set_id(&probe->question, (uint16_t)rng_next(&prober->rng));
	probe->next = prober->first;
	prober->first = probe;
	probe->in_flight = true;
	if (!send_or_connect(prober, probe)) {
		int number = errno;
		finish_errno(prober, probe, number);
		return;
	}
	probe->uses++;
}

static void judge(struct prober *prober, struct probe *probe, const uint8_t *octets, size_t len)
{
	enum probe_outcome outcome;
	char what[EVIDENCE_REASON_MAX] = "";
	if (question_judge(&probe->question, octets, len, &outcome, what))
		finish(prober, probe, outcome, what);
	else if (probe->transport == PROBE_TCP)
		finish(prober, probe, PROBE_WRONG, "answers what was not asked");
}

static void step_udp(struct prober *prober, struct probe *probe)
{
	ssize_t got = recv(probe->fd, probe->reply, sizeof probe->reply, 0);
	/* What comes late is nobody's; a socket that met an error is not kept. */
	if (!probe->in_flight) {
		if (got < 0 && errno != EAGAIN && errno != EINTR)
			close_socket(probe);
		return;
	}
	if (got >= 0)
		judge(prober, probe, probe->reply, (size_t)got);
	else if (errno != EAGAIN && errno != EINTR)
		finish_errno(prober, probe, errno);
}

static void read_tcp(struct prober *prober, struct probe *probe)
{
	ssize_t got =
		recv(probe->fd, probe->reply + probe->got, sizeof probe->reply - probe->got, 0);
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (got < 0) {
		finish_errno(prober, probe, errno);
		return;
	}
	probe->got += (size_t)got;
	size_t len = (size_t)probe->reply[0] << 8 | probe->reply[1];
	if (probe->got >= 2 && len + 2 > sizeof probe->reply)
		finish(prober, probe, PROBE_WRONG, "answers at absurd length");
	else if (probe->got >= 2 && probe->got >= len + 2)
		judge(prober, probe, probe->reply + 2, len);
	else if (got == 0)
		finish(prober, probe, PROBE_WRONG, "closes without an answer");
}

static void step_tcp(struct prober *prober, struct probe *probe, uint32_t events)
{
	int number = 0;
	socklen_t len = sizeof number;
	if ((events & EPOLLOUT) == 0) {
		read_tcp(prober, probe);
		return;
	}
	(void)getsockopt(probe->fd, SOL_SOCKET, SO_ERROR, &number, &len);
	if (number == 0 && !send_query(probe))
		number = errno;
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = probe};
	if (number == 0 && epoll_ctl(prober->epoll, EPOLL_CTL_MOD, probe->fd, &event) != 0)
		number = errno;
	if (number != 0)
		finish_errno(prober, probe, number);
}

static void expire(struct prober *prober, struct mono now)
{
	for (struct probe *probe = prober->first, *next; probe != NULL; probe = next) {
		next = probe->next;
		if (mono_ms_between(probe->started, now) >= PROBE_TIMEOUT_MS) {
			char what[64];
			snprintf(what, sizeof what, "does not answer within %d ms",
				 PROBE_TIMEOUT_MS);
			finish(prober, probe, PROBE_SILENT, what);
		}
	}
}

/* Many at once: a probe has one descriptor, and none is begun or cancelled inside. */
static int step_ready(struct prober *prober)
{
	struct epoll_event events[EVENTS_AT_ONCE];
	int count = epoll_wait(prober->epoll, events, EVENTS_AT_ONCE, 0);
	for (int i = 0; i < count; i++) {
		struct probe *probe = events[i].data.ptr;
		if (probe->transport == PROBE_TCP)
			step_tcp(prober, probe, events[i].events);
		else
			step_udp(prober, probe);
	}
	return count;
}

void prober_step(struct prober *prober, struct mono now)
{
	for (int i = 0; i < ROUNDS_AT_MOST && step_ready(prober) == EVENTS_AT_ONCE; i++)
		;
	expire(prober, now);
}
