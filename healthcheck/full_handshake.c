/* Knows how old the sight of a certificate may be. */
#include "healthcheck/full_handshake.h"

bool full_handshake_due(const struct full_handshake *full, struct mono now, uint32_t every_ms)
{
	return full->last.ns == 0 || full->doubted ||
	       mono_ms_between(full->last, now) >= (int64_t)every_ms;
}

void full_handshake_note(struct full_handshake *full, bool shown, bool refused, struct mono now)
{
	if (shown)
		full->last = now;
	if (shown || refused)
		full->doubted = refused;
}
