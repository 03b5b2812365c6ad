/* auth_private: what the files of auth share with each other, and nobody else. */
#ifndef MERIDIAN_DB_AUTH_PRIVATE_H
#define MERIDIAN_DB_AUTH_PRIVATE_H

#include "db/auth.h"
#include "db/sql.h"

#include <pthread.h>

struct auth {
	struct sql *sql;
	char *path;
	pthread_mutex_t lock; /* held for statements, never while a password is hashed */
};

/* [a-z0-9][a-z0-9._-]{0,62}, as every name of the configuration. */
bool auth_name_is_good(const char *name, struct error *error) __attribute__((warn_unused_result));

/* RFC 3339. */
json_t *auth_time_json(int64_t ms);

/* Runs a statement that is bound already. False with ERROR; *ROWS (may be NULL) is what it changed.
 */
bool auth_execute(struct auth *auth, struct sql_query *query, int64_t *rows, struct error *error)
	__attribute__((warn_unused_result));

#endif
