/* Knows how the statements of a database about one network become a place. */
#include "geodns/place.h"

#include "base/iso3166.h"

#include <stddef.h>
#include <string.h>

/* Codes that databases use and that are no country of ISO 3166. */
static const struct {
	const char *code, *country, *continent;
	float lat, lon;
} others[] = {
	{"UK", "GB", NULL, 0, 0},
	{"EU", NULL, "EU", 50.0F, 12.0F},  /* "Europe", of networks used in several countries */
	{"AP", NULL, "AS", 34.0F, 95.0F},  /* "Asia/Pacific", likewise */
	{"AN", NULL, "NA", 12.2F, -69.0F}, /* Netherlands Antilles, dissolved in 2010 */
};

static void set_centroid(struct place *place, float lat, float lon)
{
	if ((place->flags & PLACE_LOCATED) != 0 && (place->flags & PLACE_CENTROID) == 0)
		return;
	place->flags = PLACE_LOCATED | PLACE_CENTROID;
	place->lat = lat;
	place->lon = lon;
}

static void set_code(char to[3], const char *code)
{
	memcpy(to, code, 3);
}

bool place_is_known(const struct place *place)
{
	return place->continent[0] != '\0' || (place->flags & PLACE_LOCATED) != 0;
}

void place_set_continent(struct place *place, const char *code)
{
	const struct iso3166_continent *continent = iso3166_find_continent(code);
	if (continent == NULL)
		return;
	set_code(place->continent, continent->code);
	if (place->country[0] == '\0')
		set_centroid(place, continent->lat, continent->lon);
}

static void set_other(struct place *place, const char *code)
{
	for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
		if (strcmp(others[i].code, code) != 0)
			continue;
		if (others[i].country != NULL) {
			place_set_country(place, others[i].country);
			return;
		}
		if (place->continent[0] == '\0')
			set_code(place->continent, others[i].continent);
		set_centroid(place, others[i].lat, others[i].lon);
	}
}

void place_set_country(struct place *place, const char *code)
{
	const struct iso3166_country *country = iso3166_find(code);
	if (country == NULL) {
		set_other(place, code);
		return;
	}
	set_code(place->country, country->code);
	if (place->continent[0] == '\0')
		set_code(place->continent, country->continent);
	set_centroid(place, country->lat, country->lon);
}

void place_set_subdivision(struct place *place, const char *code)
{
	size_t len = strspn(code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789");
	if (len == 0 || len > 3 || code[len] != '\0')
		return;
	memset(place->subdivision, 0, sizeof place->subdivision);
	memcpy(place->subdivision, code, len);
}

bool place_set_position(struct place *place, double lat, double lon)
{
	if (!(lat >= -90 && lat <= 90 && lon >= -180 && lon <= 180))
		return false;
	place->flags = PLACE_LOCATED;
	place->lat = (float)lat;
	place->lon = (float)lon;
	return true;
}
