/* What BIRD 2.0.12 prints about protocols and routes, and how it is held against a decision. */
#include "bgpctl/sight.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct bird_reply parsed(const char *text)
{
	struct bird_reply reply = {0};
	size_t used;
	assert_int_equal(bird_reply_feed(&reply, text, strlen(text), &used), BIRD_FEED_COMPLETE);
	return reply;
}

static struct prefix net(const char *text)
{
	struct prefix prefix;
	assert_true(prefix_parse(text, &prefix, NULL));
	return prefix;
}

static const char protocols_text[] =
	"2002-Name       Proto      Table      State  Since         Info\n"
	"1002-device1    Device     ---        up     12:39:43.725  \n"
	"1006-\n"
	"1002-meridian4  Static     master4    up     12:39:43.725  \n"
	"1006-  Channel ipv4\n     State:          UP\n     Output filter:  REJECT\n"
	"1002-up1        BGP        ---        up     12:39:44.617  Established   \n"
	"1006-  BGP state:          Established\n"
	"     Neighbor address: 10.0.0.2\n"
	"   Channel ipv4\n"
	"     State:          UP\n"
	"     Output filter:  meridian_export4\n"
	"   Channel ipv6\n"
	"     State:          UP\n"
	"     Output filter:  REJECT\n"
	"1002-up2        BGP        ---        start  2026-11-20 12:39:43  Idle          BGP "
	"Error: "
	"Hold timer expired\n"
	"1006-  BGP state:          Idle\n"
	"   Channel ipv4\n"
	"     State:          DOWN\n"
	"0000 \n";

static void test_protocols_are_read_with_the_families_they_export(void **state)
{
	struct bird_reply reply = parsed(protocols_text);
	struct bird_protocols protocols;
	(void)state;
	bird_view_protocols(&reply, &protocols);
	assert_int_equal(protocols.count, 4);
	const struct bird_protocol *up1 = bird_protocols_find(&protocols, "up1");
	assert_non_null(up1);
	assert_string_equal(up1->type, "BGP");
	assert_string_equal(up1->info, "Established");
	assert_string_equal(up1->since, "12:39:44.617");
	assert_string_equal(up1->neighbor, "10.0.0.2");
	assert_true(sight_carries(up1, ADDR_IPV4));
	assert_false(sight_carries(up1, ADDR_IPV6));
	const struct bird_protocol *up2 = bird_protocols_find(&protocols, "up2");
	assert_non_null(up2);
	assert_string_equal(up2->since, "2026-11-20 12:39:43");
	assert_string_equal(up2->info, "Idle          BGP Error: Hold timer expired");
	assert_false(up2->established);
	assert_false(sight_carries(up2, ADDR_IPV4));
	assert_null(bird_protocols_find(&protocols, "up"));
	bird_protocols_fini(&protocols);
	bird_reply_fini(&reply);
}

static void test_routes_are_read_with_their_state_tag(void **state)
{
	struct bird_reply reply =
		parsed("1007-Table master4:\n"
		       " 192.0.2.0/24         unreachable [meridian4 12:39:43.725] * (200)\n"
		       "1008-\tType: static univ\n"
		       "1012-\tBGP.large_community: (64512, 1, 2) (64512, 53, 3)\n"
		       "1007- 198.51.100.0/24      unreachable [other 12:39:43.725] * (200)\n"
		       "1008-\tType: static univ\n"
		       "0000 \n");
	struct bird_routes routes;
	(void)state;
	bird_view_routes(&reply, &routes);
	assert_int_equal(routes.count, 2);
	assert_string_equal(routes.at[0].protocol, "meridian4");
	assert_int_equal(routes.at[0].level, LEVEL_DRAINING);
	assert_int_equal(routes.at[1].level, LEVEL_NONE);
	bird_routes_fini(&routes);
	bird_reply_fini(&reply);
}

static void test_failures_are_no_routes(void **state)
{
	static const char *const replies[] = {"0000 \n", "8001 Network not found\n",
					      "9001 No valid tables\n"};
	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct bird_reply reply = parsed(replies[i]);
		struct bird_routes routes;
		bird_view_routes(&reply, &routes);
		assert_int_equal(routes.count, 0);
		bird_routes_fini(&routes);
		bird_reply_fini(&reply);
	}
}

static void test_status_is_read(void **state)
{
	struct bird_reply reply = parsed("1000-BIRD 2.0.12\n1011-Router ID is 10.0.0.1\n"
					 " Hostname is vm\n"
					 " Last reboot on 2026-11-20 12:39:43.725\n"
					 " Last reconfiguration on 2026-11-20 12:40:00.001\n"
					 "0013 Daemon is up and running\n");
	struct bird_status status;
	(void)state;
	bird_view_status(&reply, &status);
	assert_string_equal(status.version, "2.0.12");
	assert_string_equal(status.booted, "2026-11-20 12:39:43.725");
	assert_string_equal(status.reconfigured, "2026-11-20 12:40:00.001");
	bird_reply_fini(&reply);
}

static void test_times_of_the_day_lie_in_the_last_day(void **state)
{
	static const struct {
		const char *since;
		int64_t ms;
	} cases[] = {
		{"12:39:44.617", 1795178384617},	  {"2026-11-20 12:39:44", 1795178384000},
		{"2026-11-19 12:39:44.5", 1795091984500}, {"2026-11-19", 1795046400000},
		{"13:00:01.000", 1795093201000},
	};
	/* 2026-11-20 13:00:00 UTC */
	const int64_t now_ms = 1795179600000;
	int64_t ms;
	(void)state;
	setenv("TZ", "UTC", 1);
	assert_true(bird_view_time("13:00:00.500", now_ms, &ms));
	assert_true(ms == now_ms + 500);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		assert_true(bird_view_time(cases[i].since, now_ms - (i == 4 ? 60000 : 0), &ms));
		if (ms != cases[i].ms)
			fail_msg("%s gives %lld", cases[i].since, (long long)ms);
	}
	assert_false(bird_view_time("", now_ms, &ms));
	assert_false(bird_view_time("Nov20", now_ms, &ms));
}

struct verdict_case {
	const char *what;
	enum level wanted;
	bool in_table;
	enum level tag;
	int first_peer, second_peer; /* -1: does not carry the family, 0: absent, 1: present */
	enum sight_verdict verdict;
};

static void test_a_decision_holds_only_where_every_session_agrees(void **state)
{
	static const struct verdict_case cases[] = {
		{"at both", LEVEL_ANNOUNCED, true, LEVEL_ANNOUNCED, 1, 1, SIGHT_VERIFIED},
		{"at one alone", LEVEL_ANNOUNCED, true, LEVEL_ANNOUNCED, 1, 0, SIGHT_MISMATCH},
		{"one carries", LEVEL_ANNOUNCED, true, LEVEL_ANNOUNCED, 1, -1, SIGHT_VERIFIED},
		{"none carries", LEVEL_ANNOUNCED, true, LEVEL_ANNOUNCED, -1, -1, SIGHT_PENDING},
		{"other tag", LEVEL_DEGRADED, true, LEVEL_ANNOUNCED, 1, 1, SIGHT_MISMATCH},
		{"filtered", LEVEL_ANNOUNCED, true, LEVEL_ANNOUNCED, 0, 0, SIGHT_MISMATCH},
		{"not in table", LEVEL_ANNOUNCED, false, LEVEL_NONE, 0, 0, SIGHT_MISMATCH},
		{"gone", LEVEL_NONE, false, LEVEL_NONE, 0, 0, SIGHT_VERIFIED},
		{"gone, no peer", LEVEL_NONE, false, LEVEL_NONE, -1, -1, SIGHT_VERIFIED},
		{"still in table", LEVEL_NONE, true, LEVEL_ANNOUNCED, 0, 0, SIGHT_MISMATCH},
		{"untagged in table", LEVEL_NONE, true, LEVEL_NONE, 0, 0, SIGHT_MISMATCH},
		{"another's route goes out", LEVEL_NONE, false, LEVEL_NONE, 1, 0, SIGHT_MISMATCH},
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct verdict_case *at = &cases[i];
		struct include_entry entry = {.prefix = net("192.0.2.0/24"), .level = at->wanted};
		struct bird_route route = {.prefix = entry.prefix, .level = at->tag};
		struct sight_export exports[3] = {{.peer = 9, .entry = 6, .present = !at->wanted}};
		struct sight sight = {.exports = exports, .export_count = 1};
		sight.routes = (struct bird_routes){.at = &route, .count = at->in_table};
		if (at->first_peer >= 0)
			exports[sight.export_count++] = (struct sight_export){
				.peer = 0, .entry = 7, .present = at->first_peer};
		if (at->second_peer >= 0)
			exports[sight.export_count++] = (struct sight_export){
				.peer = 1, .entry = 7, .present = at->second_peer};
		if (sight_judge(&sight, &entry, 7) != at->verdict)
			fail_msg("%s", at->what);
	}
}

/* Draining says GRACEFUL_SHUTDOWN (RFC 8326), degraded has a longer path or a MED, announced is
 * neither. */
static void test_what_neighbours_are_shown_means_the_level(void **state)
{
	static const struct {
		struct bird_attributes attributes;
		bool announced, degraded, draining;
	} cases[] = {
		{{0, 0, false}, true, false, false},  {{3, 0, false}, true, true, false},
		{{0, 500, false}, true, true, false}, {{3, 500, false}, true, true, false},
		{{0, 0, true}, false, false, true},   {{3, 1000, true}, false, false, true},
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const bool agrees[] = {true, cases[i].announced, cases[i].degraded,
				       cases[i].draining};
		for (int level = LEVEL_NONE; level <= LEVEL_DRAINING; level++) {
			assert_int_equal(
				sight_attributes_agree((enum level)level, &cases[i].attributes),
				agrees[level]);
			struct include_entry entry = {.prefix = net("192.0.2.0/24"),
						      .level = (enum level)level};
			struct bird_route route = {.prefix = entry.prefix,
						   .level = (enum level)level};
			struct sight_export export = {.present = true,
						      .attributes = cases[i].attributes};
			struct sight sight = {.exports = &export, .export_count = 1};
			sight.routes = (struct bird_routes){.at = &route, .count = 1};
			if (level == LEVEL_NONE)
				continue;
			/* What was not asked for does not disagree. */
			assert_int_equal(sight_judge(&sight, &entry, 0), SIGHT_VERIFIED);
			export.attributes_known = true;
			assert_int_equal(sight_judge(&sight, &entry, 0),
					 agrees[level] ? SIGHT_VERIFIED : SIGHT_MISMATCH);
		}
	}
}

static void test_a_session_carries_the_families_it_exports_while_it_stands(void **state)
{
	(void)state;
	for (unsigned row = 0; row < 8; row++) {
		const struct bird_protocol session = {.established = row & 1,
						      .exports_ipv4 = (row & 2) != 0,
						      .exports_ipv6 = (row & 4) != 0};
		assert_int_equal(sight_carries(&session, ADDR_IPV4), (row & 3) == 3);
		assert_int_equal(sight_carries(&session, ADDR_IPV6), (row & 5) == 5);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_protocols_are_read_with_the_families_they_export),
		cmocka_unit_test(test_routes_are_read_with_their_state_tag),
		cmocka_unit_test(test_failures_are_no_routes),
		cmocka_unit_test(test_status_is_read),
		cmocka_unit_test(test_times_of_the_day_lie_in_the_last_day),
		cmocka_unit_test(test_a_decision_holds_only_where_every_session_agrees),
		cmocka_unit_test(test_what_neighbours_are_shown_means_the_level),
		cmocka_unit_test(test_a_session_carries_the_families_it_exports_while_it_stands),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
