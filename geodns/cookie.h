/*
 * cookie: DNS cookies (RFC 7873) in the form that servers can share (RFC 9018): what a client sends
 * back proves that it sees what we send to its address.
 *
 * Pure: the time is an argument.
 */
#ifndef MERIDIAN_GEODNS_COOKIE_H
#define MERIDIAN_GEODNS_COOKIE_H

#include "base/addr.h"
#include "geodns/siphash.h"

enum {
	COOKIE_CLIENT_LEN = 8,
	COOKIE_LEN = 24, /* the client's 8 octets, then ours: version, 3 reserved, time, hash */
	COOKIE_SECRETS_MAX = 4,
	COOKIE_AGE_MAX_S = 3600,    /* RFC 9018 section 4.3 */
	COOKIE_AHEAD_MAX_S = 300,   /* the same: clocks of sites differ */
	COOKIE_RENEW_AFTER_S = 1800 /* the same */
};

/* The first makes new cookies; those of the others are still taken (RFC 9018 section 5). */
struct cookie_secrets {
	unsigned count; /* 1..COOKIE_SECRETS_MAX */
	uint8_t at[COOKIE_SECRETS_MAX][SIPHASH_KEY_LEN];
};

/*
 * Reads the COOKIE option of LEN octets (8, or 16..40) that came from CLIENT at NOW_S (seconds
 * since 1970, modulo 2^32) and writes the one to answer with. True where the client proved its
 * address: the server part is ours, made for it, and of its time.
 */
bool cookie_answer(const struct cookie_secrets *secrets, const uint8_t *cookie, size_t len,
		   const struct addr *client, uint32_t now_s, uint8_t out[COOKIE_LEN]);

/*
 * Reads secrets from TEXT: one a line, 32 hexadecimal digits; blank lines and those that begin with
 * # are left out. False where a line is something else, or there is none, or there are too many:
 * *LINE is then that line's number, 0 where there was none.
 */
bool cookie_read_secrets(const char *text, struct cookie_secrets *secrets, unsigned *line)
	__attribute__((warn_unused_result));

#endif
