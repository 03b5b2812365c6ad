/*
 * Knows when the end of the responder's unit is to withdraw the whole site: always, but for an
 * upgrade. It works while the controller is dead.
 */
#include "base/log.h"
#include "base/mem.h"
#include "bgpctl/keep.h"
#include "bgpctl/whole_site.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] =
	"usage: meridian-withdraw [--dir DIR] [--reason TEXT]\n\n"
	"Withdraws all that this site announces, and exits 0 when BIRD announces none of it.\n"
	"As ExecStopPost= it leaves a service that was stopped for an upgrade alone.\n";

/* False with STATUS where the words are not understood, or only help was asked for. */
static bool read_words(int argc, char **argv, const char **dir, const char **reason, int *status)
{
	for (int i = 1; i < argc; i++) {
		const char **to = strcmp(argv[i], "--dir") == 0	     ? dir
				  : strcmp(argv[i], "--reason") == 0 ? reason
								     : NULL;
		if (to != NULL && i + 1 < argc) {
			*to = argv[++i];
			continue;
		}
		bool help = strcmp(argv[i], "--help") == 0;
		fputs(usage, help ? stdout : stderr);
		*status = help ? 0 : 2;
		return false;
	}
	return true;
}

/* The unit ended without a failure, and an upgrade is under way: it is started again at once. */
static bool comes_back(const struct instance *instance)
{
	const char *result = getenv("SERVICE_RESULT");
	return result != NULL && strcmp(result, "success") == 0 && keep_in_force(instance);
}

static int withdraw(const struct instance *instance, const char *reason)
{
	struct whole_site result;
	char *text = mem_printf("withdrawn by meridian-withdraw: %s", reason);
	bool done = whole_site_lower(instance, LEVEL_NONE, text, &result);
	free(text);
	if (result.failure[0] != '\0')
		log_error("%s", result.failure);
	else
		log_notice("nothing is announced any more, prefixes=%zu", result.prefixes);
	return done ? 0 : 1;
}

int main(int argc, char **argv)
{
	const char *dir = NULL, *reason = "ordered";
	struct instance instance;
	struct error error = {0};
	int status = 0;
	if (!read_words(argc, argv, &dir, &reason, &status))
		return status;
	log_open("meridian-withdraw", LOG_LEVEL_NOTICE);
	if (!instance_load(dir, &instance, &error)) {
		log_error("%s", error.text);
		return 1;
	}
	if (comes_back(&instance))
		log_notice("an upgrade is under way: what is announced is left as it is");
	else
		status = withdraw(&instance, reason);
	instance_fini(&instance);
	return status;
}
