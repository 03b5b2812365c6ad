/* plan_site: one site, some prefixes, a clock, and what is known of each prefix. */
#ifndef MERIDIAN_TESTS_PLAN_SITE_H
#define MERIDIAN_TESTS_PLAN_SITE_H

#include "bgpctl/plan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { HOLD_S = 30, BOOT_S = 10, GAP_S = 60 };

static const struct prefix_params params = {.hold_up_ms = HOLD_S * 1000,
					    .boot_hold_up_ms = BOOT_S * 1000,
					    .announce_gap_ms = GAP_S * 1000,
					    .rise_soft_ms = 5000};
static const struct plan_limits limits = {.max_withdraw_per_10min = 3, .panic_fraction = 0.5};

/* One site, some prefixes, a clock, and what is known of each prefix. */
struct site {
	struct plan_item items[4];
	struct prefix_state states[4];
	struct evidence evidence[4];
	size_t count;
	struct guard_history history;
	struct mono now;
};

/* All is well, another site announces the same, and nothing was announced here before. */
static inline struct site *site_with(size_t count)
{
	static struct site site;
	memset(&site, 0, sizeof site);
	site.count = count;
	site.now.ns = 1000000000000;
	for (size_t i = 0; i < count; i++) {
		struct plan_facts *facts = &site.items[i].facts;
		site.evidence[i].class = EVIDENCE_GOOD;
		*facts = (struct plan_facts){.configured = true,
					     .presence = ADDRESS_PRESENT,
					     .asked = true,
					     .udp = &site.evidence[i],
					     .tcp = &site.evidence[i],
					     .drain_s = 20,
					     .others_announcing = 1,
					     .min_sites = 1};
		assert_true(addr_parse("192.0.2.53", &facts->address));
		site.items[i].state = &site.states[i];
		prefix_init(&site.states[i], LEVEL_NONE, site.now);
	}
	return &site;
}

static inline void pass_s(struct site *site, int seconds)
{
	for (int i = 0; i <= seconds; i++) {
		plan_make(site->items, site->count, &limits, &params, &site->history, site->now);
		if (i < seconds)
			site->now = mono_add_ms(site->now, 1000);
	}
}

static inline struct site *announced_site(size_t count)
{
	struct site *site = site_with(count);
	pass_s(site, BOOT_S);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(site->states[i].level, LEVEL_ANNOUNCED);
	return site;
}

static inline void found_bad(struct site *site, size_t i, enum evidence_class class)
{
	site->evidence[i].class = class;
	snprintf(site->evidence[i].reason, sizeof site->evidence[i].reason, "bad");
}

#endif
