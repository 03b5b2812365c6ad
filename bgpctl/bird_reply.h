/*
 * bird_reply: the framing of BIRD's control protocol, read from octets as they come (pure).
 *
 * A reply is lines "NNNN-text" (more follows), " text" (the code of the line before) and one
 * "NNNN text", which ends it. Lines that begin with "+" are asynchronous and belong to no reply.
 */
#ifndef MERIDIAN_BGPCTL_BIRD_REPLY_H
#define MERIDIAN_BGPCTL_BIRD_REPLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* BIRD cuts its lines at 512 octets; ours end at a round number above that. */
enum { BIRD_LINE_MAX = 1024, BIRD_REPLY_MAX = 16 << 20 };

/* The codes the controller acts on (doc/reply_codes of BIRD 2.0.12). */
enum {
	BIRD_OK = 0,
	BIRD_WELCOME = 1,
	BIRD_READING = 2,
	BIRD_RECONFIGURED = 3,
	BIRD_RECONFIG_PROGRESS = 4,
	BIRD_RECONFIG_QUEUED = 5,
	BIRD_ALREADY_DISABLED = 8,
	BIRD_DISABLED = 9,
	BIRD_RESTRICTED = 16,
	BIRD_CONFIRMED = 18,
	BIRD_CONFIG_OK = 20,
	BIRD_TABLE_ROUTE = 1007,
	BIRD_TOO_LONG = 8000, /* and all that are failures from here on */
	BIRD_NO_NETWORK = 8001,
	BIRD_CONFIG_ERROR = 8002,
	BIRD_SYNTAX_ERROR = 9001
};

enum bird_feed { BIRD_FEED_MORE, BIRD_FEED_COMPLETE, BIRD_FEED_MALFORMED };

struct bird_line {
	uint16_t code;
	uint32_t at; /* offset into the reply's text, which is NUL-terminated there */
};

struct bird_reply {
	char *text;
	size_t text_len, text_capacity;
	struct bird_line *lines;
	size_t count, capacity;
	uint16_t code; /* of the last line */
	bool complete;
	/* the line that is not yet whole */
	char partial[BIRD_LINE_MAX];
	size_t partial_len;
};

/* An empty reply is all zeros: struct bird_reply reply = {0}. */
void bird_reply_fini(struct bird_reply *reply);
/* Empties it for the next reply and keeps its memory. */
void bird_reply_reset(struct bird_reply *reply);

/*
 * Takes LEN octets. After COMPLETE, *USED octets were taken, and what follows is the next reply's
 * (or asynchronous). After MALFORMED (no code where one must stand, a line or a reply beyond the
 * limits, a NUL) the connection is of no more use.
 */
enum bird_feed bird_reply_feed(struct bird_reply *reply, const char *octets, size_t len,
			       size_t *used);

/* The text of line I, without its code. */
const char *bird_reply_text(const struct bird_reply *reply, size_t i);

/* The text of the last line: what to show when the code is a failure. */
const char *bird_reply_last(const struct bird_reply *reply);

#endif
