/*
 * damping: the penalty of a prefix that keeps changing (the form of RFC 2439), so that ours acts
 * before a neighbour's does, whose suppression nobody here could lift (pure).
 */
#ifndef MERIDIAN_BGPCTL_DAMPING_H
#define MERIDIAN_BGPCTL_DAMPING_H

#include "base/mono.h"

#include <stdbool.h>

enum {
	DAMPING_WITHDRAW = 1000,
	DAMPING_ATTRIBUTE = 500,
	DAMPING_SUPPRESS = 2000,
	DAMPING_REUSE = 750,
	DAMPING_CEILING = 12000,
	DAMPING_HALF_LIFE_S = 900
};

struct damping {
	double penalty; /* as it was at AT */
	struct mono at;
	bool suppressed;
};

/* The penalty at NOW, decayed. */
double damping_penalty(const struct damping *damping, struct mono now);
/* Adds AMOUNT, up to the ceiling; may begin suppression. */
void damping_add(struct damping *damping, double amount, struct mono now);
/* Ends suppression once the penalty has fallen below DAMPING_REUSE. */
void damping_update(struct damping *damping, struct mono now);

#endif
