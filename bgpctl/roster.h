/*
 * roster: which prefixes the controller looks after: those of this site in the configuration, and
 * those that are announced though they are not.
 */
#ifndef MERIDIAN_BGPCTL_ROSTER_H
#define MERIDIAN_BGPCTL_ROSTER_H

#include "bgpctl/controller.h"

/* NULL where PREFIX is not looked after. */
struct announcement *roster_find(const struct controller *controller, const struct prefix *prefix);

/* From now on PREFIX, found announced at LEVEL or not (LEVEL_NONE), is looked after. */
struct announcement *roster_add(struct controller *controller, const struct prefix *prefix,
				enum level level, struct mono now);

/* Takes the configuration that was read last over into all of it. */
void roster_configure(struct controller *controller, struct mono now);

/* Forgets what is neither of this site nor announced any more. */
void roster_tidy(struct controller *controller);

#endif
