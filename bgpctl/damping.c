/* Knows how a penalty for changes grows and decays (RFC 2439 section 4.2). */
#include "bgpctl/damping.h"

#include <math.h>

double damping_penalty(const struct damping *damping, struct mono now)
{
	double elapsed_s = (double)mono_ms_between(damping->at, now) / 1000.0;
	if (elapsed_s <= 0)
		return damping->penalty;
	return damping->penalty * exp2(-elapsed_s / DAMPING_HALF_LIFE_S);
}

void damping_add(struct damping *damping, double amount, struct mono now)
{
	damping->penalty = fmin(damping_penalty(damping, now) + amount, DAMPING_CEILING);
	damping->at = now;
	if (damping->penalty > DAMPING_SUPPRESS)
		damping->suppressed = true;
}

void damping_update(struct damping *damping, struct mono now)
{
	if (damping->suppressed && damping_penalty(damping, now) < DAMPING_REUSE)
		damping->suppressed = false;
}
