/* stream: octets over a connected channel, in the clear or over TLS, with one kind of outcome. */
#ifndef MERIDIAN_HEALTHCHECK_STREAM_H
#define MERIDIAN_HEALTHCHECK_STREAM_H

#include "healthcheck/channel.h"
#include "healthcheck/tls.h"

struct stream {
	const struct channel *channel;
	struct tls *tls; /* NULL: in the clear */
};

/* *LEN is the room at OCTETS, then what was read. After TLS_FAILED in the clear, errno says why. */
enum tls_result stream_read(const struct stream *stream, char *octets, size_t *len)
	__attribute__((warn_unused_result));
/* Sends LEN OCTETS from *SENT on; DONE when all are sent. */
enum tls_result stream_write(const struct stream *stream, const char *octets, size_t len,
			     size_t *sent) __attribute__((warn_unused_result));

#endif
