/* alert_send: one attempt to deliver one message, on the thread that calls. */
#ifndef MERIDIAN_HEALTHCHECK_ALERT_SEND_H
#define MERIDIAN_HEALTHCHECK_ALERT_SEND_H

#include "base/error.h"
#include "healthcheck/alert_message.h"

#include <stdatomic.h>

/* Sends EVENTS to ALERT's receiver; takes ten seconds at most, and ends early where *GIVE_UP gets
 * true. False with ERROR: try again later. */
bool alert_send(const struct alert *alert, const json_t *events, const struct alert_origin *origin,
		const atomic_bool *give_up, struct error *error)
	__attribute__((warn_unused_result));

#endif
