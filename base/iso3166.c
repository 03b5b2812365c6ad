/* Knows the countries of ISO 3166-1, the continents, and roughly where each is. */
#include "base/iso3166.h"

#include <stdlib.h>
#include <string.h>

/* Sorted by code. The centroid of the main land for states with far possessions (FR, NO, US ...),
 * which is where nearly all of their networks are; Russia's is drawn towards its people. */
static const struct iso3166_country countries[] = {
	{"AD", "EU", 42.5F, 1.6F},     {"AE", "AS", 24.0F, 54.0F},    {"AF", "AS", 33.8F, 66.0F},
	{"AG", "NA", 17.1F, -61.8F},   {"AI", "NA", 18.2F, -63.1F},   {"AL", "EU", 41.1F, 20.1F},
	{"AM", "AS", 40.2F, 45.0F},    {"AO", "AF", -12.3F, 17.5F},   {"AQ", "AN", -80.0F, 0.0F},
	{"AR", "SA", -35.4F, -65.2F},  {"AS", "OC", -14.3F, -170.7F}, {"AT", "EU", 47.6F, 14.1F},
	{"AU", "OC", -25.7F, 134.5F},  {"AW", "NA", 12.5F, -70.0F},   {"AX", "EU", 60.2F, 20.0F},
	{"AZ", "AS", 40.3F, 47.5F},    {"BA", "EU", 44.2F, 17.8F},    {"BB", "NA", 13.2F, -59.6F},
	{"BD", "AS", 23.9F, 90.2F},    {"BE", "EU", 50.6F, 4.7F},     {"BF", "AF", 12.3F, -1.7F},
	{"BG", "EU", 42.8F, 25.2F},    {"BH", "AS", 26.0F, 50.5F},    {"BI", "AF", -3.4F, 29.9F},
	{"BJ", "AF", 9.6F, 2.3F},      {"BL", "NA", 17.9F, -62.8F},   {"BM", "NA", 32.3F, -64.8F},
	{"BN", "AS", 4.5F, 114.6F},    {"BO", "SA", -16.7F, -64.7F},  {"BQ", "NA", 12.2F, -68.3F},
	{"BR", "SA", -10.8F, -53.1F},  {"BS", "NA", 24.3F, -76.6F},   {"BT", "AS", 27.4F, 90.4F},
	{"BV", "AN", -54.4F, 3.4F},    {"BW", "AF", -22.2F, 23.8F},   {"BY", "EU", 53.5F, 28.0F},
	{"BZ", "NA", 17.2F, -88.7F},   {"CA", "NA", 57.6F, -101.9F},  {"CC", "AS", -12.2F, 96.9F},
	{"CD", "AF", -2.9F, 23.6F},    {"CF", "AF", 6.6F, 20.5F},     {"CG", "AF", -0.8F, 15.2F},
	{"CH", "EU", 46.8F, 8.2F},     {"CI", "AF", 7.6F, -5.6F},     {"CK", "OC", -21.2F, -159.8F},
	{"CL", "SA", -35.5F, -71.0F},  {"CM", "AF", 5.7F, 12.7F},     {"CN", "AS", 36.6F, 103.8F},
	{"CO", "SA", 3.9F, -73.1F},    {"CR", "NA", 10.0F, -84.2F},   {"CU", "NA", 21.6F, -79.0F},
	{"CV", "AF", 15.9F, -23.9F},   {"CW", "NA", 12.2F, -69.0F},   {"CX", "AS", -10.5F, 105.6F},
	{"CY", "EU", 35.0F, 33.2F},    {"CZ", "EU", 49.7F, 15.3F},    {"DE", "EU", 51.1F, 10.4F},
	{"DJ", "AF", 11.8F, 42.6F},    {"DK", "EU", 56.0F, 10.0F},    {"DM", "NA", 15.4F, -61.4F},
	{"DO", "NA", 18.9F, -70.5F},   {"DZ", "AF", 28.2F, 2.6F},     {"EC", "SA", -1.4F, -78.8F},
	{"EE", "EU", 58.7F, 25.5F},    {"EG", "AF", 26.5F, 29.9F},    {"EH", "AF", 24.2F, -12.2F},
	{"ER", "AF", 15.4F, 38.8F},    {"ES", "EU", 40.2F, -3.6F},    {"ET", "AF", 8.6F, 39.6F},
	{"FI", "EU", 64.5F, 26.3F},    {"FJ", "OC", -17.8F, 178.0F},  {"FK", "SA", -51.7F, -59.4F},
	{"FM", "OC", 6.9F, 158.2F},    {"FO", "EU", 62.0F, -6.9F},    {"FR", "EU", 46.6F, 2.5F},
	{"GA", "AF", -0.6F, 11.8F},    {"GB", "EU", 54.1F, -2.9F},    {"GD", "NA", 12.1F, -61.7F},
	{"GE", "AS", 42.2F, 43.5F},    {"GF", "SA", 3.9F, -53.2F},    {"GG", "EU", 49.5F, -2.6F},
	{"GH", "AF", 7.9F, -1.2F},     {"GI", "EU", 36.1F, -5.3F},    {"GL", "NA", 74.7F, -41.3F},
	{"GM", "AF", 13.4F, -15.4F},   {"GN", "AF", 10.4F, -10.9F},   {"GP", "NA", 16.2F, -61.6F},
	{"GQ", "AF", 1.7F, 10.3F},     {"GR", "EU", 39.1F, 22.9F},    {"GS", "AN", -54.4F, -36.8F},
	{"GT", "NA", 15.7F, -90.4F},   {"GU", "OC", 13.4F, 144.8F},   {"GW", "AF", 12.0F, -15.0F},
	{"GY", "SA", 4.8F, -59.0F},    {"HK", "AS", 22.4F, 114.1F},   {"HM", "AN", -53.1F, 73.5F},
	{"HN", "NA", 14.8F, -86.6F},   {"HR", "EU", 45.1F, 16.4F},    {"HT", "NA", 18.9F, -72.7F},
	{"HU", "EU", 47.2F, 19.4F},    {"ID", "AS", -2.2F, 117.3F},   {"IE", "EU", 53.2F, -8.1F},
	{"IL", "AS", 31.5F, 35.0F},    {"IM", "EU", 54.2F, -4.5F},    {"IN", "AS", 22.9F, 79.6F},
	{"IO", "AS", -7.3F, 72.4F},    {"IQ", "AS", 33.0F, 43.7F},    {"IR", "AS", 32.6F, 54.3F},
	{"IS", "EU", 65.0F, -18.6F},   {"IT", "EU", 42.8F, 12.1F},    {"JE", "EU", 49.2F, -2.1F},
	{"JM", "NA", 18.2F, -77.3F},   {"JO", "AS", 31.2F, 36.8F},    {"JP", "AS", 37.6F, 138.0F},
	{"KE", "AF", 0.6F, 37.8F},     {"KG", "AS", 41.5F, 74.5F},    {"KH", "AS", 12.7F, 104.9F},
	{"KI", "OC", 1.4F, 173.0F},    {"KM", "AF", -11.9F, 43.7F},   {"KN", "NA", 17.3F, -62.7F},
	{"KP", "AS", 40.2F, 127.2F},   {"KR", "AS", 36.4F, 127.8F},   {"KW", "AS", 29.3F, 47.6F},
	{"KY", "NA", 19.4F, -81.0F},   {"KZ", "AS", 48.2F, 67.3F},    {"LA", "AS", 18.5F, 103.7F},
	{"LB", "AS", 33.9F, 35.9F},    {"LC", "NA", 13.9F, -61.0F},   {"LI", "EU", 47.1F, 9.5F},
	{"LK", "AS", 7.6F, 80.7F},     {"LR", "AF", 6.5F, -9.3F},     {"LS", "AF", -29.6F, 28.2F},
	{"LT", "EU", 55.3F, 23.9F},    {"LU", "EU", 49.8F, 6.1F},     {"LV", "EU", 56.9F, 24.9F},
	{"LY", "AF", 27.0F, 18.0F},    {"MA", "AF", 31.9F, -6.3F},    {"MC", "EU", 43.7F, 7.4F},
	{"MD", "EU", 47.2F, 28.5F},    {"ME", "EU", 42.8F, 19.2F},    {"MF", "NA", 18.1F, -63.1F},
	{"MG", "AF", -19.4F, 46.7F},   {"MH", "OC", 7.1F, 171.1F},    {"MK", "EU", 41.6F, 21.7F},
	{"ML", "AF", 17.3F, -3.5F},    {"MM", "AS", 21.2F, 96.5F},    {"MN", "AS", 46.8F, 103.1F},
	{"MO", "AS", 22.2F, 113.5F},   {"MP", "OC", 15.2F, 145.7F},   {"MQ", "NA", 14.6F, -61.0F},
	{"MR", "AF", 20.3F, -10.3F},   {"MS", "NA", 16.7F, -62.2F},   {"MT", "EU", 35.9F, 14.4F},
	{"MU", "AF", -20.3F, 57.6F},   {"MV", "AS", 3.7F, 73.5F},     {"MW", "AF", -13.2F, 34.3F},
	{"MX", "NA", 23.9F, -102.5F},  {"MY", "AS", 3.8F, 109.7F},    {"MZ", "AF", -17.3F, 35.5F},
	{"NA", "AF", -22.1F, 17.2F},   {"NC", "OC", -21.3F, 165.7F},  {"NE", "AF", 17.4F, 9.4F},
	{"NF", "OC", -29.0F, 168.0F},  {"NG", "AF", 9.6F, 8.1F},      {"NI", "NA", 12.8F, -85.0F},
	{"NL", "EU", 52.1F, 5.3F},     {"NO", "EU", 64.5F, 14.0F},    {"NP", "AS", 28.2F, 83.9F},
	{"NR", "OC", -0.5F, 166.9F},   {"NU", "OC", -19.0F, -169.9F}, {"NZ", "OC", -41.8F, 171.5F},
	{"OM", "AS", 20.6F, 56.1F},    {"PA", "NA", 8.5F, -80.1F},    {"PE", "SA", -9.2F, -74.4F},
	{"PF", "OC", -17.6F, -149.5F}, {"PG", "OC", -6.5F, 145.2F},   {"PH", "AS", 11.8F, 122.9F},
	{"PK", "AS", 29.9F, 69.3F},    {"PL", "EU", 52.1F, 19.4F},    {"PM", "NA", 46.9F, -56.3F},
	{"PN", "OC", -25.1F, -130.1F}, {"PR", "NA", 18.2F, -66.5F},   {"PS", "AS", 31.9F, 35.2F},
	{"PT", "EU", 39.6F, -8.5F},    {"PW", "OC", 7.4F, 134.5F},    {"PY", "SA", -23.2F, -58.4F},
	{"QA", "AS", 25.3F, 51.2F},    {"RE", "AF", -21.1F, 55.5F},   {"RO", "EU", 45.9F, 25.0F},
	{"RS", "EU", 44.2F, 20.8F},    {"RU", "EU", 56.0F, 60.0F},    {"RW", "AF", -2.0F, 29.9F},
	{"SA", "AS", 24.1F, 44.5F},    {"SB", "OC", -9.6F, 160.1F},   {"SC", "AF", -4.7F, 55.5F},
	{"SD", "AF", 16.0F, 29.9F},    {"SE", "EU", 62.8F, 16.7F},    {"SG", "AS", 1.4F, 103.8F},
	{"SH", "AF", -15.9F, -5.7F},   {"SI", "EU", 46.1F, 14.8F},    {"SJ", "EU", 78.2F, 16.0F},
	{"SK", "EU", 48.7F, 19.5F},    {"SL", "AF", 8.6F, -11.8F},    {"SM", "EU", 43.9F, 12.5F},
	{"SN", "AF", 14.4F, -14.5F},   {"SO", "AF", 4.8F, 45.7F},     {"SR", "SA", 4.1F, -55.9F},
	{"SS", "AF", 7.3F, 30.2F},     {"ST", "AF", 0.5F, 6.8F},      {"SV", "NA", 13.7F, -88.9F},
	{"SX", "NA", 18.0F, -63.1F},   {"SY", "AS", 35.0F, 38.5F},    {"SZ", "AF", -26.6F, 31.5F},
	{"TC", "NA", 21.8F, -71.8F},   {"TD", "AF", 15.3F, 18.6F},    {"TF", "AN", -49.3F, 69.3F},
	{"TG", "AF", 8.5F, 1.0F},      {"TH", "AS", 15.1F, 101.0F},   {"TJ", "AS", 38.5F, 71.0F},
	{"TK", "OC", -9.2F, -171.8F},  {"TL", "OC", -8.8F, 125.8F},   {"TM", "AS", 39.1F, 59.4F},
	{"TN", "AF", 34.1F, 9.6F},     {"TO", "OC", -21.2F, -175.2F}, {"TR", "AS", 39.1F, 35.2F},
	{"TT", "NA", 10.5F, -61.3F},   {"TV", "OC", -8.5F, 179.2F},   {"TW", "AS", 23.8F, 121.0F},
	{"TZ", "AF", -6.3F, 34.8F},    {"UA", "EU", 49.0F, 31.4F},    {"UG", "AF", 1.3F, 32.4F},
	{"UM", "OC", 19.3F, 166.6F},   {"US", "NA", 39.8F, -98.6F},   {"UY", "SA", -32.8F, -56.0F},
	{"UZ", "AS", 41.8F, 63.1F},    {"VA", "EU", 41.9F, 12.5F},    {"VC", "NA", 13.2F, -61.2F},
	{"VE", "SA", 7.1F, -66.2F},    {"VG", "NA", 18.4F, -64.6F},   {"VI", "NA", 18.0F, -64.8F},
	{"VN", "AS", 16.6F, 106.3F},   {"VU", "OC", -16.2F, 167.7F},  {"WF", "OC", -13.8F, -177.2F},
	{"WS", "OC", -13.8F, -172.2F}, {"XK", "EU", 42.6F, 20.9F},    {"YE", "AS", 15.9F, 47.6F},
	{"YT", "AF", -12.8F, 45.2F},   {"ZA", "AF", -29.0F, 25.1F},   {"ZM", "AF", -13.5F, 27.8F},
	{"ZW", "AF", -19.0F, 29.9F}};

static const struct iso3166_continent continents[] = {
	{"AF", 2.0F, 21.0F},   {"AN", -80.0F, 0.0F},   {"AS", 34.0F, 95.0F},   {"EU", 50.0F, 12.0F},
	{"NA", 40.0F, -98.0F}, {"OC", -25.0F, 140.0F}, {"SA", -15.0F, -58.0F},
};

static int by_code(const void *key, const void *element)
{
	return strcmp(key, ((const struct iso3166_country *)element)->code);
}

const struct iso3166_country *iso3166_find(const char *code)
{
	return bsearch(code, countries, sizeof countries / sizeof *countries, sizeof *countries,
		       by_code);
}

const struct iso3166_continent *iso3166_find_continent(const char *code)
{
	for (size_t i = 0; i < sizeof continents / sizeof *continents; i++) {
		if (strcmp(continents[i].code, code) == 0)
			return &continents[i];
	}
	return NULL;
}
