/*
 * tcp_connection: one client's stream: what it has sent and not finished, what it was answered and
 * has not taken.
 *
 * An idle connection holds no buffer: what is read lands in the thread's own and stays only where a
 * message is cut.
 */
#ifndef MERIDIAN_GEODNS_TCP_CONNECTION_H
#define MERIDIAN_GEODNS_TCP_CONNECTION_H

#include "base/mono.h"
#include "geodns/io.h"
#include "geodns/tcp_frame.h"

#include <netinet/in.h>

enum {
	TCP_FLUSH_AT = 16384,			       /* answers gathered before they are sent */
	TCP_ANSWERS_MAX = TCP_FLUSH_AT + TCP_FRAME_MAX /* and what they can come to */
};

/* What all connections of a thread share. */
struct tcp_scratch {
	struct io_hooks hooks;
	void *context;
	uint64_t received, sent; /* messages */
	uint8_t in[TCP_FRAME_MAX];
	uint8_t out[TCP_ANSWERS_MAX];
};

struct tcp_connection {
	int fd;
	union {
		struct sockaddr any;
		struct sockaddr_in ipv4;
		struct sockaddr_in6 ipv6;
	} client;
	uint64_t prefix;    /* prefix_count_key() of the client */
	struct mono active; /* when the last whole query came, or its answers were taken */
	struct tcp_connection *older, *newer; /* by ACTIVE */
	uint8_t *in, *out;		      /* NULL where nothing is kept */
	size_t in_len, in_cap, out_len, out_at;
};

enum tcp_progress {
	TCP_WAITS,  /* nothing new */
	TCP_ACTIVE, /* a query was answered, or waiting answers were all taken */
	TCP_OVER    /* closed by the client, broken, or out of memory */
};

/* Whether answers wait for the client to take them; then nothing more is read. */
static inline bool tcp_connection_is_blocked(const struct tcp_connection *connection)
{
	return connection->out != NULL;
}

/* Reads what has come and answers every query that is whole. */
enum tcp_progress tcp_connection_read(struct tcp_connection *connection,
				      struct tcp_scratch *scratch);

/* Sends what waits, then answers the queries that had to wait for it. */
enum tcp_progress tcp_connection_write(struct tcp_connection *connection,
				       struct tcp_scratch *scratch);

/* Frees the buffers and closes the descriptor. */
void tcp_connection_fini(struct tcp_connection *connection);

#endif
