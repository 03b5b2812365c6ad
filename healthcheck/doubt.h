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
 * Proof that the way to a target works is an answer of the gateway's, or of another target that
 * lies as it does: behind the gateway by the same family, or for one on the link anywhere. A
 * failure has it when there was some since the check began, or just before; so nobody who is
 * checked sooner than the rest goes down by an outage that is ours before the rest has shown it.
 * "More than half" is of the targets that are not down.
 *
 * While it asks or is frozen no verdict gets worse of what lies where nobody has been reached
 * since; while more than half fail, none on the link either.
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

/* Where a target lies. Host names count as behind the gateway, where most of them lead. */
enum doubt_place { DOUBT_ON_LINK, DOUBT_BEHIND, DOUBT_BEHIND_IPV6, DOUBT_PLACES };

struct doubt {
	enum doubt_state state;
	size_t well, failing; /* targets not down; those of them whose last check got no answer */
	size_t failing_at[DOUBT_PLACES];
	struct mono since;		   /* of the state */
	struct mono proof[DOUBT_PLACES];   /* when the way there was known to work; 0: never */
	struct mono reached[DOUBT_PLACES]; /* the first answer in this doubt; 0: none yet */
	struct mono forgiven;		   /* what began before is; 0: nothing was */
};

/* One target's part in the sums; all zeros: none. */
struct doubt_part {
	bool well, failing;
	enum doubt_place place;
};

/* Makes PART of the sums what it now is. */
void doubt_count(struct doubt *doubt, struct doubt_part *part, struct doubt_part now);
/* After any count, and once in a while. */
enum doubt_action doubt_look(struct doubt *doubt, struct mono now);

/* A check that began at BEGAN, of a target that is not down, got no answer. WITNESS: the gateway is
 * one that answers; without, only a majority is doubted. */
enum doubt_action doubt_fail(struct doubt *doubt, enum doubt_place place, struct mono began,
			     bool witness, struct mono now);
/* A check that began at BEGAN was answered, be it by a refusal. */
enum doubt_action doubt_reach(struct doubt *doubt, enum doubt_place place, struct mono began,
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
