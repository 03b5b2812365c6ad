/*
 * zonefile: RFC 1035 section 5 master files, read one entry at a time (pure).
 *
 * $ORIGIN and $TTL (RFC 2308 section 4), relative names, "@", omitted owner, TTL and class in
 * either order, parentheses, comments, quoted and escaped text. $INCLUDE and $GENERATE are refused:
 * what is imported is in the file itself.
 */
#ifndef MERIDIAN_DB_ZONEFILE_H
#define MERIDIAN_DB_ZONEFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ZONEFILE_NAME_MAX = 1024, ZONEFILE_DATA_MAX = 262144 };

/* Lines and columns count from 1, columns in octets. */
struct zonefile_place {
	size_t line, column;
};

struct zonefile_entry {
	const char *owner;  /* absolute, lower case, no final dot; "." the root */
	const char *origin; /* what relative names in DATA are relative to; no final dot */
	const char *type;   /* as written */
	const char *data;   /* presentation form on one line, quotes and escapes kept */
	uint32_t ttl;
	bool has_ttl; /* false: neither the entry nor a $TTL gave one */
	/* Where the entry begins, its type stands, and its data begin (or should). */
	struct zonefile_place at, type_at, data_at;
};

/* Where reading stopped and why. */
struct zonefile_error {
	struct zonefile_place at;
	char text[640];
};

/* Takes one entry, which lives during the call; false ends the reading, and ERROR says why. */
typedef bool zonefile_visit(void *context, const struct zonefile_entry *entry,
			    struct zonefile_error *error);

/*
 * Reads LEN octets of TEXT; ORIGIN is the zone's name without final dot. False with ERROR where the
 * text is malformed or VISIT returned false. Costs time in proportion to LEN.
 */
bool zonefile_read(const char *text, size_t len, const char *origin, zonefile_visit *visit,
		   void *context, struct zonefile_error *error) __attribute__((warn_unused_result));

/* A TTL as BIND and RFC 1035 tools write it: "3600", "1h30m", "2w". At most 2^31 - 1. */
bool zonefile_ttl_parse(const char *text, uint32_t *ttl) __attribute__((warn_unused_result));

#endif
