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
 * Proof that the way to a target works is an answer of the gateway's, or a pass of another that
 * lies as it does: behind the gateway, or for one on the link anywhere. A failure has it when there
 * was some since the check began, or just before; so nobody who is checked sooner than the rest
 * goes down by an outage that is ours before the rest has shown it. "More than half" is of the
 * targets that are not down.
 *
 * While it asks or is frozen no verdict of what lies behind the gateway gets worse; on the link
 * none until another there has passed, and none while more than half fail.
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
	size_t well, failing;	/* targets not down; those of them whose last check failed */
	size_t failing_behind;	/* and are behind the gateway */
	struct mono since;	/* of the state */
	struct mono proof[2];	/* by enum doubt_place: when the way was known to work; 0: never */
	struct mono link_since; /* the first pass on the link in this doubt; 0: none yet */
	struct mono forgiven;	/* what began before is; 0: nothing was */
};

/* Where a target lies. */
enum doubt_place { DOUBT_ON_LINK, DOUBT_BEHIND };

/* One target's part in the sums; all zeros: none. */
struct doubt_part {
	bool well, failing, behind;
};

/* Makes PART of the sums what it now is. */
void doubt_count(struct doubt *doubt, struct doubt_part *part, struct doubt_part now);
/* After any count, and once in a while. */
enum doubt_action doubt_look(struct doubt *doubt, struct mono now);

/* A check that began at BEGAN, of a target that is not down, has failed. WITNESS: the gateway is
 * one that answers; without, only a majority is doubted. */
enum doubt_action doubt_fail(struct doubt *doubt, enum doubt_place place, struct mono began,
			     bool witness, struct mono now);
/* A check that began at BEGAN has passed. */
enum doubt_action doubt_pass(struct doubt *doubt, enum doubt_place place, struct mono began,
			     struct mono now);

enum way_out { WAY_OUT_UNKNOWN, WAY_OUT_OPEN, WAY_OUT_CLOSED };
/* The gateway was asked at ASKED. */
enum doubt_action doubt_learn(struct doubt *doubt, enum way_out way, struct mono asked,
			      struct mono now);

/* It asks, or is frozen. */
bool doubt_is_raised(const struct doubt *doubt);
/* No verdict may get worse by a check of a target there that began at BEGAN. */
bool doubt_holds(const struct doubt *doubt, enum doubt_place place, struct mono began);

#endif
