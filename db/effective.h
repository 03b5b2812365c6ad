/*
 * effective: what a target counts as, once override, administrative state and verdict are put
 * together (pure).
 *
 *   override up            -> serving
 *   override down, drain   -> not serving (drain: announced as "draining")
 *   endpoint not enabled   -> not serving
 *   pool has no monitor    -> serving
 *   new, not yet proved    -> not serving where enough others of its pool are proved; else as below
 *   heartbeat stale        -> the last state known before it went stale (unknown changes nothing)
 *   verdict up, degraded   -> serving
 *   verdict unknown, none  -> the state before; where there is none: serving
 *   verdict down           -> not serving
 */
#ifndef MERIDIAN_DB_EFFECTIVE_H
#define MERIDIAN_DB_EFFECTIVE_H

#include "db/health.h"
#include "db/model.h"

enum serving { SERVING_NO, SERVING_YES };

struct effective {
	enum serving serving;
	const char
		*why; /* constant: "override up", "override down", "drained", "not enabled", "not
			 monitored", "up", "degraded", "down", "pending", "unknown, state kept" */
	bool waits; /* out for want of proof alone, which says nothing of the endpoint: no state to
		       keep */
};

struct effective_input {
	bool has_override;
	enum override_action override;
	bool enabled, monitored, fresh;
	bool others_suffice; /* min_healthy endpoints of the pool are proved well without this one
			      */
	struct health_state health;
	bool has_before;
	enum serving before;
};

struct effective effective_state(const struct effective_input *input);

/* True where an endpoint is not ENABLED, or OVERRIDE (may be NULL) says something else than up. */
bool effective_is_by_hand(bool enabled, const struct override *override);

/* True where a verdict of `up` or `degraded` has been earned by `rise` results, and nobody has
 * taken the endpoint out BY_HAND: what OTHERS_SUFFICE counts. */
bool effective_is_proved(bool by_hand, struct health_state health);
/* Where so many of POOL's endpoints are PROVED, others wait for their proof. */
bool effective_do_suffice(const struct pool *pool, size_t proved);

#endif
