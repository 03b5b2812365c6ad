/* Knows which countries there are and in which continent each lies. */
#include "db/place.h"

#include <stdio.h>
#include <string.h>

/* Each text is a run of two-letter codes. */
static const struct {
	const char *continent;
	const char *countries;
} table[] = {
	{"AF",
	 "AOBFBIBJBWCDCFCGCICMCVDJDZEGEHERETGAGHGMGNGQGWKEKMLRLSLYMAMGMLMRMUMWMZNANENGRERWSCSDSH"
	 "SLSNSOSSSTSZTDTGTNTZUGYTZAZMZW"},
	{"AN", "AQBVGSHMTF"},
	{"AS",
	 "AEAFAMAZBDBHBNBTCCCNGEHKIDILINIOIQIRJOJPKGKHKPKRKWKZLALBLKMMMNMOMVMYNPOMPHPKPSQASASGSYTH"
	 "TJTMTRTWUZVNYE"},
	{"EU",
	 "ADALATAXBABEBGBYCHCYCZDEDKEEESFIFOFRGBGGGIGRHRHUIEIMISITJELILTLULVMCMDMEMKMTNLNOPLPTRORS"
	 "RUSESISJSKSMUAVAXK"},
	{"NA",
	 "AGAIAWBBBLBMBQBSBZCACRCUCWDMDOGDGLGPGTHNHTJMKNKYLCMFMQMSMXNIPAPMPRSVSXTCTTUSVCVGVI"},
	{"OC", "ASAUCKCXFJFMGUKIMHMPNCNFNRNUNZPFPGPNPWSBTKTLTOTVUMVUWFWS"},
	{"SA", "ARBOBRCLCOECFKGFGYPEPYSRUYVE"},
};

enum { CONTINENTS = sizeof table / sizeof *table };

const char *place_continent_of(const char *country)
{
	if (strlen(country) != 2)
		return NULL;
	for (size_t i = 0; i < CONTINENTS; i++) {
		for (const char *code = table[i].countries; *code != '\0'; code += 2) {
			if (memcmp(code, country, 2) == 0)
				return table[i].continent;
		}
	}
	return NULL;
}

static bool is_continent(const char *text)
{
	for (size_t i = 0; i < CONTINENTS; i++) {
		if (strcmp(text, table[i].continent) == 0)
			return true;
	}
	return false;
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
	if (!is_continent(place->continent)) {
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
