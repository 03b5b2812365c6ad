/* Knows the life of one target from check to check. */
#include "healthcheck/target.h"

#include "base/mem.h"
#include "base/wall.h"
#include "healthcheck/conscience.h"
#include "healthcheck/reason.h"

#include <stdlib.h>
#include <string.h>

enum {
	LATE_MS = 50,	 /* a timeout noticed later than this was noticed by a checker that slept */
	EXCUSES_MAX = 5, /* in a row; a checker that is always late must still find the dead */
};

static void on_done(void *context, const struct probe_result *result);

char *target_key(const char *monitor, const char *address)
{
	return mem_printf("%s|%s", monitor, address); /* '|' is in neither */
}

struct target *target_new(const struct target_services *services, char *key,
			  const struct object *monitor, const char *address,
			  struct health_state held)
{
	struct target *target = mem_new(struct target);
	target->services = services;
	target->key = key;
	target->hash = schedule_key(key);
	target->monitor = object_ref(monitor);
	target->address = mem_strdup(address);
	if (!addr_parse(address, &target->ip))
		target->ip = (struct addr){.family = ADDR_NONE};
	target->memory = verdict_resume(held);
	target->since_ms = (int64_t)held.since_s * 1000;
	target->probe = probe_new(services->env, monitor, address, 0, on_done, target);
	return target;
}

void target_free(struct target *target)
{
	conscience_forget(target->services->conscience, target);
	runner_forget(target->services->runner, &target->item);
	probe_free(target->probe);
	object_unref(target->monitor);
	history_fini(&target->history);
	free(target->key);
	free(target->address);
	free(target->reason);
	certificate_unref(target->cert);
	free(target);
}

static uint32_t interval_ms(const struct target *target)
{
	uint32_t interval = target->monitor->monitor.interval_ms;
	return interval > 0 ? interval : 1;
}

void target_start(struct target *target, size_t batch)
{
	runner_wait(target->services->runner, &target->item,
		    schedule_first(target->hash, interval_ms(target), batch, mono_now()));
}

void target_reconfigure(struct target *target, const struct object *monitor)
{
	runner_forget(target->services->runner, &target->item);
	probe_free(target->probe);
	object_unref(target->monitor);
	target->monitor = object_ref(monitor);
	target->probe =
		probe_new(target->services->env, monitor, target->address, 0, on_done, target);
	target_start(target, 1);
}

void target_begin(void *context, struct runner_item *item)
{
	struct target *target = (struct target *)item;
	(void)context;
	target->began = mono_now();
	target->stalled_before_ms = stall_total_ms(target->services->stall);
	probe_start(target->probe);
}

/* A timeout that passed while this process slept is no failure of the target's. */
static void excuse(struct target *target, struct probe_result *result)
{
	bool timeout = result->outcome == PROBE_FAILED && result->reason == PROBE_REASON_TIMEOUT;
	uint32_t timeout_ms = target->monitor->monitor.timeout_ms;
	uint64_t stalled = stall_total_ms(target->services->stall) - target->stalled_before_ms;
	bool late = result->phases.total_us / 1000 > timeout_ms + LATE_MS ||
		    stalled >= timeout_ms / 2 + 1;
	if (!timeout || !late || target->excused >= EXCUSES_MAX) {
		target->excused = 0;
		return;
	}
	target->excused++;
	reason_set(result, PROBE_SAYS_NOTHING, PROBE_REASON_LOCAL,
		   "this checker was held up while it waited for the target");
}

/* A pass, or a failure that only somebody at the other end can have caused. */
static bool is_answer(const struct probe_result *result)
{
	switch (result->reason) {
	case PROBE_REASON_REFUSED:
	case PROBE_REASON_CLOSED:
	case PROBE_REASON_TLS:
	case PROBE_REASON_CERTIFICATE:
	case PROBE_REASON_STATUS:
	case PROBE_REASON_HEADER:
	case PROBE_REASON_BODY:
	case PROBE_REASON_PROTOCOL:
		return result->outcome == PROBE_FAILED;
	case PROBE_REASON_NONE:
	case PROBE_REASON_UNREACHABLE:
	case PROBE_REASON_TIMEOUT:
	case PROBE_REASON_NAME:
	case PROBE_REASON_LOCAL:
		break;
	}
	return result->outcome == PROBE_PASSED;
}

static void remember(struct target *target, const struct probe_result *result)
{
	int64_t now_ms = wall_now_ms();
	target->heard = result->outcome;
	target->answered = is_answer(result);
	target->heard_began = target->began;
	if (result->cert != NULL && result->cert != target->cert) {
		certificate_unref(target->cert);
		target->cert = certificate_ref(result->cert);
	}
	history_add(&target->history, now_ms, result);
	series_add(target->services->series, target->key, &target->minute, now_ms, result);
}

static enum verdict_sample_kind sample_kind(enum probe_outcome outcome)
{
	switch (outcome) {
	case PROBE_PASSED:
		return VERDICT_PASS;
	case PROBE_FAILED:
		return VERDICT_FAIL;
	case PROBE_SAYS_NOTHING:
		break;
	}
	return VERDICT_SAYS_NOTHING;
}

static struct verdict_rules rules_of(const struct target *target)
{
	const struct monitor *monitor = &target->monitor->monitor;
	return (struct verdict_rules){
		.rise = monitor->rise,
		.fall = monitor->fall,
		.degraded_above_ms = monitor->degraded_above_ms,
		.interval_ms = monitor->interval_ms,
		.recheck_ms = monitor->recheck_ms,
		.frozen = conscience_holds(target->services->conscience, target),
		.held_down_ms = flap_held_ms(&target->flap, monitor->flap_half_life_s, mono_now())};
}

/* The last failure, and that passes alone do not bring it back now. */
static void say_flapping(struct target *target, const struct probe_result *result, uint32_t held_ms)
{
	char *said = target->reason;
	const char *mark = "; flapping, ";
	const char *last = result->text[0] != '\0' ? result->text : said != NULL ? said : "";
	const char *tail = strstr(last, mark);
	int len = tail != NULL ? (int)(tail - last) : (int)strlen(last);
	target->reason = mem_printf("%.*s%sheld down for another %u s of quiet", len, last, mark,
				    held_ms / 1000 + 1);
	free(said);
}

static void keep_reason(struct target *target, const struct probe_result *result)
{
	uint32_t limit_ms = target->monitor->monitor.degraded_above_ms;
	if (result->outcome == PROBE_PASSED && target->memory.verdict == VERDICT_DEGRADED) {
		free(target->reason);
		target->reason = mem_printf("took %u ms, degraded above %u ms",
					    result->phases.total_us / 1000, limit_ms);
		return;
	}
	uint32_t held_ms =
		flap_held_ms(&target->flap, target->monitor->monitor.flap_half_life_s, mono_now());
	if (held_ms > 0 && target->memory.verdict == VERDICT_DOWN) {
		say_flapping(target, result, held_ms);
		return;
	}
	bool well = target->memory.verdict == VERDICT_UP && result->outcome == PROBE_PASSED;
	if (result->text[0] == '\0' && !well)
		return;
	free(target->reason);
	target->reason = well ? NULL : mem_strdup(result->text);
}

static struct verdict_step judge(struct target *target, struct verdict_sample sample)
{
	struct verdict_rules rules = rules_of(target);
	enum verdict before = target->memory.verdict;
	struct verdict_step step = verdict_apply(&rules, target->memory, sample);
	target->memory = step.memory;
	target->flip_after_s = step.flip_after_s;
	if (!step.changed)
		return step;
	target->since_ms = wall_now_ms();
	if (step.memory.verdict == VERDICT_DOWN && before != VERDICT_UNKNOWN)
		flap_went_down(&target->flap, target->monitor->monitor.flap_half_life_s,
			       mono_now());
	return step;
}

void target_reconsider(struct target *target)
{
	enum verdict before = target->memory.verdict;
	if (target->memory.failed == 0 && target->memory.unquick == 0)
		return;
	struct verdict_step step =
		judge(target, (struct verdict_sample){.kind = VERDICT_RECONSIDER});
	if (step.changed)
		target->services->judged(target->services->context, target, before);
	conscience_hear(target->services->conscience, target);
}

void target_forgive(struct target *target)
{
	if (target->way == WAY_LOCAL || target->memory.verdict == VERDICT_DOWN)
		return;
	target->memory = verdict_forgive(target->memory);
	target->flip_after_s = 0;
	target->heard = PROBE_SAYS_NOTHING;
	target->services->judged(target->services->context, target, target->memory.verdict);
	conscience_hear(target->services->conscience, target);
}

/* While a change is under way the next start is near, unless that would add to a load which is too
 * much already; else it is the target's next slot. */
static void wait_for_next(struct target *target, bool turning)
{
	struct verdict_rules rules = rules_of(target);
	struct mono next = schedule_slot(target->hash, interval_ms(target), target->began,
					 rng_next(target->services->rng));
	if (turning && !runner_strained(target->services->runner)) {
		struct mono again = mono_add_ms(target->began, verdict_recheck_ms(&rules));
		next = again.ns < next.ns ? again : next;
	}
	runner_wait(target->services->runner, &target->item, next);
}

/* By the checker's own clock, when the word is out: how long a failure may have gone unseen. */
static void note_detection(struct target *target, enum probe_outcome outcome, bool changed)
{
	if (outcome == PROBE_PASSED)
		target->well = target->began;
	if (changed && target->memory.verdict == VERDICT_DOWN && target->well.ns != 0)
		target->down_after_ms = (uint32_t)mono_ms_between(target->well, mono_now());
}

static void on_done(void *context, const struct probe_result *probed)
{
	struct target *target = context;
	struct probe_result result = *probed;
	enum verdict before = target->memory.verdict;
	excuse(target, &result);
	remember(target, &result);
	tally_add(target->services->tally, target->monitor->monitor.name, &result);
	conscience_hear(target->services->conscience, target);
	struct verdict_step step =
		judge(target, (struct verdict_sample){.kind = sample_kind(result.outcome),
						      .total_ms = result.phases.total_us / 1000});
	keep_reason(target, &result);
	runner_ended(target->services->runner, &target->item);
	/* Nothing said: recheck_ms would only ask this machine's own trouble more often. */
	wait_for_next(target, step.turning && result.outcome != PROBE_SAYS_NOTHING);
	target->services->judged(target->services->context, target, before);
	note_detection(target, result.outcome, step.changed);
	if (step.changed)
		conscience_hear(target->services->conscience, target);
}

struct health_state target_state(const struct target *target)
{
	return (struct health_state){.verdict = target->memory.verdict,
				     .pending = target->memory.pending,
				     .flip_after_s = target->flip_after_s,
				     .since_s = (uint32_t)(target->since_ms / 1000)};
}
