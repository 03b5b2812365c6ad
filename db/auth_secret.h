/* auth_secret: passwords and random secrets, and what is kept of them. */
#ifndef MERIDIAN_DB_AUTH_SECRET_H
#define MERIDIAN_DB_AUTH_SECRET_H

#include "db/auth.h"

#include <stddef.h>

enum { PASSWORD_HASH_MAX = 384, SECRET_DIGEST_LEN = 32 };

/* 256 random bits as base64url without padding (RFC 4648 section 5), behind PREFIX ("", "mrd_"). */
void secret_generate(const char *prefix, char secret[AUTH_SECRET_MAX]);
/* SHA-256 of the text. */
void secret_digest(const char *secret, uint8_t digest[SECRET_DIGEST_LEN]);

/* A yescrypt hash with a salt of its own. False with ERROR: too short, too long, or crypt(3)
 * refuses. */
bool password_hash(const char *password, char hash[PASSWORD_HASH_MAX], struct error *error)
	__attribute__((warn_unused_result));
/* Takes as long where HASH is NULL (nobody of that name) as where it is not, and is then false. */
bool password_fits(const char *password, const char *hash) __attribute__((warn_unused_result));

#endif
