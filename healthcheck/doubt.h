/*
 * doubt: whether so many targets fail at once that the fault may be the checker's own (pure).
 *
 *            more than half of those that      way out is open, or cannot
 *            were not down fail                be told, or others pass
 *   SURE ---------------------------> ASKING ---------------------------> TRUSTING
 *    ^  ^                               |                                    |
 *    |  |                               | way out is closed                  | no more than half
 *    |  +------------- FROZEN <---------+                                    | fail, or its time
 *    |   way out opens,                                                      | is over
 *    |   all is forgiven                                                     |
 *    +-----------------------------------------------------------------------+
 *
 * While it asks or is frozen no verdict gets worse.
 */
#ifndef MERIDIAN_HEALTHCHECK_DOUBT_H
#define MERIDIAN_HEALTHCHECK_DOUBT_H

#include "base/mono.h"

#include <stdbool.h>
#include <stddef.h>

/* An answer is good for so long; then a majority that still fails is asked about again. */
enum { DOUBT_TRUST_MS = 5000 };

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
};

/* One target's part in the sums; all zeros: none. */
struct doubt_part {
	bool well, failing;
};

/* Makes PART of the sums what it now is. */
void doubt_count(struct doubt *doubt, struct doubt_part *part, struct doubt_part now);
/* After any count, and once in a while. */
enum doubt_action doubt_look(struct doubt *doubt, struct mono now);

enum way_out { WAY_OUT_UNKNOWN, WAY_OUT_OPEN, WAY_OUT_CLOSED };
/* The way out was asked for; or a target beyond it passed, which shows that it is open. */
enum doubt_action doubt_learn(struct doubt *doubt, enum way_out way, struct mono now);

/* No verdict may get worse. */
bool doubt_holds(const struct doubt *doubt);

#endif
