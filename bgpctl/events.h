/*
 * events: what the controller writes into its journal and its log when something has changed.
 */
#ifndef MERIDIAN_BGPCTL_EVENTS_H
#define MERIDIAN_BGPCTL_EVENTS_H

#include "bgpctl/controller.h"

/* Notes for each prefix whose word changed since the last call. */
void events_prefixes(struct controller *controller);

/* Notes sessions that came up or went down between BEFORE and what is known now. */
void events_sessions(struct controller *controller, const struct bird_protocols *before);

/* Notes that BIRD was reached, lost or found hanging. */
void events_reach(struct controller *controller, enum bird_reach before);

/* Notes that a decision was not put into the include file; BEFORE was said of the last decision. */
void events_refusal(struct controller *controller, const char *before);

/* Notes that somebody else changed the include file. */
void events_file(struct controller *controller);

/* Notes that BIRD's configuration was changed by somebody, or is as accepted again, by ACTOR. */
void events_conf(struct controller *controller, const char *actor);

#endif
