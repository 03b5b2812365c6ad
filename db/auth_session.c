/* Knows who a secret of a session or a token stands for, and until when. */
#include "base/log.h"
#include "base/wall.h"
#include "db/auth_private.h"
#include "db/auth_secret.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* SEEN is written at most so often, so that a page which asks every second does not write as often.
 */
enum { SEEN_EVERY_MS = 60000 };

static void forget_expired(struct auth *auth, int64_t now_ms)
{
	struct sql_query *query =
		sql_query(auth->sql, "DELETE FROM session WHERE seen < ?1 OR created < ?2");
	sql_bind_int(query, 1, now_ms - INT64_C(1000) * AUTH_SESSION_IDLE_S);
	sql_bind_int(query, 2, now_ms - INT64_C(1000) * AUTH_SESSION_MAX_S);
	/* They are refused by their times in any case. */
	if (!sql_execute(query))
		return;
}

bool auth_session_start(struct auth *auth, const char *name, int64_t now_ms,
			char secret[AUTH_SECRET_MAX], struct error *error)
{
	uint8_t digest[SECRET_DIGEST_LEN];
	secret_generate("", secret);
	secret_digest(secret, digest);
	if (!auth_enter(auth, AUTH_CHANGE, error))
		return false;
	forget_expired(auth, now_ms);
	struct sql_query *query =
		sql_query(auth->sql, "INSERT INTO session (secret, user, created, seen)"
				     " VALUES (?1, ?2, ?3, ?3)");
	sql_bind_blob(query, 1, digest, sizeof digest);
	sql_bind_text(query, 2, name);
	sql_bind_int(query, 3, now_ms);
	bool done = auth_execute(auth, query, NULL, error);
	auth_leave(auth);
	return done;
}

static void note_seen(struct auth *auth, const uint8_t *digest, int64_t now_ms)
{
	struct sql_query *query =
		sql_query(auth->sql, "UPDATE session SET seen = ?2 WHERE secret = ?1");
	sql_bind_blob(query, 1, digest, SECRET_DIGEST_LEN);
	sql_bind_int(query, 2, now_ms);
	/* On a full disk the session ends the sooner; that is all. */
	if (!sql_execute(query))
		return;
}

static bool session_holds(int64_t created, int64_t seen, int64_t now_ms)
{
	return now_ms - seen < INT64_C(1000) * AUTH_SESSION_IDLE_S &&
	       now_ms - created < INT64_C(1000) * AUTH_SESSION_MAX_S;
}

enum role auth_session_find(struct auth *auth, const char *secret, int64_t now_ms, char name[64])
{
	uint8_t digest[SECRET_DIGEST_LEN];
	enum role role = ROLE_NONE;
	int64_t seen = now_ms;
	secret_digest(secret, digest);
	if (!auth_enter(auth, AUTH_READ, NULL))
		return ROLE_NONE;
	struct sql_query *query = sql_query(
		auth->sql, "SELECT user.name, user.role, session.created, session.seen"
			   " FROM session JOIN user ON user.name = session.user WHERE secret = ?1");
	sql_bind_blob(query, 1, digest, sizeof digest);
	if (sql_step(query) == SQL_ROW &&
	    session_holds(sql_int(query, 2), sql_int(query, 3), now_ms) &&
	    role_parse(sql_text(query, 1), &role)) {
		snprintf(name, 64, "%s", sql_text(query, 0));
		seen = sql_int(query, 3);
	}
	sql_finish(query);
	if (now_ms - seen >= SEEN_EVERY_MS)
		note_seen(auth, digest, now_ms);
	auth_leave(auth);
	return role;
}

void auth_session_end(struct auth *auth, const char *secret)
{
	uint8_t digest[SECRET_DIGEST_LEN];
	struct error error = {0};
	bool done = false;
	secret_digest(secret, digest);
	if (auth_enter(auth, AUTH_CHANGE, &error)) {
		struct sql_query *query =
			sql_query(auth->sql, "DELETE FROM session WHERE secret = ?1");
		sql_bind_blob(query, 1, digest, sizeof digest);
		done = auth_execute(auth, query, NULL, &error);
		auth_leave(auth);
	}
	if (!done)
		log_warning("a session that was ended holds until it expires: %s", error.text);
}

bool auth_token_add(struct auth *auth, const char *name, enum role role, const json_t *zones,
		    int64_t expires_ms, char secret[AUTH_SECRET_MAX], struct error *error)
{
	uint8_t digest[SECRET_DIGEST_LEN];
	int64_t rows;
	if (!auth_name_is_good(name, error))
		return false;
	secret_generate("mrd_", secret);
	secret_digest(secret, digest);
	if (!auth_enter(auth, AUTH_CHANGE, error))
		return false;
	char *list = zones != NULL && !json_is_null(zones) ? json_dumps(zones, JSON_COMPACT) : NULL;
	struct sql_query *query = sql_query(
		auth->sql, "INSERT INTO token (name, secret, role, zones, expires, created)"
			   " VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO NOTHING");
	sql_bind_text(query, 1, name);
	sql_bind_blob(query, 2, digest, sizeof digest);
	sql_bind_text(query, 3, role_name(role));
	sql_bind_text(query, 4, list);
	sql_bind_int(query, 5, expires_ms);
	sql_bind_int(query, 6, wall_now_ms());
	bool done = auth_execute(auth, query, &rows, error);
	auth_leave(auth);
	free(list);
	if (done && rows == 0)
		error_set(error, "there is a token %s already", name);
	return done && rows > 0;
}

bool auth_token_remove(struct auth *auth, const char *name, struct error *error)
{
	int64_t rows;
	if (!auth_enter(auth, AUTH_CHANGE, error))
		return false;
	struct sql_query *query = sql_query(auth->sql, "DELETE FROM token WHERE name = ?1");
	sql_bind_text(query, 1, name);
	bool done = auth_execute(auth, query, &rows, error);
	auth_leave(auth);
	if (done && rows == 0)
		error_set(error, "there is no token %s", name);
	return done && rows > 0;
}

static json_t *zones_json(const char *text)
{
	json_t *zones = text != NULL ? json_loads(text, 0, NULL) : NULL;
	return zones != NULL ? zones : json_null();
}

static json_t *token_json(struct sql_query *row)
{
	json_t *token = json_object();
	json_object_set_new(token, "name", json_string(sql_text(row, 0)));
	json_object_set_new(token, "role", json_string(sql_text(row, 1)));
	json_object_set_new(token, "zones", zones_json(sql_text(row, 2)));
	json_object_set_new(token, "expires",
			    sql_int(row, 3) != 0 ? auth_time_json(sql_int(row, 3)) : json_null());
	json_object_set_new(token, "created", auth_time_json(sql_int(row, 4)));
	return token;
}

json_t *auth_tokens(struct auth *auth, struct error *error)
{
	if (!auth_enter(auth, AUTH_READ, error))
		return NULL;
	json_t *tokens = json_array();
	enum sql_step step;
	struct sql_query *query = sql_query(
		auth->sql, "SELECT name, role, zones, expires, created FROM token ORDER BY name");
	while ((step = sql_step(query)) == SQL_ROW)
		json_array_append_new(tokens, token_json(query));
	sql_finish(query);
	if (step == SQL_FAILED) {
		sql_sentence(auth->sql, error);
		json_decref(tokens);
		tokens = NULL;
	}
	auth_leave(auth);
	return tokens;
}

/* False where the list cannot be read: a token must not grow because its file is damaged. */
static bool token_zones(const char *text, json_t **zones)
{
	if (text == NULL || zones == NULL)
		return true;
	*zones = json_loads(text, 0, NULL);
	return json_is_array(*zones);
}

enum role auth_token_find(struct auth *auth, const char *secret, int64_t now_ms, char name[64],
			  json_t **zones)
{
	uint8_t digest[SECRET_DIGEST_LEN];
	enum role role = ROLE_NONE;
	secret_digest(secret, digest);
	if (zones != NULL)
		*zones = NULL;
	if (!auth_enter(auth, AUTH_READ, NULL))
		return ROLE_NONE;
	struct sql_query *query = sql_query(
		auth->sql, "SELECT name, role, zones, expires FROM token WHERE secret = ?1");
	sql_bind_blob(query, 1, digest, sizeof digest);
	if (sql_step(query) == SQL_ROW && (sql_int(query, 3) == 0 || now_ms < sql_int(query, 3)) &&
	    role_parse(sql_text(query, 1), &role)) {
		snprintf(name, 64, "%s", sql_text(query, 0));
		if (!token_zones(sql_text(query, 2), zones))
			role = ROLE_NONE;
	}
	sql_finish(query);
	auth_leave(auth);
	return role;
}
