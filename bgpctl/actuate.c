/* Knows what stands in the file before and after a job, and that nothing older replaces newer. */
#include "bgpctl/actuate.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/mono.h"
#include "base/wall.h"
#include "bgpctl/ladder.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static enum level level_in(const struct include_entry *entries, size_t count,
			   const struct prefix *prefix)
{
	for (size_t i = 0; i < count; i++)
		if (prefix_compare(&entries[i].prefix, prefix) == 0)
			return entries[i].level;
	return LEVEL_NONE;
}

static void compare(struct actuate_job *job, const struct include_entry *old, size_t count)
{
	for (size_t i = 0; i < job->count; i++) {
		enum level before = level_in(old, count, &job->entries[i].prefix);
		if (job->entries[i].level == before)
			continue;
		if (job->entries[i].level == LEVEL_NONE)
			job->withdraws = true;
		else
			job->announces = true;
	}
}

/* The file, and so what BIRD is told, is left as it is. */
static bool refuse(struct actuate_job *job, const char *text)
{
	ladder_fail(job, text);
	job->refused = true;
	return false;
}

/*
 * Reads what the decision is to replace. False where it must not: somebody wrote a newer
 * generation, so the decision was made on what no longer holds; or it would drop all that is
 * announced without a word about any of it.
 */
static bool may_replace(struct actuate_job *job)
{
	struct include_entry *old;
	size_t count;
	uint64_t generation;
	char text[256];
	char *present = include_read(job->include, &job->file_missing, NULL);
	if (present != NULL)
		digest_hex(present, strlen(present), job->hash_before);
	if (present == NULL || !include_parse(present, &old, &count, &generation)) {
		free(present);
		job->announces = true;
		return true;
	}
	job->old_file = present;
	compare(job, old, count);
	free(old);
	if (generation > job->generation) {
		snprintf(text, sizeof text,
			 "the include file is of generation %" PRIu64 ", the decision of %" PRIu64
			 ": it is decided anew",
			 generation, job->generation);
		job->generation = generation;
		job->stale = true;
		return refuse(job, text);
	}
	if (count > 0 && job->count == 0)
		return refuse(job, "an empty decision, which gives no prefix a reason, is not "
				   "applied");
	return true;
}

static bool write_file(struct actuate_job *job)
{
	struct error error = {0};
	char now[WALL_TEXT_MAX];
	job->generation++;
	wall_format(wall_now_ms(), now);
	char *text = include_render(job->entries, job->count, job->generation, now);
	bool ok = include_write(job->include, text, &error);
	if (!ok)
		ladder_fail(job, error.text);
	free(text);
	return ok;
}

static struct bird *reach(struct actuate_job *job)
{
	struct error error = {0};
	struct bird *bird = bird_open(job->socket, &job->reach, &error);
	if (bird == NULL)
		snprintf(job->bird_error, sizeof job->bird_error, "%.250s", error.text);
	else
		job->bird_error[0] = '\0';
	return bird;
}

/* Between reading and replacing nobody else does, meridian-withdraw above all. */
static bool replace_file(struct actuate_job *job)
{
	int lock = include_lock(job->include);
	bool written = may_replace(job) && write_file(job);
	if (lock >= 0)
		close(lock);
	return written;
}

static void apply(struct actuate_job *job)
{
	bool written = replace_file(job);
	if (job->stale)
		return;
	struct bird *bird = reach(job);
	if (bird == NULL)
		return;
	ladder_climb(job, bird, written);
	bird_close(bird);
	/* A connection that broke in the middle leaves open what BIRD did: begin again, once. */
	if (job->reach == BIRD_DOWN && (bird = reach(job)) != NULL) {
		job->urgent = true;
		ladder_climb(job, bird, written);
		bird_close(bird);
	}
}

/* Only looks: over a connection that could not change anything. */
static void look(struct actuate_job *job)
{
	struct error error = {0};
	struct bird_reply reply = {0};
	struct bird *bird = reach(job);
	if (bird == NULL)
		return;
	if (bird_ask(bird, "restrict", &reply, &job->reach, &error))
		(void)ladder_look(job, bird); /* REACH says it */
	else
		snprintf(job->bird_error, sizeof job->bird_error, "%.250s", error.text);
	bird_reply_fini(&reply);
	bird_close(bird);
}

/* BIRD comes first: what cannot be kept would only be missed after a restart. */
static void keep_memory(const struct actuate_job *job)
{
	struct error error = {0};
	if (job->memory != NULL && !include_write(job->memory_path, job->memory, &error))
		log_warning("%s", error.text);
}

static void read_conf(struct actuate_job *job)
{
	struct error error = {0};
	if (!bird_conf_refresh(&job->conf, job->include, &error))
		snprintf(job->conf_error, sizeof job->conf_error, "%.250s", error.text);
}

void actuate_run(struct actuate_job *job)
{
	struct mono start = mono_now();
	job->verdicts = mem_array(job->count, sizeof *job->verdicts);
	if (job->apply)
		apply(job);
	if (!job->apply || job->stale)
		look(job);
	if (job->reach != BIRD_UP) {
		sight_fini(&job->sight);
		memset(job->verdicts, 0, job->count * sizeof *job->verdicts);
	}
	job->file = include_read(job->include, &job->file_missing, NULL);
	if (job->file != NULL)
		digest_hex(job->file, strlen(job->file), job->hash_after);
	job->took_us = mono_us_between(start, mono_now());
	if (job->apply)
		keep_memory(job);
	read_conf(job);
	job->freshness = (struct freshness_seen){.revision = -1, .places_built_ms = -1};
	if (!job->apply && job->responder != NULL)
		job->freshness = freshness_ask(job->responder);
}

void actuate_fini(struct actuate_job *job)
{
	sight_fini(&job->sight);
	bird_conf_fini(&job->conf);
	free(job->verdicts);
	free(job->file);
	free(job->old_file);
	job->verdicts = NULL;
	job->file = job->old_file = NULL;
}
