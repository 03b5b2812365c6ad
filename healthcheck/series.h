/*
 * series: latency and availability of every target by the minute and by the hour, kept in a file
 * of the checker's own. Written and read on other threads: checks never wait for the disk.
 */
#ifndef MERIDIAN_HEALTHCHECK_SERIES_H
#define MERIDIAN_HEALTHCHECK_SERIES_H

#include "db/control.h"
#include "healthcheck/probe.h"

/* Minutes are kept 7 days and hours 400, but no more rows than that (of an hour's minutes, of a
 * day's hours): the oldest go first. Both are room for 2,300 targets, in 400 MB each. */
enum {
	SERIES_MINUTES_KEPT_D = 7,
	SERIES_HOURS_KEPT_D = 400,
	SERIES_MINUTE_ROWS_MAX = 400000,
	SERIES_HOUR_ROWS_MAX = 1000000
};

/* What one minute has brought so far; all zeros: nothing. */
struct series_minute {
	int64_t minute; /* since 1970 */
	uint64_t sum_us;
	uint16_t checks, passed;
};

struct series;
/* PATH is a file that is made when it is missing. */
struct series *series_open(uv_loop_t *loop, const char *path);
/* Writes what is queued; replies that are outstanding are dropped. */
void series_close(struct series *series);

/* Counts RESULT of the endpoint or target ID at TIME_MS in NOW, its minute; a minute that is over
 * goes to the file. NULL is allowed for SERIES. */
void series_add(struct series *series, const char *id, struct series_minute *now, int64_t time_ms,
		const struct probe_result *result);

/* The verb `series` for KEY, inside a handler of CONTROL: ARGS hold "step" ("minute", "hour"),
 * "since" and "until" (RFC 3339). A failure at once, or NULL when the reply was put off:
 * {"id", "step", "points": [{"time", "checks", "passed", "mean_ms"}]}. */
json_t *series_answer(struct series *series, struct control *control, const char *key,
		      const json_t *args);

/* Minutes that could not be written so far. */
uint64_t series_lost(const struct series *series);

#endif
