/*
 * Every combination of state, cause, order and circumstance, against a table of what is to come of
 * it: the first row that matches holds. No combination may be without a row, no row without one.
 */
#include "bgpctl/prefix_state.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { HOLD_MS = 30000, GAP_MS = 60000, SOFT_MS = 5000, DRAIN_S = 20, STOP_DRAIN_MS = 10000 };
static const struct prefix_params params = {.hold_up_ms = HOLD_MS,
					    .boot_hold_up_ms = HOLD_MS,
					    .announce_gap_ms = GAP_MS,
					    .rise_soft_ms = SOFT_MS};
static const struct mono now = {.ns = INT64_C(1000000000000)};

/* Where it stands. OVER: the drain has lasted as long as it should. */
enum stand {
	HELD,
	ANNOUNCED,
	DEGRADED,
	DRAINING,
	DRAIN_OVER,
	WITHDRAWN,
	MAINTENANCE,
	AWAY,
	PARKED
};
enum { STANDS = PARKED + 1, CAUSES = CAUSE_PROOF + 2, ORDERS = ORDER_DRAIN + 1 };
static const struct {
	enum prefix_phase phase;
	enum level level;
} stands[STANDS] = {
	[HELD] = {PREFIX_HELD, LEVEL_NONE},
	[ANNOUNCED] = {PREFIX_ANNOUNCED, LEVEL_ANNOUNCED},
	[DEGRADED] = {PREFIX_DEGRADED, LEVEL_DEGRADED},
	[DRAINING] = {PREFIX_DRAINING, LEVEL_DRAINING},
	[DRAIN_OVER] = {PREFIX_DRAINING, LEVEL_DRAINING},
	[WITHDRAWN] = {PREFIX_WITHDRAWN, LEVEL_NONE},
	[MAINTENANCE] = {PREFIX_MAINTENANCE, LEVEL_NONE},
	[AWAY] = {PREFIX_SUPPRESSED, LEVEL_NONE},
	[PARKED] = {PREFIX_SUPPRESSED, LEVEL_DEGRADED},
};

/* SOFT_OUT: soft, where the policy is to withdraw. */
enum { SOFT_OUT = CAUSE_PROOF + 1 };
enum stopping { RUNS, STOPS, STOPS_DRAINING };

struct combination {
	enum stand stand;
	int cause, order, stopping;
	bool frozen, configured, waited, suppressed, covered;
};

/* Sets of values as bits; 0 is any. A flag: 'y', 'n', or 0 for any. */
#define BIT(value) (1u << (value))
#define HERE	   (BIT(ANNOUNCED) | BIT(DEGRADED) | BIT(DRAINING) | BIT(DRAIN_OVER) | BIT(PARKED))
#define GONE	   (BIT(HELD) | BIT(WITHDRAWN) | BIT(MAINTENANCE) | BIT(AWAY))
#define ANSWERS	   (BIT(CAUSE_WELL) | BIT(CAUSE_SOFT) | BIT(SOFT_OUT))
#define WEAKER	   (HERE & ~BIT(ANNOUNCED))
enum { KEEP = -1 };

struct row {
	const char *says;
	unsigned stands, causes, orders, stopping;
	char frozen, configured, waited, suppressed, covered;
	int level; /* what is to be; KEEP: what is */
	enum guard_force force;
};

static const struct row table[] = {
	{"a stop drains first", BIT(ANNOUNCED) | BIT(DEGRADED) | BIT(DRAINING) | BIT(PARKED),
	 ~(BIT(CAUSE_HARD) | BIT(CAUSE_PROOF)), 0, BIT(STOPS_DRAINING), 0, 0, 0, 0, 0,
	 LEVEL_DRAINING, 0},
	{"a stop withdraws", HERE, 0, 0, BIT(STOPS) | BIT(STOPS_DRAINING), 0, 0, 0, 0, 0,
	 LEVEL_NONE, GUARD_FORCE_ORDER},
	{"a stop announces nothing", GONE, 0, 0, BIT(STOPS) | BIT(STOPS_DRAINING), 0, 0, 0, 0, 0,
	 LEVEL_NONE, GUARD_FORCE_ORDER},
	{"frozen is left alone", 0, 0, BIT(ORDER_NONE), 0, 'y', 0, 0, 0, 0, KEEP, 0},
	{"down is down", 0, 0, BIT(ORDER_DOWN), 0, 0, 0, 0, 0, 0, LEVEL_NONE, GUARD_FORCE_ORDER},
	{"proof goes at once", 0, BIT(CAUSE_PROOF), 0, 0, 0, 0, 0, 0, 0, LEVEL_NONE,
	 GUARD_FORCE_PROOF},
	{"what is not of this site goes by the guard", 0, 0, 0, 0, 0, 'n', 0, 0, 0, LEVEL_NONE,
	 GUARD_FORCE_NONE},
	{"a drain that nobody answers through is over", BIT(DRAINING) | BIT(DRAIN_OVER),
	 BIT(CAUSE_HARD), BIT(ORDER_DRAIN), 0, 0, 0, 0, 0, 0, LEVEL_NONE, GUARD_FORCE_GO},
	{"drained, it goes", BIT(DRAIN_OVER), 0, BIT(ORDER_DRAIN), 0, 0, 0, 0, 0, 0, LEVEL_NONE,
	 GUARD_FORCE_GO},
	{"a drain announces nothing new", GONE, 0, BIT(ORDER_DRAIN), 0, 0, 0, 0, 0, 0, LEVEL_NONE,
	 0},
	{"a drain says so", HERE, 0, BIT(ORDER_DRAIN), 0, 0, 0, 0, 0, 0, LEVEL_DRAINING, 0},
	{"up with an answer", 0, ANSWERS, BIT(ORDER_UP), 0, 0, 0, 0, 0, 0, LEVEL_ANNOUNCED, 0},
	{"up of what is announced", HERE, BIT(CAUSE_HARD), BIT(ORDER_UP), 0, 0, 0, 0, 0, 0,
	 LEVEL_ANNOUNCED, 0},
	{"up without an answer is frozen, too", 0, 0, 0, 0, 'y', 0, 0, 0, 0, KEEP, 0},
	{"the unknown changes nothing", 0, BIT(CAUSE_NONE), 0, 0, 0, 0, 0, 0, 0, KEEP, 0},
	{"hard goes by the guard", 0, BIT(CAUSE_HARD) | BIT(SOFT_OUT), 0, 0, 0, 0, 0, 0, 0,
	 LEVEL_NONE, GUARD_FORCE_NONE},
	{"what is gone is held up", GONE, 0, 0, 0, 0, 0, 'n', 0, 0, LEVEL_NONE, 0},
	{"flapping stays away where others carry it", GONE, 0, 0, 0, 0, 0, 0, 'y', 'y', LEVEL_NONE,
	 0},
	{"flapping comes back with a longer path where nobody does", GONE, 0, 0, 0, 0, 0, 0, 'y',
	 'n', LEVEL_DEGRADED, 0},
	{"flapping stays parked", WEAKER, 0, 0, 0, 0, 0, 0, 'y', 0, LEVEL_DEGRADED, 0},
	{"trouble that has just ended is not yet over", BIT(DEGRADED) | BIT(PARKED),
	 BIT(CAUSE_WELL), 0, 0, 0, 0, 'n', 0, 0, LEVEL_DEGRADED, 0},
	{"well is announced", 0, BIT(CAUSE_WELL), 0, 0, 0, 0, 0, 0, 0, LEVEL_ANNOUNCED, 0},
	{"soft is degraded", 0, BIT(CAUSE_SOFT), 0, 0, 0, 0, 0, 0, 0, LEVEL_DEGRADED, 0},
};
enum { ROWS = sizeof table / sizeof *table };

static bool in(unsigned set, int value)
{
	return set == 0 || (set & BIT(value)) != 0;
}

static bool is(char wanted, bool value)
{
	return wanted == 0 || (wanted == 'y') == value;
}

static bool matches(const struct row *row, const struct combination *at)
{
	return in(row->stands, (int)at->stand) && in(row->causes, at->cause) &&
	       in(row->orders, at->order) && in(row->stopping, at->stopping) &&
	       is(row->frozen, at->frozen) && is(row->configured, at->configured) &&
	       is(row->waited, at->waited) && is(row->suppressed, at->suppressed) &&
	       is(row->covered, at->covered);
}

static struct prefix_state state_of(const struct combination *at)
{
	/* Waited: behind hold-up, gap and the time that soft trouble must be over. */
	const struct mono since = mono_add_ms(now, at->waited ? -GAP_MS : 0);
	bool soft = at->cause == CAUSE_SOFT || at->cause == SOFT_OUT;
	struct prefix_state state = {
		.phase = stands[at->stand].phase,
		.level = stands[at->stand].level,
		.well = soft || at->cause == CAUSE_WELL,
		.soft_ok = at->cause == CAUSE_WELL,
		.well_since = since,
		.soft_since = since,
		.was_announced = at->stand != HELD,
		.announced_at = since,
		.drain_since = mono_add_ms(now, at->stand == DRAIN_OVER ? -1000 * DRAIN_S : 0),
		.actor = "boot",
		.reason = "as it was",
	};
	state.damping.suppressed = at->suppressed;
	return state;
}

static struct prefix_input input_of(const struct combination *at)
{
	return (struct prefix_input){
		.cause = at->cause == SOFT_OUT ? CAUSE_SOFT : (enum prefix_cause)at->cause,
		.soft_withdraws = at->cause == SOFT_OUT,
		.reason = "why",
		.order = (enum prefix_order)at->order,
		.order_reason = "ordered",
		.configured = at->configured,
		.stopping = at->stopping != RUNS,
		.stop_drain_ms = at->stopping == STOPS_DRAINING ? STOP_DRAIN_MS : 0,
		.frozen = at->frozen,
		.freeze_reason = "frozen",
		.drain_s = DRAIN_S,
		.others_announcing = at->covered,
		.min_sites = 1,
	};
}

/* Calls VISIT with each combination. */
static void visit_all(void (*visit)(const struct combination *at, void *context), void *context)
{
	struct combination at;
	for (int stand = 0; stand < STANDS; stand++)
		for (int cause = 0; cause < CAUSES; cause++)
			for (int order = 0; order < ORDERS; order++)
				for (int stopping = RUNS; stopping <= STOPS_DRAINING; stopping++)
					for (int flags = 0; flags < 32; flags++) {
						at = (struct combination){
							.stand = (enum stand)stand,
							.cause = cause,
							.order = order,
							.stopping = stopping,
							.frozen = flags & 1,
							.configured = (flags & 2) != 0,
							.waited = (flags & 4) != 0,
							.suppressed = (flags & 8) != 0,
							.covered = (flags & 16) != 0};
						visit(&at, context);
					}
}

static const struct row *row_of(const struct combination *at)
{
	for (size_t i = 0; i < ROWS; i++)
		if (matches(&table[i], at))
			return &table[i];
	return NULL;
}

static void check_wish(const struct combination *at, void *context)
{
	size_t *used = context;
	const struct row *row = row_of(at);
	assert_non_null(row);
	used[row - table]++;
	const struct prefix_state state = state_of(at);
	const struct prefix_input input = input_of(at);
	struct prefix_wish wish = prefix_wish(&state, &input, &params, now);
	enum level level = row->level == KEEP ? state.level : (enum level)row->level;
	bool withdraws = state.level != LEVEL_NONE && level == LEVEL_NONE;
	if (wish.level != level || (withdraws && wish.force != row->force))
		fail_msg("%s: stand %d cause %d order %d stopping %d frozen %d configured %d "
			 "waited %d suppressed %d covered %d: level %d force %d",
			 row->says, (int)at->stand, at->cause, at->order, at->stopping, at->frozen,
			 at->configured, at->waited, at->suppressed, at->covered, (int)wish.level,
			 (int)wish.force);
	assert_int_equal(prefix_withdraws(&state, &wish), withdraws);
	assert_true(wish.reason[0] != '\0');
}

static void test_every_combination_comes_to_what_the_table_says(void **state)
{
	size_t used[ROWS] = {0};
	(void)state;
	visit_all(check_wish, used);
	for (size_t i = 0; i < ROWS; i++)
		if (used[i] == 0)
			fail_msg("no combination comes to: %s", table[i].says);
}

static int strength(enum level level)
{
	static const int strengths[] = {[LEVEL_NONE] = 0,
					[LEVEL_DRAINING] = 1,
					[LEVEL_DEGRADED] = 2,
					[LEVEL_ANNOUNCED] = 3};
	return strengths[level];
}

/* While a foreign change of BIRD's configuration waits for a person. */
static void check_asking(const struct combination *at, void *context)
{
	size_t *put_off = context;
	const struct prefix_state state = state_of(at);
	struct prefix_input input = input_of(at);
	const struct prefix_wish free = prefix_wish(&state, &input, &params, now);
	input.asks = "somebody changed bird.conf";
	struct prefix_wish wish = prefix_wish(&state, &input, &params, now);
	if (strength(free.level) <= strength(state.level)) {
		assert_memory_equal(&wish, &free, sizeof wish);
		return;
	}
	assert_int_equal(wish.level, state.level);
	assert_string_equal(wish.reason, input.asks);
	assert_string_equal(wish.actor, "guard");
	(*put_off)++;
}

static void test_what_asks_puts_off_every_stronger_announcement_and_nothing_else(void **state)
{
	size_t put_off = 0;
	(void)state;
	visit_all(check_asking, &put_off);
	assert_true(put_off > 500);
}

/* What comes of a wish to withdraw under each rule of the guard. */
static void check_refusal(const struct combination *at, void *context)
{
	size_t *refused = context;
	const struct prefix_input input = input_of(at);
	const struct prefix_state before = state_of(at);
	const struct prefix_wish wish = prefix_wish(&before, &input, &params, now);
	if (!prefix_withdraws(&before, &wish))
		return;
	for (int rule = GUARD_PASS; rule < GUARD_RULES; rule++) {
		struct prefix_state state = before;
		assert_true(prefix_commit(&state, &wish, (enum guard_rule)rule, now));
		assert_int_equal(state.blocked_by, rule);
		if (rule == GUARD_PASS) {
			assert_int_equal(state.level, LEVEL_NONE);
			continue;
		}
		(*refused)++;
		assert_int_not_equal(state.level, LEVEL_NONE);
		/* A panic freezes what is there; the others lengthen the path. */
		bool lengthens = rule != GUARD_PANIC && before.level == LEVEL_ANNOUNCED;
		assert_int_equal(state.level, lengthens ? LEVEL_DEGRADED : before.level);
		assert_non_null(strstr(state.reason, guard_rule_name((enum guard_rule)rule)));
		assert_string_equal(state.actor, "guard");
	}
}

static void test_a_refused_withdrawal_leaves_it_announced_under_every_rule(void **state)
{
	size_t refused = 0;
	(void)state;
	visit_all(check_refusal, &refused);
	assert_true(refused > 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_combination_comes_to_what_the_table_says),
		cmocka_unit_test(
			test_what_asks_puts_off_every_stronger_announcement_and_nothing_else),
		cmocka_unit_test(test_a_refused_withdrawal_leaves_it_announced_under_every_rule),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
