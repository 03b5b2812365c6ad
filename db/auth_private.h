/* auth_private: what the files of auth share with each other, and nobody else. */
#ifndef MERIDIAN_DB_AUTH_PRIVATE_H
#define MERIDIAN_DB_AUTH_PRIVATE_H

#include "db/auth.h"
#include "db/sql.h"

#include "base/mono.h"

#include <pthread.h>
#include <sys/stat.h>

struct auth {
	struct sql *sql; /* NULL: another file stands at the path and cannot be opened */
	char *path;
	struct stat file;     /* of the file that SQL has, or had, open */
	uint64_t log;	      /* of its write-ahead log */
	struct mono retry_at; /* not before this is a file that could not be opened tried again */
	bool told;	      /* what is wrong with the file has been logged */
	pthread_mutex_t lock; /* held for statements, never while a password is hashed */
};

enum auth_use { AUTH_READ, AUTH_CHANGE };

/*
 * Takes the lock, with the file that now stands at the path open: one that was put in place of
 * another is taken up. While there is none the last one goes on being read, and a change is
 * refused. False with ERROR (may be NULL) and without the lock.
 */
bool auth_enter(struct auth *auth, enum auth_use use, struct error *error)
	__attribute__((warn_unused_result));
void auth_leave(struct auth *auth);

/* [a-z0-9][a-z0-9._-]{0,62}, as every name of the configuration. */
bool auth_name_is_good(const char *name, struct error *error) __attribute__((warn_unused_result));

/* RFC 3339. */
json_t *auth_time_json(int64_t ms);

/* Runs a statement that is bound already. False with ERROR; *ROWS (may be NULL) is what it changed.
 */
bool auth_execute(struct auth *auth, struct sql_query *query, int64_t *rows, struct error *error)
	__attribute__((warn_unused_result));

#endif
