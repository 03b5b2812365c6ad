/* Knows how the name of a place is put together, and what to say of one that is not. */
#include "db/place.h"

#include "base/iso3166.h"

#include <stdio.h>
#include <string.h>

const char *place_continent_of(const char *country)
{
	const struct iso3166_country *found = iso3166_find(country);
	return found != NULL ? found->continent : NULL;
}

/* Copies upper-case letters and digits up to "-" or the end into PART, at most MAX; NULL where it
 * is not that. Returns what follows. */
static const char *take_part(const char *text, char *part, size_t max)
{
	size_t len = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789");
	if (len == 0 || len > max || (text[len] != '\0' && text[len] != '-'))
		return NULL;
	memcpy(part, text, len);
	part[len] = '\0';
	return text + len;
}

static bool split(const char *text, struct place_name *place)
{
	memset(place, 0, sizeof *place);
	text = take_part(text, place->continent, 2);
	if (text != NULL && *text == '-')
		text = take_part(text + 1, place->country, 2);
	if (text != NULL && *text == '-' && place->subdivision[0] == '\0')
		text = take_part(text + 1, place->subdivision, 3);
	return text != NULL && *text == '\0';
}

bool place_parse(const char *text, struct place_name *place, char why[128])
{
	if (!split(text, place)) {
		snprintf(why, 128, "is not a place in the form EU, EU-DE or NA-US-CA");
		return false;
	}
	if (iso3166_find_continent(place->continent) == NULL) {
		const char *of = place_continent_of(place->continent);
		if (of != NULL)
			snprintf(why, 128, "begins with a country; write %s-%s", of,
				 place->continent);
		else
			snprintf(why, 128,
				 "does not begin with a continent (AF AN AS EU NA OC SA)");
		return false;
	}
	if (place->country[0] == '\0')
		return true;
	const char *of = place_continent_of(place->country);
	if (of == NULL)
		snprintf(why, 128, "names %s, which is no country of ISO 3166", place->country);
	else if (strcmp(of, place->continent) != 0)
		snprintf(why, 128, "puts %s into the wrong continent; write %s-%s%s%s",
			 place->country, of, place->country, place->subdivision[0] ? "-" : "",
			 place->subdivision);
	return of != NULL && strcmp(of, place->continent) == 0;
}
