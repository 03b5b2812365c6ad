/* Knows the steps from a decision to BIRD's proof of it, and what to do when a step fails. */
#include "bgpctl/actuate.h"

#include "base/mem.h"
#include "base/mono.h"
#include "base/wall.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* How often BIRD is asked again while it is not yet where it should be. */
enum { POLL_FIRST_MS = 2, POLL_MOST_MS = 50 };

static void pause_ms(int ms)
{
	struct timespec time = {.tv_nsec = (long)ms * 1000000};
	nanosleep(&time, NULL);
}

static void fail(struct actuate_job *job, const char *text)
{
	if (job->failure[0] == '\0')
		snprintf(job->failure, sizeof job->failure, "%.250s", text);
}

/* Never below a generation that stands in the file, whoever wrote it. */
static bool write_file(struct actuate_job *job)
{
	struct error error = {0};
	char now[WALL_TEXT_MAX];
	struct include_entry *old;
	size_t old_count;
	uint64_t on_disk = 0;
	char *present = include_read(job->include, &job->file_missing, NULL);
	if (present != NULL && include_parse(present, &old, &old_count, &on_disk))
		free(old);
	free(present);
	job->generation = (on_disk > job->generation ? on_disk : job->generation) + 1;
	wall_format(wall_now_ms(), now);
	char *text = include_render(job->entries, job->count, job->generation, now);
	bool ok = include_write(job->include, text, &error);
	if (!ok)
		fail(job, error.text);
	free(text);
	return ok;
}

static bool ask(struct actuate_job *job, struct bird *bird, const char *request,
		struct bird_reply *reply)
{
	struct error error = {0};
	if (bird_ask(bird, request, reply, &job->reach, &error))
		return true;
	snprintf(job->bird_error, sizeof job->bird_error, "%.250s", error.text);
	return false;
}

/* Plain, never soft: soft leaves routes that were exported before as they were. */
static bool configure(struct actuate_job *job, struct bird *bird)
{
	struct bird_reply reply = {0};
	struct mono deadline = mono_add_ms(mono_now(), ACTUATE_VERIFY_MS);
	bool ok = ask(job, bird, "configure", &reply);
	while (ok && (reply.code == BIRD_RECONFIG_PROGRESS || reply.code == BIRD_RECONFIG_QUEUED) &&
	       mono_ms_between(mono_now(), deadline) > 0) {
		pause_ms(POLL_FIRST_MS);
		ok = ask(job, bird, "configure status", &reply);
		/* "0003-Daemon is up and running", then "0000 ". */
		if (ok && reply.count > 0)
			reply.code = reply.lines[0].code;
	}
	if (ok && reply.code != BIRD_RECONFIGURED) {
		char text[256];
		snprintf(text, sizeof text, "BIRD refused its configuration (%04u): %.190s",
			 reply.code, bird_reply_last(&reply));
		fail(job, text);
		ok = false;
	}
	bird_reply_fini(&reply);
	return ok;
}

static bool look(struct actuate_job *job, struct bird *bird)
{
	struct error error = {0};
	sight_fini(&job->sight);
	if (!sight_look(bird, job->entries, job->count, &job->sight, &job->reach, &error)) {
		snprintf(job->bird_error, sizeof job->bird_error, "%.250s", error.text);
		return false;
	}
	for (size_t i = 0; i < job->count; i++)
		job->verdicts[i] = sight_judge(&job->sight, &job->entries[i], i);
	return true;
}

static bool mismatched(const struct actuate_job *job)
{
	for (size_t i = 0; i < job->count; i++)
		if (job->verdicts[i] == SIGHT_MISMATCH)
			return true;
	return false;
}

/* Looks until BIRD does what was decided, or until WAIT_MS passed. False where it cannot be asked.
 */
static bool look_until(struct actuate_job *job, struct bird *bird, int wait_ms)
{
	struct mono deadline = mono_add_ms(mono_now(), wait_ms);
	int ms = POLL_FIRST_MS;
	for (;;) {
		if (!look(job, bird))
			return false;
		if (!mismatched(job) || mono_ms_between(mono_now(), deadline) <= 0)
			return true;
		pause_ms(ms);
		ms = 2 * ms < POLL_MOST_MS ? 2 * ms : POLL_MOST_MS;
	}
}

/* L2 for one family: true where something of it must go, has not gone, and nothing is to stay. */
static bool brake_helps(const struct actuate_job *job, uint8_t family)
{
	bool stuck = false;
	for (size_t i = 0; i < job->count; i++) {
		if (job->entries[i].prefix.addr.family != family)
			continue;
		if (job->entries[i].level != LEVEL_NONE)
			return false;
		stuck = stuck || job->verdicts[i] == SIGHT_MISMATCH;
	}
	return stuck;
}

static bool brake(struct actuate_job *job, struct bird *bird, uint8_t family)
{
	char request[96];
	struct bird_reply reply = {0};
	if (!brake_helps(job, family))
		return false;
	snprintf(request, sizeof request, "disable meridian%u \"withdrawn by meridian-bgpctl\"",
		 family);
	bool ok = ask(job, bird, request, &reply) && reply.count > 0 &&
		  (reply.lines[0].code == BIRD_DISABLED ||
		   reply.lines[0].code == BIRD_ALREADY_DISABLED);
	bird_reply_fini(&reply);
	return ok;
}

static void enforce(struct actuate_job *job, struct bird *bird, bool written)
{
	bool configured = written && configure(job, bird);
	if (job->reach != BIRD_UP)
		return;
	if (!look_until(job, bird, configured ? ACTUATE_VERIFY_MS : 0) || !mismatched(job))
		return;
	job->braked_ipv4 = brake(job, bird, ADDR_IPV4);
	if (job->reach == BIRD_UP)
		job->braked_ipv6 = brake(job, bird, ADDR_IPV6);
	if ((job->braked_ipv4 || job->braked_ipv6) && job->reach == BIRD_UP &&
	    !look_until(job, bird, ACTUATE_VERIFY_MS))
		return;
	if (mismatched(job))
		fail(job, "BIRD does not export what was decided; look at its export filter");
}

void actuate_run(struct actuate_job *job)
{
	struct error error = {0};
	struct mono start = mono_now();
	bool written = false;
	job->verdicts = mem_array(job->count, sizeof *job->verdicts);
	if (job->apply)
		written = write_file(job);
	struct bird *bird = bird_open(job->socket, &job->reach, &error);
	if (bird == NULL) {
		snprintf(job->bird_error, sizeof job->bird_error, "%.250s", error.text);
	} else if (job->apply) {
		enforce(job, bird, written);
	} else {
		(void)look(job, bird); /* REACH says it */
	}
	if (job->reach != BIRD_UP) {
		sight_fini(&job->sight);
		memset(job->verdicts, 0, job->count * sizeof *job->verdicts);
	}
	bird_close(bird);
	job->file = include_read(job->include, &job->file_missing, NULL);
	job->took_us = mono_us_between(start, mono_now());
}

void actuate_fini(struct actuate_job *job)
{
	sight_fini(&job->sight);
	free(job->verdicts);
	free(job->file);
	job->verdicts = NULL;
	job->file = NULL;
}
