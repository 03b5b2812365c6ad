/*
 * bird: one connection to BIRD's control socket, with a deadline on every step.
 *
 * It blocks for at most the deadline, so it runs on the actuator's thread, never on the event loop.
 * The greeting is read first, requests are short and sent in one piece, and the connection is
 * closed only after the last line of a reply: BIRD 2.0.12 drops the command otherwise, and spins
 * for ever on a long request that comes in pieces.
 */
#ifndef MERIDIAN_BGPCTL_BIRD_H
#define MERIDIAN_BGPCTL_BIRD_H

#include "base/error.h"
#include "bgpctl/bird_reply.h"

enum { BIRD_DEADLINE_MS = 1000, BIRD_REQUEST_MAX = 900 };

/* DOWN: nobody listens. HUNG: the connection stands, but no answer came. DENIED: the socket is not
 * for us, so that BIRD may do anything. */
enum bird_reach { BIRD_DOWN, BIRD_HUNG, BIRD_DENIED, BIRD_UP };
const char *bird_reach_name(enum bird_reach reach); /* "down", "hung", "denied", "up" */

struct bird;

/* Connects and reads the greeting. NULL with *REACH and ERROR. */
struct bird *bird_open(const char *path, enum bird_reach *reach, struct error *error);
void bird_close(struct bird *bird); /* NULL is allowed */

/* As the greeting says: "2.0.12". */
const char *bird_version(const struct bird *bird);

/*
 * Sends REQUEST (one line without its newline, at most BIRD_REQUEST_MAX octets) and waits for the
 * whole reply. False with ERROR where the connection failed or the deadline passed: the connection
 * is then of no more use, and *REACH says which it was. A failure code is a reply like any other.
 */
bool bird_ask(struct bird *bird, const char *request, struct bird_reply *reply,
	      enum bird_reach *reach, struct error *error) __attribute__((warn_unused_result));

#endif
