/* Whole decisions: from what is known about a site to what each of its prefixes should be. */
#include "tests/unit/bgpctl/plan_site.h"

static void test_nothing_is_announced_before_the_boot_hold_up_has_passed(void **state)
{
	struct site *site = site_with(1);
	(void)state;
	pass_s(site, BOOT_S - 1);
	assert_int_equal(site->states[0].level, LEVEL_NONE);
	assert_string_equal(prefix_state_name(&site->states[0]), "held");
	pass_s(site, 1);
	assert_int_equal(site->states[0].level, LEVEL_ANNOUNCED);
}

static void test_nothing_is_announced_without_an_answer(void **state)
{
	static const enum evidence_class classes[] = {EVIDENCE_NONE, EVIDENCE_HARD, EVIDENCE_PROOF};
	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct site *site = site_with(1);
		site->evidence[0].class = classes[i];
		site->items[0].facts.order = i == 2 ? ORDER_UP : ORDER_NONE;
		pass_s(site, 1000);
		assert_int_equal(site->states[0].level, LEVEL_NONE);
		assert_string_equal(prefix_state_name(&site->states[0]), "held");
	}
}

static void test_the_hold_up_begins_anew_with_each_trouble(void **state)
{
	struct site *site = site_with(1);
	(void)state;
	pass_s(site, BOOT_S - 1);
	found_bad(site, 0, EVIDENCE_HARD);
	pass_s(site, 1);
	site->evidence[0].class = EVIDENCE_GOOD;
	pass_s(site, BOOT_S - 1);
	assert_int_equal(site->states[0].level, LEVEL_NONE);
	pass_s(site, 2);
	assert_int_equal(site->states[0].level, LEVEL_ANNOUNCED);
}

static void test_proof_withdraws_at_once_even_as_the_last_site(void **state)
{
	struct site *site = announced_site(1);
	(void)state;
	site->items[0].facts.others_announcing = 0;
	found_bad(site, 0, EVIDENCE_PROOF);
	pass_s(site, 0);
	assert_int_equal(site->states[0].level, LEVEL_NONE);
	assert_string_equal(prefix_state_name(&site->states[0]), "withdrawn");
	assert_string_equal(site->states[0].reason, "bad");
}

static void test_an_absent_address_is_proof(void **state)
{
	struct site *site = announced_site(1);
	(void)state;
	site->items[0].facts.presence = ADDRESS_ABSENT;
	site->items[0].facts.interface = "lo";
	site->items[0].facts.others_announcing = 0;
	pass_s(site, 0);
	assert_int_equal(site->states[0].level, LEVEL_NONE);
	assert_string_equal(site->states[0].reason, "192.0.2.53 is not an address of lo");
}

static void test_half_a_responder_is_not_proof(void **state)
{
	struct site *site = announced_site(1);
	struct evidence tcp = {.class = EVIDENCE_PROOF, .reason = "refused over TCP"};
	(void)state;
	site->items[0].facts.tcp = &tcp;
	site->items[0].facts.others_announcing = 0;
	pass_s(site, 0);
	assert_int_equal(site->states[0].level, LEVEL_DEGRADED);
	assert_int_equal(site->states[0].blocked_by, GUARD_LAST_SITE);
}

static void test_a_first_refusal_of_the_other_transport_is_waited_for(void **state)
{
	struct site *site = announced_site(1);
	struct evidence tcp = {.class = EVIDENCE_GOOD, .bad = 1, .refused = 1};
	(void)state;
	site->items[0].facts.tcp = &tcp;
	found_bad(site, 0, EVIDENCE_PROOF);
	pass_s(site, 0);
	assert_int_equal(site->states[0].level, LEVEL_ANNOUNCED);
	tcp.class = EVIDENCE_PROOF;
	pass_s(site, 0);
	assert_int_equal(site->states[0].level, LEVEL_NONE);
	assert_int_equal(site->history.count, 0);
}

/* Every pair of what is known of the two transports. Proof is that both are refused; a first
 * refusal of the one, while the other is proved, may become it: until then nothing is known. */
static void test_two_transports_make_one_cause(void **state)
{
	static const enum evidence_class classes[] = {EVIDENCE_NONE, EVIDENCE_GOOD, EVIDENCE_HARD,
						      EVIDENCE_PROOF};
	static const enum prefix_cause causes[4][4] = {
		{CAUSE_NONE, CAUSE_NONE, CAUSE_HARD, CAUSE_HARD},
		{CAUSE_NONE, CAUSE_WELL, CAUSE_HARD, CAUSE_HARD},
		{CAUSE_HARD, CAUSE_HARD, CAUSE_HARD, CAUSE_HARD},
		{CAUSE_HARD, CAUSE_HARD, CAUSE_HARD, CAUSE_PROOF},
	};
	(void)state;
	for (unsigned row = 0; row < 4 * 4 * 2 * 2; row++) {
		enum evidence_class one = classes[row % 4], other = classes[row / 4 % 4];
		struct evidence udp = {.class = one, .refused = row / 16 % 2},
				tcp = {.class = other, .refused = row / 32 % 2};
		snprintf(udp.reason, sizeof udp.reason, "by UDP");
		snprintf(tcp.reason, sizeof tcp.reason, "by TCP");
		struct plan_facts facts = {
			.presence = ADDRESS_PRESENT, .asked = true, .udp = &udp, .tcp = &tcp};
		struct prefix_input input;
		char reason[PREFIX_REASON_MAX];
		plan_classify(&facts, &input, reason);
		enum prefix_cause wanted = causes[row % 4][row / 4 % 4];
		bool open = (one == EVIDENCE_PROOF && tcp.refused > 0) ||
			    (other == EVIDENCE_PROOF && udp.refused > 0);
		if (wanted == CAUSE_HARD && open)
			wanted = CAUSE_NONE;
		if (input.cause != wanted)
			fail_msg("classes %d and %d, refused %u and %u: cause %d", (int)one,
				 (int)other, udp.refused, tcp.refused, (int)input.cause);
		const char *why = one >= EVIDENCE_HARD ? "by UDP" : "by TCP";
		assert_string_equal(reason, wanted >= CAUSE_HARD ? why : "");
	}
}

/* Where the responder is not asked, the address alone speaks: its absence is proof. */
static void test_without_a_responder_to_ask_the_address_speaks(void **state)
{
	static const struct {
		enum address_presence presence;
		const char *interface;
		enum prefix_cause cause;
		const char *reason;
	} cases[] = {
		{ADDRESS_PRESENT, NULL, CAUSE_WELL, ""},
		{ADDRESS_UNKNOWN, NULL, CAUSE_NONE, ""},
		{ADDRESS_ABSENT, NULL, CAUSE_PROOF, "192.0.2.53 is not an address of this machine"},
		{ADDRESS_ABSENT, "", CAUSE_PROOF, "192.0.2.53 is not an address of this machine"},
		{ADDRESS_ABSENT, "lo", CAUSE_PROOF, "192.0.2.53 is not an address of lo"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct plan_facts facts = {.presence = cases[i].presence,
					   .interface = cases[i].interface};
		struct prefix_input input;
		char reason[PREFIX_REASON_MAX];
		assert_true(addr_parse("192.0.2.53", &facts.address));
		plan_classify(&facts, &input, reason);
		assert_int_equal(input.cause, cases[i].cause);
		assert_string_equal(reason, cases[i].reason);
	}
}

static void test_a_silent_responder_withdraws_where_others_announce(void **state)
{
	struct site *site = announced_site(1);
	(void)state;
	found_bad(site, 0, EVIDENCE_HARD);
	pass_s(site, 0);
	assert_int_equal(site->states[0].level, LEVEL_NONE);
}

static void test_a_silent_responder_of_the_last_site_is_degraded_until_it_answers(void **state)
{
	struct site *site = announced_site(1);
	(void)state;
	site->items[0].facts.others_announcing = 0;
	found_bad(site, 0, EVIDENCE_HARD);
	pass_s(site, 100);
	assert_int_equal(site->states[0].level, LEVEL_DEGRADED);
	assert_non_null(strstr(site->states[0].reason, "last_site"));
	site->evidence[0].class = EVIDENCE_GOOD;
	pass_s(site, 4);
	assert_int_equal(site->states[0].level, LEVEL_DEGRADED);
	pass_s(site, 1);
	assert_int_equal(site->states[0].level, LEVEL_ANNOUNCED);
	assert_int_equal(site->states[0].blocked_by, GUARD_PASS);
}

static void test_recovery_waits_for_hold_up_and_gap(void **state)
{
	struct site *site = announced_site(1);
	(void)state;
	pass_s(site, 100);
	found_bad(site, 0, EVIDENCE_PROOF);
	pass_s(site, 10);
	site->evidence[0].class = EVIDENCE_GOOD;
	pass_s(site, HOLD_S - 1);
	assert_int_equal(site->states[0].level, LEVEL_NONE);
	assert_non_null(strstr(site->states[0].reason, "held up for another 1 s"));
	pass_s(site, 1);
	assert_int_equal(site->states[0].level, LEVEL_ANNOUNCED);
	/* Announced a moment ago: now the gap is what is waited for. */
	found_bad(site, 0, EVIDENCE_PROOF);
	pass_s(site, 0);
	site->evidence[0].class = EVIDENCE_GOOD;
	pass_s(site, GAP_S - 1);
	assert_int_equal(site->states[0].level, LEVEL_NONE);
	pass_s(site, 1);
	assert_int_equal(site->states[0].level, LEVEL_ANNOUNCED);
}

static void test_backends_follow_the_policy_of_the_prefix(void **state)
{
	static const struct {
		unsigned pools, serving;
		bool withdraw;
		unsigned others;
		enum level level;
	} cases[] = {
		{1, 1, true, 1, LEVEL_ANNOUNCED}, {1, 0, false, 1, LEVEL_DEGRADED},
		{1, 0, true, 1, LEVEL_NONE},	  {1, 0, true, 0, LEVEL_DEGRADED},
		{4, 2, true, 1, LEVEL_ANNOUNCED}, {4, 1, true, 1, LEVEL_DEGRADED},
		{0, 0, true, 1, LEVEL_ANNOUNCED},
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct site *site = announced_site(1);
		struct plan_facts *facts = &site->items[0].facts;
		facts->pools = cases[i].pools;
		facts->pools_serving = cases[i].serving;
		facts->backends_withdraw = cases[i].withdraw;
		facts->others_announcing = cases[i].others;
		pass_s(site, 0);
		assert_int_equal(site->states[0].level, cases[i].level);
	}
}

static void test_unknown_changes_nothing(void **state)
{
	struct site *site = announced_site(1);
	(void)state;
	site->evidence[0].class = EVIDENCE_NONE;
	site->items[0].facts.presence = ADDRESS_UNKNOWN;
	site->items[0].facts.pools = 1;
	pass_s(site, 1000);
	assert_int_equal(site->states[0].level, LEVEL_ANNOUNCED);
}

static void test_what_was_found_announced_is_kept_until_something_is_known(void **state)
{
	(void)state;
	for (int level = LEVEL_ANNOUNCED; level <= LEVEL_DRAINING; level++) {
		struct site *site = site_with(1);
		prefix_init(&site->states[0], (enum level)level, site->now);
		site->evidence[0].class = EVIDENCE_NONE;
		pass_s(site, 1000);
		assert_int_equal(site->states[0].level, level);
	}
}

static void test_a_prefix_that_left_the_configuration_goes_only_past_the_guard(void **state)
{
	struct site *site = announced_site(1);
	(void)state;
	site->items[0].facts.configured = false;
	site->items[0].facts.others_announcing = 0;
	pass_s(site, 10);
	assert_int_equal(site->states[0].level, LEVEL_DEGRADED);
	assert_int_equal(site->states[0].blocked_by, GUARD_LAST_SITE);
	site->items[0].facts.order = ORDER_DOWN;
	pass_s(site, 0);
	assert_int_equal(site->states[0].level, LEVEL_NONE);
}

static void test_a_site_that_would_lose_all_its_prefixes_freezes(void **state)
{
	struct site *site = announced_site(4);
	(void)state;
	for (size_t i = 0; i < 4; i++)
		found_bad(site, i, EVIDENCE_HARD);
	pass_s(site, 100);
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(site->states[i].level, LEVEL_ANNOUNCED);
		assert_string_equal(prefix_state_name(&site->states[i]), "frozen");
	}
	for (size_t i = 0; i < 4; i++)
		site->evidence[i].class = EVIDENCE_GOOD;
	pass_s(site, 0);
	assert_string_equal(prefix_state_name(&site->states[0]), "announced");
}

static void test_prefixes_that_leave_one_by_one_are_a_panic_too(void **state)
{
	struct site *site = announced_site(4);
	(void)state;
	for (size_t i = 0; i < 3; i++) {
		found_bad(site, i, EVIDENCE_HARD);
		pass_s(site, 10);
	}
	assert_int_equal(site->states[0].level, LEVEL_NONE);
	assert_int_equal(site->states[1].level, LEVEL_NONE);
	assert_int_equal(site->states[2].level, LEVEL_ANNOUNCED);
	assert_int_equal(site->states[2].blocked_by, GUARD_PANIC);
}

static void test_what_was_ordered_away_does_not_thaw_the_rest(void **state)
{
	struct site *site = announced_site(2);
	(void)state;
	found_bad(site, 0, EVIDENCE_HARD);
	found_bad(site, 1, EVIDENCE_HARD);
	pass_s(site, 1);
	assert_int_equal(site->states[0].blocked_by, GUARD_PANIC);
	site->items[1].facts.order = ORDER_DOWN;
	site->items[1].facts.order_reason = "enough";
	pass_s(site, 50);
	assert_int_equal(site->states[1].level, LEVEL_NONE);
	assert_int_equal(site->states[0].level, LEVEL_ANNOUNCED);
	assert_int_equal(site->states[0].blocked_by, GUARD_PANIC);
	/* Behind the window it is a prefix like any other. */
	pass_s(site, 20);
	assert_int_equal(site->states[0].level, LEVEL_NONE);
}

static void test_a_single_prefix_is_never_a_panic(void **state)
{
	static const struct prefix_params hasty = {.rise_soft_ms = 5000};
	struct site *site = announced_site(1);
	(void)state;
	for (int i = 0; i < 2; i++) {
		found_bad(site, 0, EVIDENCE_HARD);
		pass_s(site, 10);
		assert_int_equal(site->states[0].level, LEVEL_NONE);
		site->evidence[0].class = EVIDENCE_GOOD;
		plan_make(site->items, 1, &limits, &hasty, &site->history, site->now);
		assert_int_equal(site->states[0].level, LEVEL_ANNOUNCED);
	}
}

static void test_the_families_of_a_dual_stack_site_panic_apart(void **state)
{
	struct site *site = announced_site(2);
	(void)state;
	assert_true(addr_parse("2001:db8::53", &site->items[1].facts.address));
	found_bad(site, 0, EVIDENCE_HARD);
	found_bad(site, 1, EVIDENCE_HARD);
	pass_s(site, 0);
	/* And their pace is of each: together they are one group. */
	assert_int_equal(site->states[0].level, LEVEL_NONE);
	assert_int_equal(site->states[1].level, LEVEL_NONE);
}

static void test_two_of_a_family_do_not_leave_together(void **state)
{
	struct site *site = announced_site(3);
	(void)state;
	assert_true(addr_parse("2001:db8::53", &site->items[1].facts.address));
	for (size_t i = 0; i < 2; i++)
		found_bad(site, i, EVIDENCE_HARD);
	pass_s(site, 0);
	assert_int_equal(site->states[0].level, LEVEL_NONE);
	assert_int_equal(site->states[1].level, LEVEL_NONE);
	/* Both count, and another of a family waits. */
	assert_int_equal(site->history.count, 2);
	assert_true(addr_parse("2001:db8::54", &site->items[2].facts.address));
	found_bad(site, 2, EVIDENCE_HARD);
	site->states[1].left = false;
	pass_s(site, 0);
	assert_int_equal(site->states[2].blocked_by, GUARD_VELOCITY);
}

static void test_a_flapping_prefix_is_parked(void **state)
{
	(void)state;
	for (unsigned others = 0; others < 2; others++) {
		struct site *site = announced_site(1);
		site->items[0].facts.others_announcing = others;
		for (int i = 0; i < 4; i++) {
			pass_s(site, GAP_S);
			found_bad(site, 0, EVIDENCE_PROOF);
			pass_s(site, 1);
			site->evidence[0].class = EVIDENCE_GOOD;
			pass_s(site, HOLD_S);
		}
		assert_true(site->states[0].damping.suppressed);
		assert_int_equal(site->states[0].phase, PREFIX_SUPPRESSED);
		assert_int_equal(site->states[0].level, others > 0 ? LEVEL_NONE : LEVEL_DEGRADED);
		pass_s(site, 3600);
		assert_int_equal(site->states[0].level, LEVEL_ANNOUNCED);
	}
}

static void test_old_data_degrades_and_never_withdraws(void **state)
{
	struct site *site = announced_site(1);
	(void)state;
	site->items[0].facts.backends_withdraw = true;
	site->items[0].facts.stale = "the responder answers from revision 3";
	pass_s(site, 100);
	assert_int_equal(site->states[0].level, LEVEL_DEGRADED);
	assert_string_equal(site->states[0].reason, "the responder answers from revision 3");
	site->items[0].facts.stale = NULL;
	pass_s(site, 6);
	assert_int_equal(site->states[0].level, LEVEL_ANNOUNCED);
}

static void test_what_was_struck_is_proved_anew(void **state)
{
	struct site *site = announced_site(1);
	(void)state;
	pass_s(site, 100);
	prefix_strike(&site->states[0], "withdrawn by meridian-withdraw", site->now);
	pass_s(site, HOLD_S - 1);
	assert_int_equal(site->states[0].level, LEVEL_NONE);
	pass_s(site, 2);
	assert_int_equal(site->states[0].level, LEVEL_ANNOUNCED);
}

/* Every cause, order and administrative state, from every level: what may be announced then. */
static void test_the_whole_table_of_causes_and_orders(void **state)
{
	static const enum level all[] = {LEVEL_NONE, LEVEL_ANNOUNCED, LEVEL_DEGRADED,
					 LEVEL_DRAINING};
	unsigned rows = 0;
	(void)state;
	for (unsigned row = 0; row < 5 * 4 * 2 * 2 * 2 * 4 * 2; row++) {
		unsigned rest = row;
		struct prefix_input input = {.reason = "why", .order_reason = "who"};
		input.cause = (enum prefix_cause)(rest % 5), rest /= 5;
		input.order = (enum prefix_order)(rest % 4), rest /= 4;
		input.configured = rest % 2, rest /= 2;
		input.stopping = rest % 2, rest /= 2;
		input.frozen = rest % 2, rest /= 2;
		enum level level = all[rest % 4];
		input.soft_withdraws = rest / 4 % 2;
		input.freeze_reason = "storm";
		struct mono now = {.ns = INT64_C(1000000000000)};
		struct prefix_state at;
		prefix_init(&at, level, now);
		prefix_track(&at, &input, now);
		now = mono_add_ms(now, 3600000);
		struct prefix_wish wish = prefix_wish(&at, &input, &params, now);
		bool well = input.cause == CAUSE_WELL || input.cause == CAUSE_SOFT;
		bool hold = input.frozen && input.order == ORDER_NONE;
		rows++;
		if (level == LEVEL_NONE && wish.level != LEVEL_NONE)
			assert_true(well && input.configured && !input.stopping && !hold);
		if (input.stopping)
			assert_int_equal(wish.level, LEVEL_NONE);
		else if (hold)
			assert_int_equal(wish.level, level);
		else if (input.order == ORDER_DOWN || !input.configured)
			assert_int_equal(wish.level, LEVEL_NONE);
		else if (input.cause == CAUSE_NONE && input.order != ORDER_DRAIN)
			assert_int_equal(wish.level, level);
		/* Only proof, orders and the end of the controller pass the guard unasked. */
		if (prefix_withdraws(&at, &wish) && wish.force >= GUARD_FORCE_ORDER)
			assert_true(input.stopping || input.order == ORDER_DOWN ||
				    input.cause == CAUSE_PROOF);
	}
	assert_int_equal(rows, 1280);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing_is_announced_before_the_boot_hold_up_has_passed),
		cmocka_unit_test(test_nothing_is_announced_without_an_answer),
		cmocka_unit_test(test_the_hold_up_begins_anew_with_each_trouble),
		cmocka_unit_test(test_proof_withdraws_at_once_even_as_the_last_site),
		cmocka_unit_test(test_an_absent_address_is_proof),
		cmocka_unit_test(test_half_a_responder_is_not_proof),
		cmocka_unit_test(test_a_first_refusal_of_the_other_transport_is_waited_for),
		cmocka_unit_test(test_two_transports_make_one_cause),
		cmocka_unit_test(test_without_a_responder_to_ask_the_address_speaks),
		cmocka_unit_test(test_a_silent_responder_withdraws_where_others_announce),
		cmocka_unit_test(
			test_a_silent_responder_of_the_last_site_is_degraded_until_it_answers),
		cmocka_unit_test(test_recovery_waits_for_hold_up_and_gap),
		cmocka_unit_test(test_backends_follow_the_policy_of_the_prefix),
		cmocka_unit_test(test_unknown_changes_nothing),
		cmocka_unit_test(test_what_was_found_announced_is_kept_until_something_is_known),
		cmocka_unit_test(
			test_a_prefix_that_left_the_configuration_goes_only_past_the_guard),
		cmocka_unit_test(test_a_site_that_would_lose_all_its_prefixes_freezes),
		cmocka_unit_test(test_prefixes_that_leave_one_by_one_are_a_panic_too),
		cmocka_unit_test(test_what_was_ordered_away_does_not_thaw_the_rest),
		cmocka_unit_test(test_a_single_prefix_is_never_a_panic),
		cmocka_unit_test(test_the_families_of_a_dual_stack_site_panic_apart),
		cmocka_unit_test(test_two_of_a_family_do_not_leave_together),
		cmocka_unit_test(test_a_flapping_prefix_is_parked),
		cmocka_unit_test(test_old_data_degrades_and_never_withdraws),
		cmocka_unit_test(test_what_was_struck_is_proved_anew),
		cmocka_unit_test(test_the_whole_table_of_causes_and_orders),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
