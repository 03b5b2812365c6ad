/* Knows how a whole site is brought down to one level when nothing but its settings can be read. */
#include "bgpctl/whole_site.h"

#include "base/mem.h"
#include "bgpctl/ladder.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ATTEMPTS = 3 };

static enum level lowered(enum level present, enum level level)
{
	return level == LEVEL_DEGRADED && present != LEVEL_ANNOUNCED ? present : level;
}

/* All that stands in the file, at LEVEL. */
static void fill(struct actuate_job *job, enum level level, const char *reason)
{
	char *file = include_read(job->include, &job->file_missing, NULL);
	if (file != NULL)
		(void)!include_parse(file, &job->entries, &job->count, &job->generation);
	free(file);
	for (size_t i = 0; i < job->count; i++) {
		job->entries[i].level = lowered(job->entries[i].level, level);
		snprintf(job->entries[i].reason, sizeof job->entries[i].reason, "%.230s", reason);
	}
}

/* What BIRD has and the file does not name is to go as well. */
static void add_routes(struct actuate_job *job, const struct bird_routes *routes)
{
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

static void look_first(struct actuate_job *job)
{
	struct actuate_job look = {.socket = job->socket, .include = job->include};
	actuate_run(&look);
	add_routes(job, &look.sight.routes);
	actuate_fini(&look);
}

static bool as_wanted(const struct actuate_job *job, enum level level)
{
	for (size_t i = 0; i < job->count; i++)
		if (job->verdicts[i] == SIGHT_MISMATCH || job->verdicts[i] == SIGHT_UNKNOWN)
			return false;
	return level != LEVEL_NONE || job->sight.routes.count == 0;
}

/* One attempt. *STALE: somebody wrote the file at the same moment, so it is to be read again. */
static bool lower(const struct instance *instance, enum level level, const char *reason,
		  struct whole_site *result, bool *stale)
{
	struct actuate_job job = {.socket = instance->bird_socket,
				  .include = instance->bird_include,
				  .apply = true,
				  .attributes = true,
				  .urgent = level == LEVEL_NONE};
	fill(&job, level, reason);
	look_first(&job);
	actuate_run(&job);
	*stale = job.stale;
	result->prefixes = job.count;
	bool down = job.reach == BIRD_DOWN && job.failure[0] == '\0';
	bool done = job.reach == BIRD_UP && as_wanted(&job, level);
	snprintf(result->failure, sizeof result->failure, "%s",
		 done ? "" : (job.failure[0] != '\0' ? job.failure : job.bird_error));
	actuate_fini(&job);
	free(job.entries);
	return done || down;
}

bool whole_site_lower(const struct instance *instance, enum level level, const char *reason,
		      struct whole_site *result)
{
	bool done = false, stale = true;
	for (int i = 0; i < ATTEMPTS && stale; i++)
		done = lower(instance, level, reason, result, &stale);
	return done;
}
