/* Knows PCRE2, and how far it may search. */
#define PCRE2_CODE_UNIT_WIDTH 8

#include "healthcheck/pattern.h"

#include "base/mem.h"

#include <pcre2.h>
#include <stdlib.h>

/* A search that backtracks 100,000 times takes about a millisecond. */
enum { MATCH_LIMIT = 100000, DEPTH_LIMIT = 1000, HEAP_LIMIT_KB = 256 };

struct pattern {
	pcre2_code *code;
	pcre2_match_data *match;
	pcre2_match_context *limits;
};

struct pattern *pattern_new(const char *text, struct error *error)
{
	int code;
	PCRE2_SIZE at;
	/* Bodies are octets of any encoding; what reads files or calls out is not needed. */
	pcre2_code *compiled =
		pcre2_compile((PCRE2_SPTR)text, PCRE2_ZERO_TERMINATED,
			      PCRE2_NEVER_UTF | PCRE2_NEVER_BACKSLASH_C, &code, &at, NULL);
	if (compiled == NULL) {
		PCRE2_UCHAR why[120];
		pcre2_get_error_message(code, why, sizeof why);
		error_set(error, "\"%.120s\" is no regular expression: %s at offset %zu", text,
			  (const char *)why, (size_t)at);
		return NULL;
	}
	struct pattern *pattern = mem_new(struct pattern);
	pattern->code = compiled;
	pattern->match = pcre2_match_data_create(1, NULL);
	pattern->limits = pcre2_match_context_create(NULL);
	if (pattern->match == NULL || pattern->limits == NULL)
		abort(); /* no memory at configuration: as in mem.h */
	pcre2_set_match_limit(pattern->limits, MATCH_LIMIT);
	pcre2_set_depth_limit(pattern->limits, DEPTH_LIMIT);
	pcre2_set_heap_limit(pattern->limits, HEAP_LIMIT_KB);
	return pattern;
}

void pattern_free(struct pattern *pattern)
{
	if (pattern == NULL)
		return;
	pcre2_match_context_free(pattern->limits);
	pcre2_match_data_free(pattern->match);
	pcre2_code_free(pattern->code);
	free(pattern);
}

enum pattern_result pattern_search(const struct pattern *pattern, const char *text, size_t len)
{
	int code = pcre2_match(pattern->code, (PCRE2_SPTR)text, len, 0, 0, pattern->match,
			       pattern->limits);
	if (code >= 0)
		return PATTERN_FOUND;
	return code == PCRE2_ERROR_NOMATCH ? PATTERN_MISSING : PATTERN_TOO_COSTLY;
}
