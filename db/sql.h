/*
 * sql: one SQLite file, its prepared statements and its failures as sentences.
 *
 * Every file of ours is in WAL mode with the -wal and -shm files kept when the last writer goes, so
 * that a user with read permission alone reads it live. A handle is used by one thread at a time.
 */
#ifndef MERIDIAN_DB_SQL_H
#define MERIDIAN_DB_SQL_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct sql;
struct sql_query;

/* SQL_FOLLOW reads, in a process that never writes the file and opens it once at a time: it
 * outlives that the index of the log is cut short (sql_index.h). */
enum sql_mode { SQL_READ, SQL_FOLLOW, SQL_WRITE };
enum sql_step { SQL_DONE, SQL_ROW, SQL_FAILED };

enum { SQL_BUSY_MS = 5000 };

/* Creates an empty file with exactly MODE where PATH does not exist; a file that is there is left
 * alone. */
bool sql_create(const char *path, mode_t mode, struct error *error)
	__attribute__((warn_unused_result));

/* Opens the file that exists at PATH and reads its header. Only SQL_WRITE writes to it. NULL with
 * ERROR. */
struct sql *sql_open(const char *path, enum sql_mode mode, struct error *error);
void sql_close(struct sql *sql); /* NULL is allowed; an open transaction is rolled back */

/*
 * SQLite finds the write-ahead log of a database by its name alone: put another database at PATH
 * and leave the log, and the pages of the old one are read into the new. So whoever opens a file
 * notes which log it had (inode and birth), and asks before he opens what was put in its place.
 */
uint64_t sql_log(const char *path); /* 0 where there is none */
/* True where the log LOG still stands beside PATH and has anything in it. */
bool sql_log_is_left(const char *path, uint64_t log);
/* Removes the log and its index; nobody must have them open. */
void sql_log_remove(const char *path);

/* Runs statements that return nothing. */
bool sql_run(struct sql *sql, const char *script, struct error *error)
	__attribute__((warn_unused_result));

bool sql_begin(struct sql *sql, enum sql_mode mode, struct error *error)
	__attribute__((warn_unused_result));
/* False with ERROR: the transaction is rolled back, nothing of it holds. */
bool sql_commit(struct sql *sql, struct error *error) __attribute__((warn_unused_result));
void sql_rollback(struct sql *sql); /* ends a reading transaction too */

/*
 * The statement of TEXT (a string constant), prepared at its first use and kept; one that is still
 * being stepped is not handed out twice. It belongs to SQL; give it back with sql_finish() or
 * sql_execute(). Never NULL: where it cannot be prepared, stepping fails.
 */
struct sql_query *sql_query(struct sql *sql, const char *text);

/* Parameters count from 1. Text (NULL: SQL NULL) and octets are borrowed until the query is
 * finished. */
void sql_bind_int(struct sql_query *query, int index, int64_t value);
void sql_bind_text(struct sql_query *query, int index, const char *value);
void sql_bind_blob(struct sql_query *query, int index, const void *bytes, size_t len);

enum sql_step sql_step(struct sql_query *query);
/* Steps a statement that returns no rows, and finishes it. */
bool sql_execute(struct sql_query *query) __attribute__((warn_unused_result));
void sql_finish(struct sql_query *query);

/* Columns count from 0; what they return lives until the next step. Text is NULL for SQL NULL. */
int64_t sql_int(struct sql_query *query, int column);
const char *sql_text(struct sql_query *query, int column);
const void *sql_blob(struct sql_query *query, int column, size_t *len);

/* One number: the first column of the first row of TEXT, 0 where there is none. */
bool sql_number(struct sql *sql, const char *text, int64_t *number, struct error *error)
	__attribute__((warn_unused_result));

/* Rows that the last statement changed. */
int64_t sql_changes(struct sql *sql);

/* The last failure of a step as a sentence that names the file and the remedy. */
void sql_sentence(const struct sql *sql, struct error *error);
/* True where the last failure means that the file itself is damaged or gone, so that only opening
 * it again can help. */
bool sql_is_broken(const struct sql *sql);

#endif
