/*
 * hub: server-sent events, from those who notice to all who listen. Messages are kept in a ring; a
 * listener that falls behind it, or comes back too late, is told to load everything anew.
 * Thread-safe.
 */
#ifndef MERIDIAN_WEB_HUB_H
#define MERIDIAN_WEB_HUB_H

#include "web/response.h"

enum { HUB_RING = 1024, HUB_STREAMS_MAX = 64, HUB_KEEPALIVE_MS = 15000 };

struct hub;

struct hub *hub_new(void);
/* No stream is left when this is called. */
void hub_free(struct hub *hub);
/* Ends all streams, now and to come. */
void hub_close(struct hub *hub);

/* Takes DATA. EVENT is constant. */
void hub_publish(struct hub *hub, const char *event, json_t *data);
/* True where somebody listens. */
bool hub_has_listeners(struct hub *hub);

/*
 * A response that streams: first HELLO (taken), then what comes. LAST_ID is where the listener was,
 * or NULL. STILL_ALLOWED is asked at each keep-alive; it and CONTEXT (ended with FREE) are the
 * stream's. NULL where there are too many (then HELLO and CONTEXT are ended).
 */
struct hub_listener {
	json_t *hello;
	const char *last_id;
	bool (*still_allowed)(void *context);
	void (*free)(void *context);
	void *context;
};
struct response *hub_listen(struct hub *hub, const struct hub_listener *listener);

#endif
