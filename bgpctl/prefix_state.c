/* Knows the states of a prefix and what leads from one to another. */
#include "bgpctl/prefix_state.h"

#include <stdio.h>
#include <string.h>

void prefix_init(struct prefix_state *state, enum level level, struct mono now)
{
	static const enum prefix_phase phases[] = {
		[LEVEL_NONE] = PREFIX_HELD,
		[LEVEL_ANNOUNCED] = PREFIX_ANNOUNCED,
		[LEVEL_DEGRADED] = PREFIX_DEGRADED,
		[LEVEL_DRAINING] = PREFIX_DRAINING,
	};
	*state = (struct prefix_state){.phase = phases[level], .level = level, .actor = "boot"};
	state->was_announced = level != LEVEL_NONE;
	state->announced_at = state->drain_since = now;
	snprintf(state->reason, sizeof state->reason, "%s",
		 level == LEVEL_NONE ? "waits for the responder to be proved well"
				     : "found announced at the start, and kept");
}

static bool is_well(const struct prefix_input *input)
{
	return input->cause == CAUSE_WELL || (input->cause == CAUSE_SOFT && !input->soft_withdraws);
}

void prefix_track(struct prefix_state *state, const struct prefix_input *input, struct mono now)
{
	bool well = is_well(input), soft_ok = input->cause == CAUSE_WELL;
	if (well && !state->well)
		state->well_since = now;
	if (soft_ok && !state->soft_ok)
		state->soft_since = now;
	state->well = well;
	state->soft_ok = soft_ok;
	state->frozen = input->frozen && !input->stopping && input->order == ORDER_NONE;
	damping_update(&state->damping, now);
}

void prefix_strike(struct prefix_state *state, const char *reason, struct mono now)
{
	state->phase = PREFIX_WITHDRAWN;
	state->level = LEVEL_NONE;
	state->was_announced = state->proved = true;
	state->well = state->soft_ok = state->left = false;
	state->well_since = state->soft_since = now;
	state->blocked_by = GUARD_PASS;
	state->actor = "proof";
	snprintf(state->reason, sizeof state->reason, "%s", reason);
}

/* The state as it is, which is also the answer to everything unknown. */
static struct prefix_wish keep(const struct prefix_state *state)
{
	struct prefix_wish wish = {
		.phase = state->phase, .level = state->level, .actor = state->actor};
	memcpy(wish.reason, state->reason, sizeof wish.reason);
	return wish;
}

static struct prefix_wish wish_for(enum prefix_phase phase, enum level level, const char *actor,
				   const char *reason)
{
	struct prefix_wish wish = {.phase = phase, .level = level, .actor = actor};
	snprintf(wish.reason, sizeof wish.reason, "%s", reason);
	return wish;
}

static struct prefix_wish withdraw(const struct prefix_state *state, enum guard_force force,
				   const char *actor, const char *reason)
{
	/* What was never announced stays held, and only says why. */
	enum prefix_phase phase = state->phase == PREFIX_HELD ? PREFIX_HELD : PREFIX_WITHDRAWN;
	struct prefix_wish wish = wish_for(phase, LEVEL_NONE, actor, reason);
	wish.force = force;
	return wish;
}

static struct prefix_wish drain(const struct prefix_state *state, const struct prefix_input *input,
				struct mono now)
{
	struct prefix_wish wish;
	if (state->level == LEVEL_NONE)
		return wish_for(PREFIX_MAINTENANCE, LEVEL_NONE, "admin", input->order_reason);
	bool over = mono_ms_between(state->drain_since, now) >= 1000 * (int64_t)input->drain_s;
	/* Who is still sent here while nobody answers gains nothing by the time that is left. */
	if (state->phase == PREFIX_DRAINING && (over || input->cause == CAUSE_HARD)) {
		wish = wish_for(PREFIX_MAINTENANCE, LEVEL_NONE, "admin", input->order_reason);
		wish.force = GUARD_FORCE_GO;
		return wish;
	}
	return wish_for(PREFIX_DRAINING, LEVEL_DRAINING, "admin", input->order_reason);
}

/* Says how long the hold-up still lasts, in whole seconds, so that the text changes rarely. */
static struct prefix_wish hold(const struct prefix_state *state, int64_t left_ms)
{
	struct prefix_wish wish = keep(state);
	if (wish.phase == PREFIX_MAINTENANCE)
		wish.phase = PREFIX_WITHDRAWN;
	wish.actor = "health";
	snprintf(wish.reason, sizeof wish.reason, "well again, held up for another %lld s",
		 (long long)(left_ms + 999) / 1000);
	return wish;
}

static int64_t hold_up_left(const struct prefix_state *state, const struct prefix_params *params,
			    struct mono now)
{
	int64_t wanted = state->was_announced ? params->hold_up_ms : params->boot_hold_up_ms;
	int64_t left = wanted - mono_ms_between(state->well_since, now);
	if (state->was_announced || state->gap_holds) {
		int64_t gap = params->announce_gap_ms - mono_ms_between(state->announced_at, now);
		left = gap > left ? gap : left;
	}
	return left;
}

/* Waits the penalty out where it harms least: away if others carry it, else with a longer path. */
static struct prefix_wish suppressed(const struct prefix_state *state,
				     const struct prefix_input *input)
{
	bool covered = state->level == LEVEL_NONE && input->others_announcing > 0 &&
		       input->others_announcing >= input->min_sites;
	return wish_for(PREFIX_SUPPRESSED, covered ? LEVEL_NONE : LEVEL_DEGRADED, "guard",
			covered ? "changed too often; other sites carry it until that has decayed"
				: "changed too often; announced with a longer path until that has "
				  "decayed");
}

static struct prefix_wish serve(const struct prefix_input *input)
{
	if (input->cause == CAUSE_SOFT)
		return wish_for(PREFIX_DEGRADED, LEVEL_DEGRADED, "health", input->reason);
	return wish_for(PREFIX_ANNOUNCED, LEVEL_ANNOUNCED, "health",
			"the responder answers on its service address");
}

static struct prefix_wish recover(const struct prefix_state *state,
				  const struct prefix_input *input,
				  const struct prefix_params *params, struct mono now)
{
	if (state->level == LEVEL_NONE) {
		int64_t left = hold_up_left(state, params, now);
		if (left > 0)
			return hold(state, left);
		return state->damping.suppressed ? suppressed(state, input) : serve(input);
	}
	if (state->damping.suppressed && state->level != LEVEL_ANNOUNCED)
		return suppressed(state, input);
	/* An order that has ended needs no waiting, trouble that has ended does. */
	if (state->level == LEVEL_DEGRADED && input->cause == CAUSE_WELL &&
	    mono_ms_between(state->soft_since, now) < params->rise_soft_ms)
		return keep(state);
	return serve(input);
}

static struct prefix_wish by_cause(const struct prefix_state *state,
				   const struct prefix_input *input,
				   const struct prefix_params *params, struct mono now)
{
	switch (input->cause) {
	case CAUSE_NONE:
		return keep(state);
	case CAUSE_HARD:
		return withdraw(state, GUARD_FORCE_NONE, "health", input->reason);
	case CAUSE_PROOF:
		return withdraw(state, GUARD_FORCE_PROOF, "health", input->reason);
	case CAUSE_SOFT:
		if (input->soft_withdraws)
			return withdraw(state, GUARD_FORCE_NONE, "health", input->reason);
		break;
	case CAUSE_WELL:
		break;
	}
	return recover(state, input, params, now);
}

/* Neighbours are told to go elsewhere before the way is taken from them. */
static struct prefix_wish stop(const struct prefix_state *state, const struct prefix_input *input,
			       struct mono now)
{
	bool over = state->phase == PREFIX_DRAINING &&
		    mono_ms_between(state->drain_since, now) >= input->stop_drain_ms;
	if (state->level == LEVEL_NONE || over || input->stop_drain_ms == 0 ||
	    input->cause >= CAUSE_HARD)
		return withdraw(state, GUARD_FORCE_ORDER, "shutdown",
				"the controller is being stopped");
	return wish_for(PREFIX_DRAINING, LEVEL_DRAINING, "shutdown",
			"the controller is being stopped, and drains first");
}

static struct prefix_wish freeze(const struct prefix_state *state, const struct prefix_input *input)
{
	struct prefix_wish wish = keep(state);
	wish.actor = "admin";
	snprintf(wish.reason, sizeof wish.reason, "frozen as it is: %.200s", input->freeze_reason);
	return wish;
}

static struct prefix_wish wish_freely(const struct prefix_state *state,
				      const struct prefix_input *input,
				      const struct prefix_params *params, struct mono now)
{
	if (input->stopping)
		return stop(state, input, now);
	if (input->frozen && input->order == ORDER_NONE)
		return freeze(state, input);
	if (input->order == ORDER_DOWN) {
		struct prefix_wish wish =
			wish_for(PREFIX_MAINTENANCE, LEVEL_NONE, "admin", input->order_reason);
		wish.force = GUARD_FORCE_ORDER;
		return wish;
	}
	if (input->cause == CAUSE_PROOF)
		return by_cause(state, input, params, now);
	if (!input->configured)
		return withdraw(state, GUARD_FORCE_NONE, "config",
				"no longer a prefix of this site in the configuration");
	if (input->order == ORDER_DRAIN)
		return drain(state, input, now);
	/* Forced up, but never without an answer that was seen, or is announced already. */
	if (input->order == ORDER_UP &&
	    (is_well(input) || input->cause == CAUSE_SOFT ||
	     (state->level != LEVEL_NONE && input->cause != CAUSE_NONE)))
		return wish_for(PREFIX_ANNOUNCED, LEVEL_ANNOUNCED, "admin", input->order_reason);
	return input->frozen ? freeze(state, input) : by_cause(state, input, params, now);
}

/* Above another where it draws more traffic. */
static int strength(enum level level)
{
	return level == LEVEL_NONE ? 0 : 1 + LEVEL_DRAINING - (int)level;
}

struct prefix_wish prefix_wish(const struct prefix_state *state, const struct prefix_input *input,
			       const struct prefix_params *params, struct mono now)
{
	struct prefix_wish wish = wish_freely(state, input, params, now);
	if (input->asks == NULL || strength(wish.level) <= strength(state->level))
		return wish;
	wish = keep(state);
	wish.actor = "guard";
	snprintf(wish.reason, sizeof wish.reason, "%s", input->asks);
	return wish;
}

bool prefix_withdraws(const struct prefix_state *state, const struct prefix_wish *wish)
{
	return state->level != LEVEL_NONE && wish->level == LEVEL_NONE;
}

/* What stays of a wish that RULE refused. */
static struct prefix_wish refused(const struct prefix_state *state, const struct prefix_wish *wish,
				  enum guard_rule rule)
{
	struct prefix_wish kept = keep(state);
	kept.actor = "guard";
	if (rule != GUARD_PANIC && state->level == LEVEL_ANNOUNCED) {
		kept.phase = PREFIX_DEGRADED;
		kept.level = LEVEL_DEGRADED;
	}
	snprintf(kept.reason, sizeof kept.reason, "not withdrawn because of %s: %.180s",
		 guard_rule_name(rule), wish->reason);
	return kept;
}

static void add_penalty(struct prefix_state *state, const struct prefix_wish *wish, struct mono now)
{
	if (wish->level == state->level || strcmp(wish->actor, "admin") == 0 ||
	    strcmp(wish->actor, "shutdown") == 0)
		return;
	if (wish->level == LEVEL_NONE)
		damping_add(&state->damping, DAMPING_WITHDRAW, now);
	else if (state->level != LEVEL_NONE)
		damping_add(&state->damping, DAMPING_ATTRIBUTE, now);
}

bool prefix_commit(struct prefix_state *state, const struct prefix_wish *wish, enum guard_rule rule,
		   struct mono now)
{
	struct prefix_wish taken = rule == GUARD_PASS ? *wish : refused(state, wish, rule);
	bool changed = taken.phase != state->phase || taken.level != state->level ||
		       rule != state->blocked_by;
	add_penalty(state, &taken, now);
	if (taken.level != LEVEL_NONE && state->level == LEVEL_NONE) {
		state->was_announced = true;
		state->announced_at = now;
	}
	if (prefix_withdraws(state, &taken)) {
		state->left = taken.force != GUARD_FORCE_PROOF;
		state->left_at = now;
		state->proved =
			taken.force == GUARD_FORCE_PROOF || taken.force == GUARD_FORCE_ORDER;
	}
	if (taken.phase == PREFIX_DRAINING && state->phase != PREFIX_DRAINING)
		state->drain_since = now;
	state->phase = taken.phase;
	state->level = taken.level;
	state->blocked_by = rule;
	state->actor = taken.actor;
	memcpy(state->reason, taken.reason, sizeof state->reason);
	return changed;
}

bool prefix_left_within(const struct prefix_state *state, int64_t window_ms, struct mono now)
{
	return state->level == LEVEL_NONE && state->left &&
	       mono_ms_between(state->left_at, now) < window_ms;
}

const char *prefix_state_name(const struct prefix_state *state)
{
	if (state->blocked_by == GUARD_PANIC || state->frozen)
		return "frozen";
	switch (state->phase) {
	case PREFIX_HELD:
		return "held";
	case PREFIX_ANNOUNCED:
	case PREFIX_DEGRADED:
	case PREFIX_DRAINING:
		return level_name(state->level);
	case PREFIX_WITHDRAWN:
	case PREFIX_MAINTENANCE:
	case PREFIX_SUPPRESSED:
		break;
	}
	return level_name(state->level);
}
