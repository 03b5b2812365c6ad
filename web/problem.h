/* problem: errors as application/problem+json (RFC 9457). */
#ifndef MERIDIAN_WEB_PROBLEM_H
#define MERIDIAN_WEB_PROBLEM_H

#include "db/codec.h"
#include "web/response.h"

/* One sentence that says what is wrong and what to do. */
struct response *problem(unsigned status, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* As problem(), with members of its own; takes MORE (an object). */
struct response *problem_with(unsigned status, json_t *more, const char *detail);
/* With errors: [{pointer, message}]. The detail counts them. */
struct response *problem_findings(unsigned status, const struct findings *findings);
/* 429 with Retry-After. WHAT is too much, without the full stop. */
struct response *problem_later(unsigned wait_s, const char *what);
/* 422 about one value. */
struct response *problem_at(const char *pointer, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif
