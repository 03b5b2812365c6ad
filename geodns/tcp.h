/*
 * tcp: queries over TCP (RFC 7766): one thread, many connections, each with its limits.
 *
 * A connection may send queries one behind the other without waiting. One that sends no whole query
 * for idle_ms, or does not take all that waits for it within idle_ms, is closed. When all places
 * are taken, the connection that has been idle the longest gives way to a new one.
 */
#ifndef MERIDIAN_GEODNS_TCP_H
#define MERIDIAN_GEODNS_TCP_H

#include "base/error.h"
#include "geodns/io.h"

struct tcp_settings {
	const struct io_address *listen; /* borrowed until tcp_open() returns */
	unsigned listen_count;		 /* 1..32 */
	unsigned max_connections;	 /* 1..65536 in total */
	unsigned max_per_prefix;	 /* from one IPv4 /24 or IPv6 /56 */
	unsigned idle_ms;		 /* RFC 7766 section 6.2.3 */
	struct io_hooks hooks;
};

enum { TCP_MAX_CONNECTIONS = 1000, TCP_MAX_PER_PREFIX = 100, TCP_IDLE_MS = 10000 }; /* defaults */

/* Written by the thread of tcp_run(), read by anyone. */
struct tcp_counters {
	uint64_t received, sent;
	uint64_t accepted, refused; /* refused: above the limit of their prefix */
	uint64_t evicted;	    /* closed to make room */
	uint64_t idle_closed, slow_closed;
	uint64_t open; /* now */
};

/* Binds every socket. NULL and ERROR where an address cannot be bound. */
struct tcp *tcp_open(const struct tcp_settings *settings, struct error *error)
	__attribute__((warn_unused_result));

/* Answers on the calling thread until tcp_stop(); CONTEXT goes to the hooks. */
void tcp_run(struct tcp *tcp, void *context);

/* Lets tcp_run() return within IO_QUIET_MS. From any thread, or a signal handler. */
void tcp_stop(struct tcp *tcp);

void tcp_counters(const struct tcp *tcp, struct tcp_counters *counters);

/* The port of the LISTENth address, where port 0 was asked for. */
uint16_t tcp_port(const struct tcp *tcp, unsigned listen);

/* After tcp_run() has returned. NULL is nothing. */
void tcp_close(struct tcp *tcp);

#endif
