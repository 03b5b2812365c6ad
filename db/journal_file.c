/* Knows how events lie in a file, and how the oldest leave it. */
#include "db/journal_file.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/wall.h"

#include <inttypes.h>
#include <stdlib.h>

enum { JOURNAL_MODE = 0640 };

struct journal_file {
	struct sql *sql;
	int64_t events_max, count, last_id;
};

struct journal_entry *journal_entry_new(const struct event *event)
{
	struct journal_entry *entry = mem_new(struct journal_entry);
	entry->time_ms = event->time_ms != 0 ? event->time_ms : wall_now_ms();
	entry->kind = mem_strdup(event->kind);
	entry->object = mem_strdup(event->object);
	entry->from = mem_strdup(event->from);
	entry->to = mem_strdup(event->to);
	entry->reason = mem_strdup(event->reason);
	entry->actor = mem_strdup(event->actor);
	entry->data = event->data != NULL ? json_dumps(event->data, JSON_COMPACT | JSON_ENCODE_ANY)
					  : NULL;
	return entry;
}

void journal_entry_free(struct journal_entry *entry)
{
	free(entry->kind);
	free(entry->object);
	free(entry->from);
	free(entry->to);
	free(entry->reason);
	free(entry->actor);
	free(entry->data);
	free(entry);
}

/*
 * An id is the microsecond of writing, or one more than the last where that is taken: it grows in
 * the order of writing even when the clock steps back or the file is lost and begun again, so that
 * a reader who remembers an id misses nothing.
 */
static const char schema[] =
	"BEGIN IMMEDIATE;"
	"CREATE TABLE IF NOT EXISTS event(id INTEGER PRIMARY KEY, time INTEGER NOT NULL,"
	" kind TEXT NOT NULL, object TEXT NOT NULL, \"from\" TEXT, \"to\" TEXT, reason TEXT,"
	" actor TEXT, data TEXT);"
	"CREATE INDEX IF NOT EXISTS event_object ON event(object);"
	"PRAGMA user_version = 1;"
	"COMMIT;";

static bool prepare(struct journal_file *file, const char *path, struct error *error)
{
	int64_t version;
	if (!sql_number(file->sql, "SELECT user_version FROM pragma_user_version", &version, error))
		return false;
	if (version > JOURNAL_SCHEMA) {
		error_set(error,
			  "%s has schema version %" PRId64
			  ", this program knows versions up to %d; move it away",
			  path, version, JOURNAL_SCHEMA);
		return false;
	}
	/* NORMAL: a power cut may take the last moments of a journal, never its integrity, and the
	 * disk is not made to sync for each event. */
	return sql_run(file->sql, "PRAGMA synchronous = NORMAL; PRAGMA cache_size = -2048;",
		       error) &&
	       (version == JOURNAL_SCHEMA || sql_run(file->sql, schema, error)) &&
	       sql_number(file->sql, "SELECT count(*) FROM event", &file->count, error) &&
	       sql_number(file->sql, "SELECT max(id) FROM event", &file->last_id, error);
}

struct journal_file *journal_file_open(const char *path, int64_t events_max, struct error *error)
{
	struct journal_file *file = mem_new(struct journal_file);
	file->events_max = events_max;
	if (sql_create(path, JOURNAL_MODE, error) &&
	    (file->sql = sql_open(path, SQL_WRITE, error)) != NULL && prepare(file, path, error))
		return file;
	journal_file_close(file);
	return NULL;
}

void journal_file_close(struct journal_file *file)
{
	if (file == NULL)
		return;
	sql_close(file->sql);
	free(file);
}

static bool insert(struct journal_file *file, const struct journal_entry *entry, int64_t id)
{
	struct sql_query *query = sql_query(
		file->sql,
		"INSERT INTO event (id, time, kind, object, \"from\", \"to\", reason, actor, data)"
		" VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)");
	sql_bind_int(query, 1, id);
	sql_bind_int(query, 2, entry->time_ms);
	const char *const texts[] = {entry->kind,   entry->object, entry->from, entry->to,
				     entry->reason, entry->actor,  entry->data};
	for (int i = 0; i < 7; i++)
		sql_bind_text(query, 3 + i, texts[i]);
	return sql_execute(query);
}

/* The oldest go in steps of a hundredth, so that it is not done for each event. */
static bool forget_oldest(struct journal_file *file, int64_t *count)
{
	int64_t excess = *count - file->events_max;
	if (excess <= file->events_max / 100)
		return true;
	struct sql_query *query =
		sql_query(file->sql, "DELETE FROM event WHERE id IN"
				     " (SELECT id FROM event ORDER BY id LIMIT ?1)");
	sql_bind_int(query, 1, excess);
	if (!sql_execute(query))
		return false;
	*count -= sql_changes(file->sql);
	return true;
}

/* Hands the pages that a delete freed back to the file system. */
static void give_back(struct journal_file *file)
{
	struct error error;
	if (!sql_run(file->sql, "PRAGMA incremental_vacuum(2000)", &error))
		log_debug("the journal keeps its size for now: %s", error.text);
}

bool journal_file_write(struct journal_file *file, const struct journal_entry *first,
			struct error *error)
{
	int64_t id = file->last_id, count = file->count, written = 0, now_us = 1000 * wall_now_ms();
	bool done = true;
	if (!sql_begin(file->sql, SQL_WRITE, error))
		return false;
	for (const struct journal_entry *entry = first; done && entry != NULL;
	     entry = entry->next) {
		id = id >= now_us ? id + 1 : now_us;
		done = insert(file, entry, id);
		written++;
	}
	count += written;
	if (!done || !forget_oldest(file, &count)) {
		sql_sentence(file->sql, error);
		sql_rollback(file->sql);
		return false;
	}
	if (!sql_commit(file->sql, error))
		return false;
	bool shrunk = count < file->count + written;
	file->last_id = id;
	file->count = count;
	if (shrunk)
		give_back(file);
	return true;
}
