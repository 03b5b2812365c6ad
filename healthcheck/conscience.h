/*
 * conscience: the checker's doubt of itself put to work: results are counted, the way out is asked,
 * verdicts are held back, let go or forgiven, and all of it is said.
 */
#ifndef MERIDIAN_HEALTHCHECK_CONSCIENCE_H
#define MERIDIAN_HEALTHCHECK_CONSCIENCE_H

#include "db/journal.h"
#include "healthcheck/doubt.h"
#include "healthcheck/fleet.h"

struct conscience;

/* All are borrowed. */
struct conscience *conscience_new(uv_loop_t *loop, struct probe_env *env, struct fleet *fleet,
				  struct journal *journal);
/* Before the targets' environment is freed, after the targets. */
void conscience_free(struct conscience *conscience);

/* TARGET has a new result, or a new verdict by it. NULL is allowed for CONSCIENCE here and below.
 */
void conscience_hear(struct conscience *conscience, struct target *target);
void conscience_forget(struct conscience *conscience, struct target *target);
/* TARGET's verdict may not get worse now. */
bool conscience_holds(const struct conscience *conscience, const struct target *target);

/* {"state", "since", "failing", "of", "gateway", "gateway_answers"} */
json_t *conscience_json(const struct conscience *conscience);
/* The sentence for the status while verdicts are frozen, or NULL. */
const char *conscience_problem(const struct conscience *conscience);

#endif
