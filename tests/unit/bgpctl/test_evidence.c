/* How many probes it takes to believe them. */
#include "bgpctl/evidence.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* One letter a probe: g good, w wrong, s silent, r refused. */
static enum evidence_class after(const char *probes, struct evidence *evidence)
{
	const struct evidence_params params = {.rise = 3, .fall = 3, .fall_proof = 2};
	for (; *probes != '\0'; probes++) {
		enum probe_outcome outcome = *probes == 'g'   ? PROBE_GOOD
					     : *probes == 'w' ? PROBE_WRONG
					     : *probes == 's' ? PROBE_SILENT
							      : PROBE_REFUSED;
		char reason[2] = {*probes, '\0'};
		evidence_feed(evidence, &params, outcome, reason);
	}
	return evidence->class;
}

static void test_classes_by_the_run_of_probes(void **state)
{
	static const struct {
		const char *probes;
		enum evidence_class class;
	} cases[] = {
		{"", EVIDENCE_NONE},	   {"gg", EVIDENCE_NONE},     {"ggg", EVIDENCE_GOOD},
		{"ggwg", EVIDENCE_NONE},   {"gggss", EVIDENCE_GOOD},  {"gggsss", EVIDENCE_HARD},
		{"gggsws", EVIDENCE_HARD}, {"gggr", EVIDENCE_GOOD},   {"gggrr", EVIDENCE_PROOF},
		{"gggrsr", EVIDENCE_GOOD}, {"rr", EVIDENCE_PROOF},    {"sss", EVIDENCE_HARD},
		{"sssr", EVIDENCE_HARD},   {"sssrr", EVIDENCE_PROOF}, {"rrgg", EVIDENCE_PROOF},
		{"rrggg", EVIDENCE_GOOD},  {"rrww", EVIDENCE_PROOF},  {"rrwww", EVIDENCE_HARD},
		{"sssggs", EVIDENCE_HARD}, {"sssggg", EVIDENCE_GOOD}, {"gggssgss", EVIDENCE_GOOD},
		{"gggrg", EVIDENCE_GOOD},  {"gggrgr", EVIDENCE_GOOD},
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct evidence evidence = {0};
		if (after(cases[i].probes, &evidence) != cases[i].class)
			fail_msg("%s gives %d", cases[i].probes, evidence.class);
	}
}

static void test_a_change_under_way_is_pending(void **state)
{
	static const struct {
		const char *probes;
		bool pending;
	} cases[] = {{"", true}, {"ggg", false}, {"gggs", true}, {"sss", false}, {"sssg", true}};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct evidence evidence = {0};
		after(cases[i].probes, &evidence);
		assert_int_equal(evidence_pending(&evidence), cases[i].pending);
	}
}

static void test_the_reason_is_that_of_the_last_bad_probe(void **state)
{
	struct evidence evidence = {0};
	(void)state;
	after("gggrsw", &evidence);
	assert_string_equal(evidence.reason, "w");
	after("g", &evidence);
	assert_string_equal(evidence.reason, "w");
}

static void test_counters_do_not_wrap(void **state)
{
	struct evidence evidence = {.class = EVIDENCE_GOOD, .good = UINT16_MAX};
	(void)state;
	after("g", &evidence);
	assert_int_equal(evidence.good, UINT16_MAX);
	assert_int_equal(evidence.class, EVIDENCE_GOOD);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_classes_by_the_run_of_probes),
		cmocka_unit_test(test_a_change_under_way_is_pending),
		cmocka_unit_test(test_the_reason_is_that_of_the_last_bad_probe),
		cmocka_unit_test(test_counters_do_not_wrap),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
