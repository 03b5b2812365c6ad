/* Knows who the users are and what they may do. */
#include "db/auth.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/wall.h"
#include "db/auth_private.h"
#include "db/auth_secret.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { AUTH_MODE = 0600, AUTH_SCHEMA = 1, RETRY_MS = 1000 };

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

static bool open_file(struct auth *auth, struct error *error)
{
	/* Each change goes from the log into the file at once: the file alone is a whole copy. */
	auth->sql = sql_open(auth->path, SQL_WRITE, error);
	if (auth->sql != NULL && sql_run(auth->sql, "PRAGMA wal_autocheckpoint = 1", error) &&
	    prepare(auth, error)) {
		if (stat(auth->path, &auth->file) != 0)
			auth->file.st_ino = 0;
		auth->log = sql_log(auth->path);
		if ((auth->file.st_mode & 077) != 0)
			log_warning("%s may be read or written by others than its owner; its mode "
				    "should be 0600",
				    auth->path);
		return true;
	}
	sql_close(auth->sql);
	auth->sql = NULL;
	return false;
}

struct auth *auth_open(const char *path, struct error *error)
{
	struct auth *auth = mem_new(struct auth);
	auth->path = mem_strdup(path);
	pthread_mutex_init(&auth->lock, NULL);
	if (sql_create(path, AUTH_MODE, error) && open_file(auth, error))
		return auth;
	auth_close(auth);
	return NULL;
}

/* Under the lock: logs, once, that the file cannot be had. */
static void tell(struct auth *auth, const char *why)
{
	if (!auth->told)
		log_warning("users, sessions and tokens cannot be read or changed: %s", why);
	auth->told = true;
}

/* The old file is closed first: what its log (WAL) still holds must not be read into the new one.
 */
static bool take_up(struct auth *auth, struct error *error)
{
	struct mono now = mono_now();
	struct error why = {0};
	if (auth->sql == NULL && now.ns < auth->retry_at.ns) {
		error_set(error, "%s cannot be opened", auth->path);
		return false;
	}
	sql_close(auth->sql);
	auth->sql = NULL;
	if (sql_log_is_left(auth->path, auth->log))
		sql_log_remove(auth->path);
	if (open_file(auth, &why)) {
		log_notice("users, sessions and tokens are read from the new file path=%s",
			   auth->path);
		auth->told = false;
		return true;
	}
	auth->retry_at = mono_add_ms(now, RETRY_MS);
	tell(auth, why.text);
	error_set(error, "%s", why.text);
	return false;
}

bool auth_enter(struct auth *auth, enum auth_use use, struct error *error)
{
	struct stat now;
	pthread_mutex_lock(&auth->lock);
	if (stat(auth->path, &now) == 0) {
		if ((auth->sql != NULL && now.st_ino == auth->file.st_ino &&
		     now.st_dev == auth->file.st_dev) ||
		    take_up(auth, error))
			return true;
	} else {
		struct error why = {0};
		error_set_errno(&why, "%s cannot be found", auth->path);
		tell(auth, why.text);
		if (use == AUTH_READ && auth->sql != NULL)
			return true;
		error_set(error, "%s", why.text);
	}
	pthread_mutex_unlock(&auth->lock);
	return false;
}

void auth_leave(struct auth *auth)
{
	pthread_mutex_unlock(&auth->lock);
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
	if (!auth_enter(auth, AUTH_READ, NULL))
		return false;
	/* Where it cannot be read, somebody may be in it. */
	bool empty = sql_number(auth->sql, "SELECT count(*) FROM user", &users, NULL) && users == 0;
	auth_leave(auth);
	return empty;
}

bool auth_user_add(struct auth *auth, const char *name, const char *password, enum role role,
		   struct error *error)
{
	char hash[PASSWORD_HASH_MAX];
	int64_t rows;
	if (!auth_name_is_good(name, error) || !password_hash(password, hash, error) ||
	    !auth_enter(auth, AUTH_CHANGE, error))
		return false;
	struct sql_query *query = sql_query(
		auth->sql, "INSERT INTO user (name, hash, role, created) VALUES (?1, ?2, ?3, ?4)"
			   " ON CONFLICT DO NOTHING");
	sql_bind_text(query, 1, name);
	sql_bind_text(query, 2, hash);
	sql_bind_text(query, 3, role_name(role));
	sql_bind_int(query, 4, wall_now_ms());
	bool done = auth_execute(auth, query, &rows, error);
	auth_leave(auth);
	if (done && rows == 0)
		error_set(error, "there is a user %s already", name);
	return done && rows > 0;
}

static const char count_admins[] = "SELECT count(*) FROM user WHERE role = 'admin'";

static bool end_sessions_of(struct auth *auth, const char *name, struct error *error)
{
	struct sql_query *query = sql_query(auth->sql, "DELETE FROM session WHERE user = ?1");
	sql_bind_text(query, 1, name);
	return auth_execute(auth, query, NULL, error);
}

/* Where there was an admin, one stays: else nobody could let anybody in over HTTP again. */
static bool admin_is_left(struct auth *auth, int64_t before, struct error *error)
{
	int64_t after;
	if (!sql_number(auth->sql, count_admins, &after, error))
		return false;
	if (before > 0 && after == 0)
		error_set(error, "the last admin cannot be taken away");
	return before == 0 || after > 0;
}

/* Runs QUERY, which changes the user NAME, and ends his sessions, both or neither. */
static bool change_user(struct auth *auth, struct sql_query *query, const char *name,
			struct error *error)
{
	int64_t rows, admins;
	if (!sql_number(auth->sql, count_admins, &admins, error)) {
		sql_finish(query);
		return false;
	}
	if (!auth_execute(auth, query, &rows, error))
		return false;
	if (rows == 0) {
		error_set(error, "there is no user %s", name);
		return false;
	}
	return admin_is_left(auth, admins, error) && end_sessions_of(auth, name, error);
}

bool auth_user_remove(struct auth *auth, const char *name, struct error *error)
{
	bool done = false;
	if (!auth_enter(auth, AUTH_CHANGE, error))
		return false;
	if (sql_begin(auth->sql, SQL_WRITE, error)) {
		struct sql_query *query = sql_query(auth->sql, "DELETE FROM user WHERE name = ?1");
		sql_bind_text(query, 1, name);
		done = change_user(auth, query, name, error) && sql_commit(auth->sql, error);
		sql_rollback(auth->sql);
	}
	auth_leave(auth);
	return done;
}

bool auth_user_set_password(struct auth *auth, const char *name, const char *password,
			    struct error *error)
{
	char hash[PASSWORD_HASH_MAX];
	bool done = false;
	if (!password_hash(password, hash, error) || !auth_enter(auth, AUTH_CHANGE, error))
		return false;
	if (sql_begin(auth->sql, SQL_WRITE, error)) {
		struct sql_query *query =
			sql_query(auth->sql, "UPDATE user SET hash = ?2 WHERE name = ?1");
		sql_bind_text(query, 1, name);
		sql_bind_text(query, 2, hash);
		done = change_user(auth, query, name, error) && sql_commit(auth->sql, error);
		sql_rollback(auth->sql);
	}
	auth_leave(auth);
	return done;
}

bool auth_user_set_role(struct auth *auth, const char *name, enum role role, struct error *error)
{
	bool done = false;
	if (!auth_enter(auth, AUTH_CHANGE, error))
		return false;
	if (sql_begin(auth->sql, SQL_WRITE, error)) {
		struct sql_query *query =
			sql_query(auth->sql, "UPDATE user SET role = ?2 WHERE name = ?1");
		sql_bind_text(query, 1, name);
		sql_bind_text(query, 2, role_name(role));
		done = change_user(auth, query, name, error) && sql_commit(auth->sql, error);
		sql_rollback(auth->sql);
	}
	auth_leave(auth);
	return done;
}

json_t *auth_users(struct auth *auth, struct error *error)
{
	if (!auth_enter(auth, AUTH_READ, error))
		return NULL;
	json_t *users = json_array();
	enum sql_step step;
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
	auth_leave(auth);
	return users;
}

enum role auth_check_password(struct auth *auth, const char *name, const char *password)
{
	char *hash = NULL;
	enum role role = ROLE_NONE;
	if (auth_enter(auth, AUTH_READ, NULL)) {
		struct sql_query *query =
			sql_query(auth->sql, "SELECT hash, role FROM user WHERE name = ?1");
		sql_bind_text(query, 1, name);
		if (sql_step(query) == SQL_ROW && role_parse(sql_text(query, 1), &role))
			hash = mem_strdup(sql_text(query, 0));
		sql_finish(query);
		auth_leave(auth);
	}
	bool fits = password_fits(password, hash);
	free(hash);
	return fits ? role : ROLE_NONE;
}
