/* journal_file: one journal's SQLite file: written in batches, bounded in size. */
#ifndef MERIDIAN_DB_JOURNAL_FILE_H
#define MERIDIAN_DB_JOURNAL_FILE_H

#include "db/journal.h"
#include "db/sql.h"

/* An event that owns its text; `next` makes it a list. */
struct journal_entry {
	struct journal_entry *next;
	int64_t time_ms;
	char *kind, *object, *from, *to, *reason, *actor, *data;
};

struct journal_entry *journal_entry_new(const struct event *event);
void journal_entry_free(struct journal_entry *entry);

struct journal_file;

/* Opens or creates PATH (mode 0640), to hold at most EVENTS_MAX events (some hundredths more for a
 * moment). NULL with ERROR. */
struct journal_file *journal_file_open(const char *path, int64_t events_max, struct error *error);
void journal_file_close(struct journal_file *file);

/* Writes the whole list in one transaction, or nothing of it. The list stays the caller's. */
bool journal_file_write(struct journal_file *file, const struct journal_entry *first,
			struct error *error) __attribute__((warn_unused_result));

/* What journal_file_open() puts into PRAGMA user_version. */
enum { JOURNAL_SCHEMA = 1 };

#endif
