/*
 * request: one HTTP request as a plain value, whoever read it from the wire.
 *
 * The target is split and decoded here and nowhere else (RFC 3986): path segments stay encoded
 * until the router takes them, so that an encoded "/" never becomes a separator.
 */
#ifndef MERIDIAN_WEB_REQUEST_H
#define MERIDIAN_WEB_REQUEST_H

#include "base/addr.h"

#include <stdbool.h>
#include <stddef.h>

enum method {
	METHOD_GET,
	METHOD_HEAD,
	METHOD_POST,
	METHOD_PUT,
	METHOD_PATCH,
	METHOD_DELETE,
	METHOD_OTHER
};
enum { REQUEST_FIELDS_MAX = 64, REQUEST_TARGET_MAX = 4096 };

struct field {
	char *name, *value;
};

struct fields {
	struct field at[REQUEST_FIELDS_MAX];
	size_t count;
};

/* Everything in it is owned by it. An empty one is all zeros. */
struct request {
	enum method method;
	char *path;	     /* begins with "/", still percent-encoded, without the query */
	struct fields query; /* decoded */
	struct fields headers;
	char *body; /* BODY_LEN octets and a NUL; NULL where there is none */
	size_t body_len;
	struct addr peer;
	bool tls;
};

void request_fini(struct request *request);

/* "GET" -> METHOD_GET; anything unknown is METHOD_OTHER. */
enum method method_parse(const char *text);
const char *method_name(enum method method);

/* Takes TARGET apart into path and query. False where it is no origin-form target (RFC 9112
 * section 3.2.1), too long, or malformed percent-encoding. */
bool request_set_target(struct request *request, const char *target)
	__attribute__((warn_unused_result));
/* Adds a header; false where there are too many, the name is no token (RFC 9110 section 5.6.2) or
 * the value has a control character. */
bool request_add_header(struct request *request, const char *name, const char *value)
	__attribute__((warn_unused_result));

/* The first header of NAME (any case), or NULL. */
const char *request_header(const struct request *request, const char *name);
size_t request_header_count(const struct request *request, const char *name);
/* The first query parameter of NAME, or NULL. */
const char *request_query(const struct request *request, const char *name);
/* True for "?NAME", "?NAME=true" and "?NAME=1". */
bool request_flag(const struct request *request, const char *name);
/* Copies the cookie NAME (RFC 6265 section 4.2) into VALUE of SIZE octets; false where there is
 * none, or it is longer. */
bool request_cookie(const struct request *request, const char *name, char *value, size_t size)
	__attribute__((warn_unused_result));

/* Decodes LEN octets of TEXT; the result is on the heap. NULL for a malformed escape, a control
 * character, or octets that are not UTF-8. PLUS: "+" is a blank, as in a query. */
char *percent_decode(const char *text, size_t len, bool plus) __attribute__((warn_unused_result));
/* TEXT as one path segment, on the heap. */
char *percent_encode(const char *text) __attribute__((warn_unused_result));

#endif
