/* Knows how series lie in a file: fixed slots in a blob, so that a row costs what its points do. */
#include "healthcheck/series_file.h"

#include "base/mem.h"
#include "base/wall.h"
#include "db/sql.h"
#include "healthcheck/series.h"

#include <stdlib.h>
#include <string.h>

enum { FILE_MODE = 0640, MINUTES = 60, HOURS = 24, MS_PER_MINUTE = 60000, MS_PER_HOUR = 3600000 };

/* In the byte order of the machine, as the file is its own. CHECKS 0: nothing is known. */
struct slot {
	uint32_t checks, passed, mean_us;
};

struct series_file {
	struct sql *sql;
};

/* MINUTE rows begin at an hour, HOUR rows at a day; both in hours since 1970. */
static const char schema[] = "BEGIN IMMEDIATE;"
			     "CREATE TABLE IF NOT EXISTS minute(key TEXT NOT NULL, hour INTEGER "
			     "NOT NULL, data BLOB NOT NULL,"
			     " PRIMARY KEY(key, hour)) WITHOUT ROWID;"
			     "CREATE INDEX IF NOT EXISTS minute_hour ON minute(hour);"
			     "CREATE TABLE IF NOT EXISTS hour(key TEXT NOT NULL, hour INTEGER NOT "
			     "NULL, data BLOB NOT NULL,"
			     " PRIMARY KEY(key, hour)) WITHOUT ROWID;"
			     "CREATE INDEX IF NOT EXISTS hour_hour ON hour(hour);"
			     "COMMIT;";

struct series_file *series_file_open(const char *path, struct error *error)
{
	struct series_file *file = mem_new(struct series_file);
	if (sql_create(path, FILE_MODE, error) &&
	    (file->sql = sql_open(path, SQL_WRITE, error)) != NULL &&
	    sql_run(file->sql, "PRAGMA synchronous = NORMAL; PRAGMA cache_size = -4096;", error) &&
	    sql_run(file->sql, schema, error))
		return file;
	series_file_close(file);
	return NULL;
}

void series_file_close(struct series_file *file)
{
	if (file == NULL)
		return;
	sql_close(file->sql);
	free(file);
}

/* Adds POINT to what SLOT holds. */
static void add(struct slot *slot, const struct series_point *point)
{
	uint64_t checks = (uint64_t)slot->checks + point->checks;
	uint64_t sum =
		(uint64_t)slot->mean_us * slot->checks + (uint64_t)point->mean_us * point->checks;
	slot->mean_us = checks > 0 ? (uint32_t)(sum / checks) : 0;
	slot->checks = (uint32_t)checks;
	slot->passed += point->passed;
}

static bool patch(struct sql *sql, bool minutes, int64_t row, size_t index,
		  const struct series_point *point)
{
	struct slot slots[MINUTES] = {{0}};
	size_t size = sizeof(struct slot) * (minutes ? MINUTES : HOURS), len = 0;
	struct sql_query *query =
		sql_query(sql, minutes ? "SELECT data FROM minute WHERE key = ?1 AND hour = ?2"
				       : "SELECT data FROM hour WHERE key = ?1 AND hour = ?2");
	sql_bind_text(query, 1, point->key);
	sql_bind_int(query, 2, row);
	if (sql_step(query) == SQL_ROW) {
		const void *data = sql_blob(query, 0, &len);
		if (len == size)
			memcpy(slots, data, size);
	}
	sql_finish(query);
	add(&slots[index], point);
	query = sql_query(sql, minutes ? "INSERT OR REPLACE INTO minute VALUES (?1, ?2, ?3)"
				       : "INSERT OR REPLACE INTO hour VALUES (?1, ?2, ?3)");
	sql_bind_text(query, 1, point->key);
	sql_bind_int(query, 2, row);
	sql_bind_blob(query, 3, slots, size);
	return sql_execute(query);
}

static bool write_point(struct sql *sql, const struct series_point *point)
{
	int64_t hour = point->minute / MINUTES;
	return patch(sql, true, hour, (size_t)(point->minute % MINUTES), point) &&
	       patch(sql, false, hour - hour % HOURS, (size_t)(hour % HOURS), point);
}

static bool forget(struct sql *sql, bool minutes, int64_t before)
{
	struct sql_query *query = sql_query(sql, minutes ? "DELETE FROM minute WHERE hour < ?1"
							 : "DELETE FROM hour WHERE hour < ?1");
	sql_bind_int(query, 1, before);
	if (!sql_execute(query))
		return false;
	/* Too many targets for the time: the oldest rows go, whosever they are. */
	query = sql_query(sql, minutes ? "DELETE FROM minute WHERE hour <= (SELECT hour FROM minute"
					 " ORDER BY hour DESC LIMIT 1 OFFSET ?1)"
				       : "DELETE FROM hour WHERE hour <= (SELECT hour FROM hour"
					 " ORDER BY hour DESC LIMIT 1 OFFSET ?1)");
	sql_bind_int(query, 1, minutes ? SERIES_MINUTE_ROWS_MAX : SERIES_HOUR_ROWS_MAX);
	return sql_execute(query);
}

bool series_file_write(struct series_file *file, const struct series_point *points, size_t count,
		       int64_t now_ms, struct error *error)
{
	int64_t hour = now_ms / MS_PER_HOUR;
	if (!sql_begin(file->sql, SQL_WRITE, error))
		return false;
	bool done = true;
	for (size_t i = 0; done && i < count; i++)
		done = write_point(file->sql, &points[i]);
	if (done && forget(file->sql, true, hour - SERIES_MINUTES_KEPT_D * HOURS) &&
	    forget(file->sql, false, hour - SERIES_HOURS_KEPT_D * HOURS))
		return sql_commit(file->sql, error);
	sql_sentence(file->sql, error);
	sql_rollback(file->sql);
	return false;
}

/* Appends those of COUNT SLOTS, STEP_MS apart from BEGIN_MS, that lie in the window. */
static void append(json_t *points, const struct slot *slots, size_t count, int64_t begin_ms,
		   const int64_t window[3])
{
	for (size_t i = 0; i < count; i++) {
		char time[WALL_TEXT_MAX];
		int64_t at = begin_ms + (int64_t)i * window[2];
		if (slots[i].checks == 0 || at < window[0] || at >= window[1])
			continue;
		wall_format(at, time);
		json_array_append_new(points,
				      json_pack("{s:s, s:I, s:I, s:f}", "time", time, "checks",
						(json_int_t)slots[i].checks, "passed",
						(json_int_t)slots[i].passed, "mean_ms",
						(double)slots[i].mean_us / 1000));
	}
}

json_t *series_file_read(const char *path, const char *key, enum series_step step, int64_t since_ms,
			 int64_t until_ms, struct error *error)
{
	bool minutes = step == SERIES_MINUTE;
	size_t count = minutes ? MINUTES : HOURS;
	const int64_t window[3] = {since_ms, until_ms, minutes ? MS_PER_MINUTE : MS_PER_HOUR};
	struct sql *sql = sql_open(path, SQL_READ, error);
	if (sql == NULL)
		return NULL;
	struct sql_query *query =
		sql_query(sql, minutes ? "SELECT hour, data FROM minute WHERE key = ?1 AND"
					 " hour BETWEEN ?2 AND ?3 ORDER BY hour"
				       : "SELECT hour, data FROM hour WHERE key = ?1 AND"
					 " hour BETWEEN ?2 AND ?3 ORDER BY hour");
	sql_bind_text(query, 1, key);
	sql_bind_int(query, 2, since_ms / MS_PER_HOUR - (minutes ? 0 : HOURS));
	sql_bind_int(query, 3, until_ms / MS_PER_HOUR);
	json_t *points = json_array();
	enum sql_step at;
	while ((at = sql_step(query)) == SQL_ROW) {
		struct slot slots[MINUTES];
		size_t len;
		const void *data = sql_blob(query, 1, &len);
		if (len != count * sizeof *slots)
			continue;
		memcpy(slots, data, len);
		append(points, slots, count, sql_int(query, 0) * MS_PER_HOUR, window);
	}
	if (at == SQL_FAILED) {
		sql_sentence(sql, error);
		json_decref(points);
		points = NULL;
	}
	sql_finish(query);
	sql_close(sql);
	return points;
}
