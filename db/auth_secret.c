/* Knows how secrets are made and hashed, and nothing of whose they are. */
#include "db/auth_secret.h"

#include "base/log.h"
#include "base/mem.h"

#include <crypt.h>
#include <openssl/crypto.h>
#include <openssl/sha.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

enum { PASSWORD_MAX = 256, SECRET_BYTES = 32 };

static void random_bytes(void *bytes, size_t len)
{
	/* Up to 256 octets are never cut short (getrandom(2)). */
	if (getrandom(bytes, len, 0) != (ssize_t)len) {
		log_error("the kernel gives no random numbers; ending rather than guess secrets");
		abort();
	}
}

void secret_generate(const char *prefix, char secret[AUTH_SECRET_MAX])
{
	static const char alphabet[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	uint8_t bytes[SECRET_BYTES + 1] = {0};
	random_bytes(bytes, SECRET_BYTES);
	char *end = stpcpy(secret, prefix);
	for (unsigned bit = 0; bit < 8 * SECRET_BYTES; bit += 6) {
		unsigned pair = (unsigned)bytes[bit / 8] << 8 | bytes[bit / 8 + 1];
		*end++ = alphabet[pair >> (10 - bit % 8) & 63];
	}
	*end = '\0';
	OPENSSL_cleanse(bytes, sizeof bytes);
}

void secret_digest(const char *secret, uint8_t digest[SECRET_DIGEST_LEN])
{
	SHA256((const unsigned char *)secret, strlen(secret), digest);
}

void auth_generate_password(char text[AUTH_SECRET_MAX])
{
	/* 32 signs that are not mistaken for each other: 5 bits each, 20 of them. */
	static const char alphabet[] = "023456789abcdefghjkmnpqrstuvwxyz";
	uint8_t bytes[20];
	random_bytes(bytes, sizeof bytes);
	char *end = text;
	for (size_t i = 0; i < sizeof bytes; i++) {
		if (i > 0 && i % 4 == 0)
			*end++ = '-';
		*end++ = alphabet[bytes[i] & 31];
	}
	*end = '\0';
	OPENSSL_cleanse(bytes, sizeof bytes);
}

bool password_hash(const char *password, char hash[PASSWORD_HASH_MAX], struct error *error)
{
	size_t len = strlen(password);
	if (len < AUTH_PASSWORD_MIN || len > PASSWORD_MAX) {
		error_set(error, "the password must have %d to %d octets", AUTH_PASSWORD_MIN,
			  PASSWORD_MAX);
		return false;
	}
	char setting[CRYPT_GENSALT_OUTPUT_SIZE];
	struct crypt_data *data = mem_new(struct crypt_data); /* 32 KB: not for a thread's stack */
	const char *result = NULL;
	if (crypt_gensalt_rn("$y$", 0, NULL, 0, setting, sizeof setting) != NULL)
		result = crypt_rn(password, setting, data, sizeof *data);
	if (result != NULL)
		strcpy(hash, result);
	else
		error_set_errno(error, "the password cannot be hashed");
	OPENSSL_cleanse(data, sizeof *data);
	free(data);
	return result != NULL;
}

bool password_fits(const char *password, const char *hash)
{
	/* A setting of the same cost as those of password_hash(), and no hash: nothing fits it. */
	static const char nobody[] = "$y$j9T$Meridian.Nobody.Nobo$";
	bool possible = strlen(password) <= PASSWORD_MAX;
	const char *against = hash != NULL ? hash : nobody;
	struct crypt_data *data = mem_new(struct crypt_data);
	const char *result = crypt_rn(possible ? password : "", against, data, sizeof *data);
	size_t len = strlen(against);
	bool fits = result != NULL && possible && hash != NULL && strlen(result) == len &&
		    CRYPTO_memcmp(result, against, len) == 0;
	OPENSSL_cleanse(data, sizeof *data);
	free(data);
	return fits;
}
