/*
 * probe: asks the site's own responder on its service address, over UDP or TCP.
 *
 * The socket is bound to the service address itself, so a probe can only go to this machine. Each
 * probe has a socket of its own; none blocks. Probes in flight hang on one prober.
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
	int fd;
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
