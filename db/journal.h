/*
 * journal: what happened, in an append-only SQLite file a daemon (events/NAME.db), written by its
 * owner alone.
 *
 * Writing goes through a bounded queue to a thread of its own: the daemon never waits for the disk.
 * When the file cannot be written, the event goes to the log, is counted as lost, and writing is
 * tried again later. The file's size is bounded: the oldest events go first.
 */
#ifndef MERIDIAN_DB_JOURNAL_H
#define MERIDIAN_DB_JOURNAL_H

#include "base/error.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

enum { JOURNAL_QUEUE = 4096, JOURNAL_EVENTS_MAX = 200000 };

struct event {
	int64_t time_ms;    /* 0: now */
	const char *kind;   /* "endpoint", "pool", "prefix", "session", "config", "daemon", ... */
	const char *object; /* "endpoint/eu/eu1"; neither it nor KIND is NULL */
	const char *from, *to; /* state before and after; may be NULL */
	const char *reason;    /* one sentence; may be NULL */
	const char *actor;     /* "health", "admin", "guard", "reconcile", "boot"; may be NULL */
	const json_t *data;    /* more, or NULL; borrowed */
};

struct journal;

/* Opens or creates PATH and starts the writer. Never fails for the disk: then events go to the log
 * until it can be opened. */
struct journal *journal_open(const char *path, const char *daemon);
/* Thread-safe, never blocks on the disk. */
void journal_add(struct journal *journal, const struct event *event);
/* Told of each event that cannot be kept, on any thread, before journal_add() or the writer goes
 * on: it must be quick, and leave JOURNAL alone. EVENT is borrowed. */
typedef void journal_lost_event(void *context, const char *daemon, const struct event *event);
void journal_on_lost(struct journal *journal, journal_lost_event *told, void *context);
/* Events that could not be kept so far. */
uint64_t journal_lost(const struct journal *journal);
/* Writes what is queued (at most TIMEOUT_MS) and ends. */
void journal_close(struct journal *journal, int timeout_ms);

/* What to read. A member that is NULL or 0 does not filter. */
struct journal_filter {
	const char *kind, *object;
	int64_t since_ms, until_ms; /* since inclusive, until exclusive */
	const char *after;	    /* cursor of an earlier read */
	bool newest_first;
	size_t limit; /* at most 1,000; 0: 100 */
};

/*
 * Reads all journals in FOLDER, merged by time, as [{"id", "time", "daemon", "kind", "object",
 * "from", "to", "reason", "actor", "data"}]; *CURSOR (heap, may be NULL) is what to give as AFTER
 * for what follows, in the same direction: nothing comes twice, and nothing that a daemon writes
 * late is passed over; what a filter leaves out is looked at once. To follow from now on, begin
 * with SINCE_MS. "daemon" is the file's name without ".db". A journal that cannot be read is left
 * out and named in the log. NULL with ERROR where FOLDER cannot be listed.
 */
json_t *journal_read(const char *folder, const struct journal_filter *filter, char **cursor,
		     struct error *error);

#endif
