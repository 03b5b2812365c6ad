/* history: the last results of one target. Equal sentences in a row are kept once. */
#ifndef MERIDIAN_HEALTHCHECK_HISTORY_H
#define MERIDIAN_HEALTHCHECK_HISTORY_H

#include "healthcheck/probe.h"

#include <jansson.h>

enum { HISTORY_MAX = 50 };

struct history_entry {
	int64_t time_ms; /* wall clock, of the result */
	struct history_text *text;
	struct probe_phases phases;
	uint8_t outcome; /* enum probe_outcome */
};

/* All zeros: empty. */
struct history {
	struct history_entry *ring;
	uint16_t count, next;
};

void history_fini(struct history *history);
void history_add(struct history *history, int64_t time_ms, const struct probe_result *result);

/* The newest result; NULL where there is none. Valid until the next is added. */
const struct history_entry *history_last(const struct history *history);
/* Its sentence; NULL where it passed. */
const char *history_reason(const struct history_entry *entry);

/* [{"time", "ok", "reason", "total_ms", "connect_ms", "tls_ms", "first_byte_ms"}], oldest first;
 * "ok" is null where nothing was said, a phase that was not reached is absent. */
json_t *history_json(const struct history *history);

/* Milliseconds with the fraction that was measured. */
json_t *history_ms(uint32_t us);
/* true, false or null. */
json_t *history_ok(enum probe_outcome outcome);

#endif
