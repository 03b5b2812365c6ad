/*
 * verdict: what a series of check results makes of a target (pure).
 *
 *              rise passes                      fall fails
 *   UNKNOWN ------------------> UP, DEGRADED ----------------> DOWN
 *      |    fall fails                         rise passes
 *      +--------------------> DOWN ------------------------> UP, DEGRADED
 *
 *   UP -> DEGRADED after `fall` results in a row that were slow or failed; DEGRADED -> UP after
 *   `rise` quick ones. Where `rise` passes decide, they give UP when all of them were quick, else
 *   DEGRADED. A result that says nothing of the target (VERDICT_SAYS_NOTHING) changes nothing.
 */
#ifndef MERIDIAN_HEALTHCHECK_VERDICT_H
#define MERIDIAN_HEALTHCHECK_VERDICT_H

#include "db/health.h"

#include <stdbool.h>
#include <stdint.h>

struct verdict_rules {
	uint16_t rise, fall;	    /* 0 counts as 1 */
	uint32_t degraded_above_ms; /* a pass that took longer is slow; 0: none is */
	uint32_t interval_ms;
	uint32_t recheck_ms;   /* between starts while a change is under way; 0, or above
				  interval_ms: interval_ms */
	bool frozen;	       /* results count, but no verdict gets worse */
	uint32_t held_down_ms; /* who is down stays so for that long at least */
};

/* Everything that is remembered of the results so far: the verdict and how many in a row were so.
 */
struct verdict_memory {
	enum verdict verdict; /* not VERDICT_NONE */
	bool pending;	      /* new: no verdict yet */
	uint16_t passed, quick, failed, unquick;
};

/* VERDICT_RECONSIDER is no result: the rules have changed, and what was counted is judged anew. */
enum verdict_sample_kind { VERDICT_PASS, VERDICT_FAIL, VERDICT_SAYS_NOTHING, VERDICT_RECONSIDER };

struct verdict_sample {
	enum verdict_sample_kind kind;
	uint32_t total_ms; /* how long the check took */
};

struct verdict_step {
	struct verdict_memory memory;
	bool changed;	       /* the verdict is another than before */
	bool turning;	       /* a change is under way: check again after recheck_ms */
	uint16_t flip_after_s; /* least time until the verdict can change, at least 1; 0 when not
				  turning */
};

/* A target that was never checked: unknown and pending. */
struct verdict_memory verdict_begin(void);

/* A target whose last word an earlier run left: that verdict holds until results change it.
 * VERDICT_NONE begins anew. */
struct verdict_memory verdict_resume(struct health_state held);

/* What MEMORY becomes by one more result. */
struct verdict_step verdict_apply(const struct verdict_rules *rules, struct verdict_memory memory,
				  struct verdict_sample sample);

/* MEMORY as if no check had failed or been slow of late. */
struct verdict_memory verdict_forgive(struct verdict_memory memory);

/* Milliseconds from one start to the next while a change is under way. */
uint32_t verdict_recheck_ms(const struct verdict_rules *rules);

#endif
