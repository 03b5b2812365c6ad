/*
 * ladder: the steps that bring BIRD to what the include file says, each taken only where the one
 * before it did not help.
 *
 *   L1  configure check, configure timeout, read back what is exported, configure confirm. An
 *       announcement that BIRD does not carry out as decided is undone, and the old file restored.
 *       What goes by proof or by order is configured at once, without check and timer.
 *   L2  disable meridian4 or meridian6, where all of the family is to go
 *   L3  disable the sessions that still export what is to go, where nothing else is to stay on them
 *   L4  is for a person: BIRD is to be stopped. The failure says so.
 *
 * L2 and L3 end with the next configuration that BIRD takes.
 */
#ifndef MERIDIAN_BGPCTL_LADDER_H
#define MERIDIAN_BGPCTL_LADDER_H

#include "bgpctl/actuate.h"

enum { LADDER_UNDO_S = 10 };

/* WRITTEN: the include file holds the decision. Results stand in JOB. */
void ladder_climb(struct actuate_job *job, struct bird *bird, bool written);

/* Reads what BIRD does and judges it. False where BIRD could not be asked. */
bool ladder_look(struct actuate_job *job, struct bird *bird);

/* Notes the first reason why the decision is not in force. */
void ladder_fail(struct actuate_job *job, const char *text);

#endif
