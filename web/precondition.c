/* Knows how entity tags are compared. */
#include "web/precondition.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static bool matches(const char *header, const char *tag, bool weakly)
{
	size_t len = strlen(tag);
	for (const char *at = header;;) {
		at += strspn(at, " \t,");
		if (*at == '\0')
			return false;
		bool weak = strncmp(at, "W/", 2) == 0;
		if (weak)
			at += 2;
		const char *end = *at == '"' ? strchr(at + 1, '"') : NULL;
		if (end == NULL)
			return false;
		if ((weakly || !weak) && (size_t)(end + 1 - at) == len && memcmp(at, tag, len) == 0)
			return true;
		at = end + 1;
	}
}

static bool matches_revision(const char *header, int64_t revision, bool weakly)
{
	char tag[32];
	snprintf(tag, sizeof tag, "\"%" PRId64 "\"", revision);
	return strcmp(header, "*") == 0 || matches(header, tag, weakly);
}

bool etag_matches(const char *header, int64_t revision)
{
	return matches_revision(header, revision, false);
}

bool etag_matches_weakly(const char *header, int64_t revision)
{
	return matches_revision(header, revision, true);
}

enum precondition precondition_if_match(const char *header, bool exists, int64_t revision)
{
	if (header == NULL)
		return PRECONDITION_ABSENT;
	return exists && etag_matches(header, revision) ? PRECONDITION_HOLDS : PRECONDITION_FAILS;
}
