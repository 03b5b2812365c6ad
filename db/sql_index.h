/*
 * sql_index: the index of a write-ahead log, the -shm file, which every reader has mapped and
 * somebody may cut short (`cp backup/config.db* .`).
 *
 * SQLite reads it as memory, so that a page which is gone ends the process. In a process that only
 * reads the file it need not: the page is replaced by one of zeroes of its own (mapping_guard.h),
 * and whatever was read since is refused. A writer must not go on with such a page, for it would
 * write where others have written: it is not guarded.
 */
#ifndef MERIDIAN_DB_SQL_INDEX_H
#define MERIDIAN_DB_SQL_INDEX_H

#include <stdbool.h>

struct sqlite3;
struct sql_index;

/* Guards the index of DB, which was opened to read and has read nothing yet. No other connection
 * of this process has the file open. Freed after DB is closed. */
struct sql_index *sql_index_guard(struct sqlite3 *db);
void sql_index_free(struct sql_index *index); /* NULL is allowed */

/* True from the first page on that was lost: DB is to be closed, what it read lately to be thrown
 * away. NULL: false. */
bool sql_index_torn(const struct sql_index *index);

#endif
