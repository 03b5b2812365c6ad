/* wall: the time of day, for what people read and for what expires at a date. Milliseconds since
 * 1970, UTC. */
#ifndef MERIDIAN_BASE_WALL_H
#define MERIDIAN_BASE_WALL_H

#include <stdbool.h>
#include <stdint.h>

enum { WALL_TEXT_MAX = 32 }; /* octets of the longest text with its NUL */

int64_t wall_now_ms(void);

/* Writes RFC 3339 in UTC with milliseconds, "2026-11-20T12:00:00.000Z". TEXT holds WALL_TEXT_MAX
 * octets. */
void wall_format(int64_t ms, char text[WALL_TEXT_MAX]);

/* Reads RFC 3339 (any offset, with or without a fraction); false where TEXT is not that. */
bool wall_parse(const char *text, int64_t *ms) __attribute__((warn_unused_result));

/* Reads a duration as operators type it: "90", "90s", "15m", "2h", "7d", "500ms". False where it is
 * not one or above ten years. */
bool duration_parse_ms(const char *text, int64_t *ms) __attribute__((warn_unused_result));

#endif
