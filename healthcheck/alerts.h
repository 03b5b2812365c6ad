/*
 * alerts: who asked for it is told of events of all daemons of this machine, whatever becomes of
 * the message: each receiver has a thread that follows the journals, so that neither a probe nor
 * another receiver ever waits for one that is dead.
 */
#ifndef MERIDIAN_HEALTHCHECK_ALERTS_H
#define MERIDIAN_HEALTHCHECK_ALERTS_H

#include "db/model.h"
#include "healthcheck/unkept.h"

#include <jansson.h>

/* Events are gathered into one message until none came for FOLD, from the first on FOLD_MAX at
 * most; a failed one is tried again after 1, 2, 4, ... and at last 60 seconds, and what comes
 * meanwhile is the next message. One that the receiver has refused for REFUSED is given up, so that
 * the next is heard. What was not sent before a restart, or happened meanwhile, is sent
 * after it unless it is older than RESUME. */
enum {
	ALERTS_FOLD_MS = 2000,
	ALERTS_FOLD_MAX_MS = 10000,
	ALERTS_RETRY_MAX_S = 60,
	ALERTS_REFUSED_MS = 3600000,
	ALERTS_RESUME_MS = 3600000
};

struct alerts;
/* EVENTS_DIR, SITE and UNKEPT, events that are in no journal, are borrowed. */
struct alerts *alerts_open(const char *events_dir, const char *site, struct unkept *unkept);
/* Ends all threads; waits for them a moment. False where one hangs, which goes on to use what was
 * borrowed. */
bool alerts_close(struct alerts *alerts);

/* Makes the receivers those of MODEL; one that did not change goes on undisturbed, one that did
 * goes on where it was. */
void alerts_apply(struct alerts *alerts, const struct model *model);

/* [{"name", "sent", "failed", "given_up", "error"}]; the error is the last attempt's, null where
 * that went well. */
json_t *alerts_json(struct alerts *alerts);

#endif
