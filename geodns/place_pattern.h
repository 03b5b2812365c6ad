/*
 * place_pattern: places as the configuration names them ("EU", "EU-DE", "NA-US-CA"; db/place.h),
 * and what lies in them.
 */
#ifndef MERIDIAN_GEODNS_PLACE_PATTERN_H
#define MERIDIAN_GEODNS_PLACE_PATTERN_H

#include "geodns/place.h"

#include <stdbool.h>

enum { PLACE_PATTERN_TEXT_MAX = 12 }; /* octets of "NA-US-CA" with the NUL, at most */

/* Coordinates are the centroid of the country, or of the continent. False, and PLACE all zeros,
 * where TEXT is no place. */
bool place_pattern_read(const char *text, struct place *place) __attribute__((warn_unused_result));

/* The same form; "" where not even the continent is known. */
void place_pattern_write(const struct place *place, char text[PLACE_PATTERN_TEXT_MAX]);

/*
 * Whether PLACE is PATTERN or lies in it. A country is compared by its own code alone, so that it
 * matches whatever continent a database puts it in.
 */
bool place_pattern_matches(const struct place *pattern, const struct place *place);

#endif
