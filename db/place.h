/*
 * place: the names of places in octoDNS form, "EU", "EU-DE", "NA-US-CA".
 *
 * Continents are AF AN AS EU NA OC SA; countries ISO 3166-1 alpha-2 with XK (Kosovo, as the
 * databases have it); each country lies in one continent, by GeoNames' table, which is the one
 * MaxMind's databases follow.
 */
#ifndef MERIDIAN_DB_PLACE_H
#define MERIDIAN_DB_PLACE_H

#include <stdbool.h>

/* Empty text where the place does not go that deep. */
struct place_name {
	char continent[3];
	char country[3];
	char subdivision[4]; /* ISO 3166-2 without the country, "CA" */
};

/* Reads TEXT. False where it is no place; WHY (128 octets) then holds a half-sentence with the
 * remedy. */
bool place_parse(const char *text, struct place_name *place, char why[128])
	__attribute__((warn_unused_result));

/* "EU" for "DE"; NULL where COUNTRY is no code of a country. */
const char *place_continent_of(const char *country);

#endif
