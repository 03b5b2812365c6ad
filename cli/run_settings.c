/* Knows the settings of an instance that `meridian run` makes. */
#include "cli/run_settings.h"

#include "base/mem.h"
#include "db/instance.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char first_line[] = "# Written by `meridian run`. Take this line out when you edit "
				 "the file: it is then left alone.\n";

enum { DEFAULT_DNS_PORT = 5300, DEFAULT_HTTP_PORT = 8080 };

/* 1: ours, 0: somebody's, -1: none. */
static int whose(const char *path)
{
	char line[256] = "";
	FILE *file = fopen(path, "r");
	if (file == NULL)
		return errno == ENOENT ? -1 : 0;
	bool read = fgets(line, sizeof line, file) != NULL;
	fclose(file);
	return read && strcmp(line, first_line) == 0;
}

/* A port that is not given stays what the settings, written by an earlier start, say. */
static void fill_in(const char *dir, int owner, unsigned *dns_port, unsigned *http_port)
{
	struct error error = {0};
	struct instance instance;
	bool loaded = owner == 1 && instance_load(dir, &instance, &error);
	if (*dns_port == 0)
		*dns_port = loaded ? instance.dns_listen[0].port : DEFAULT_DNS_PORT;
	if (*http_port == 0)
		*http_port = loaded ? instance.web_listen.port : DEFAULT_HTTP_PORT;
	if (loaded)
		instance_fini(&instance);
}

bool run_settings_write(const char *dir, unsigned dns_port, unsigned http_port, const char *country,
			struct error *error)
{
	char *path = mem_printf("%s/meridian.conf", dir);
	int owner = whose(path);
	bool good = true;
	if (owner == 0 && (dns_port != 0 || http_port != 0)) {
		error_set(error,
			  "%s is yours: set [dns] listen and [web] listen there instead of giving "
			  "a port here",
			  path);
		good = false;
	} else if (owner == -1 || dns_port != 0 || http_port != 0) {
		fill_in(dir, owner, &dns_port, &http_port);
		FILE *file = fopen(path, "w");
		good = file != NULL &&
		       fprintf(file,
			       "%s[dns]\nlisten = 127.0.0.1:%u, [::1]:%u\n\n[web]\nlisten = "
			       "127.0.0.1:%u\n",
			       first_line, dns_port, dns_port, http_port) > 0 &&
		       (country == NULL || fprintf(file, "\n[geo]\ncountry = %s\n", country) > 0) &&
		       fprintf(file, "\n[bird]\nboot_hold_up_s = 3\nhold_up_s = 5\nannounce_gap_s "
				     "= 5\n") > 0;
		good = (file == NULL || fclose(file) == 0) && good;
		if (!good)
			error_set_errno(error, "cannot write %s", path);
	}
	free(path);
	return good;
}
