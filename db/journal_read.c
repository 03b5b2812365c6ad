/* Knows how the journals of all daemons are read as one. */
#include "base/log.h"
#include "base/mem.h"
#include "base/mono.h"
#include "base/wall.h"
#include "db/journal.h"
#include "db/journal_file.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LIMIT_DEFAULT = 100, LIMIT_MAX = 1000, FILES_MAX = 64 };

/*
 * One daemon's file while it is read. POSITION is how far a reader has come in it: forward, ids
 * above it follow; newest first, ids up to it follow. A cursor is the positions of all files, so
 * that an event which a slow daemon writes late is not passed over. NEWEST is the last id there was
 * before the reading began: forward, who has come to the end need not look at what was before it
 * again, wanted or not.
 */
struct source {
	char *daemon;
	struct sql *sql;
	struct sql_query *rows;
	bool has_row;
	int64_t id, time_ms, position, newest;
};

struct reading {
	const struct journal_filter *filter;
	enum { UNDECIDED, LOUD, QUIET } voice; /* whether what is left out is named in the log */
	struct source sources[FILES_MAX];
	size_t count;
};

/* A page that asks every second must not fill the log: one reading a minute may speak. */
static void say_left_out(struct reading *reading, const struct source *source,
			 const struct error *error)
{
	static int64_t quiet_until_ns;
	struct mono now = mono_now();
	if (reading->voice == UNDECIDED) {
		int64_t until = __atomic_load_n(&quiet_until_ns, __ATOMIC_RELAXED);
		reading->voice = now.ns < until ? QUIET : LOUD;
		if (reading->voice == LOUD)
			__atomic_store_n(&quiet_until_ns, mono_add_ms(now, 60000).ns,
					 __ATOMIC_RELAXED);
	}
	if (reading->voice == LOUD)
		log_warning("events of %s are left out: %s", source->daemon, error->text);
}

static bool has_position(const char *cursor, const char *daemon, int64_t *position)
{
	size_t len = strlen(daemon);
	for (const char *part = cursor; part != NULL && *part != '\0';) {
		if (strncmp(part, daemon, len) == 0 && part[len] == ':') {
			*position = strtoll(part + len + 1, NULL, 10);
			return true;
		}
		part = strchr(part, ',');
		part = part != NULL ? part + 1 : NULL;
	}
	return false;
}

static char *format_cursor(const struct reading *reading)
{
	char *cursor = mem_strdup("");
	for (size_t i = 0; i < reading->count; i++) {
		char *longer = mem_printf("%s%s%s:%" PRId64, cursor, i > 0 ? "," : "",
					  reading->sources[i].daemon, reading->sources[i].position);
		free(cursor);
		cursor = longer;
	}
	return cursor;
}

static struct sql_query *select_rows(const struct reading *reading, struct source *source)
{
	const struct journal_filter *filter = reading->filter;
	struct sql_query *query;
	if (filter->newest_first)
		query = sql_query(
			source->sql,
			"SELECT id, time, kind, object, \"from\", \"to\", reason, actor, data"
			" FROM event WHERE id <= ?1 AND (?2 IS NULL OR kind = ?2)"
			" AND (?3 IS NULL OR object = ?3) AND time >= ?4 AND time < ?5"
			" ORDER BY id DESC");
	else
		query = sql_query(
			source->sql,
			"SELECT id, time, kind, object, \"from\", \"to\", reason, actor, data"
			" FROM event WHERE id > ?1 AND (?2 IS NULL OR kind = ?2)"
			" AND (?3 IS NULL OR object = ?3) AND time >= ?4 AND time < ?5"
			" ORDER BY id");
	sql_bind_int(query, 1, source->position);
	sql_bind_text(query, 2, filter->kind);
	sql_bind_text(query, 3, filter->object);
	sql_bind_int(query, 4, filter->since_ms != 0 ? filter->since_ms : INT64_MIN);
	sql_bind_int(query, 5, filter->until_ms != 0 ? filter->until_ms : INT64_MAX);
	return query;
}

/* Stands on the next row. False where the file turns out to be damaged. */
static bool advance(struct source *source, bool newest_first, struct error *error)
{
	enum sql_step step = sql_step(source->rows);
	source->has_row = step == SQL_ROW;
	if (step == SQL_ROW) {
		source->id = sql_int(source->rows, 0);
		source->time_ms = sql_int(source->rows, 1);
	} else if (step == SQL_FAILED) {
		sql_sentence(source->sql, error);
	} else if (!newest_first && source->position < source->newest) {
		source->position = source->newest;
	}
	return step != SQL_FAILED;
}

/* A journal whose owner has created the file but not yet its table is just empty. */
static bool newest_id(struct sql *sql, int64_t *newest, struct error *error)
{
	int64_t tables;
	*newest = 0;
	return sql_number(sql, "SELECT count(*) FROM sqlite_schema WHERE name = 'event'", &tables,
			  error) &&
	       (tables == 0 || sql_number(sql, "SELECT max(id) FROM event", newest, error));
}

static bool open_source(const struct reading *reading, struct source *source, const char *path,
			struct error *error)
{
	source->sql = sql_open(path, SQL_READ, error);
	if (source->sql == NULL || !newest_id(source->sql, &source->newest, error))
		return false;
	if (!has_position(reading->filter->after, source->daemon, &source->position))
		source->position = reading->filter->newest_first ? source->newest : 0;
	if (source->newest == 0)
		return true;
	source->rows = select_rows(reading, source);
	return advance(source, reading->filter->newest_first, error);
}

static void close_source(struct source *source)
{
	sql_close(source->sql);
	free(source->daemon);
}

static bool is_journal(const char *name)
{
	size_t len = strlen(name);
	return len > 3 && name[0] != '.' && strcmp(name + len - 3, ".db") == 0;
}

static void add_source(struct reading *reading, const char *folder, const char *name)
{
	struct source source = {.daemon = mem_strdup(name)};
	struct error error = {0};
	source.daemon[strlen(name) - 3] = '\0';
	bool opened = false;
	char *path = mem_printf("%s/%s", folder, name);
	if (reading->count == FILES_MAX)
		error_set(&error, "there are more than %d journals in %s", FILES_MAX, folder);
	else
		opened = open_source(reading, &source, path, &error);
	if (opened) {
		reading->sources[reading->count++] = source;
	} else {
		say_left_out(reading, &source, &error);
		close_source(&source);
	}
	free(path);
}

static bool open_all(struct reading *reading, const char *folder, struct error *error)
{
	struct dirent **names;
	int count = scandir(folder, &names, NULL, alphasort);
	if (count < 0) {
		error_set_errno(error, "the events in %s cannot be listed", folder);
		return false;
	}
	for (int i = 0; i < count; i++) {
		if (is_journal(names[i]->d_name))
			add_source(reading, folder, names[i]->d_name);
		free(names[i]);
	}
	free(names);
	return true;
}

/* Files that cannot be read now keep their places in the cursor, for when they are back. */
static void keep_positions(struct reading *reading)
{
	const char *part = reading->filter->after;
	while (part != NULL && *part != '\0' && reading->count < FILES_MAX) {
		size_t len = strcspn(part, ":,");
		bool known = part[len] != ':';
		for (size_t i = 0; i < reading->count && !known; i++)
			known = strlen(reading->sources[i].daemon) == len &&
				strncmp(reading->sources[i].daemon, part, len) == 0;
		if (!known)
			reading->sources[reading->count++] =
				(struct source){.daemon = mem_printf("%.*s", (int)len, part),
						.position = strtoll(part + len + 1, NULL, 10)};
		part = strchr(part, ',');
		part = part != NULL ? part + 1 : NULL;
	}
}

/* The source whose row comes next; NULL at the end. Of one time, the first by name. */
static struct source *next_source(struct reading *reading)
{
	struct source *next = NULL;
	for (size_t i = 0; i < reading->count; i++) {
		struct source *source = &reading->sources[i];
		if (!source->has_row)
			continue;
		if (next == NULL ||
		    (reading->filter->newest_first ? source->time_ms > next->time_ms
						   : source->time_ms < next->time_ms))
			next = source;
	}
	return next;
}

static json_t *text_or_null(struct sql_query *row, int column)
{
	const char *text = sql_text(row, column);
	json_t *json = text != NULL ? json_string(text) : NULL;
	return json != NULL ? json : json_null();
}

static json_t *event_json(const struct source *source)
{
	struct sql_query *row = source->rows;
	char time[WALL_TEXT_MAX], id[96];
	wall_format(source->time_ms, time);
	snprintf(id, sizeof id, "%s-%" PRId64, source->daemon, source->id);
	const char *data = sql_text(row, 8);
	json_t *extra = data != NULL ? json_loads(data, JSON_DECODE_ANY, NULL) : NULL;
	json_t *event = json_object();
	json_object_set_new(event, "id", json_string(id));
	json_object_set_new(event, "time", json_string(time));
	json_object_set_new(event, "daemon", json_string(source->daemon));
	json_object_set_new(event, "kind", text_or_null(row, 2));
	json_object_set_new(event, "object", text_or_null(row, 3));
	json_object_set_new(event, "from", text_or_null(row, 4));
	json_object_set_new(event, "to", text_or_null(row, 5));
	json_object_set_new(event, "reason", text_or_null(row, 6));
	json_object_set_new(event, "actor", text_or_null(row, 7));
	json_object_set_new(event, "data", extra != NULL ? extra : json_null());
	return event;
}

static json_t *merge(struct reading *reading, size_t limit)
{
	json_t *events = json_array();
	struct source *source;
	struct error error;
	while (json_array_size(events) < limit && (source = next_source(reading)) != NULL) {
		json_array_append_new(events, event_json(source));
		source->position = reading->filter->newest_first ? source->id - 1 : source->id;
		if (!advance(source, reading->filter->newest_first, &error))
			say_left_out(reading, source, &error);
	}
	return events;
}

json_t *journal_read(const char *folder, const struct journal_filter *filter, char **cursor,
		     struct error *error)
{
	struct reading reading = {.filter = filter};
	if (!open_all(&reading, folder, error))
		return NULL;
	keep_positions(&reading);
	size_t limit = filter->limit == 0 ? LIMIT_DEFAULT : filter->limit;
	json_t *events = merge(&reading, limit < LIMIT_MAX ? limit : LIMIT_MAX);
	if (cursor != NULL)
		*cursor = format_cursor(&reading);
	for (size_t i = 0; i < reading.count; i++)
		close_source(&reading.sources[i]);
	return events;
}
