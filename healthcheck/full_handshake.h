/*
 * full_handshake: when a TLS check makes the whole handshake though it could resume a session or
 * keep its connection. Only then is the server's certificate seen.
 */
#ifndef MERIDIAN_HEALTHCHECK_FULL_HANDSHAKE_H
#define MERIDIAN_HEALTHCHECK_FULL_HANDSHAKE_H

#include "base/mono.h"

#include <stdbool.h>
#include <stdint.h>

enum { FULL_HANDSHAKE_EVERY_MS = 60000 };

/* What one probe remembers; zeroed at first. */
struct full_handshake {
	struct mono last; /* ns 0: none yet */
	bool doubted;	  /* what it showed was not believed */
};

/* Pure. Whether a check that begins at NOW makes one: there was none, the last is EVERY_MS old, or
 * its certificate was not believed. Without the last, a session of better days would be resumed and
 * pass, and a bad certificate would fail one check a minute and never `fall` of them in a row. */
bool full_handshake_due(const struct full_handshake *full, struct mono now, uint32_t every_ms);

/* Takes in a check that ended at NOW. SHOWN: a certificate was sent in it; REFUSED: that one, or
 * the one that is known, was not believed. */
void full_handshake_note(struct full_handshake *full, bool shown, bool refused, struct mono now);

#endif
