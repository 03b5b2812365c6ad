/*
 * probe: asks the site's own responder on its service address, over UDP or TCP.
 *
 * The socket is bound to the service address itself, and what it sends dies at the first router, so
 * a probe can only be answered by this machine. Each probe has a socket of its own; none blocks.
 * Probes in flight hang on one prober.
 *
 * A TCP probe is a new connection each time. A UDP socket serves a few probes, one after the other:
 * a responder with several workers gives each client's address and port to one of them, so one that
 * hangs is met by all probes of a socket, and by none of the next.
 */
#ifndef MERIDIAN_BGPCTL_PROBE_H
#define MERIDIAN_BGPCTL_PROBE_H

#include "base/addr.h"
#include "base/mono.h"
#include "bgpctl/question.h"

enum { PROBE_TIMEOUT_MS = 500 };
enum probe_transport { PROBE_UDP, PROBE_TCP };

const char *probe_transport_name(enum probe_transport transport); /* "UDP", "TCP" */

/* One probe that can be in flight. The caller's storage; all zeros at first, then left alone. */
struct probe {
	enum probe_transport transport;
	bool in_flight;
	bool open; /* FD is a socket */
	int fd;
	unsigned uses; /* of this socket */
	struct addr address;
	uint16_t port;
	struct question question;
	struct mono started;
	size_t got; /* TCP: octets of the reply so far, its length field among them */
	uint8_t reply[2 + 4096];
	struct probe *next;
};

/* One probe has ended. REASON is a sentence, "" where OUTCOME is good. Must not begin or cancel
 * one. */
typedef void probe_done(void *context, struct probe *probe, enum probe_outcome outcome,
			const char *reason);

struct prober;

/* NULL with ERROR. */
struct prober *prober_new(probe_done *done, void *context, struct error *error);
/* Probes in flight end without a word. */
void prober_free(struct prober *prober);
/* An epoll descriptor: readable when prober_step has something to do. */
int prober_fd(const struct prober *prober);
/* Takes what has come and ends what has timed out; DONE runs inside. */
void prober_step(struct prober *prober, struct mono now);

/* Sends QUESTION to ADDRESS and PORT. PROBE is not in flight. DONE may run inside, and runs once.
 */
void probe_begin(struct prober *prober, struct probe *probe, enum probe_transport transport,
		 const struct addr *address, uint16_t port, const struct question *question,
		 struct mono now);
/* Ends PROBE without a word, if it is in flight. */
void probe_cancel(struct prober *prober, struct probe *probe);

#endif
