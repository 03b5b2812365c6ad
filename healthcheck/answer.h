/*
 * answer: an HTTP answer as it comes in, and whether it is what its monitor wants. What carries it
 * (libcurl, or our own reader) hands on lines and octets.
 */
#ifndef MERIDIAN_HEALTHCHECK_ANSWER_H
#define MERIDIAN_HEALTHCHECK_ANSWER_H

#include "healthcheck/pattern.h"
#include "healthcheck/probe.h"

enum { ANSWER_BODY_MAX = 64 << 10, ANSWER_HEADERS_MAX = 64 << 10 };

struct answer {
	const struct monitor *monitor; /* borrowed */
	struct pattern *pattern;       /* NULL: none is wanted, or it is none */
	char *unusable;		       /* why the monitor's pattern cannot be; NULL where it can */

	unsigned status; /* 0: none yet */
	size_t header_octets, body_octets;
	bool headers_cut, body_cut;
	uint32_t header_found; /* a bit for each of expect_headers that is as wanted */
	char **header_seen;    /* of each of expect_headers: the first value that is another, or
				  NULL; NULL itself where none is wanted */
	char *body;	       /* kept where something in it is wanted */
	size_t body_capacity;
};

void answer_init(struct answer *answer, const struct monitor *monitor);
void answer_fini(struct answer *answer);

/* A new answer begins. */
void answer_begin(struct answer *answer);
/* A line of the head, the status line too, with or without its line end. False: too much of it;
 * read no more. */
bool answer_line(struct answer *answer, const char *line, size_t len)
	__attribute__((warn_unused_result));
/* Octets of the body. False: enough; read no more. */
bool answer_body(struct answer *answer, const char *octets, size_t len)
	__attribute__((warn_unused_result));
/* False where the rest of the body does not matter. */
bool answer_wants_body(const struct answer *answer);

/* Turns RESULT, a pass, into what it is. */
void answer_judge(const struct answer *answer, struct probe_result *result);

#endif
