/*
 * publisher: makes the fleet's verdicts known: words in the health table, events in the journal,
 * lines in the log.
 *
 * The table may be missing for a while (a full or unwritable folder); it is tried again each
 * second, and then all words are written.
 */
#ifndef MERIDIAN_HEALTHCHECK_PUBLISHER_H
#define MERIDIAN_HEALTHCHECK_PUBLISHER_H

#include "db/journal.h"
#include "healthcheck/fleet.h"

struct publisher {
	const char *path;   /* of the health table; borrowed */
	struct strmap told; /* id -> certificate_state_name(): what an earlier run told last */
	struct health_table *table;
	struct journal *journal;   /* borrowed */
	const struct fleet *fleet; /* borrowed */
	struct error error;	   /* why there is no table, or it is full; "" when all is well */
	bool swept;		   /* words of endpoints that are no more were removed */
};

/* FLEET is initialised later with publisher_listener(). What was told of certificates before is
 * read from EVENTS_DIR, so that no restart tells it again. */
void publisher_init(struct publisher *publisher, const char *path, const char *events_dir,
		    struct journal *journal, const struct fleet *fleet);
void publisher_fini(struct publisher *publisher);

struct fleet_listener publisher_listener(struct publisher *publisher);

/* Once a second: opens the table where there is none, beats. */
void publisher_beat(struct publisher *publisher);

/* After the first configuration: takes out words that belong to no endpoint. */
void publisher_sweep(struct publisher *publisher);

#endif
