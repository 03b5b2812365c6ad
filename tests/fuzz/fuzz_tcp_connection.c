/* Any octets as a client's side of a TCP connection, in pieces, from a client that reads when it
 * likes: every whole message is answered once, in order, and nothing else comes. */
#include "geodns/tcp_connection.h"

#include "base/mem.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
	PIECE_MAX = 4096,
	SMALL_PIECES = 200, /* as many are enough to cut whatever can be cut */
	SOCKET_BUFFER = 4608
};

/* What is answered to a message: nothing to few octets, else the message once and a half. */
static size_t respond(void *worker, const struct packet *in, uint8_t *out, size_t cap)
{
	(void)worker;
	if (in->len < 12)
		return 0;
	size_t len = in->len + in->len / 2;
	len = len < cap ? len : cap;
	for (size_t at = 0; at < len; at += in->len)
		memcpy(out + at, in->bytes, len - at < in->len ? len - at : in->len);
	return len;
}

/* A sum over octets, in their order. */
static uint64_t sum(uint64_t before, const uint8_t *octets, size_t len)
{
	for (size_t i = 0; i < len; i++)
		before = before * 31 + octets[i] + 1;
	return before;
}

/* The sum of all that is to be answered to STREAM. */
static uint64_t wanted_of(const uint8_t *stream, size_t len)
{
	static uint8_t out[TCP_FRAME_MAX];
	struct tcp_frame frame;
	size_t at = 0;
	uint64_t wanted = 0;
	while (tcp_frame_next(stream, len, &at, &frame)) {
		struct packet packet = {.bytes = frame.message, .len = frame.len, .stream = true};
		size_t got = respond(NULL, &packet, out + TCP_FRAME_PREFIX,
				     TCP_FRAME_MAX - TCP_FRAME_PREFIX);
		if (got == 0)
			continue;
		tcp_frame_begin(out, got);
		wanted = sum(wanted, out, TCP_FRAME_PREFIX + got);
	}
	return wanted;
}

/* The client takes what there is; true where there was something. */
static bool listen_to(int client, uint64_t *said)
{
	static uint8_t in[65536];
	ssize_t got = recv(client, in, sizeof in, MSG_DONTWAIT);
	if (got > 0)
		*said = sum(*said, in, (size_t)got);
	return got > 0;
}

/* One turn of the server: what it would do on the next event. */
static void turn(struct tcp_connection *connection, struct tcp_scratch *scratch)
{
	enum tcp_progress progress = tcp_connection_is_blocked(connection)
					     ? tcp_connection_write(connection, scratch)
					     : tcp_connection_read(connection, scratch);
	assert(progress != TCP_OVER);
}

/* Until the server has read all and the client has all. */
static void finish(struct tcp_connection *connection, struct tcp_scratch *scratch, int client,
		   uint64_t *said)
{
	for (unsigned quiet = 0; quiet < 2;) {
		uint64_t before = scratch->received;
		turn(connection, scratch);
		bool more = listen_to(client, said) || scratch->received != before;
		quiet = more || tcp_connection_is_blocked(connection) ? 0 : quiet + 1;
	}
}

/* The first octet makes the pieces and says how often the client listens. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct tcp_scratch scratch;
	struct tcp_connection connection = {0};
	int pair[2], buffer = SOCKET_BUFFER;
	uint64_t said = 0;
	if (size < 2)
		return 0;
	scratch.hooks.respond = respond;
	bool made = socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair) == 0 &&
		    setsockopt(pair[0], SOL_SOCKET, SO_SNDBUF, &buffer, sizeof buffer) == 0;
	assert(made);
	connection.fd = pair[0];
	unsigned seed = data[0];
	const uint8_t *stream = data + 1;
	size_t len = size - 1, at = 0;
	for (unsigned pieces = 0; at < len; pieces++) {
		bool small = (data[0] & 1) != 0 && pieces < SMALL_PIECES;
		seed = seed * 1103515245u + 12345;
		size_t piece = 1 + (seed >> 16) % (small ? 16 : PIECE_MAX);
		piece = piece < len - at ? piece : len - at;
		ssize_t sent = send(pair[1], stream + at, piece, MSG_DONTWAIT);
		at += sent > 0 ? (size_t)sent : 0;
		turn(&connection, &scratch);
		if (sent <= 0 || (data[0] & 6) == 0 || (seed >> 8) % (data[0] & 6) == 0)
			(void)listen_to(pair[1], &said);
	}
	finish(&connection, &scratch, pair[1], &said);
	assert(said == wanted_of(stream, len));
	/* What is kept is no more than the message that is not whole. */
	assert(connection.in == NULL || connection.in_len < connection.in_cap);
	tcp_connection_fini(&connection);
	close(pair[1]);
	return 0;
}
