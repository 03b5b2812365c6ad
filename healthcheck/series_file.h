/* series_file: the file of series: one row an hour of a target's minutes, one a day of its hours.
 */
#ifndef MERIDIAN_HEALTHCHECK_SERIES_FILE_H
#define MERIDIAN_HEALTHCHECK_SERIES_FILE_H

#include "base/error.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

/* A minute that is over. */
struct series_point {
	char *key;
	int64_t minute;
	uint32_t checks, passed, mean_us;
};

struct series_file;
struct series_file *series_file_open(const char *path, struct error *error);
void series_file_close(struct series_file *file);

/* Writes COUNT points in one transaction, and drops what is older than is kept at NOW_MS. */
bool series_file_write(struct series_file *file, const struct series_point *points, size_t count,
		       int64_t now_ms, struct error *error) __attribute__((warn_unused_result));

enum series_step { SERIES_MINUTE, SERIES_HOUR };
/* The points of KEY from SINCE_MS to UNTIL_MS, read from PATH; NULL with ERROR. */
json_t *series_file_read(const char *path, const char *key, enum series_step step, int64_t since_ms,
			 int64_t until_ms, struct error *error);

#endif
