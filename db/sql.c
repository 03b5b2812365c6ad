/* Knows SQLite's interface: how its files are opened, statements kept and result codes worded. */
#include "db/sql.h"

#include "base/mem.h"
#include "base/owner.h"
#include "db/sql_index.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct sql_query {
	struct sql *sql;
	const char *text;
	sqlite3_stmt *statement; /* NULL: it could not be prepared */
	bool in_use;
};

struct sql {
	char *path;
	sqlite3 *db;
	struct sql_index *index; /* NULL: not guarded */
	off_t index_len;	 /* octets of the index when it was last looked at */
	struct sql_query **queries;
	size_t count;
	/* The last failure, kept because any later call overwrites SQLite's own note of it. */
	int code, system_errno;
	char message[200];
};

static void note(struct sql *sql, int code)
{
	sql->code = code;
	sql->system_errno = sqlite3_system_errno(sql->db);
	snprintf(sql->message, sizeof sql->message, "%s", sqlite3_errmsg(sql->db));
}

static void note_torn(struct sql *sql)
{
	sql->code = SQLITE_IOERR;
	sql->system_errno = 0;
	snprintf(sql->message, sizeof sql->message,
		 "the index of its log was cut short by somebody (%s-shm); it is opened again",
		 sql->path);
}

void sql_sentence(const struct sql *sql, struct error *error)
{
	switch (sql->code & 0xff) {
	case SQLITE_FULL:
		error_set(error,
			  "%s cannot be written: the disk is full; free some space and try again",
			  sql->path);
		return;
	case SQLITE_READONLY:
		error_set(error,
			  "%s cannot be written: this user has no write permission (%s); its owner "
			  "and root have",
			  sql->path, sql->message);
		return;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		error_set(error, "%s is being written by another program; try again", sql->path);
		return;
	case SQLITE_NOTADB:
	case SQLITE_CORRUPT:
		error_set(error, "%s is damaged (%s); restore it from a copy", sql->path,
			  sql->message);
		return;
	case SQLITE_CANTOPEN:
		error_set(error,
			  "%s cannot be opened%s%s; check that this user may read it, and its -wal "
			  "and -shm files, which the first writer makes",
			  sql->path, sql->system_errno != 0 ? ": " : "",
			  sql->system_errno != 0 ? strerror(sql->system_errno) : "");
		return;
	default:
		error_set(error, "%s: %s%s%s", sql->path, sql->message,
			  sql->system_errno != 0 ? ": " : "",
			  sql->system_errno != 0 ? strerror(sql->system_errno) : "");
	}
}

bool sql_is_broken(const struct sql *sql)
{
	switch (sql->code & 0xff) {
	case SQLITE_NOTADB:
	case SQLITE_CORRUPT:
	case SQLITE_IOERR:
	case SQLITE_CANTOPEN:
	case SQLITE_SCHEMA:
		return true;
	default:
		return false;
	}
}

bool sql_create(const char *path, mode_t mode, struct error *error)
{
	/* O_EXCL: closing a second descriptor of a database that this process has open would drop
	 * its locks (POSIX.1 fcntl). */
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	if (fd < 0) {
		if (errno == EEXIST)
			return true;
		int why = errno;
		error_set(error, "%s cannot be created: %s%s", path, strerror(why),
			  why == EACCES ? "; the owner of its folder and root may" : "");
		return false;
	}
	bool done = fchmod(fd, mode) == 0;
	if (!done)
		error_set_errno(error, "the mode of %s cannot be set", path);
	done = done && owner_from_folder(fd, path, error);
	close(fd);
	return done;
}

bool sql_run(struct sql *sql, const char *script, struct error *error)
{
	int code = sqlite3_exec(sql->db, script, NULL, NULL, NULL);
	if (code == SQLITE_OK)
		return true;
	note(sql, code);
	sql_sentence(sql, error);
	return false;
}

/* FULL: a revision that was reported as stored survives a power cut. auto_vacuum stands before
 * journal_mode because it only takes effect on a file without a first page. */
static const char pragmas_write[] =
	"PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
	"PRAGMA journal_size_limit = 67108864; PRAGMA cache_size = -65536; PRAGMA temp_store = "
	"MEMORY;";
static const char pragmas_read[] = "PRAGMA query_only = ON; PRAGMA temp_store = MEMORY;";

/* Octets of the index beside the file at PATH, 0 where there is none. */
static off_t index_len(const char *path)
{
	struct stat index = {0};
	char *name = mem_printf("%s-shm", path);
	bool found = stat(name, &index) == 0;
	free(name);
	return found ? index.st_size : 0;
}

static bool prepare_file(struct sql *sql, enum sql_mode mode, struct error *error)
{
	sqlite3_extended_result_codes(sql->db, 1);
	sqlite3_busy_timeout(sql->db, SQL_BUSY_MS);
	if (mode == SQL_WRITE) {
		int keep = 1;
		sqlite3_file_control(sql->db, "main", SQLITE_FCNTL_PERSIST_WAL, &keep);
	}
	int64_t tables;
	return sql_run(sql, mode == SQL_WRITE ? pragmas_write : pragmas_read, error) &&
	       sql_number(sql, "SELECT count(*) FROM sqlite_master", &tables, error);
}

struct sql *sql_open(const char *path, enum sql_mode mode, struct error *error)
{
	struct sql *sql = mem_new(struct sql);
	sql->path = mem_strdup(path);
	int flags = mode == SQL_WRITE ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY;
	int code = sqlite3_open_v2(path, &sql->db, flags | SQLITE_OPEN_NOMUTEX, NULL);
	if (code == SQLITE_OK && mode == SQL_FOLLOW)
		sql->index = sql_index_guard(sql->db);
	if (code != SQLITE_OK) {
		note(sql, code);
		sql_sentence(sql, error);
	} else if (prepare_file(sql, mode, error)) {
		return sql;
	}
	sql_close(sql);
	return NULL;
}

void sql_close(struct sql *sql)
{
	if (sql == NULL)
		return;
	for (size_t i = 0; i < sql->count; i++) {
		sqlite3_finalize(sql->queries[i]->statement);
		free(sql->queries[i]);
	}
	free(sql->queries);
	sqlite3_close(sql->db);
	sql_index_free(sql->index);
	free(sql->path);
	free(sql);
}

/* The log's inode number may be given to the next file as soon as the log is gone, so the time of
 * its birth belongs to what it is known by. */
static uint64_t log_identity(const char *path, uint64_t *size)
{
	struct statx log = {0};
	char *name = mem_printf("%s-wal", path);
	bool found = statx(AT_FDCWD, name, 0, STATX_INO | STATX_SIZE | STATX_BTIME, &log) == 0;
	free(name);
	if (!found)
		return 0;
	*size = log.stx_size;
	uint64_t born_ns = 0;
	if ((log.stx_mask & STATX_BTIME) != 0)
		born_ns = (uint64_t)log.stx_btime.tv_sec * 1000000000 + log.stx_btime.tv_nsec;
	return (log.stx_ino + 1) ^ (born_ns << 20 | born_ns >> 44);
}

uint64_t sql_log(const char *path)
{
	uint64_t size;
	return log_identity(path, &size);
}

bool sql_log_is_left(const char *path, uint64_t log)
{
	uint64_t size = 0;
	return log != 0 && log_identity(path, &size) == log && size > 0;
}

void sql_log_remove(const char *path)
{
	static const char *const endings[] = {"-wal", "-shm"};
	for (size_t i = 0; i < 2; i++) {
		char *name = mem_printf("%s%s", path, endings[i]);
		(void)unlink(name); /* what cannot be removed is told when the file is opened */
		free(name);
	}
}

/* A writer that touches a part of the index that is gone ends its process, and one that closes the
 * file would touch it for a checkpoint. */
static bool index_is_whole(struct sql *sql, struct error *error)
{
	off_t len = index_len(sql->path);
	bool whole = len >= sql->index_len && !sql_index_torn(sql->index);
	sql->index_len = len;
	if (!whole) {
		sqlite3_db_config(sql->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
		note_torn(sql);
		sql_sentence(sql, error);
	}
	return whole;
}

bool sql_begin(struct sql *sql, enum sql_mode mode, struct error *error)
{
	return index_is_whole(sql, error) &&
	       sql_run(sql, mode == SQL_WRITE ? "BEGIN IMMEDIATE" : "BEGIN", error);
}

bool sql_commit(struct sql *sql, struct error *error)
{
	if (sql_run(sql, "COMMIT", error))
		return true;
	sql_rollback(sql);
	return false;
}

void sql_rollback(struct sql *sql)
{
	/* Some failures have rolled back already; the rest cannot fail
	 * (sqlite.org/lang_transaction). */
	if (sqlite3_get_autocommit(sql->db) == 0)
		sqlite3_exec(sql->db, "ROLLBACK", NULL, NULL, NULL);
}

static struct sql_query *find_free(struct sql *sql, const char *text)
{
	for (size_t i = 0; i < sql->count; i++)
		if (sql->queries[i]->text == text && !sql->queries[i]->in_use)
			return sql->queries[i];
	struct sql_query *query = mem_new(struct sql_query);
	query->sql = sql;
	query->text = text;
	sql->queries = mem_resize(sql->queries, sql->count + 1, sizeof *sql->queries);
	sql->queries[sql->count++] = query;
	return query;
}

struct sql_query *sql_query(struct sql *sql, const char *text)
{
	struct sql_query *query = find_free(sql, text);
	query->in_use = true;
	if (query->statement == NULL) {
		int code = sqlite3_prepare_v3(sql->db, text, -1, SQLITE_PREPARE_PERSISTENT,
					      &query->statement, NULL);
		if (code != SQLITE_OK)
			note(sql, code);
	}
	return query;
}

void sql_bind_int(struct sql_query *query, int index, int64_t value)
{
	if (query->statement != NULL)
		sqlite3_bind_int64(query->statement, index, value);
}

void sql_bind_text(struct sql_query *query, int index, const char *value)
{
	if (query->statement != NULL)
		sqlite3_bind_text64(query->statement, index, value,
				    value != NULL ? strlen(value) : 0, SQLITE_STATIC, SQLITE_UTF8);
}

void sql_bind_blob(struct sql_query *query, int index, const void *bytes, size_t len)
{
	if (query->statement != NULL)
		sqlite3_bind_blob64(query->statement, index, bytes != NULL ? bytes : "", len,
				    SQLITE_STATIC);
}

enum sql_step sql_step(struct sql_query *query)
{
	if (query->statement == NULL)
		return SQL_FAILED;
	int code = sqlite3_step(query->statement);
	/* Pages are read by the step alone: what it returned is of the file, or is not returned. */
	if (sql_index_torn(query->sql->index)) {
		note_torn(query->sql);
		return SQL_FAILED;
	}
	if (code == SQLITE_ROW)
		return SQL_ROW;
	if (code == SQLITE_DONE)
		return SQL_DONE;
	note(query->sql, code);
	return SQL_FAILED;
}

void sql_finish(struct sql_query *query)
{
	if (query->statement != NULL) {
		sqlite3_reset(query->statement);
		sqlite3_clear_bindings(query->statement);
	}
	query->in_use = false;
}

bool sql_execute(struct sql_query *query)
{
	enum sql_step step;
	do
		step = sql_step(query);
	while (step == SQL_ROW);
	sql_finish(query);
	return step == SQL_DONE;
}

int64_t sql_int(struct sql_query *query, int column)
{
	return sqlite3_column_int64(query->statement, column);
}

const char *sql_text(struct sql_query *query, int column)
{
	return (const char *)sqlite3_column_text(query->statement, column);
}

const void *sql_blob(struct sql_query *query, int column, size_t *len)
{
	const void *bytes = sqlite3_column_blob(query->statement, column);
	*len = (size_t)sqlite3_column_bytes(query->statement, column);
	return bytes;
}

bool sql_number(struct sql *sql, const char *text, int64_t *number, struct error *error)
{
	struct sql_query *query = sql_query(sql, text);
	enum sql_step step = sql_step(query);
	*number = step == SQL_ROW ? sql_int(query, 0) : 0;
	sql_finish(query);
	if (step == SQL_FAILED)
		sql_sentence(sql, error);
	return step != SQL_FAILED;
}

int64_t sql_changes(struct sql *sql)
{
	return sqlite3_changes64(sql->db);
}
