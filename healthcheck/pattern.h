/* pattern: a regular expression (PCRE2) that is matched in bounded time whatever the text. */
#ifndef MERIDIAN_HEALTHCHECK_PATTERN_H
#define MERIDIAN_HEALTHCHECK_PATTERN_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>

struct pattern;

/* NULL with ERROR where TEXT is no regular expression. */
struct pattern *pattern_new(const char *text, struct error *error);
void pattern_free(struct pattern *pattern);

enum pattern_result { PATTERN_FOUND, PATTERN_MISSING, PATTERN_TOO_COSTLY };
/* Looks for PATTERN anywhere in LEN octets at TEXT. */
enum pattern_result pattern_search(const struct pattern *pattern, const char *text, size_t len);

#endif
