/*
 * echo: BIRD's own log, read as it is written, so that what somebody else does to BIRD is looked at
 * at once and not at the next round.
 *
 * One control connection, restricted to looking, on which BIRD is asked to echo its log; every line
 * of it says only that something happened. It never blocks.
 */
#ifndef MERIDIAN_BGPCTL_ECHO_H
#define MERIDIAN_BGPCTL_ECHO_H

#include <stdbool.h>

struct echo {
	int fd; /* -1: not connected */
	bool greeted;
	bool in_line; /* the octets that come next belong to a line whose first was seen */
};

void echo_init(struct echo *echo);
void echo_close(struct echo *echo);

/* Connects to the control socket PATH. False where that is not possible now. */
bool echo_open(struct echo *echo, const char *path);

/* To be called when FD is readable. True where BIRD logged something. A connection that ended is
 * closed: FD is -1 then, and that is worth a look as well. */
bool echo_step(struct echo *echo) __attribute__((warn_unused_result));

#endif
