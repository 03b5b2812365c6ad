/*
 * freshness: whether what the responder answers from is too old (pure but for the asking).
 *
 * Old data is better than none, so it only ever degrades; and nothing is said of a responder that
 * cannot be asked, or while nobody knows what is newest.
 */
#ifndef MERIDIAN_BGPCTL_FRESHNESS_H
#define MERIDIAN_BGPCTL_FRESHNESS_H

#include "base/mono.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

/* What the responder's status says; -1: unknown. */
struct freshness_seen {
	int64_t revision;
	int64_t places_built_ms; /* of its city database, else of its country database */
};

/* Asks at PATH, for at most half a second: not on the event loop. */
struct freshness_seen freshness_ask(const char *path);
struct freshness_seen freshness_read(const json_t *status);

struct freshness_limits {
	uint32_t config_s;    /* how long it may be behind, 0: for ever */
	uint32_t places_days; /* 0: ever */
};

struct freshness {
	/* A revision that the responder is to reach, and since when; behind that there may be newer
	 * ones: who follows a store that is written all the time is never at its end. */
	int64_t awaited;
	struct mono awaited_since;
	char text[200]; /* why it is too old; "": it is not */
};

/* Takes over what was SEEN now. What could not be asked is as it was. */
void freshness_take(struct freshness_seen *known, const struct freshness_seen *seen);

/* NEWEST is the store's revision, -1 where it cannot be read. */
void freshness_judge(struct freshness *freshness, const struct freshness_seen *seen, int64_t newest,
		     const struct freshness_limits *limits, struct mono now, int64_t wall_ms);

#endif
