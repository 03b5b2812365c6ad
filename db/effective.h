/*
 * effective: what a target counts as, once override, administrative state and verdict are put
 * together (pure).
 *
 *   override up            -> serving
 *   override down, drain   -> not serving (drain: announced as "draining")
 *   endpoint not enabled   -> not serving
 *   pool has no monitor    -> serving
 *   heartbeat stale        -> the last state known before it went stale (unknown changes nothing)
 *   verdict up, degraded   -> serving, unless pending and not the only endpoint of its pool
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
};

struct effective_input {
	bool has_override;
	enum override_action override;
	bool enabled, monitored, only_endpoint, fresh;
	struct health_state health;
	bool has_before;
	enum serving before;
};

struct effective effective_state(const struct effective_input *input);

#endif
