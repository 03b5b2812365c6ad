/* Knows how the penalty grows and decays. */
#include "healthcheck/flap.h"

#include <math.h>

double flap_penalty(const struct flap *flap, uint32_t half_life_s, struct mono now)
{
	if (half_life_s == 0 || flap->penalty <= 0)
		return 0;
	double passed_s = (double)mono_ms_between(flap->at, now) / 1000;
	return flap->penalty * exp2(-passed_s / half_life_s);
}

void flap_went_down(struct flap *flap, uint32_t half_life_s, struct mono now)
{
	if (half_life_s == 0) {
		*flap = (struct flap){0};
		return;
	}
	bool still = flap_held_ms(flap, half_life_s, now) > 0;
	double penalty = flap_penalty(flap, half_life_s, now) + FLAP_EACH;
	flap->penalty = penalty < FLAP_MAX ? penalty : FLAP_MAX;
	flap->at = now;
	flap->held = still || flap->penalty > FLAP_HOLD_ABOVE;
}

uint32_t flap_held_ms(const struct flap *flap, uint32_t half_life_s, struct mono now)
{
	double penalty = flap->held ? flap_penalty(flap, half_life_s, now) : 0;
	if (penalty < FLAP_FREE_BELOW)
		return 0;
	return (uint32_t)(half_life_s * 1000.0 * log2(penalty / FLAP_FREE_BELOW)) + 1;
}
