/* Knows the command line of meridian-geoc, the compiler of place tables. */
#include "geodns/geoc_compile.h"

#include <getopt.h>
#include <stdio.h>

static const char usage[] =
	"usage: meridian-geoc --out FILE [--country MMDB] [--city MMDB] [--asn MMDB]\n"
	"\n"
	"Compiles MaxMind DB files into the place table that meridian-geodns reads. At least one\n"
	"of them is needed. A damaged, foreign or shrunken database is refused and FILE kept.\n"
	"\n"
	"  --out FILE          the place table; replaced in one step\n"
	"  --country MMDB      country database (GeoLite2-Country, ...)\n"
	"  --city MMDB         city database (GeoLite2-City, ...); wins over the country database\n"
	"  --asn MMDB          ASN database (GeoLite2-ASN, ...)\n"
	"  --accept-shrunken   take a database of under half the networks of the one before\n"
	"  --help, --version\n";

enum { OPTION_OUT = 256, OPTION_ACCEPT_SHRUNKEN, OPTION_HELP, OPTION_VERSION };

static const struct option options[] = {
	{"country", required_argument, NULL, PLACE_FROM_COUNTRY},
	{"city", required_argument, NULL, PLACE_FROM_CITY},
	{"asn", required_argument, NULL, PLACE_FROM_ASN},
	{"out", required_argument, NULL, OPTION_OUT},
	{"accept-shrunken", no_argument, NULL, OPTION_ACCEPT_SHRUNKEN},
	{"help", no_argument, NULL, OPTION_HELP},
	{"version", no_argument, NULL, OPTION_VERSION},
	{NULL, 0, NULL, 0}};

/* -1 to go on, or an exit status. */
static int read_arguments(int argc, char **argv, struct geoc_request *request)
{
	for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
		switch (option) {
		case PLACE_FROM_COUNTRY:
		case PLACE_FROM_CITY:
		case PLACE_FROM_ASN:
			request->database[option] = optarg;
			break;
		case OPTION_OUT:
			request->out = optarg;
			break;
		case OPTION_ACCEPT_SHRUNKEN:
			request->accept_shrunken = true;
			break;
		case OPTION_HELP:
			fputs(usage, stdout);
			return 0;
		case OPTION_VERSION:
			puts("meridian-geoc " MERIDIAN_VERSION);
			return 0;
		default:
			return 2;
		}
	}
	bool any = false;
	for (int i = 0; i < PLACE_FROM_COUNT; i++)
		any |= request->database[i] != NULL;
	if (optind == argc && any && request->out != NULL)
		return -1;
	fputs(usage, stderr);
	return 2;
}

int main(int argc, char **argv)
{
	struct geoc_request request = {0};
	struct error error = {""};
	char report[256];
	int status = read_arguments(argc, argv, &request);
	if (status >= 0)
		return status;
	if (!geoc_compile(&request, report, &error)) {
		fprintf(stderr, "meridian-geoc: %s\n", error.text);
		return 1;
	}
	puts(report);
	return 0;
}
