/*
 * Random walks over plan, guard and states: whatever happens, in whatever order, some things never
 * do. MERIDIAN_WALK_STEPS says how many steps (100,000); MERIDIAN_WALK_SEED which (1).
 */
#include "base/rng.h"
#include "bgpctl/plan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { PREFIXES = 4, HOLD_MS = 30000, BOOT_MS = 10000, GAP_MS = 60000, LIMIT = 3 };

static const struct prefix_params params = {.hold_up_ms = HOLD_MS,
					    .boot_hold_up_ms = BOOT_MS,
					    .announce_gap_ms = GAP_MS,
					    .rise_soft_ms = 5000};
static const struct plan_limits limits = {.max_withdraw_per_10min = LIMIT, .panic_fraction = 0.5};

struct walk {
	struct rng rng;
	struct mono now;
	struct plan_item items[PREFIXES];
	struct prefix_state states[PREFIXES], before[PREFIXES];
	struct evidence evidence[PREFIXES][2];
	struct guard_history history;
	/* for the properties */
	struct mono free_withdrawals[LIMIT], last_of[2]; /* the last of each family */
	size_t free_count;
	uint64_t announced, withdrawn, kept, frozen, asking;
};

static unsigned below(struct walk *walk, unsigned limit)
{
	return (unsigned)(rng_next(&walk->rng) % limit);
}

static void begin(struct walk *walk)
{
	walk->now.ns = INT64_C(1000000000000);
	for (size_t i = 0; i < PREFIXES; i++) {
		struct plan_facts *facts = &walk->items[i].facts;
		*facts = (struct plan_facts){.configured = true,
					     .presence = ADDRESS_PRESENT,
					     .asked = true,
					     .udp = &walk->evidence[i][0],
					     .tcp = &walk->evidence[i][1],
					     .drain_s = 20,
					     .others_announcing = 1,
					     .min_sites = 1};
		assert_true(addr_parse(i < PREFIXES / 2 ? "192.0.2.53" : "2001:db8::53",
				       &facts->address));
		facts->order_reason = facts->freeze_reason = "ordered";
		for (int k = 0; k < 2; k++)
			strcpy(walk->evidence[i][k].reason, "bad");
		walk->items[i].state = &walk->states[i];
		prefix_init(&walk->states[i], LEVEL_NONE, walk->now);
	}
}

static void change_evidence(struct walk *walk, size_t i)
{
	static const enum evidence_class often[] = {EVIDENCE_GOOD, EVIDENCE_GOOD, EVIDENCE_GOOD,
						    EVIDENCE_GOOD, EVIDENCE_HARD, EVIDENCE_HARD,
						    EVIDENCE_NONE, EVIDENCE_PROOF};
	enum evidence_class class = often[below(walk, 8)];
	for (int k = 0; k < 2; k++) {
		/* Mostly both transports tell the same. */
		walk->evidence[i][k].class = below(walk, 8) == 0 ? often[below(walk, 8)] : class;
		walk->evidence[i][k].refused = walk->evidence[i][k].class == EVIDENCE_PROOF;
	}
}

/* One thing changes about one prefix. */
static void disturb(struct walk *walk)
{
	size_t i = below(walk, PREFIXES);
	struct plan_facts *facts = &walk->items[i].facts;
	switch (below(walk, 17)) {
	case 0:
		facts->presence = below(walk, 4) == 0 ? ADDRESS_ABSENT : ADDRESS_PRESENT;
		break;
	case 1:
		facts->pools = 2;
		facts->pools_serving = below(walk, 3);
		facts->backends_withdraw = below(walk, 2);
		break;
	case 2:
		facts->order = below(walk, 3) == 0 ? (enum prefix_order)below(walk, 4) : ORDER_NONE;
		break;
	case 3:
		facts->frozen = below(walk, 4) == 0;
		break;
	case 4:
		facts->others_announcing = below(walk, 3);
		break;
	case 5:
		facts->min_sites = 1 + below(walk, 2);
		break;
	case 6:
		facts->configured = below(walk, 8) != 0;
		break;
	case 7:
		facts->stale = below(walk, 3) == 0 ? "old" : NULL;
		break;
	case 8:
		for (size_t k = 0; k < PREFIXES; k++)
			change_evidence(walk, k);
		break;
	case 9:
		/* BIRD's configuration is one for all prefixes. */
		for (size_t k = 0; k < PREFIXES; k++)
			walk->items[k].facts.asks = below(walk, 8) == 0 ? "changed" : NULL;
		break;
	default:
		change_evidence(walk, i);
	}
}

static bool proved(const struct plan_facts *facts)
{
	return facts->presence == ADDRESS_ABSENT ||
	       (facts->udp->class == EVIDENCE_PROOF && facts->tcp->class == EVIDENCE_PROOF);
}

static void check_withdrawal(struct walk *walk, size_t i)
{
	const struct plan_facts *facts = &walk->items[i].facts;
	bool ordered = facts->order == ORDER_DOWN;
	bool drained = facts->order == ORDER_DRAIN && walk->before[i].phase == PREFIX_DRAINING;
	walk->withdrawn++;
	assert_true(!facts->frozen || facts->order != ORDER_NONE);
	if (ordered || proved(facts))
		return;
	/* Never the last site without proof or order. */
	assert_true(facts->others_announcing >= facts->min_sites);
	if (drained)
		return;
	/* Never more than the limit, and never two of a family at once. */
	struct mono oldest = walk->free_withdrawals[walk->free_count % LIMIT];
	if (walk->free_count >= LIMIT)
		assert_true(mono_ms_between(oldest, walk->now) >= GUARD_WINDOW_MS);
	size_t family = i / (PREFIXES / 2);
	if (walk->last_of[family].ns != 0)
		assert_true(mono_ms_between(walk->last_of[family], walk->now) >= GUARD_VELOCITY_MS);
	walk->last_of[family] = walk->now;
	walk->free_withdrawals[walk->free_count++ % LIMIT] = walk->now;
}

static void check_announcement(struct walk *walk, size_t i)
{
	const struct plan_facts *facts = &walk->items[i].facts;
	walk->announced++;
	/* Never without an answer that was seen, over both transports, on an address that is here.
	 */
	assert_int_equal(facts->udp->class, EVIDENCE_GOOD);
	assert_int_equal(facts->tcp->class, EVIDENCE_GOOD);
	assert_int_not_equal(facts->presence, ADDRESS_ABSENT);
	assert_true(facts->configured);
	assert_int_not_equal(facts->order, ORDER_DOWN);
	assert_int_not_equal(facts->order, ORDER_DRAIN);
	/* Never while a foreign change of BIRD's configuration waits for a person. */
	assert_null(facts->asks);
	if (facts->order == ORDER_UP)
		return;
	/* Never before its time. */
	assert_false(facts->frozen);
	int64_t well_ms = mono_ms_between(walk->states[i].well_since, walk->now);
	assert_true(well_ms >= (walk->before[i].was_announced ? HOLD_MS : BOOT_MS));
	if (walk->before[i].was_announced)
		assert_true(mono_ms_between(walk->before[i].announced_at, walk->now) >= GAP_MS);
}

static void check_step(struct walk *walk)
{
	for (size_t i = 0; i < PREFIXES; i++) {
		enum level before = walk->before[i].level, after = walk->states[i].level;
		const struct plan_facts *facts = &walk->items[i].facts;
		if (before != LEVEL_NONE && after == LEVEL_NONE)
			check_withdrawal(walk, i);
		else if (before == LEVEL_NONE && after != LEVEL_NONE)
			check_announcement(walk, i);
		else
			walk->kept++;
		if (facts->asks != NULL && before != LEVEL_NONE && after != LEVEL_NONE) {
			/* Levels count up from the strongest. */
			walk->asking++;
			assert_true(after >= before);
		}
		if (facts->frozen && facts->order == ORDER_NONE) {
			walk->frozen++;
			assert_int_equal(before, after);
		}
		if (walk->states[i].blocked_by != GUARD_PASS)
			assert_int_not_equal(after, LEVEL_NONE);
		assert_true(walk->states[i].reason[0] != '\0');
		assert_non_null(walk->states[i].actor);
		/* Every phase says whether it is announced. */
		bool announces = after != LEVEL_NONE;
		if (walk->states[i].phase == PREFIX_HELD ||
		    walk->states[i].phase == PREFIX_WITHDRAWN ||
		    walk->states[i].phase == PREFIX_MAINTENANCE)
			assert_false(announces);
		if (walk->states[i].phase == PREFIX_ANNOUNCED)
			assert_int_equal(after, LEVEL_ANNOUNCED);
	}
}

static uint64_t number_of(const char *name, uint64_t fallback)
{
	const char *text = getenv(name);
	return text != NULL ? strtoull(text, NULL, 10) : fallback;
}

static void test_no_walk_breaks_what_must_hold_for_ever(void **state)
{
	static struct walk walk;
	uint64_t steps = number_of("MERIDIAN_WALK_STEPS", 100000);
	(void)state;
	rng_init(&walk.rng, number_of("MERIDIAN_WALK_SEED", 1));
	begin(&walk);
	for (uint64_t step = 0; step < steps; step++) {
		/* Quiet stretches let hold-up, damping and the window of the limit pass. */
		if (below(&walk, 4) == 0)
			disturb(&walk);
		walk.now = mono_add_ms(walk.now, below(&walk, 50) == 0 ? below(&walk, 600000)
								       : below(&walk, 4000));
		memcpy(walk.before, walk.states, sizeof walk.before);
		plan_make(walk.items, PREFIXES, &limits, &params, &walk.history, walk.now);
		check_step(&walk);
	}
	/* The walk went somewhere. */
	assert_true(walk.announced > steps / 2000);
	assert_true(walk.withdrawn > steps / 2000);
	assert_true(walk.frozen > steps / 2000);
	assert_true(walk.asking > steps / 2000);
	assert_true(walk.free_count > steps / 20000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_walk_breaks_what_must_hold_for_ever),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
