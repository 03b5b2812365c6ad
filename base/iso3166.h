/*
 * iso3166: the countries: their codes, the continent each is on, and the middle of each.
 */
#ifndef MERIDIAN_BASE_ISO3166_H
#define MERIDIAN_BASE_ISO3166_H

struct iso3166_country {
	char code[3];	   /* alpha-2 */
	char continent[3]; /* as GeoNames has it, which is what MaxMind's databases follow */
	float lat, lon;	   /* centroid, to about 100 km */
};

struct iso3166_continent {
	char code[3];
	float lat, lon;
};

/* NULL where CODE is none. XK (Kosovo, user-assigned but in use) is one. */
const struct iso3166_country *iso3166_find(const char *code);
const struct iso3166_continent *iso3166_find_continent(const char *code);

#endif
