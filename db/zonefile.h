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

struct zonefile_entry {
	const char *owner;  /* absolute, lower case, no final dot; "." the root */
	const char *origin; /* what relative names in DATA are relative to; no final dot */
	const char *type;   /* as written */
	const char *data;   /* presentation form on one line, quotes and escapes kept */
	uint32_t ttl;
	bool has_ttl; /* false: neither the entry nor a $TTL gave one */
	size_t line;
};

/* Where reading stopped and why. Lines and columns count from 1. */
struct zonefile_error {
	size_t line, column;
	char text[256];
};

/* Takes one entry; false ends the reading (the callee has said why in the error of its own). The
 * entry lives during the call. */
typedef bool zonefile_visit(void *context, const struct zonefile_entry *entry);

/*
 * Reads LEN octets of TEXT; ORIGIN is the zone's name without final dot. False where the text is
 * malformed (ERROR is set) or VISIT returned false (ERROR's text is empty).
 */
bool zonefile_read(const char *text, size_t len, const char *origin, zonefile_visit *visit,
		   void *context, struct zonefile_error *error) __attribute__((warn_unused_result));

/* A TTL as BIND and RFC 1035 tools write it: "3600", "1h30m", "2w". At most 2^31 - 1. */
bool zonefile_ttl_parse(const char *text, uint32_t *ttl) __attribute__((warn_unused_result));

#endif
