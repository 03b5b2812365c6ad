/*
 * control: one Unix stream socket a daemon. A request is one line, "VERB" or "VERB {json}"; the
 * reply is one line of JSON.
 *
 * The peer's credentials are checked (SO_PEERCRED): root, the daemon's own user, and the group of
 * the socket file are let in. A reply of failure is {"error": "sentence"}. A connection may carry
 * many requests, one after the other.
 */
#ifndef MERIDIAN_DB_CONTROL_H
#define MERIDIAN_DB_CONTROL_H

#include "base/error.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

enum {
	CONTROL_REQUEST_MAX = 64 << 10,
	CONTROL_REPLY_MAX = 64 << 20,
	CONTROL_CLIENTS_MAX = 32,
	CONTROL_IDLE_MS = 30000
};

/* Answers one request. ARGS is borrowed, NULL where there is none. Returns a new reference; NULL
 * means "unknown verb". */
typedef json_t *control_handler(void *context, const char *verb, const json_t *args);

struct control;

/* Listens at PATH (an earlier socket file is replaced, mode 0660). NULL with ERROR. */
struct control *control_open(const char *path, control_handler *handler, void *context,
			     struct error *error);
/* An epoll descriptor: readable when control_step has something to do. Put it into any poll, or
 * into uv_poll. */
int control_fd(const struct control *control);
/* Does what is ready, without blocking; HANDLER runs inside. Also call it once a second, to close
 * idle clients. */
void control_step(struct control *control);
void control_close(struct control *control);

/*
 * For an answer that takes time: called inside HANDLER, which then returns NULL, it puts the reply
 * off until control_answer() (takes REPLY), once, from the same thread, perhaps still inside
 * HANDLER. The connection's further requests wait. A client that left meanwhile is no concern of
 * the caller's.
 */
struct control_ticket {
	unsigned client;
	uint64_t serial;
};
struct control_ticket control_defer(struct control *control);
void control_answer(struct control *control, struct control_ticket ticket, json_t *reply);
/* The same with a reply that is written out already: TEXT (heap, taken) is one line of JSON without
 * its line end. */
void control_answer_text(struct control *control, struct control_ticket ticket, char *text);

/* {"error": "..."} */
json_t *control_failure(const char *format, ...) __attribute__((format(printf, 1, 2)));

/*
 * Client: one request, one reply. ARGS may be NULL (borrowed). NULL with ERROR: nobody listens
 * ("meridian-geodns is not running (PATH)"), time out, malformed reply, or the reply is a failure
 * (its sentence).
 */
json_t *control_ask(const char *path, const char *verb, const json_t *args, int timeout_ms,
		    struct error *error);

#endif
