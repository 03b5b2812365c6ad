/*
 * http1: reads one HTTP/1.1 answer as it comes in, octet by octet if need be (RFC 9112), and hands
 * its parts to an answer. No socket, no clock.
 */
#ifndef MERIDIAN_HEALTHCHECK_HTTP1_H
#define MERIDIAN_HEALTHCHECK_HTTP1_H

#include "healthcheck/answer.h"

enum http1_state {
	HTTP1_HEAD,
	HTTP1_LENGTH, /* a body of known length */
	HTTP1_CHUNK_SIZE,
	HTTP1_CHUNK,
	HTTP1_CHUNK_END,
	HTTP1_TRAILER,
	HTTP1_UNTIL_CLOSE
};

struct http1 {
	struct answer *answer; /* borrowed */
	enum http1_state state;
	bool head_request, begun;
	bool chunked, has_length, keep_alive, may_keep_alive;
	uint64_t left;	 /* of the body, or of the chunk */
	char *line;	 /* the begin of a line whose end has not come; or NULL */
	size_t line_len; /* of it */
	char begin[32];	 /* of what is no HTTP */
};

enum http1_result {
	HTTP1_MORE,
	HTTP1_DONE,
	HTTP1_NOT_HTTP,	     /* BEGIN shows it */
	HTTP1_HEAD_TOO_LONG, /* beyond ANSWER_HEADERS_MAX */
	HTTP1_MALFORMED,     /* a length or a chunk that cannot be */
	HTTP1_CUT	     /* the connection ended before the answer did */
};

/* HEAD_REQUEST: the request was HEAD, so there is no body. ANSWER is begun anew. */
void http1_begin(struct http1 *http1, struct answer *answer, bool head_request);
void http1_fini(struct http1 *http1);

/* Takes LEN octets in. After anything but HTTP1_MORE the answer is over. */
enum http1_result http1_take(struct http1 *http1, const char *octets, size_t len)
	__attribute__((warn_unused_result));
/* The connection was closed: DONE where that ends the body. */
enum http1_result http1_closed(const struct http1 *http1) __attribute__((warn_unused_result));

/* After DONE: the connection can carry another request. */
bool http1_keeps_alive(const struct http1 *http1);

#endif
