/*
 * The only file that knows libmicrohttpd (0.9.75).
 *
 * That version has faults which this file works round: it takes the first Content-Length and
 * ignores others, takes duplicate Host headers, invalid header names and control characters (all
 * checked in headers_fault), and bounds idleness but not slowness (watch.c does).
 * Suspend/resume, its post-processor and its authentication are not used.
 */
#include "web/http.h"

#include "base/log.h"
#include "base/mem.h"
#include "web/watch.h"

#include <errno.h>
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	DISCARD_MAX = 1 << 20, /* a refused body up to here is read, so that the answer arrives */
	STREAM_BLOCK = 16 << 10,
	POOL_SIZE = 64 << 10, /* request line and headers of one connection */
	STACK_SIZE = 512 << 10
};

struct http {
	struct MHD_Daemon *daemon;
	struct watch *watch;
	struct http_handler handler;
	bool tls;
	char *cert, *key;
};

/* One request under way. */
struct exchange {
	struct request request;
	struct response *early; /* the answer, when it is known before the body ended */
	char *target;
	size_t body_max, capacity, discarded;
	bool begun;
};

static void *on_target(void *context, const char *target, struct MHD_Connection *connection)
{
	(void)context;
	struct exchange *exchange = mem_new(struct exchange);
	exchange->target = mem_strdup(target);
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
	if (info != NULL)
		watch_deadline(info->socket_context, HTTP_HEADERS_MS);
	return exchange;
}

static void on_completed(void *context, struct MHD_Connection *connection, void **state,
			 enum MHD_RequestTerminationCode why)
{
	(void)context;
	(void)why;
	struct exchange *exchange = *state;
	*state = NULL;
	if (exchange == NULL)
		return;
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
	if (info != NULL)
		watch_deadline(info->socket_context, HTTP_IDLE_S * 1000 + HTTP_HEADERS_MS);
	request_fini(&exchange->request);
	response_free(exchange->early);
	free(exchange->target);
	free(exchange);
}

static void on_connection(void *context, struct MHD_Connection *connection, void **socket_context,
			  enum MHD_ConnectionNotificationCode what)
{
	struct http *http = context;
	if (what == MHD_CONNECTION_NOTIFY_CLOSED) {
		watch_remove(http->watch, *socket_context);
		*socket_context = NULL;
		return;
	}
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
	*socket_context = watch_add(http->watch, info->connect_fd, HTTP_HEADERS_MS);
}

static size_t keep_escapes(void *context, struct MHD_Connection *connection, char *text)
{
	(void)context;
	(void)connection;
	return strlen(text);
}

static void on_library_log(void *context, const char *format, va_list args)
	__attribute__((format(printf, 2, 0)));
static void on_library_log(void *context, const char *format, va_list args)
{
	(void)context;
	char text[256];
	vsnprintf(text, sizeof text, format, args);
	log_debug("the HTTP library says: %s", text);
}

struct collecting {
	struct request *request;
	bool malformed;
};

static enum MHD_Result on_header(void *context, enum MHD_ValueKind kind, const char *name,
				 const char *value)
{
	(void)kind;
	struct collecting *collecting = context;
	if (!request_add_header(collecting->request, name, value != NULL ? value : ""))
		collecting->malformed = true;
	return MHD_YES;
}

/* RFC 9112 sections 3.2 and 6.3: what would let two readers of one request disagree is refused. */
static const char *headers_fault(const struct request *request, const char *version)
{
	size_t hosts = request_header_count(request, "Host");
	size_t lengths = request_header_count(request, "Content-Length");
	size_t encodings = request_header_count(request, "Transfer-Encoding");
	if (hosts > 1 || (hosts == 0 && strcmp(version, "HTTP/1.0") != 0))
		return "A request needs exactly one Host header.";
	if (lengths > 1)
		return "The request has more than one Content-Length.";
	if (lengths > 0 && encodings > 0)
		return "The request has both Content-Length and Transfer-Encoding.";
	const char *length = request_header(request, "Content-Length");
	if (length != NULL && (*length == '\0' || length[strspn(length, "0123456789")] != '\0' ||
			       strlen(length) > 15))
		return "Content-Length is not a number.";
	const char *encoding = request_header(request, "Transfer-Encoding");
	if (encodings > 1 || (encoding != NULL && strcasecmp(encoding, "chunked") != 0))
		return "The only Transfer-Encoding understood is chunked.";
	return NULL;
}

static const char *read_head(struct http *http, struct exchange *exchange,
			     struct MHD_Connection *connection, const char *method,
			     const char *version)
{
	struct request *request = &exchange->request;
	request->method = method_parse(method);
	request->tls = http->tls;
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	uint16_t port;
	struct addr v4;
	if (info != NULL && addr_from_sockaddr(info->client_addr, &request->peer, &port) &&
	    addr_embedded_ipv4(&request->peer, &v4, NULL))
		request->peer = v4;
	struct collecting collecting = {.request = request};
	MHD_get_connection_values(connection, MHD_HEADER_KIND, on_header, &collecting);
	if (collecting.malformed)
		return "A header is malformed, or there are more than 64.";
	const char *fault = headers_fault(request, version);
	if (fault == NULL && !request_set_target(request, exchange->target))
		fault = "The request target is malformed.";
	return fault;
}

static ssize_t read_stream(void *context, uint64_t position, char *buffer, size_t size)
{
	(void)position;
	struct stream *stream = context;
	ssize_t got = stream->read(stream->context, buffer, size);
	return got < 0 ? MHD_CONTENT_READER_END_OF_STREAM : got;
}

static void free_stream(void *context)
{
	struct stream *stream = context;
	stream->free(stream->context);
	free(stream);
}

static struct MHD_Response *library_response(struct response *response)
{
	if (response->stream.read != NULL) {
		struct stream *stream = mem_dup(&response->stream, sizeof response->stream);
		response->stream = (struct stream){0};
		return MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, STREAM_BLOCK,
							 read_stream, stream, free_stream);
	}
	if (response->borrowed != NULL) /* the library does not write to a persistent buffer */
		return MHD_create_response_from_buffer(response->len,
						       (void *)(uintptr_t)response->borrowed,
						       MHD_RESPMEM_PERSISTENT);
	char *body = response->body;
	response->body = NULL;
	return MHD_create_response_from_buffer(body != NULL ? response->len : 0, body,
					       MHD_RESPMEM_MUST_FREE);
}

/* Takes RESPONSE. */
static enum MHD_Result send_response(struct http *http, struct exchange *exchange,
				     struct MHD_Connection *connection, struct response *response)
{
	http->handler.finish(http->handler.context, &exchange->request, response);
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
	if (info != NULL)
		watch_deadline(info->socket_context,
			       response->stream.read != NULL ? 0 : HTTP_BODY_MS);
	struct MHD_Response *made = library_response(response);
	enum MHD_Result result = MHD_NO;
	if (made != NULL) {
		for (size_t i = 0; i < response->header_count; i++)
			(void)!MHD_add_response_header(made, response->headers[i].name,
						       response->headers[i].value);
		result = MHD_queue_response(connection, response->status, made);
		MHD_destroy_response(made);
	}
	response_free(response);
	return result;
}

static struct response *begin(struct http *http, struct exchange *exchange,
			      struct MHD_Connection *connection, const char *method,
			      const char *version)
{
	const struct http_handler *handler = &http->handler;
	const char *fault = read_head(http, exchange, connection, method, version);
	if (fault != NULL)
		return handler->refuse(handler->context, 400, fault);
	struct response *response =
		handler->begin(handler->context, &exchange->request, &exchange->body_max);
	if (response != NULL)
		return response;
	const char *length = request_header(&exchange->request, "Content-Length");
	if (length != NULL && strtoull(length, NULL, 10) > exchange->body_max)
		return handler->refuse(handler->context, 413, "The request body is too large.");
	return NULL;
}

/* An early answer waits for a small body to be read, else the client would see a reset connection
 * and no answer. */
static bool body_is_small(const struct request *request)
{
	const char *length = request_header(request, "Content-Length");
	return request_header(request, "Transfer-Encoding") == NULL &&
	       (length == NULL || strtoull(length, NULL, 10) <= DISCARD_MAX);
}

static bool grow_body(struct exchange *exchange, size_t len)
{
	struct request *request = &exchange->request;
	if (request->body_len + len < exchange->capacity)
		return true;
	size_t capacity = 2 * (request->body_len + len) + 1024;
	char *body = realloc(request->body, capacity);
	if (body == NULL)
		return false;
	request->body = body;
	exchange->capacity = capacity;
	return true;
}

static enum MHD_Result take_body(struct http *http, struct exchange *exchange, const char *data,
				 size_t len)
{
	struct request *request = &exchange->request;
	if (exchange->early == NULL && request->body_len + len > exchange->body_max)
		exchange->early = http->handler.refuse(http->handler.context, 413,
						       "The request body is too large.");
	if (exchange->early != NULL) {
		exchange->discarded += len;
		return exchange->discarded <= DISCARD_MAX ? MHD_YES : MHD_NO;
	}
	if (!grow_body(exchange, len))
		return MHD_NO;
	memcpy(request->body + request->body_len, data, len);
	request->body_len += len;
	request->body[request->body_len] = '\0';
	return MHD_YES;
}

static enum MHD_Result on_request(void *context, struct MHD_Connection *connection, const char *url,
				  const char *method, const char *version, const char *data,
				  size_t *len, void **state)
{
	(void)url;
	struct http *http = context;
	struct exchange *exchange = *state;
	if (!exchange->begun) {
		exchange->begun = true;
		const union MHD_ConnectionInfo *info =
			MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
		if (info != NULL)
			watch_deadline(info->socket_context, HTTP_BODY_MS);
		exchange->early = begin(http, exchange, connection, method, version);
		if (exchange->early == NULL || body_is_small(&exchange->request))
			return MHD_YES;
	} else if (*len > 0) {
		size_t taken = *len;
		*len = 0;
		return take_body(http, exchange, data, taken);
	}
	struct response *response = exchange->early;
	exchange->early = NULL;
	if (response == NULL)
		response = http->handler.handle(http->handler.context, &exchange->request);
	return send_response(http, exchange, connection, response);
}

static int listen_on(const char *host, uint16_t port, struct error *error)
{
	struct addr addr;
	struct sockaddr_storage to;
	if (!addr_parse(host, &addr)) {
		error_set(error, "%s is not an IP address to listen on", host);
		return -1;
	}
	socklen_t len = addr_to_sockaddr(&addr, port, &to);
	int one = 1;
	int fd = socket(to.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) != 0 ||
	    bind(fd, (struct sockaddr *)&to, len) != 0 || listen(fd, 256) != 0) {
		error_set_errno(error, "cannot listen on %s port %u for HTTP", host, port);
		if (fd >= 0)
			close(fd);
		return -1;
	}
	return fd;
}

static struct MHD_Daemon *start_daemon(struct http *http, int fd)
{
	unsigned flags = MHD_USE_THREAD_PER_CONNECTION | MHD_USE_INTERNAL_POLLING_THREAD |
			 MHD_USE_POLL | MHD_USE_ITC | MHD_USE_ERROR_LOG |
			 (http->tls ? MHD_USE_TLS : 0U);
	struct MHD_OptionItem tls[] = {
		{MHD_OPTION_HTTPS_MEM_CERT, 0, http->cert},
		{MHD_OPTION_HTTPS_MEM_KEY, 0, http->key},
		{MHD_OPTION_HTTPS_PRIORITIES, 0,
		 (void *)(uintptr_t) "SECURE128:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2"},
		{MHD_OPTION_END, 0, NULL},
	};
	if (!http->tls)
		tls[0] = (struct MHD_OptionItem){MHD_OPTION_END, 0, NULL};
	return MHD_start_daemon(
		flags, 0, NULL, NULL, on_request, http, MHD_OPTION_EXTERNAL_LOGGER, on_library_log,
		NULL, MHD_OPTION_LISTEN_SOCKET, (MHD_socket)fd, MHD_OPTION_STRICT_FOR_CLIENT, 1,
		MHD_OPTION_CONNECTION_LIMIT, (unsigned)HTTP_CONNECTIONS_MAX,
		MHD_OPTION_PER_IP_CONNECTION_LIMIT, (unsigned)HTTP_CONNECTIONS_PER_ADDRESS_MAX,
		MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)HTTP_IDLE_S,
		MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)POOL_SIZE, MHD_OPTION_THREAD_STACK_SIZE,
		(size_t)STACK_SIZE, MHD_OPTION_UNESCAPE_CALLBACK, keep_escapes, NULL,
		MHD_OPTION_URI_LOG_CALLBACK, on_target, NULL, MHD_OPTION_NOTIFY_COMPLETED,
		on_completed, NULL, MHD_OPTION_NOTIFY_CONNECTION, on_connection, http,
		MHD_OPTION_ARRAY, tls, MHD_OPTION_END);
}

struct http *http_start(const char *host, uint16_t port, const char *cert, const char *key,
			const struct http_handler *handler, struct error *error)
{
	int fd = listen_on(host, port, error);
	if (fd < 0)
		return NULL;
	struct http *http = mem_new(struct http);
	http->handler = *handler;
	http->tls = cert != NULL;
	http->cert = mem_strdup(cert);
	http->key = mem_strdup(key);
	http->watch = watch_new();
	http->daemon = start_daemon(http, fd);
	if (http->daemon == NULL) {
		error_set(error, "cannot start HTTP on %s port %u%s", host, port,
			  http->tls ? ": check tls_cert and tls_key" : "");
		close(fd);
		http_stop(http);
		return NULL;
	}
	return http;
}

void http_stop(struct http *http)
{
	if (http->daemon != NULL)
		MHD_stop_daemon(http->daemon);
	watch_free(http->watch);
	free(http->cert);
	free(http->key);
	free(http);
}
