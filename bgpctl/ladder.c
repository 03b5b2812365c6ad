/* Knows which step follows when one did not bring BIRD to what was decided. */
#include "bgpctl/ladder.h"

#include "base/mono.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* How often BIRD is asked again while it is not yet where it should be. */
enum { POLL_FIRST_MS = 2, POLL_MOST_MS = 50 };

static void pause_ms(int ms)
{
	struct timespec time = {.tv_nsec = (long)ms * 1000000};
	nanosleep(&time, NULL);
}

void ladder_fail(struct actuate_job *job, const char *text)
{
	if (job->failure[0] == '\0')
		snprintf(job->failure, sizeof job->failure, "%.250s", text);
}

/* Keeps what was ordered and what came back, for the record. What no longer fits is left out. */
static void record(struct actuate_job *job, const char *request, const char *answer)
{
	size_t used = strlen(job->said);
	int len = snprintf(job->said + used, sizeof job->said - used, "%s: %.120s\n", request,
			   answer);
	if (len < 0 || used + (size_t)len >= sizeof job->said)
		job->said[used] = '\0';
}

/* BIRD itself says which file its configuration begins with. */
static void learn_conf(struct actuate_job *job, const struct bird_reply *reply)
{
	static const char words[] = "Reading configuration from ";
	for (size_t i = 0; i < reply->count; i++) {
		const char *text = bird_reply_text(reply, i);
		if (reply->lines[i].code == BIRD_READING &&
		    strncmp(text, words, sizeof words - 1) == 0)
			bird_conf_begin(&job->conf, text + sizeof words - 1);
	}
}

static bool ask(struct actuate_job *job, struct bird *bird, const char *request,
		struct bird_reply *reply)
{
	struct error error = {0};
	char answer[160];
	if (!bird_ask(bird, request, reply, &job->reach, &error)) {
		snprintf(job->bird_error, sizeof job->bird_error, "%.250s", error.text);
		record(job, request, "no answer");
		return false;
	}
	snprintf(answer, sizeof answer, "%04u %.150s", reply->code, bird_reply_last(reply));
	record(job, request, answer);
	learn_conf(job, reply);
	return true;
}

/* Asks for what has no answer but its code. */
static bool tell(struct actuate_job *job, struct bird *bird, const char *request, unsigned *code)
{
	struct bird_reply reply = {0};
	bool ok = ask(job, bird, request, &reply);
	*code = reply.count > 0 ? reply.lines[0].code : reply.code;
	bird_reply_fini(&reply);
	return ok;
}

static void refused(struct actuate_job *job, const struct bird_reply *reply)
{
	char text[256];
	snprintf(text, sizeof text, "BIRD refused its configuration (%04u): %.190s", reply->code,
		 bird_reply_last(reply));
	ladder_fail(job, text);
}

/* True where the files would be taken. It changes nothing, and keeps a timer that runs. */
static bool check(struct actuate_job *job, struct bird *bird)
{
	struct bird_reply reply = {0};
	bool ok = ask(job, bird, "configure check", &reply);
	if (ok && reply.code != BIRD_CONFIG_OK) {
		refused(job, &reply);
		ok = false;
	}
	bird_reply_fini(&reply);
	return ok;
}

/* Polled so often that it is not worth a record. */
static bool poll_status(struct actuate_job *job, struct bird *bird, struct bird_reply *reply)
{
	struct error error = {0};
	if (bird_ask(bird, "configure status", reply, &job->reach, &error))
		return true;
	snprintf(job->bird_error, sizeof job->bird_error, "%.250s", error.text);
	return false;
}

/*
 * Plain, never soft: soft leaves routes that were exported before as they were. True where BIRD
 * took the files; a reconfiguration that still goes on when the time is over is judged by what is
 * exported.
 */
static bool configure(struct actuate_job *job, struct bird *bird, bool timed)
{
	char request[32] = "configure";
	struct bird_reply reply = {0};
	struct mono deadline = mono_add_ms(mono_now(), ACTUATE_VERIFY_MS);
	if (timed)
		snprintf(request, sizeof request, "configure timeout %d", LADDER_UNDO_S);
	bool ok = ask(job, bird, request, &reply);
	while (ok && (reply.code == BIRD_RECONFIG_PROGRESS || reply.code == BIRD_RECONFIG_QUEUED) &&
	       mono_ms_between(mono_now(), deadline) > 0) {
		pause_ms(POLL_FIRST_MS);
		ok = poll_status(job, bird, &reply);
		/* "0003-Daemon is up and running", then "0000 ". */
		if (ok && reply.count > 0)
			reply.code = reply.lines[0].code;
	}
	if (ok && reply.code != BIRD_RECONFIGURED && reply.code != BIRD_RECONFIG_PROGRESS &&
	    reply.code != BIRD_RECONFIG_QUEUED) {
		refused(job, &reply);
		ok = false;
	}
	bird_reply_fini(&reply);
	return ok;
}

bool ladder_look(struct actuate_job *job, struct bird *bird)
{
	struct error error = {0};
	sight_fini(&job->sight);
	if (!sight_look(bird, job->entries, job->count, job->attributes, &job->sight, &job->reach,
			&error)) {
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

/* Apart from what BIRD got wrong before: one prefix is not to hold up another. */
static bool mismatched_anew(const struct actuate_job *job)
{
	for (size_t i = 0; i < job->count; i++)
		if (job->verdicts[i] == SIGHT_MISMATCH &&
		    (job->excused == NULL || !job->excused[i]))
			return true;
	return false;
}

/* True where something that is to be gone is still there. */
static bool stuck(const struct actuate_job *job, int family)
{
	for (size_t i = 0; i < job->count; i++)
		if (job->entries[i].level == LEVEL_NONE && job->verdicts[i] == SIGHT_MISMATCH &&
		    (family == 0 || job->entries[i].prefix.addr.family == family))
			return true;
	return false;
}

static bool anything_stuck(const struct actuate_job *job)
{
	return stuck(job, 0);
}

/* True where what the job waits for is less than what waits for the job. */
static bool is_pressed(struct actuate_job *job)
{
	return !job->withdraws && atomic_load_explicit(&job->pressed, memory_order_relaxed);
}

/* Looks while PENDING, or until WAIT_MS passed. False where BIRD cannot be asked. */
static bool look_while(struct actuate_job *job, struct bird *bird,
		       bool (*pending)(const struct actuate_job *job), int wait_ms)
{
	struct mono begun = mono_now(), deadline = mono_add_ms(begun, wait_ms);
	int ms = POLL_FIRST_MS;
	for (;;) {
		bool looked = ladder_look(job, bird);
		job->verify_us = mono_us_between(begun, mono_now());
		if (!looked)
			return false;
		if (!pending(job) || mono_ms_between(mono_now(), deadline) <= 0 || is_pressed(job))
			return true;
		pause_ms(ms);
		ms = 2 * ms < POLL_MOST_MS ? 2 * ms : POLL_MOST_MS;
	}
}

/* True where the file is still the one that the job wrote. */
static bool still_ours(const struct actuate_job *job)
{
	struct include_entry *found = NULL;
	size_t count;
	uint64_t generation = 0;
	bool missing;
	char *present = include_read(job->include, &missing, NULL);
	if (present != NULL)
		(void)!include_parse(present, &found, &count, &generation);
	free(found);
	free(present);
	return generation <= job->generation;
}

/* What somebody wrote since, to withdraw for one, is newer than what stood there before. */
static void put_back(struct actuate_job *job)
{
	struct error error = {0};
	int lock = include_lock(job->include);
	if (still_ours(job)) {
		char *text = include_at_generation(job->old_file, ++job->generation);
		if (!include_write(job->include, text, &error))
			ladder_fail(job, error.text);
		free(text);
		job->undone = true;
	}
	if (lock >= 0)
		close(lock);
}

/* Takes an announcement back that did not come out as decided. */
static void undo(struct actuate_job *job, struct bird *bird)
{
	unsigned code;
	ladder_fail(job, "BIRD does not export what was decided, so it was undone; look at its "
			 "export filter");
	put_back(job);
	if (tell(job, bird, "configure undo", &code))
		(void)ladder_look(job, bird);
}

/* L1. True where nothing more is to be done; else BIRD is looked at, and withdrawals may need the
 * next step. */
static bool by_include(struct actuate_job *job, struct bird *bird)
{
	bool careful = !job->urgent && (job->announces || job->withdraws);
	bool may_undo = careful && job->announces && !job->withdraws && job->old_file != NULL;
	unsigned code;
	if ((careful && !check(job, bird)) || !configure(job, bird, careful)) {
		/* Nobody is to find an announcement in the file that BIRD never took. */
		if (job->reach == BIRD_UP && may_undo)
			put_back(job);
		return false;
	}
	if (!look_while(job, bird, mismatched_anew, ACTUATE_VERIFY_MS))
		return true;
	if (may_undo && mismatched_anew(job)) {
		undo(job, bird);
		return true;
	}
	/* Before any further step: the timer would bring back what is to go. */
	if (careful && !tell(job, bird, "configure confirm", &code))
		return true;
	return !mismatched(job);
}

/* L2 for one family: only where nothing of it is to stay. */
static bool by_protocol(struct actuate_job *job, struct bird *bird, int family)
{
	char request[96];
	unsigned code;
	for (size_t i = 0; i < job->count; i++)
		if (job->entries[i].prefix.addr.family == family &&
		    job->entries[i].level != LEVEL_NONE)
			return false;
	if (!stuck(job, family))
		return false;
	snprintf(request, sizeof request, "disable meridian%d \"withdrawn by meridian-bgpctl\"",
		 family);
	return tell(job, bird, request, &code) &&
	       (code == BIRD_DISABLED || code == BIRD_ALREADY_DISABLED);
}

/* True where PEER carries what is to stay, and so must not be taken down. */
static bool carries_others(const struct actuate_job *job, uint32_t peer)
{
	for (size_t i = 0; i < job->sight.export_count; i++) {
		const struct sight_export *export = &job->sight.exports[i];
		if (export->peer == peer && export->present &&
		    job->entries[export->entry].level != LEVEL_NONE)
			return true;
	}
	return false;
}

/* The next session from *AT on which still exports what is to go, and nothing that is to stay. */
static const char *leaking_session(const struct actuate_job *job, uint32_t *at)
{
	for (; *at < job->sight.protocols.count; (*at)++) {
		bool leaks = false;
		for (size_t i = 0; i < job->sight.export_count && !leaks; i++) {
			const struct sight_export *export = &job->sight.exports[i];
			leaks = export->peer == *at && export->present &&
				job->entries[export->entry].level == LEVEL_NONE;
		}
		if (leaks && !carries_others(job, *at))
			return job->sight.protocols.at[(*at)++].name;
	}
	return NULL;
}

/* L3: the neighbour is told why (RFC 9003). */
static bool by_sessions(struct actuate_job *job, struct bird *bird)
{
	char request[64 + BIRD_NAME_MAX];
	const char *name;
	unsigned code;
	bool any = false;
	for (uint32_t at = 0; (name = leaking_session(job, &at)) != NULL;) {
		snprintf(request, sizeof request, "disable %s \"%s\"", name,
			 "withdrawn by meridian-bgpctl");
		if (!tell(job, bird, request, &code))
			return true;
		any = any || code == BIRD_DISABLED || code == BIRD_ALREADY_DISABLED;
	}
	return any;
}

static bool still_stuck(struct actuate_job *job, struct bird *bird, bool acted)
{
	if (job->reach != BIRD_UP)
		return false;
	if (acted && !look_while(job, bird, anything_stuck, ACTUATE_VERIFY_MS))
		return false;
	return anything_stuck(job);
}

void ladder_climb(struct actuate_job *job, struct bird *bird, bool written)
{
	job->step = LADDER_INCLUDE;
	if (written && by_include(job, bird))
		return;
	if (job->reach != BIRD_UP || !look_while(job, bird, mismatched, 0))
		return;
	if (anything_stuck(job)) {
		bool ipv4 = by_protocol(job, bird, ADDR_IPV4);
		bool ipv6 = job->reach == BIRD_UP && by_protocol(job, bird, ADDR_IPV6);
		if (ipv4 || ipv6)
			job->step = LADDER_PROTOCOL;
		if (still_stuck(job, bird, ipv4 || ipv6)) {
			bool acted = by_sessions(job, bird);
			if (acted)
				job->step = LADDER_SESSIONS;
			if (still_stuck(job, bird, acted)) {
				job->step = LADDER_OPERATOR;
				ladder_fail(job, "BIRD still exports what is withdrawn, and other "
						 "prefixes are to stay: mend bird.conf, or stop "
						 "BIRD");
			}
		}
	}
	if (job->reach == BIRD_UP && mismatched(job))
		ladder_fail(job, "BIRD does not export what was decided; look at its export "
				 "filter");
}
