/* Knows that a change may not take a prefix away from a site unless it was confirmed by name. */
#include "db/check_parts.h"

#include <stdio.h>
#include <string.h>

static bool has_text(const struct texts *texts, const char *text)
{
	for (size_t i = 0; i < texts->count; i++)
		if (strcmp(texts->at[i], text) == 0)
			return true;
	return false;
}

/* CONFIRMED is "prefix/192.0.2.0/24,prefix/2001:db8::/48". */
static bool is_confirmed(const char *confirmed, const char *id)
{
	static const char kind[] = "prefix/";
	size_t kind_len = sizeof kind - 1, id_len = strlen(id);
	for (const char *at = confirmed; at != NULL && *at != '\0';) {
		size_t len = strcspn(at, ",");
		if (len == kind_len + id_len && memcmp(at, kind, kind_len) == 0 &&
		    memcmp(at + kind_len, id, id_len) == 0)
			return true;
		at += len + (at[len] == ',');
	}
	return false;
}

/* The sites that announce the prefix before CHANGE and not after it, as "fra, ams". */
static size_t leaving_sites(const struct change *change, char *names, size_t size)
{
	static const struct texts none;
	const struct texts *before = &change->before->prefix.sites;
	const struct texts *after = change->after != NULL ? &change->after->prefix.sites : &none;
	size_t count = 0, used = 0;
	names[0] = '\0';
	for (size_t i = 0; i < before->count; i++) {
		if (has_text(after, before->at[i]))
			continue;
		int n = snprintf(names + used, size - used, "%s%s", count++ > 0 ? ", " : "",
				 before->at[i]);
		used += n > 0 && (size_t)n < size - used ? (size_t)n : 0;
	}
	return count;
}

bool check_sites(const struct changes *changes, const char *confirmed, struct findings *findings)
{
	bool blocked = false;
	char names[256], id[sizeof "prefix/" + PREFIX_TEXT_MAX];
	for (size_t i = 0; i < changes->count; i++) {
		const struct change *change = &changes->at[i];
		if (change->kind != KIND_PREFIX || change->before == NULL ||
		    is_confirmed(confirmed, change->id))
			continue;
		size_t left = change->after != NULL ? change->after->prefix.sites.count : 0;
		if (leaving_sites(change, names, sizeof names) == 0)
			continue;
		snprintf(id, sizeof id, "prefix/%s", change->id);
		findings_add(findings, change->pointer,
			     "prefix %s: would no longer be announced by %s, which leaves %zu "
			     "site%s; confirm it by name: %s",
			     change->id, names, left, left == 1 ? "" : "s", id);
		findings_ask(findings, id);
		blocked = true;
	}
	return blocked;
}
