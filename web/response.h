/*
 * response: one HTTP response as a plain value: status, headers, and a body that is owned, borrowed
 * for ever, or a stream.
 */
#ifndef MERIDIAN_WEB_RESPONSE_H
#define MERIDIAN_WEB_RESPONSE_H

#include "web/request.h"

#include <jansson.h>
#include <sys/types.h>

enum { RESPONSE_HEADERS_MAX = 24 };

/* A body of unknown length. READ blocks in the connection's own thread until it has something; -1
 * ends the response. */
struct stream {
	ssize_t (*read)(void *context, char *buffer, size_t size);
	void (*free)(void *context);
	void *context;
};

struct response {
	unsigned status;
	struct field headers[RESPONSE_HEADERS_MAX];
	size_t header_count;
	char *body;	      /* owned, or NULL */
	const void *borrowed; /* static, or NULL */
	size_t len;
	struct stream stream; /* .read NULL: no stream */
};

/* Without a body. */
struct response *response_new(unsigned status);
void response_free(struct response *response); /* NULL is allowed */

/* Takes JSON. */
struct response *response_json(unsigned status, json_t *json);
/* Takes TEXT (heap). */
struct response *response_text(unsigned status, const char *type, char *text);

/* Sets a header; one of that name is replaced. */
void response_header(struct response *response, const char *name, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
const char *response_find_header(const struct response *response, const char *name);

/* ETag: "REVISION" */
void response_etag(struct response *response, int64_t revision);

#endif
