/*
 * names: which spellings are accepted for names of our own objects and for DNS names, and the one
 * canonical spelling of each.
 */
#ifndef MERIDIAN_DB_NAMES_H
#define MERIDIAN_DB_NAMES_H

#include <stdbool.h>
#include <stddef.h>

/* 255 octets of wire form as text, each octet at most "\DDD", and the NUL. */
enum { DNS_NAME_TEXT_MAX = 1024 };

/* Matches [a-z0-9][a-z0-9._-]{0,62}: sites, regions, monitors, pools, endpoints, alerts. */
bool name_valid(const char *text);
#define NAME_RULE    "must match [a-z0-9][a-z0-9._-]{0,62}"
#define NAME_PATTERN "^[a-z0-9][a-z0-9._-]{0,62}$"

/*
 * TEXT (RFC 1035 section 5.1, escapes included, a final dot or none) in lower case, without the
 * final dot and with only the escapes that are needed; the root is ".". Returns NULL, or a constant
 * half-sentence that says what is wrong ("has a label longer than 63 octets").
 */
const char *dns_name_canonical(const char *text, char out[DNS_NAME_TEXT_MAX])
	__attribute__((warn_unused_result));

/*
 * The owner TEXT relative to ZONE (canonical): "@" for the apex, "www" for "www" and for
 * "www.example.com." Same result as dns_name_canonical; a name outside of ZONE and one too long
 * with ZONE behind it are wrong.
 */
const char *dns_owner_canonical(const char *text, const char *zone, char out[DNS_NAME_TEXT_MAX])
	__attribute__((warn_unused_result));

/* True where NAME (canonical) is ZONE (canonical) or stands below it. *PREFIX_LEN (may be NULL) is
 * then the length of what stands before ".ZONE", 0 at the apex. */
bool dns_name_within(const char *name, const char *zone, size_t *prefix_len);

/* A name that a host may have (RFC 1123 section 2.1): letters, digits and hyphens, no address. */
bool host_name_valid(const char *text);

#endif
