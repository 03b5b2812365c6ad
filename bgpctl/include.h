/*
 * include: the file that BIRD includes, which holds what this site announces and why.
 *
 * It is the whole truth: two static protocols, meridian4 and meridian6, with one route a prefix
 * that is announced, tagged by a large community. It is replaced as a whole or not at all, so both
 * families and all prefixes change in one step, and it outlives this daemon and BIRD.
 */
#ifndef MERIDIAN_BGPCTL_INCLUDE_H
#define MERIDIAN_BGPCTL_INCLUDE_H

#include "base/addr.h"
#include "base/error.h"
#include "bgpctl/level.h"

#include <stddef.h>

enum { INCLUDE_REASON_MAX = 240 };

struct include_entry {
	struct prefix prefix;
	enum level level;
	char reason[INCLUDE_REASON_MAX];
};

/*
 * The text of the file (heap). ENTRIES may come in any order, each prefix once; they are sorted by
 * this call. Those at LEVEL_NONE stand as comments. TIME is RFC 3339 text.
 */
char *include_render(struct include_entry *entries, size_t count, uint64_t generation,
		     const char *time);

/* TEXT, which include_render wrote, under another generation (heap). */
char *include_at_generation(const char *text, uint64_t generation);

/* Reads back what include_render wrote: the routes that are announced (heap, caller frees) and the
 * generation. False where TEXT is not of this program. */
bool include_parse(const char *text, struct include_entry **entries, size_t *count,
		   uint64_t *generation) __attribute__((warn_unused_result));

/*
 * Lets one writer at a time, of those that ask, read what the file at PATH says and replace it. A
 * descriptor to be closed when that is done. One that stands still is not waited for longer than
 * INCLUDE_LOCK_MS: then, and where there is no such folder, -1, and the caller goes on.
 */
enum { INCLUDE_LOCK_MS = 300 };
int include_lock(const char *path);

/* Writes PATH by a temporary file beside it, fsync and rename; readable by BIRD (mode 0644). */
bool include_write(const char *path, const char *text, struct error *error)
	__attribute__((warn_unused_result));

/* The file's text (heap), or NULL with ERROR; *MISSING says that there is none. */
char *include_read(const char *path, bool *missing, struct error *error);

#endif
