/*
 * auth: users, sessions and tokens (auth.db), the web daemon's alone; the CLI writes it as its
 * owner.
 *
 * Passwords are yescrypt (crypt(3)); session and token secrets are 256 random bits, kept only as
 * SHA-256.
 */
#ifndef MERIDIAN_DB_AUTH_H
#define MERIDIAN_DB_AUTH_H

#include "base/error.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

struct auth;

enum role { ROLE_NONE, ROLE_VIEWER, ROLE_OPERATOR, ROLE_ADMIN };

bool role_parse(const char *text, enum role *role) __attribute__((warn_unused_result));
const char *role_name(enum role role);

enum {
	AUTH_SECRET_MAX = 64,
	AUTH_PASSWORD_MIN = 10,
	AUTH_SESSION_IDLE_S = 8 * 3600,
	AUTH_SESSION_MAX_S = 7 * 24 * 3600
};

/*
 * Creates the file with mode 0600. NULL with ERROR. Thread-safe: calls are serialised inside. A
 * file that is put in place of the present one later (a copy brought back) is taken up at the next
 * call.
 */
struct auth *auth_open(const char *path, struct error *error);
void auth_close(struct auth *auth);

bool auth_is_empty(struct auth *auth);
/* A password of 100 random bits an operator can type ("k4tz-9mwa-..."). */
void auth_generate_password(char text[AUTH_SECRET_MAX]);
bool auth_user_add(struct auth *auth, const char *name, const char *password, enum role role,
		   struct error *error) __attribute__((warn_unused_result));
/* Removing a user, another password and another role end his sessions. The last admin can neither
 * be removed nor get another role. */
bool auth_user_remove(struct auth *auth, const char *name, struct error *error)
	__attribute__((warn_unused_result));
bool auth_user_set_password(struct auth *auth, const char *name, const char *password,
			    struct error *error) __attribute__((warn_unused_result));
bool auth_user_set_role(struct auth *auth, const char *name, enum role role, struct error *error)
	__attribute__((warn_unused_result));
json_t *auth_users(struct auth *auth, struct error *error); /* [{"name","role","created"}] */

/* Checks a password in constant time for known and unknown names; ROLE_NONE where it does not fit.
 * Costs some 100 ms of CPU. */
enum role auth_check_password(struct auth *auth, const char *name, const char *password);

/* Starts a session; SECRET is for the cookie. */
bool auth_session_start(struct auth *auth, const char *name, int64_t now_ms,
			char secret[AUTH_SECRET_MAX], struct error *error)
	__attribute__((warn_unused_result));
/* The user behind a session or token secret; ROLE_NONE where it is unknown or expired. NAME holds
 * 64 octets. */
enum role auth_session_find(struct auth *auth, const char *secret, int64_t now_ms, char name[64]);
void auth_session_end(struct auth *auth, const char *secret);

/* Tokens for scripts. ZONES is a JSON array of names or NULL (all); EXPIRES_MS 0: never. SECRET is
 * shown once. */
bool auth_token_add(struct auth *auth, const char *name, enum role role, const json_t *zones,
		    int64_t expires_ms, char secret[AUTH_SECRET_MAX], struct error *error)
	__attribute__((warn_unused_result));
bool auth_token_remove(struct auth *auth, const char *name, struct error *error)
	__attribute__((warn_unused_result));
json_t *auth_tokens(struct auth *auth, struct error *error);
/* *ZONES (may be NULL) gets a new reference or NULL for all. */
enum role auth_token_find(struct auth *auth, const char *secret, int64_t now_ms, char name[64],
			  json_t **zones);

#endif
