/*
 * feed: config.db as a stream of models: opens it, waits for changes, keeps the last good one.
 *
 * Whatever happens to the file, what was read stays in force; the state says so until it is over.
 */
#ifndef MERIDIAN_GEODNS_FEED_H
#define MERIDIAN_GEODNS_FEED_H

#include "base/error.h"
#include "base/mono.h"
#include "db/store.h"

enum { FEED_RETRY_MS = 250 };

struct feed {
	const char *path;    /* borrowed */
	struct store *store; /* NULL: cannot be opened */
	struct model *model; /* the last good one; NULL: none yet */
	int watch_fd;	     /* -1: cannot be watched, or not yet */
	struct mono opened;  /* when opening was last tried */
	bool live;
	int64_t since_ms;   /* of the state */
	struct error error; /* while not live */
};

void feed_init(struct feed *feed, const char *path);
void feed_fini(struct feed *feed);

/* What a step brought. */
struct feed_change {
	struct model *old;   /* NULL: the first model */
	struct moved *moved; /* NULL with the first model */
	size_t count;
};

/*
 * Reads what is new. True where feed->model changed: then CHANGE is filled, and the caller ends it
 * with feed_change_fini(). False where nothing changed or reading failed (feed->live).
 */
bool feed_step(struct feed *feed, struct feed_change *change) __attribute__((warn_unused_result));
void feed_change_fini(struct feed_change *change);

#endif
