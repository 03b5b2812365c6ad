/*
 * http: the HTTP server. It reads requests and writes responses, refuses what is malformed, and
 * bounds what a client may hold: connections, time, body size.
 *
 * One thread a connection. HANDLER's functions are called from these threads.
 */
#ifndef MERIDIAN_WEB_HTTP_H
#define MERIDIAN_WEB_HTTP_H

#include "base/error.h"
#include "web/response.h"

#include <stdint.h>

enum {
	HTTP_CONNECTIONS_MAX = 512,
	HTTP_CONNECTIONS_PER_ADDRESS_MAX = 128,
	HTTP_HEADERS_MS = 15000, /* from the connection or the last response to the end of the
				    headers of a request under way */
	HTTP_BODY_MS = 120000,	 /* for the whole body */
	HTTP_IDLE_S = 30
};

struct http_handler {
	/*
	 * Called when the headers are there. Sets the octets of body that HANDLE will take, or
	 * returns the response at once (then HANDLE is not called).
	 */
	struct response *(*begin)(void *context, const struct request *request, size_t *body_max);
	/* Called with the whole body; never returns NULL. */
	struct response *(*handle)(void *context, const struct request *request);
	/* The answer to what was refused here already: a malformed request (400) or too large a
	 * body (413). */
	struct response *(*refuse)(void *context, unsigned status, const char *why);
	/* Every response passes here before it is sent. REQUEST may lack everything where it was
	 * malformed. */
	void (*finish)(void *context, const struct request *request, struct response *response);
	void *context;
};

struct http;

/* CERT and KEY are PEM texts, both or neither. HOST is an IP address. NULL with ERROR. */
struct http *http_start(const char *host, uint16_t port, const char *cert, const char *key,
			const struct http_handler *handler, struct error *error);
/* Ends every connection. Streams must have been told to end before. */
void http_stop(struct http *http);

#endif
