/* Knows how one stream of queries becomes one stream of answers, with no more memory than a message
 * each way. */
#include "geodns/tcp_connection.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { KEEP_MIN = 512 }; /* octets: what a query that came in pieces is likely to need */

static bool would_block(void)
{
	return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

/* Keeps LEN octets at BYTES, which may lie in the buffer itself, for when the rest of their message
 * comes. */
static bool keep(struct tcp_connection *connection, const uint8_t *bytes, size_t len)
{
	if (len == 0) {
		free(connection->in);
		connection->in = NULL;
		connection->in_len = connection->in_cap = 0;
		return true;
	}
	size_t need = tcp_frame_need(bytes, len);
	size_t cap = need > KEEP_MIN ? need : KEEP_MIN;
	cap = cap > len ? cap : len;
	uint8_t *buffer = connection->in;
	if (buffer == NULL || cap > connection->in_cap) {
		buffer = malloc(cap);
		if (buffer == NULL)
			return false;
		memcpy(buffer, bytes, len);
		free(connection->in);
		connection->in = buffer;
		connection->in_cap = cap;
	} else {
		memmove(buffer, bytes, len);
	}
	connection->in_len = len;
	return true;
}

/* Sends LEN octets; what the client does not take now is kept. */
static bool send_or_keep(struct tcp_connection *connection, const uint8_t *bytes, size_t len)
{
	ssize_t sent = send(connection->fd, bytes, len, MSG_NOSIGNAL | MSG_DONTWAIT);
	if (sent < 0) {
		if (!would_block())
			return false;
		sent = 0;
	}
	size_t left = len - (size_t)sent;
	if (left == 0)
		return true;
	connection->out = malloc(left);
	if (connection->out == NULL)
		return false;
	memcpy(connection->out, bytes + sent, left);
	connection->out_len = left;
	connection->out_at = 0;
	return true;
}

/* Answers one message at OUT; returns the octets with their length, 0 for silence. */
static size_t answer(const struct tcp_connection *connection, struct tcp_scratch *scratch,
		     const struct tcp_frame *frame, uint8_t *out)
{
	struct packet packet = {.bytes = frame->message,
				.len = frame->len,
				.client = &connection->client.any,
				.stream = true};
	scratch->received++;
	size_t len = scratch->hooks.respond(scratch->context, &packet, out + TCP_FRAME_PREFIX,
					    TCP_FRAME_MAX - TCP_FRAME_PREFIX);
	if (len == 0)
		return 0;
	scratch->sent++;
	tcp_frame_begin(out, len);
	return TCP_FRAME_PREFIX + len;
}

/* Answers the whole messages among LEN octets of STREAM until the client stops taking answers, and
 * keeps the rest. */
static enum tcp_progress answer_all(struct tcp_connection *connection, struct tcp_scratch *scratch,
				    const uint8_t *stream, size_t len)
{
	enum tcp_progress progress = TCP_WAITS;
	struct tcp_frame frame;
	size_t at = 0, gathered = 0;
	while (!tcp_connection_is_blocked(connection) && tcp_frame_next(stream, len, &at, &frame)) {
		progress = TCP_ACTIVE;
		gathered += answer(connection, scratch, &frame, scratch->out + gathered);
		if (gathered < TCP_FLUSH_AT)
			continue;
		if (!send_or_keep(connection, scratch->out, gathered))
			return TCP_OVER;
		gathered = 0;
	}
	/* RFC 7766 section 8: answers that are ready together go together. */
	if (gathered > 0 && !send_or_keep(connection, scratch->out, gathered))
		return TCP_OVER;
	return keep(connection, stream + at, len - at) ? progress : TCP_OVER;
}

enum tcp_progress tcp_connection_read(struct tcp_connection *connection,
				      struct tcp_scratch *scratch)
{
	bool resumed = connection->in != NULL;
	uint8_t *to = resumed ? connection->in + connection->in_len : scratch->in;
	size_t room = resumed ? connection->in_cap - connection->in_len : sizeof scratch->in;
	ssize_t got = recv(connection->fd, to, room, MSG_DONTWAIT);
	if (got == 0)
		return TCP_OVER;
	if (got < 0)
		return would_block() ? TCP_WAITS : TCP_OVER;
	if (!resumed)
		return answer_all(connection, scratch, scratch->in, (size_t)got);
	connection->in_len += (size_t)got;
	return answer_all(connection, scratch, connection->in, connection->in_len);
}

enum tcp_progress tcp_connection_write(struct tcp_connection *connection,
				       struct tcp_scratch *scratch)
{
	size_t left = connection->out_len - connection->out_at;
	ssize_t sent = send(connection->fd, connection->out + connection->out_at, left,
			    MSG_NOSIGNAL | MSG_DONTWAIT);
	if (sent < 0)
		return would_block() ? TCP_WAITS : TCP_OVER;
	connection->out_at += (size_t)sent;
	if (connection->out_at < connection->out_len)
		return TCP_WAITS;
	free(connection->out);
	connection->out = NULL;
	bool waiting = connection->in != NULL;
	if (waiting &&
	    answer_all(connection, scratch, connection->in, connection->in_len) == TCP_OVER)
		return TCP_OVER;
	return TCP_ACTIVE;
}

void tcp_connection_fini(struct tcp_connection *connection)
{
	free(connection->in);
	free(connection->out);
	connection->in = connection->out = NULL;
	close(connection->fd);
	connection->fd = -1;
}
