/* in_force: what was forced by hand and still holds: the first thing to know about a state that
 * surprises. */
#ifndef MERIDIAN_CLI_IN_FORCE_H
#define MERIDIAN_CLI_IN_FORCE_H

#include "db/model.h"

#include <jansson.h>

/* The overrides of MODEL that hold now, as the document writes them: a new array. */
json_t *in_force(const struct model *model);

/* A table of them (borrowed, may be NULL); nothing where there is none. */
void in_force_print(const json_t *overrides);

#endif
