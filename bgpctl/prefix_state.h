/*
 * prefix_state: the states of one prefix at this site, and what leads from one to another (pure).
 *
 *                  well for boot_hold_up
 *     HELD ------------------------------------> ANNOUNCED <---- soft ok for rise_soft ----+
 *      ^ boot                                     |   |  \------- soft trouble ------> DEGRADED
 *                  well for hold_up, gap over     |   |                                    |
 *     WITHDRAWN ----------------------------------+   | drain                              |
 *         ^                                           v                                    |
 *         +--- proof, or hard and the guard allows -- DRAINING -- drain_s over --> MAINTENANCE
 *     SUPPRESSED: as WITHDRAWN or DEGRADED, until the penalty for flapping has decayed
 *
 * DEGRADED and DRAINING go on announcing with a longer path: they can never blackhole, so they are
 * entered freely. A controller that is ended drains first, for a shorter time. Every wish to
 * withdraw is first put to the guard; what it refuses stays DEGRADED, and a panic freezes what is
 * there.
 */
#ifndef MERIDIAN_BGPCTL_PREFIX_STATE_H
#define MERIDIAN_BGPCTL_PREFIX_STATE_H

#include "bgpctl/damping.h"
#include "bgpctl/guard.h"
#include "bgpctl/level.h"

#include <stdint.h>

enum { PREFIX_REASON_MAX = 240 };

enum prefix_phase {
	PREFIX_HELD, /* not announced since the start: not yet proved */
	PREFIX_ANNOUNCED,
	PREFIX_DEGRADED,
	PREFIX_DRAINING,
	PREFIX_WITHDRAWN,
	PREFIX_MAINTENANCE, /* withdrawn by order, until the order ends */
	PREFIX_SUPPRESSED
};

/* What speaks for or against announcing. NONE: nothing is known, and unknown changes nothing. */
enum prefix_cause { CAUSE_NONE, CAUSE_WELL, CAUSE_SOFT, CAUSE_HARD, CAUSE_PROOF };
enum prefix_order { ORDER_NONE, ORDER_UP, ORDER_DOWN, ORDER_DRAIN };

struct prefix_params {
	int64_t hold_up_ms, boot_hold_up_ms, announce_gap_ms, rise_soft_ms;
};

struct prefix_input {
	enum prefix_cause cause;
	bool soft_withdraws; /* CAUSE_SOFT asks for withdrawal (on_backends_down: withdraw) */
	const char *reason;  /* of the cause; "" where it is well */
	enum prefix_order order;
	const char *order_reason;
	bool configured;       /* false: announced, but no longer of this site */
	bool stopping;	       /* the controller is being ended */
	int64_t stop_drain_ms; /* how long it drains before, 0: not at all */
	bool frozen;	       /* hold exactly what is there; orders by name still hold */
	const char *asks;      /* why nothing may be announced more strongly now; NULL: it may */
	const char *freeze_reason;
	uint32_t drain_s;
	unsigned others_announcing, min_sites;
};

struct prefix_state {
	enum prefix_phase phase;
	enum level level;
	bool well, soft_ok; /* may be announced; may be announced without degradation */
	struct mono well_since, soft_since;
	bool was_announced;
	bool gap_holds; /* ANNOUNCED_AT is of the controller before this one */
	struct mono announced_at, drain_since;
	bool frozen; /* by an operator */
	bool proved; /* the last withdrawal was by proof or by order */
	bool left;   /* the last withdrawal was without proof, and was at LEFT_AT */
	struct mono left_at;
	enum guard_rule blocked_by;
	struct damping damping;
	char reason[PREFIX_REASON_MAX];
	const char *actor; /* constant: "boot", "health", "admin", "guard", "config", "shutdown" */
};

/* A prefix that is not announced, or one found announced at LEVEL, whose state is adopted. */
void prefix_init(struct prefix_state *state, enum level level, struct mono now);

/* Keeps the clocks of how long the site has been well; before each prefix_wish(). */
void prefix_track(struct prefix_state *state, const struct prefix_input *input, struct mono now);

struct prefix_wish {
	enum prefix_phase phase;
	enum level level;
	enum guard_force force; /* where the wish is to withdraw */
	const char *actor;
	char reason[PREFIX_REASON_MAX];
};

/* It was withdrawn by somebody who had proof (meridian-withdraw): what was known no longer counts.
 */
void prefix_strike(struct prefix_state *state, const char *reason, struct mono now);

/* What should be, were there no guard. */
struct prefix_wish prefix_wish(const struct prefix_state *state, const struct prefix_input *input,
			       const struct prefix_params *params, struct mono now);

/* True where WISH takes away what STATE announces: the guard is to be asked. */
bool prefix_withdraws(const struct prefix_state *state, const struct prefix_wish *wish);

/* Takes WISH over, as far as RULE allows. True where phase, level or the rule changed. */
bool prefix_commit(struct prefix_state *state, const struct prefix_wish *wish, enum guard_rule rule,
		   struct mono now);

/* True where it is withdrawn, and not by proof, since less than WINDOW_MS. */
bool prefix_left_within(const struct prefix_state *state, int64_t window_ms, struct mono now);

/* The word for people and events: "held", "announced", "degraded", "draining", "withdrawn",
 * "frozen". */
const char *prefix_state_name(const struct prefix_state *state);

#endif
