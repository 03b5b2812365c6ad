/* feed_journal: new events of all journals for the hub, and revisions into this daemon's journal.
 * One thread. */
#ifndef MERIDIAN_WEB_FEED_JOURNAL_H
#define MERIDIAN_WEB_FEED_JOURNAL_H

#include "web/app.h"

struct feed_journal;

struct feed_journal *feed_journal_new(void);
void feed_journal_free(struct feed_journal *journal);

/* Publishes the events that came since the last call. */
void feed_journal_tell(struct feed_journal *journal, struct app *app);

/* Adds an event for each revision in (KNOWN, NEWEST]. */
void feed_journal_revisions(struct app *app, int64_t known, int64_t newest);

#endif
