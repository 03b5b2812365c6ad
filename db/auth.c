/* Knows who the users are and what they may do. */
#include "db/auth.h"

#include "base/mem.h"
#include "base/wall.h"
#include "db/auth_private.h"
#include "db/auth_secret.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { AUTH_MODE = 0600, AUTH_SCHEMA = 1 };

static const char *const role_names[] = {[ROLE_NONE] = "none",
					 [ROLE_VIEWER] = "viewer",
					 [ROLE_OPERATOR] = "operator",
					 [ROLE_ADMIN] = "admin"};

bool role_parse(const char *text, enum role *role)
{
	for (int i = ROLE_VIEWER; i <= ROLE_ADMIN; i++) {
		if (strcmp(text, role_names[i]) == 0) {
			*role = (enum role)i;
			return true;
		}
	}
	return false;
}

const char *role_name(enum role role)
{
	return role_names[role];
}

static const char schema[] =
	"BEGIN IMMEDIATE;"
	"CREATE TABLE IF NOT EXISTS user(name TEXT PRIMARY KEY, hash TEXT NOT NULL,"
	" role TEXT NOT NULL, created INTEGER NOT NULL) WITHOUT ROWID;"
	"CREATE TABLE IF NOT EXISTS session(secret BLOB PRIMARY KEY, user TEXT NOT NULL,"
	" created INTEGER NOT NULL, seen INTEGER NOT NULL) WITHOUT ROWID;"
	"CREATE TABLE IF NOT EXISTS token(name TEXT PRIMARY KEY, secret BLOB NOT NULL UNIQUE,"
	" role TEXT NOT NULL, zones TEXT, expires INTEGER NOT NULL, created INTEGER NOT NULL)"
	" WITHOUT ROWID;"
	"PRAGMA user_version = 1;"
	"COMMIT;";

static bool prepare(struct auth *auth, struct error *error)
{
	int64_t version;
	if (!sql_number(auth->sql, "SELECT user_version FROM pragma_user_version", &version, error))
		return false;
	if (version <= AUTH_SCHEMA)
		return version == AUTH_SCHEMA || sql_run(auth->sql, schema, error);
	error_set(
		error,
		"%s has schema version %" PRId64
		", this program knows versions up to %d; install the newer Meridian that wrote it",
		auth->path, version, AUTH_SCHEMA);
	return false;
}

struct auth *auth_open(const char *path, struct error *error)
{
	struct auth *auth = mem_new(struct auth);
	auth->path = mem_strdup(path);
	pthread_mutex_init(&auth->lock, NULL);
	if (sql_create(path, AUTH_MODE, error) &&
	    (auth->sql = sql_open(path, SQL_WRITE, error)) != NULL && prepare(auth, error))
		return auth;
	auth_close(auth);
	return NULL;
}

void auth_close(struct auth *auth)
{
	if (auth == NULL)
		return;
	sql_close(auth->sql);
	pthread_mutex_destroy(&auth->lock);
	free(auth->path);
	free(auth);
}

bool auth_execute(struct auth *auth, struct sql_query *query, int64_t *rows, struct error *error)
{
	bool done = sql_execute(query);
	if (!done)
		sql_sentence(auth->sql, error);
	if (rows != NULL)
		*rows = done ? sql_changes(auth->sql) : 0;
	return done;
}

json_t *auth_time_json(int64_t ms)
{
	char text[WALL_TEXT_MAX];
	wall_format(ms, text);
	return json_string(text);
}

bool auth_name_is_good(const char *name, struct error *error)
{
	static const char first[] = "abcdefghijklmnopqrstuvwxyz0123456789";
	static const char rest[] = "abcdefghijklmnopqrstuvwxyz0123456789._-";
	size_t len = strlen(name);
	if (len > 0 && len <= 63 && strchr(first, name[0]) != NULL && strspn(name, rest) == len)
		return true;
	error_set(
		error,
		"\"%.80s\" is not a name: up to 63 of a-z, 0-9, '.', '_' and '-', beginning with a "
		"letter or digit",
		name);
	return false;
}

bool auth_is_empty(struct auth *auth)
{
	int64_t users;
	pthread_mutex_lock(&auth->lock);
	/* Where it cannot be read, somebody may be in it. */
	bool empty = sql_number(auth->sql, "SELECT count(*) FROM user", &users, NULL) && users == 0;
	pthread_mutex_unlock(&auth->lock);
	return empty;
}

bool auth_user_add(struct auth *auth, const char *name, const char *password, enum role role,
		   struct error *error)
{
	char hash[PASSWORD_HASH_MAX];
	int64_t rows;
	if (!auth_name_is_good(name, error) || !password_hash(password, hash, error))
		return false;
	pthread_mutex_lock(&auth->lock);
	struct sql_query *query = sql_query(
		auth->sql, "INSERT INTO user (name, hash, role, created) VALUES (?1, ?2, ?3, ?4)"
			   " ON CONFLICT DO NOTHING");
	sql_bind_text(query, 1, name);
	sql_bind_text(query, 2, hash);
	sql_bind_text(query, 3, role_name(role));
	sql_bind_int(query, 4, wall_now_ms());
	bool done = auth_execute(auth, query, &rows, error);
	pthread_mutex_unlock(&auth->lock);
	if (done && rows == 0)
		error_set(error, "there is a user %s already", name);
	return done && rows > 0;
}

static bool end_sessions_of(struct auth *auth, const char *name, struct error *error)
{
	struct sql_query *query = sql_query(auth->sql, "DELETE FROM session WHERE user = ?1");
	sql_bind_text(query, 1, name);
	return auth_execute(auth, query, NULL, error);
}

/* Runs QUERY, which changes the user NAME, and ends his sessions, both or neither. */
static bool change_user(struct auth *auth, struct sql_query *query, const char *name,
			struct error *error)
{
	int64_t rows;
	if (!auth_execute(auth, query, &rows, error))
		return false;
	if (rows == 0) {
		error_set(error, "there is no user %s", name);
		return false;
	}
	return end_sessions_of(auth, name, error);
}

bool auth_user_remove(struct auth *auth, const char *name, struct error *error)
{
	bool done = false;
	pthread_mutex_lock(&auth->lock);
	if (sql_begin(auth->sql, SQL_WRITE, error)) {
		struct sql_query *query = sql_query(auth->sql, "DELETE FROM user WHERE name = ?1");
		sql_bind_text(query, 1, name);
		done = change_user(auth, query, name, error) && sql_commit(auth->sql, error);
		sql_rollback(auth->sql);
	}
	pthread_mutex_unlock(&auth->lock);
	return done;
}

bool auth_user_set_password(struct auth *auth, const char *name, const char *password,
			    struct error *error)
{
	char hash[PASSWORD_HASH_MAX];
	bool done = false;
	if (!password_hash(password, hash, error))
		return false;
	pthread_mutex_lock(&auth->lock);
	if (sql_begin(auth->sql, SQL_WRITE, error)) {
		struct sql_query *query =
			sql_query(auth->sql, "UPDATE user SET hash = ?2 WHERE name = ?1");
		sql_bind_text(query, 1, name);
		sql_bind_text(query, 2, hash);
		done = change_user(auth, query, name, error) && sql_commit(auth->sql, error);
		sql_rollback(auth->sql);
	}
	pthread_mutex_unlock(&auth->lock);
	return done;
}

json_t *auth_users(struct auth *auth, struct error *error)
{
	json_t *users = json_array();
	enum sql_step step;
	pthread_mutex_lock(&auth->lock);
	struct sql_query *query =
		sql_query(auth->sql, "SELECT name, role, created FROM user ORDER BY name");
	while ((step = sql_step(query)) == SQL_ROW) {
		json_t *user = json_object();
		json_object_set_new(user, "name", json_string(sql_text(query, 0)));
		json_object_set_new(user, "role", json_string(sql_text(query, 1)));
		json_object_set_new(user, "created", auth_time_json(sql_int(query, 2)));
		json_array_append_new(users, user);
	}
	sql_finish(query);
	if (step == SQL_FAILED) {
		sql_sentence(auth->sql, error);
		json_decref(users);
		users = NULL;
	}
	pthread_mutex_unlock(&auth->lock);
	return users;
}

enum role auth_check_password(struct auth *auth, const char *name, const char *password)
{
	char *hash = NULL;
	enum role role = ROLE_NONE;
	pthread_mutex_lock(&auth->lock);
	struct sql_query *query =
		sql_query(auth->sql, "SELECT hash, role FROM user WHERE name = ?1");
	sql_bind_text(query, 1, name);
	if (sql_step(query) == SQL_ROW && role_parse(sql_text(query, 1), &role))
		hash = mem_strdup(sql_text(query, 0));
	sql_finish(query);
	pthread_mutex_unlock(&auth->lock);
	bool fits = password_fits(password, hash);
	free(hash);
	return fits ? role : ROLE_NONE;
}
