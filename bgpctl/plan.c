/* Knows which check may cause what, and in which order a site's prefixes are decided. */
#include "bgpctl/plan.h"

#include <stdio.h>

static enum prefix_cause worst_answer(const struct plan_facts *facts, const char **why)
{
	const struct evidence *udp = facts->udp, *tcp = facts->tcp;
	*why = udp->class >= EVIDENCE_HARD ? udp->reason : tcp->reason;
	bool udp_proved = udp->class == EVIDENCE_PROOF, tcp_proved = tcp->class == EVIDENCE_PROOF;
	/* Proof is that nothing answers at all; half a responder is hard. Which of the two it is
	 * stands open while the other transport is refused for the first time. */
	if (udp_proved && tcp_proved)
		return CAUSE_PROOF;
	if ((udp_proved && tcp->refused > 0) || (tcp_proved && udp->refused > 0))
		return CAUSE_NONE;
	if (udp->class >= EVIDENCE_HARD || tcp->class >= EVIDENCE_HARD)
		return CAUSE_HARD;
	if (udp->class == EVIDENCE_NONE || tcp->class == EVIDENCE_NONE)
		return CAUSE_NONE;
	return CAUSE_WELL;
}

static enum prefix_cause hard_cause(const struct plan_facts *facts, char *reason)
{
	const char *why;
	if (facts->presence == ADDRESS_ABSENT) {
		char address[ADDR_TEXT_MAX];
		addr_format(&facts->address, address);
		bool any = facts->interface == NULL || facts->interface[0] == '\0';
		snprintf(reason, PREFIX_REASON_MAX, "%s is not an address of %s", address,
			 any ? "this machine" : facts->interface);
		return CAUSE_PROOF;
	}
	if (!facts->asked)
		return facts->presence == ADDRESS_PRESENT ? CAUSE_WELL : CAUSE_NONE;
	enum prefix_cause cause = worst_answer(facts, &why);
	if (cause >= CAUSE_HARD)
		snprintf(reason, PREFIX_REASON_MAX, "%s", why);
	return cause;
}

/* Backends: all gone is what the operator chose a policy for, most gone is soft. */
static void classify_backends(const struct plan_facts *facts, struct prefix_input *input,
			      char *reason)
{
	if (facts->pools == 0)
		return;
	if (facts->pools_serving == 0) {
		input->cause = CAUSE_SOFT;
		input->soft_withdraws = facts->backends_withdraw;
		snprintf(reason, PREFIX_REASON_MAX, "%s",
			 facts->pools == 1 ? "its pool has no endpoint that can serve"
					   : "none of its pools has an endpoint that can serve");
	} else if (2 * facts->pools_serving < facts->pools) {
		input->cause = CAUSE_SOFT;
		snprintf(reason, PREFIX_REASON_MAX, "only %u of its %u pools can serve",
			 facts->pools_serving, facts->pools);
	}
}

void plan_classify(const struct plan_facts *facts, struct prefix_input *input, char *reason)
{
	reason[0] = '\0';
	*input = (struct prefix_input){
		.reason = reason,
		.order = facts->order,
		.order_reason = facts->order_reason != NULL ? facts->order_reason : "",
		.configured = facts->configured,
		.stopping = facts->stopping,
		.stop_drain_ms = facts->stop_drain_ms,
		.frozen = facts->frozen,
		.asks = facts->asks,
		.freeze_reason = facts->freeze_reason != NULL ? facts->freeze_reason : "",
		.drain_s = facts->drain_s,
		.others_announcing = facts->others_announcing,
		.min_sites = facts->min_sites,
	};
	input->cause = hard_cause(facts, reason);
	if (input->cause != CAUSE_WELL)
		return;
	classify_backends(facts, input, reason);
	/* Old data is served rather than none: it only degrades. */
	if (input->cause == CAUSE_WELL && facts->stale != NULL) {
		input->cause = CAUSE_SOFT;
		snprintf(reason, PREFIX_REASON_MAX, "%s", facts->stale);
	}
}

/* One family's prefixes at the start of a decision: panic is judged against these. */
struct scene {
	uint8_t family;
	unsigned announced, leaving;
};

/* What the prefix of FACTS wishes; its clocks in STATE are kept. INPUT's texts end with the call.
 */
static struct prefix_wish wish_of(const struct plan_facts *facts, struct prefix_state *state,
				  struct prefix_input *input, const struct prefix_params *params,
				  struct mono now)
{
	char reason[PREFIX_REASON_MAX];
	plan_classify(facts, input, reason);
	prefix_track(state, input, now);
	struct prefix_wish wish = prefix_wish(state, input, params, now);
	input->reason = "";
	return wish;
}

static bool wishes_to_go(const struct plan_item *item, const struct prefix_params *params,
			 struct mono now)
{
	struct prefix_input input;
	struct prefix_state state = *item->state;
	struct prefix_wish wish = wish_of(&item->facts, &state, &input, params, now);
	return prefix_withdraws(&state, &wish) && wish.force != GUARD_FORCE_PROOF;
}

/*
 * Prefixes that wish to go together are one event: whether one may go depends on how many would.
 * Those that are ordered away count as well: what a person takes away must not thaw the rest.
 * A site's IPv4 and IPv6 prefixes usually stand and fall together, so each family is judged alone.
 */
static struct scene look(const struct plan_item *items, size_t count, uint8_t family,
			 const struct prefix_params *params, struct mono now)
{
	struct scene scene = {.family = family};
	for (size_t i = 0; i < count; i++) {
		if (items[i].facts.address.family != family)
			continue;
		bool left = prefix_left_within(items[i].state, GUARD_PANIC_MS, now);
		scene.announced += left || items[i].state->level != LEVEL_NONE;
		scene.leaving += left || wishes_to_go(&items[i], params, now);
	}
	return scene;
}

/* The number of withdrawals is limited for the site, their pace for each family: a site's IPv6 does
 * not stay behind its IPv4. */
static struct guard_case case_of(const struct prefix_input *input, const struct prefix_wish *wish,
				 const struct scene *scene, const struct plan_limits *limits,
				 const struct guard_history *history, struct mono now)
{
	return (struct guard_case){
		.force = wish->force,
		.others_announcing = input->others_announcing,
		.min_sites = input->min_sites,
		.announced = scene->announced,
		.leaving = scene->leaving,
		.panic_fraction = limits->panic_fraction,
		.recent = guard_history_within(history, 0, now, GUARD_WINDOW_MS),
		.just_before =
			guard_history_within(history, scene->family, now, GUARD_VELOCITY_MS) > 0,
		.max_recent = limits->max_withdraw_per_10min,
	};
}

static void decide(struct plan_item *item, const struct scene *scene,
		   const struct plan_limits *limits, const struct prefix_params *params,
		   struct guard_history *history, struct mono now)
{
	struct prefix_input input;
	enum guard_rule rule = GUARD_PASS, before = item->state->blocked_by;
	struct prefix_wish wish = wish_of(&item->facts, item->state, &input, params, now);
	item->guarded = prefix_withdraws(item->state, &wish);
	if (item->guarded) {
		item->guard = case_of(&input, &wish, scene, limits, history, now);
		rule = guard_judge(&item->guard);
		if (rule == GUARD_PASS && wish.force == GUARD_FORCE_NONE)
			guard_history_add(history, scene->family, now);
	}
	item->changed = prefix_commit(item->state, &wish, rule, now);
	item->refused = rule != before ? rule : GUARD_PASS;
}

bool plan_make(struct plan_item *items, size_t count, const struct plan_limits *limits,
	       const struct prefix_params *params, struct guard_history *history, struct mono now)
{
	bool changed = false;
	const struct scene ipv4 = look(items, count, ADDR_IPV4, params, now);
	const struct scene ipv6 = look(items, count, ADDR_IPV6, params, now);
	for (size_t i = 0; i < count; i++) {
		bool six = items[i].facts.address.family == ADDR_IPV6;
		decide(&items[i], six ? &ipv6 : &ipv4, limits, params, history, now);
		changed = changed || items[i].changed;
	}
	return changed;
}
