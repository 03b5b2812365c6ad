/*
 * io: the one narrow door between packets and answers: octets and who sent them in, octets out.
 *
 * udp.c and tcp.c stand before it today; whatever else takes packets from the network can stand
 * there as well. What is behind it (the answer path) knows no socket.
 */
#ifndef MERIDIAN_GEODNS_IO_H
#define MERIDIAN_GEODNS_IO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

struct packet {
	const uint8_t *bytes;
	size_t len;
	const struct sockaddr *client; /* AF_INET or AF_INET6; addr_from_sockaddr() reads it */
	bool stream;		       /* came over TCP */
};

struct io_hooks {
	/*
	 * Answers IN into OUT of OUT_CAP octets (UDP: the configured size, at least 512; TCP:
	 * 65,535), which does not overlap it. Returns the octets to be sent, 0 for silence. WORKER
	 * is the context given to udp_run() or tcp_run(). Called by that worker's thread alone.
	 */
	size_t (*respond)(void *worker, const struct packet *in, uint8_t *out, size_t out_cap);
	/*
	 * Called by the worker's thread when it holds nothing that respond() has seen: after each
	 * batch, and at least every IO_QUIET_MS where no packet comes.
	 */
	void (*quiescent)(void *worker);
};

enum { IO_QUIET_MS = 100 };

struct io_address {
	struct sockaddr_storage addr;
	socklen_t len;
};

#endif
