/*
 * feed: the configuration and the health table as this daemon reads them, with the last good of
 * both kept while they cannot be read.
 */
#ifndef MERIDIAN_BGPCTL_FEED_H
#define MERIDIAN_BGPCTL_FEED_H

#include "db/health.h"
#include "db/instance.h"
#include "db/store.h"

struct feed {
	const struct instance *instance;
	struct store *store;
	struct model *model;	    /* NULL until the store was read once */
	int watch_fd;		    /* -1: by the clock alone */
	bool stale;		    /* the store cannot be read now */
	int64_t since_ms;	    /* wall clock: since when it is live, or stale */
	char error[512];	    /* why it is stale; "" */
	struct health_table *table; /* NULL: never seen */
	bool health_fresh;
	char health_error[512]; /* why verdicts are not known; "" */
	uint32_t health_seen;	/* health_sequence at the last feed_health() */
};

/* INSTANCE is borrowed. Nothing needs to exist yet. */
void feed_init(struct feed *feed, const struct instance *instance);
void feed_fini(struct feed *feed);

/* Reads what changed in the store; opens it where it is not open. True where the model is new. */
bool feed_config(struct feed *feed);

/* Looks at the health table; CLOCK says that a second has passed, when a missing or a stale one is
 * opened again. True where some verdict, or whether they are fresh, may have changed. */
bool feed_health(struct feed *feed, struct mono now, bool clock);

#endif
