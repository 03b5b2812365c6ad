/*
 * workers: the threads that answer: one a core over UDP, one for TCP.
 */
#ifndef MERIDIAN_GEODNS_WORKERS_H
#define MERIDIAN_GEODNS_WORKERS_H

#include "db/instance.h"
#include "geodns/answer.h"
#include "geodns/cookie.h"
#include "geodns/quiesce.h"
#include "geodns/tcp.h"
#include "geodns/udp.h"

struct workers;

/* How many threads INSTANCE asks for: the readers that a quiesce has to wait for. */
unsigned workers_count(const struct instance *instance);

/* Binds every listen address. NAMES and QUIESCE are borrowed. NULL with ERROR. */
struct workers *workers_open(const struct instance *instance, const struct names *names,
			     struct quiesce *quiesce, struct error *error);
/* Begins to answer. False with ERROR. */
bool workers_start(struct workers *workers, struct error *error)
	__attribute__((warn_unused_result));
/* Ends and joins them all; no reader is left. NULL is allowed. */
void workers_close(struct workers *workers);

/* The control thread's: cookies are made and judged by SECRETS, taken, from the next batch on. */
void workers_set_secrets(struct workers *workers, struct cookie_secrets *secrets);

/* What the server says of itself; for explain. */
const struct reply_server *workers_server(const struct workers *workers);

/* Each thread's counters, INDEX below workers_threads(). */
unsigned workers_threads(const struct workers *workers);
const struct counters *workers_counters(const struct workers *workers, unsigned index);

/* Of the sockets: over all UDP workers, and of TCP. */
void workers_udp(const struct workers *workers, struct udp_counters *sum);
void workers_tcp(const struct workers *workers, struct tcp_counters *counters);

#endif
