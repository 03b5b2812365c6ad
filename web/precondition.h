/* precondition: If-Match and If-None-Match against an object's revision (RFC 9110 section 13),
 * pure.
 */
#ifndef MERIDIAN_WEB_PRECONDITION_H
#define MERIDIAN_WEB_PRECONDITION_H

#include <stdbool.h>
#include <stdint.h>

enum precondition {
	PRECONDITION_ABSENT, /* no header */
	PRECONDITION_HOLDS,  /* the object is as the caller knows it */
	PRECONDITION_FAILS   /* it is not, or the header is malformed */
};

/* True where the list of entity tags HEADER names "REVISION" strongly, or is "*". */
bool etag_matches(const char *header, int64_t revision);
/* As etag_matches for GET: the weak comparison of section 8.8.3.2. */
bool etag_matches_weakly(const char *header, int64_t revision);

/* HEADER is If-Match or NULL; EXISTS is whether there is an object at all. */
enum precondition precondition_if_match(const char *header, bool exists, int64_t revision);

#endif
