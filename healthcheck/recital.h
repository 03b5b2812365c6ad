/*
 * recital: replies that name every endpoint, written a slice at each turn of the loop. Ten thousand
 * endpoints take most of a second: in one piece, every check that is due would wait for it.
 */
#ifndef MERIDIAN_HEALTHCHECK_RECITAL_H
#define MERIDIAN_HEALTHCHECK_RECITAL_H

#include "db/control.h"
#include "healthcheck/fleet.h"

#include <stdio.h>
#include <uv.h>

/* What one turn of the loop may spend on it. */
enum { RECITAL_SLICE_US = 1000, RECITAL_PARTS_MAX = 2 };

/* Writes COMMA and what is to be said of MEMBER as JSON; false where that is nothing. */
typedef bool recital_say(FILE *out, const char *comma, const struct member *member);

/* BEFORE, then SAY's words for each endpoint with commas between them. */
struct recital_part {
	char *before; /* heap */
	recital_say *say;
};

/* One reply: its parts in order, then AFTER. All text is on the heap. */
struct recital_text {
	struct recital_part parts[RECITAL_PARTS_MAX];
	size_t part_count;
	char *after;
	const char *pool, *id; /* borrowed for the call; NULL: all endpoints */
};

struct recitals;
struct recitals *recitals_new(uv_loop_t *loop, const struct fleet *fleet, struct control *control);
/* Replies under way are dropped. The handle ends at the loop's next turn. */
void recitals_free(struct recitals *recitals);

/* Inside a handler of the control socket: puts the reply off and answers it with TEXT (taken). An
 * endpoint that goes meanwhile is left out, one that comes is not in. */
void recitals_answer(struct recitals *recitals, const struct recital_text *text);

#endif
