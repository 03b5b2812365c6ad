/*
 * guard: whether a prefix may be withdrawn (pure).
 *
 * Only the way to "withdrawn" can take traffic away, so only it is asked for. What is refused stays
 * announced, degraded or as it was, and says which rule holds it.
 */
#ifndef MERIDIAN_BGPCTL_GUARD_H
#define MERIDIAN_BGPCTL_GUARD_H

#include "base/mono.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum guard_rule {
	GUARD_PASS,
	GUARD_LAST_SITE, /* no other site announces the prefix */
	GUARD_MIN_SITES, /* fewer others than min_sites would be left */
	GUARD_PANIC,	 /* too much of this site would go at once */
	GUARD_VELOCITY,	 /* too many withdrawals in a short time */
	GUARD_RULES
};

/* "last_site" ...; NULL for GUARD_PASS. */
const char *guard_rule_name(enum guard_rule rule);

/* What stands behind the wish to withdraw. */
enum guard_force {
	GUARD_FORCE_NONE,  /* health or configuration */
	GUARD_FORCE_GO,	   /* an operator asked for it in the ordinary way (drain) */
	GUARD_FORCE_ORDER, /* an operator ordered it by name, or the controller is being stopped */
	GUARD_FORCE_PROOF  /* nobody answers here: announcing gives nothing */
};

enum { GUARD_VELOCITY_MS = 5000, GUARD_WINDOW_MS = 600000, GUARD_PANIC_MS = 60000 };

struct guard_case {
	enum guard_force force;
	unsigned others_announcing, min_sites;
	unsigned announced; /* prefixes of this site announced at the start of the panic window */
	unsigned leaving;   /* of these, withdrawn within the window, this one among them */
	double panic_fraction;
	unsigned recent;     /* withdrawals within GUARD_WINDOW_MS, without this one */
	bool just_before;    /* one of them, of the same family, within GUARD_VELOCITY_MS */
	unsigned max_recent; /* max_withdraw_per_10min */
};

enum guard_rule guard_judge(const struct guard_case *at);

/* The withdrawals that count: those of GUARD_FORCE_NONE. It holds more than the pace lets through
 * within the window, of both families. */
enum { GUARD_HISTORY_MAX = 256 };
struct guard_history {
	struct {
		struct mono at;
		uint8_t family;
	} of[GUARD_HISTORY_MAX];
	size_t count;
};

/* Forgets the oldest where there is no room. */
void guard_history_add(struct guard_history *history, uint8_t family, struct mono at);
/* How many of FAMILY (0: of both) lie within WINDOW_MS before NOW. */
unsigned guard_history_within(const struct guard_history *history, uint8_t family, struct mono now,
			      int64_t window_ms);

#endif
