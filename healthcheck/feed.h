/*
 * feed: the configuration, as it changes. Reading is done on a thread of libuv's pool, so that a
 * large change delays no check; the listener is called on the loop.
 */
#ifndef MERIDIAN_HEALTHCHECK_FEED_H
#define MERIDIAN_HEALTHCHECK_FEED_H

#include "db/store.h"

#include <stdbool.h>
#include <uv.h>

struct feed;

/* MOVED is NULL for a whole model (the first one). All is borrowed for the call. */
typedef void feed_changed(void *context, const struct model *model, const struct moved *moved,
			  size_t count);

/* Watches PATH (borrowed); a missing or unreadable file is tried again each second. */
struct feed *feed_new(uv_loop_t *loop, const char *path, feed_changed *changed, void *context);
/* Ends the watch; the feed is freed by the loop, after a read that is under way. */
void feed_free(struct feed *feed);

struct feed_status {
	const struct model *model; /* the last good one, or NULL */
	bool live;		   /* the last read succeeded */
	int64_t since_ms;	   /* wall clock: live or stale since then */
	const char *error;	   /* NULL when live */
};
struct feed_status feed_status(const struct feed *feed);

#endif
