/* Knows the form of a server cookie, and when one is good. */
#include "geodns/cookie.h"

#include "geodns/wire/cursor.h"

#include <ctype.h>
#include <string.h>

enum { VERSION = 1, VERSION_AT = 8, RESERVED_AT = 9, TIME_AT = 12, HASH_AT = 16, ADDRESS_MAX = 16 };

/* RFC 9018 section 4.4: over the client's cookie, ours up to the time, and the client's address. */
static void put_hash(const uint8_t key[SIPHASH_KEY_LEN], const uint8_t *cookie,
		     const struct addr *client, uint8_t hash[8])
{
	uint8_t over[HASH_AT + ADDRESS_MAX];
	size_t address_len = addr_bits(client) / 8;
	memcpy(over, cookie, HASH_AT);
	memcpy(over + HASH_AT, client->bytes, address_len);
	uint64_t le = htole64(siphash24(key, over, HASH_AT + address_len));
	memcpy(hash, &le, sizeof le);
}

/* In a time that depends on nothing (RFC 7873 section 9: no hint at how much was right). */
static bool same_hash(const uint8_t *a, const uint8_t *b)
{
	uint64_t first, second;
	memcpy(&first, a, sizeof first);
	memcpy(&second, b, sizeof second);
	return first == second;
}

/* Serial number arithmetic: the time wraps in 2106 (RFC 9018 section 4.3). */
static bool is_timely(int32_t age_s)
{
	return age_s <= COOKIE_AGE_MAX_S && age_s >= -COOKIE_AHEAD_MAX_S;
}

/* The place among the secrets of the one that made COOKIE, or their count. */
static unsigned find_secret(const struct cookie_secrets *secrets, const uint8_t *cookie,
			    const struct addr *client)
{
	uint8_t hash[8];
	unsigned i = 0;
	for (; i < secrets->count; i++) {
		put_hash(secrets->at[i], cookie, client, hash);
		if (same_hash(hash, cookie + HASH_AT))
			break;
	}
	return i;
}

bool cookie_answer(const struct cookie_secrets *secrets, const uint8_t *cookie, size_t len,
		   const struct addr *client, uint32_t now_s, uint8_t out[COOKIE_LEN])
{
	if (len == COOKIE_LEN && cookie[VERSION_AT] == VERSION) {
		int32_t age_s = (int32_t)(now_s - wire_get_u32(cookie + TIME_AT));
		unsigned by =
			is_timely(age_s) ? find_secret(secrets, cookie, client) : secrets->count;
		/* RFC 9018 section 4.3: one that is young enough stays; the reserved octets are
		 * hashed as sent, and cleared in a new one. */
		if (by == 0 && age_s <= COOKIE_RENEW_AFTER_S) {
			memcpy(out, cookie, COOKIE_LEN);
			return true;
		}
		if (by < secrets->count) {
			(void)cookie_answer(secrets, cookie, COOKIE_CLIENT_LEN, client, now_s, out);
			return true;
		}
	}
	memcpy(out, cookie, COOKIE_CLIENT_LEN);
	out[VERSION_AT] = VERSION;
	memset(out + RESERVED_AT, 0, TIME_AT - RESERVED_AT);
	wire_put_u32(out + TIME_AT, now_s);
	put_hash(secrets->at[0], out, client, out + HASH_AT);
	return false;
}

static int digit(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *at = c != '\0' ? strchr(digits, tolower((unsigned char)c)) : NULL;
	return at != NULL ? (int)(at - digits) : -1;
}

static bool read_secret(const char *text, size_t len, uint8_t secret[SIPHASH_KEY_LEN])
{
	if (len != 2 * SIPHASH_KEY_LEN)
		return false;
	for (size_t i = 0; i < SIPHASH_KEY_LEN; i++) {
		int high = digit(text[2 * i]), low = digit(text[2 * i + 1]);
		if (high < 0 || low < 0)
			return false;
		secret[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}

bool cookie_read_secrets(const char *text, struct cookie_secrets *secrets, unsigned *line)
{
	*secrets = (struct cookie_secrets){0};
	for (*line = 1; *text != '\0'; ++*line) {
		size_t len = strcspn(text, "\n"), end = len;
		while (end > 0 && isspace((unsigned char)text[end - 1]))
			end--;
		if (end > 0 && *text != '#') {
			if (secrets->count == COOKIE_SECRETS_MAX ||
			    !read_secret(text, end, secrets->at[secrets->count]))
				return false;
			secrets->count++;
		}
		text += len + (text[len] == '\n');
	}
	*line = 0;
	return secrets->count > 0;
}
