/* trial: one check made now because somebody asked, apart from all targets. */
#ifndef MERIDIAN_HEALTHCHECK_TRIAL_H
#define MERIDIAN_HEALTHCHECK_TRIAL_H

#include "db/control.h"
#include "healthcheck/probe.h"

enum { TRIALS_MAX = 16 }; /* at once */

/* All zeros but env: none under way. */
struct trials {
	struct probe_env *env;
	struct trial *first;
	unsigned count;
};

/*
 * The verb `test`: ARGS are {"monitor": NAME or object, "address", "port"?}; a name is looked up in
 * MODEL (may be NULL). Inside a handler of CONTROL: returns a failure at once, or NULL when the
 * reply was put off.
 */
json_t *trial_answer(struct trials *trials, struct control *control, const struct model *model,
		     const json_t *args);

/* Ends all without an answer; before the control socket and the environment end. */
void trials_fini(struct trials *trials);

#endif
