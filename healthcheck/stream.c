/* Knows what recv(2) and send(2) say, in the words of TLS. */
#include "healthcheck/stream.h"

#include <errno.h>
#include <sys/socket.h>

static enum tls_result plain_result(ssize_t count)
{
	if (count > 0)
		return TLS_DONE;
	if (count == 0)
		return TLS_CLOSED;
	return errno == EAGAIN ? TLS_WANTS_READ : TLS_FAILED;
}

enum tls_result stream_read(const struct stream *stream, char *octets, size_t *len)
{
	if (stream->tls != NULL)
		return tls_read(stream->tls, octets, len);
	ssize_t got = recv(stream->channel->fd, octets, *len, 0);
	*len = got > 0 ? (size_t)got : 0;
	return plain_result(got);
}

enum tls_result stream_write(const struct stream *stream, const char *octets, size_t len,
			     size_t *sent)
{
	if (stream->tls != NULL)
		return tls_write(stream->tls, octets + *sent, len - *sent);
	ssize_t put = send(stream->channel->fd, octets + *sent, len - *sent, MSG_NOSIGNAL);
	*sent += put > 0 ? (size_t)put : 0;
	if (put > 0 && *sent < len)
		return TLS_WANTS_WRITE;
	enum tls_result result = plain_result(put);
	return result == TLS_WANTS_READ ? TLS_WANTS_WRITE : result;
}
