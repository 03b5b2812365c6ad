/*
 * plan: what each prefix of this site should be, from what is known about the site (pure).
 *
 * Here the checks are put into their classes: an absent address or a refused connection is proof, a
 * silent or wrong responder is hard, backends are soft, and everything else changes nothing. Then
 * each prefix says what it wishes, and the guard is asked about every withdrawal, one after the
 * other, each counting those before it.
 */
#ifndef MERIDIAN_BGPCTL_PLAN_H
#define MERIDIAN_BGPCTL_PLAN_H

#include "base/addr.h"
#include "bgpctl/evidence.h"
#include "bgpctl/prefix_state.h"

enum address_presence { ADDRESS_UNKNOWN, ADDRESS_PRESENT, ADDRESS_ABSENT };

/* What is known about one prefix. Texts are borrowed. */
struct plan_facts {
	bool configured;
	struct addr address;
	const char *interface; /* NULL or "": any */
	enum address_presence presence;
	bool asked; /* the responder is probed (needs.dns) */
	const struct evidence *udp, *tcp;
	unsigned pools, pools_serving; /* needs.pools, and how many of them can serve */
	bool backends_withdraw;	       /* on_backends_down is withdraw, not degrade */
	enum prefix_order order;
	const char *order_reason;
	bool frozen, stopping;
	const char *freeze_reason;
	int64_t stop_drain_ms;
	const char *asks;  /* why announcing waits for a person; NULL: it does not */
	const char *stale; /* why what the responder answers from is too old; NULL: it is not */
	uint32_t drain_s;
	unsigned others_announcing, min_sites;
};

/* Puts FACTS into classes. REASON holds PREFIX_REASON_MAX octets and outlives *INPUT. */
void plan_classify(const struct plan_facts *facts, struct prefix_input *input, char *reason);

struct plan_item {
	struct plan_facts facts;
	struct prefix_state *state; /* changed in place */
	bool changed;		    /* out: phase, level or the guard's rule is new */
	enum guard_rule refused;    /* out: a rule that was not in force before, or GUARD_PASS */
	bool guarded;		    /* out: the guard was asked, about GUARD */
	struct guard_case guard;
};

struct plan_limits {
	uint32_t max_withdraw_per_10min;
	double panic_fraction;
};

/* Decides for all ITEMS at NOW and adds to HISTORY. True where any item changed. */
bool plan_make(struct plan_item *items, size_t count, const struct plan_limits *limits,
	       const struct prefix_params *params, struct guard_history *history, struct mono now);

#endif
