/*
 * place: where a client is, as far as it is known: continent, country, subdivision, coordinates.
 *
 * Pure values. What is not known is an empty text; a place of which nothing is known is all zeros.
 * The layout is also that of a record in a place table file (place_table.h).
 */
#ifndef MERIDIAN_GEODNS_PLACE_H
#define MERIDIAN_GEODNS_PLACE_H

#include <stdbool.h>
#include <stdint.h>

enum {
	PLACE_LOCATED = 1,  /* lat and lon are set */
	PLACE_CENTROID = 2, /* ... to the middle of the country or continent, for want of better */
	PLACE_FLAGS = 3
};

/* Texts are NUL-terminated; what follows the NUL is zero, so that equal places are equal octets. */
struct place {
	char continent[3];   /* "AF" "AN" "AS" "EU" "NA" "OC" "SA", or "" */
	char country[3];     /* ISO 3166-1 alpha-2, or "" */
	char subdivision[4]; /* the part of ISO 3166-2 behind the hyphen, or "" */
	uint8_t flags;
	uint8_t zero;
	float lat, lon; /* degrees, -90..90 and -180..180 */
};

/* Whether anything of it is known. */
bool place_is_known(const struct place *place);

/*
 * Sets the country from what a database says, with continent and centroid from ISO 3166 where the
 * place has none. Codes that are no country: "EU" gives the continent EU, "AP" AS, "AN" NA; "UK" is
 * GB; "??" and anything unheard of give nothing.
 */
void place_set_country(struct place *place, const char *code);

/* Sets the continent where CODE is one; the centroid too where nothing better is there. */
void place_set_continent(struct place *place, const char *code);

/* Sets the subdivision where CODE is 1 to 3 upper-case letters or digits. */
void place_set_subdivision(struct place *place, const char *code);

/* False, and PLACE unchanged, where the numbers are not coordinates. */
bool place_set_position(struct place *place, double lat, double lon);

#endif
