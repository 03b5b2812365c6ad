/*
 * tcp_frame: messages in a TCP stream, each behind its length in two octets (RFC 1035
 * section 4.2.2, RFC 7766 section 8).
 */
#ifndef MERIDIAN_GEODNS_TCP_FRAME_H
#define MERIDIAN_GEODNS_TCP_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { TCP_FRAME_PREFIX = 2, TCP_FRAME_MAX = 2 + 65535 };

struct tcp_frame {
	const uint8_t *message; /* points into the stream's octets */
	size_t len;		/* 0..65535 */
};

/*
 * The message that begins at *AT of LEN octets of STREAM; moves *AT behind it. False, and *AT as it
 * was, where it is not there whole.
 */
bool tcp_frame_next(const uint8_t *stream, size_t len, size_t *at, struct tcp_frame *frame)
	__attribute__((warn_unused_result));

/* How many octets the message whose first LEN octets are at STREAM will take with its length:
 * TCP_FRAME_PREFIX where not even that is known. */
size_t tcp_frame_need(const uint8_t *stream, size_t len);

/* Writes the length before a message of LEN octets. */
void tcp_frame_begin(uint8_t prefix[TCP_FRAME_PREFIX], size_t len);

#endif
