/*
 * doubt: whether the fault of a failure may be the checker's own (pure).
 *
 *            a failure without proof, or       way out is open, or cannot
 *            more than half fail               be told
 *   SURE ---------------------------> ASKING ---------------------------> TRUSTING
 *    ^  ^                               |                                    |
 *    |  |                               | way out is closed                  | no more than half
 *    |  +------------- FROZEN <---------+                                    | fail, or its time
 *    |   way out opens,                                                      | is over
 *    |   all is forgiven                                                     |
 *    +-----------------------------------------------------------------------+
 *
 * Proof that the way out works is an answer of the gateway's, or a pass of a target behind it. A
 * target behind the gateway that fails has it when there was some since its check began, or just
 * before; so nobody who is checked sooner than the rest goes down by an outage that is ours before
 * the rest has shown it. "More than half" is of the targets that are not down.
 *
 * While it asks or is frozen no verdict of what lies behind the gateway gets worse; while more than
 * half fail, none on the link either.
 */
#ifndef MERIDIAN_HEALTHCHECK_DOUBT_H
#define MERIDIAN_HEALTHCHECK_DOUBT_H

#include "base/mono.h"

#include <stdbool.h>
#include <stddef.h>

enum {
	/* An answer is good for so long; then a majority that still fails is asked about again. */
	DOUBT_TRUST_MS = 5000,
	/* Proof is good for checks that began so long after it: the gateway is asked no more often.
	 */
	DOUBT_PROOF_MS = 100,
};

enum doubt_state { DOUBT_SURE, DOUBT_ASKING, DOUBT_TRUSTING, DOUBT_FROZEN };
const char *doubt_state_name(enum doubt_state state); /* "sure", "asking", "trusting", "frozen" */

/* What is to be done beside the new state. */
enum doubt_action {
	DOUBT_NOTHING,
	DOUBT_ASK,     /* ask for the way out */
	DOUBT_GO_ON,   /* verdicts that were held back may fall */
	DOUBT_FREEZE,  /* say so; ask again and again */
	DOUBT_FORGIVE, /* failures counted meanwhile are nobody's fault; say so */
};

struct doubt {
	enum doubt_state state;
	size_t well, failing; /* targets not down; those of them whose last check failed */
	struct mono since;    /* of the state */
	struct mono proof;    /* when the way out last was known to work; ns 0: never */
};

/* One target's part in the sums; all zeros: none. */
struct doubt_part {
	bool well, failing;
};

/* Makes PART of the sums what it now is. */
void doubt_count(struct doubt *doubt, struct doubt_part *part, struct doubt_part now);
/* After any count, and once in a while. */
enum doubt_action doubt_look(struct doubt *doubt, struct mono now);

/* A check that began at BEGAN, of a target behind the gateway that is not down, has failed.
 * WITNESS: the gateway is one that answers; without, only a majority is doubted. */
enum doubt_action doubt_fail(struct doubt *doubt, struct mono began, bool witness, struct mono now);
/* A check that began at BEGAN, of a target behind the gateway, has passed. */
enum doubt_action doubt_pass(struct doubt *doubt, struct mono began, struct mono now);

enum way_out { WAY_OUT_UNKNOWN, WAY_OUT_OPEN, WAY_OUT_CLOSED };
/* The gateway was asked at ASKED. */
enum doubt_action doubt_learn(struct doubt *doubt, enum way_out way, struct mono asked,
			      struct mono now);

/* No verdict of what lies behind the gateway, or else on the link, may get worse. */
bool doubt_holds(const struct doubt *doubt, bool behind);

#endif
