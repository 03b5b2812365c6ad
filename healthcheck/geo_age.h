/*
 * geo_age: tells when a geo database has become old, or is fresh again. The responder knows how old
 * they are and writes nothing to the disk; so the checker, which sends the alerts, asks it.
 */
#ifndef MERIDIAN_HEALTHCHECK_GEO_AGE_H
#define MERIDIAN_HEALTHCHECK_GEO_AGE_H

#include "db/journal.h"

#include <stdbool.h>
#include <uv.h>

enum geo_age { GEO_AGE_UNKNOWN, GEO_AGE_FRESH, GEO_AGE_OLD };

/* Pure: of a database built at BUILT_MS. LIMIT_D days are allowed, 0: any. */
enum geo_age geo_age_judge(int64_t built_ms, int64_t now_ms, uint32_t limit_d);

struct geo_watch;
/* Asks at SOCKET (taken) each minute, on a thread of libuv's. What was told last is read from the
 * journals in EVENTS_DIR (borrowed), so that a restart tells nothing twice. */
struct geo_watch *geo_watch_new(uv_loop_t *loop, char *socket, const char *events_dir,
				struct journal *journal);
/* Ends it; freed by the loop, after a question that is under way. */
void geo_watch_free(struct geo_watch *watch);

/* The configuration allows LIMIT_D days. Asks at once where that is another number. */
void geo_watch_apply(struct geo_watch *watch, uint32_t limit_d);

#endif
