/*
 * udp: queries over UDP in batches: one socket a worker and a listen address (SO_REUSEPORT), one
 * thread a worker.
 */
#ifndef MERIDIAN_GEODNS_UDP_H
#define MERIDIAN_GEODNS_UDP_H

#include "base/error.h"
#include "geodns/io.h"

struct udp_settings {
	const struct io_address *listen; /* borrowed until udp_open() returns */
	unsigned listen_count;		 /* 1..32 */
	unsigned workers;		 /* 1..256 */
	uint16_t udp_size; /* 512..4096: the longest answer, and the longest query read whole */
	bool pin;	   /* worker N stays on the Nth processor the process may use */
	struct io_hooks hooks;
};

/* Written by the worker, read by anyone. */
struct udp_counters {
	uint64_t received, sent;
	uint64_t batches;
	uint64_t send_failed; /* answers the kernel did not take */
	uint64_t cut;	      /* queries longer than the buffer, read without their end */
};

/* Binds every socket, so that privileges can be dropped before udp_run(). NULL and ERROR where an
 * address cannot be bound, or is held by another process. */
struct udp *udp_open(const struct udp_settings *settings, struct error *error)
	__attribute__((warn_unused_result));

/* Answers as worker INDEX on the calling thread until udp_stop(); CONTEXT goes to the hooks. False
 * and ERROR where it could not begin. */
bool udp_run(struct udp *udp, unsigned index, void *context, struct error *error)
	__attribute__((warn_unused_result));

/* Lets every udp_run() return within IO_QUIET_MS. From any thread, or a signal handler. */
void udp_stop(struct udp *udp);

void udp_counters(const struct udp *udp, unsigned index, struct udp_counters *counters);

/* The port of the LISTENth address, where port 0 was asked for. */
uint16_t udp_port(const struct udp *udp, unsigned listen);

/* After every udp_run() has returned. NULL is nothing. */
void udp_close(struct udp *udp);

#endif
