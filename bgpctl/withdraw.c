/*
 * Knows how a whole site is withdrawn when nothing but its settings can be read: the include file
 * says that nothing is announced, BIRD reads it, and where that does not help, the two static
 * protocols are disabled.
 *
 * For ExecStopPost= of the responder's unit: it works while the controller is dead.
 */
#include "base/log.h"
#include "base/mem.h"
#include "base/wall.h"
#include "bgpctl/keep.h"
#include "bgpctl/ladder.h"

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

/* All that stands in the file, withdrawn. */
static void fill(struct actuate_job *job, const char *reason)
{
	char *file = include_read(job->include, &job->file_missing, NULL);
	if (file != NULL)
		(void)!include_parse(file, &job->entries, &job->count, &job->generation);
	free(file);
	for (size_t i = 0; i < job->count; i++) {
		job->entries[i].level = LEVEL_NONE;
		snprintf(job->entries[i].reason, sizeof job->entries[i].reason,
			 "withdrawn by meridian-withdraw: %.180s", reason);
	}
}

/* What BIRD has and the file does not name is to go as well. */
static void add_routes(struct actuate_job *job)
{
	const struct bird_routes *routes = &job->sight.routes;
	for (size_t i = 0; i < routes->count; i++) {
		size_t k = 0;
		while (k < job->count &&
		       prefix_compare(&job->entries[k].prefix, &routes->at[i].prefix) != 0)
			k++;
		if (k < job->count)
			continue;
		job->entries = mem_resize(job->entries, job->count + 1, sizeof *job->entries);
		job->entries[job->count++] = (struct include_entry){
			.prefix = routes->at[i].prefix, .reason = "not named by the file"};
	}
}

static bool all_gone(const struct actuate_job *job)
{
	for (size_t i = 0; i < job->count; i++)
		if (job->verdicts[i] != SIGHT_VERIFIED)
			return false;
	return job->sight.routes.count == 0;
}

static void look_first(struct actuate_job *job)
{
	struct actuate_job look = {.socket = job->socket, .include = job->include};
	actuate_run(&look);
	job->sight = look.sight;
	memset(&look.sight, 0, sizeof look.sight);
	add_routes(job);
	sight_fini(&job->sight);
	actuate_fini(&look);
}

/* The controller may write the file at the same moment: then what it wrote is read again. */
static int withdraw(const struct instance *instance, const char *reason)
{
	struct actuate_job job;
	bool stale;
	int status, attempts = 0;
	do {
		job = (struct actuate_job){.socket = instance->bird_socket,
					   .include = instance->bird_include,
					   .apply = true,
					   .urgent = true};
		fill(&job, reason);
		look_first(&job);
		actuate_run(&job);
		stale = job.stale;
		bool down = job.reach == BIRD_DOWN, gone = job.reach == BIRD_UP && all_gone(&job);
		status = gone || (down && job.failure[0] == '\0') ? 0 : 1;
		if (gone)
			log_notice("nothing is announced any more, prefixes=%zu", job.count);
		else
			log_error("%s", job.failure[0] != '\0' ? job.failure : job.bird_error);
		actuate_fini(&job);
		free(job.entries);
	} while (stale && ++attempts < 3);
	return status;
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
