/* Knows when a place lies in another. */
#include "geodns/place_pattern.h"

#include "db/place.h"

#include <stdio.h>
#include <string.h>

bool place_pattern_read(const char *text, struct place *place)
{
	struct place_name name;
	char why[128];
	memset(place, 0, sizeof *place);
	if (!place_parse(text, &name, why))
		return false;
	place_set_continent(place, name.continent);
	if (name.country[0] != '\0')
		place_set_country(place, name.country);
	if (name.subdivision[0] != '\0')
		place_set_subdivision(place, name.subdivision);
	return true;
}

void place_pattern_write(const struct place *place, char text[PLACE_PATTERN_TEXT_MAX])
{
	snprintf(text, PLACE_PATTERN_TEXT_MAX, "%s%s%s%s%s", place->continent,
		 place->country[0] != '\0' ? "-" : "", place->country,
		 place->subdivision[0] != '\0' ? "-" : "", place->subdivision);
}

bool place_pattern_matches(const struct place *pattern, const struct place *place)
{
	if (pattern->country[0] == '\0')
		return pattern->continent[0] != '\0' &&
		       strcmp(pattern->continent, place->continent) == 0;
	if (strcmp(pattern->country, place->country) != 0)
		return false;
	return pattern->subdivision[0] == '\0' ||
	       strcmp(pattern->subdivision, place->subdivision) == 0;
}
