/*
 * verdicts: the health table as the web daemon reads it: opened when it appears, opened anew when
 * it is replaced. Thread-safe.
 */
#ifndef MERIDIAN_WEB_VERDICTS_H
#define MERIDIAN_WEB_VERDICTS_H

#include "db/health.h"

struct verdicts;

/* PATH is borrowed. */
struct verdicts *verdicts_open(const char *path);
void verdicts_close(struct verdicts *verdicts);

/* False where there is no table or nobody writes it. */
bool verdicts_fresh(struct verdicts *verdicts);
/* VERDICT_NONE where nothing is known. */
struct health_state verdicts_get(struct verdicts *verdicts, const char *target);
/* Waits until a word changed after *SEEN, TIMEOUT_MS at most; updates *SEEN; true where it changed.
 */
bool verdicts_wait(struct verdicts *verdicts, uint32_t *seen, int timeout_ms);

#endif
