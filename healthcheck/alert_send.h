/* alert_send: one attempt to deliver one message, on the thread that calls. */
#ifndef MERIDIAN_HEALTHCHECK_ALERT_SEND_H
#define MERIDIAN_HEALTHCHECK_ALERT_SEND_H

#include "base/error.h"
#include "healthcheck/alert_message.h"

#include <stdatomic.h>

/* FAILED: try again later. REFUSED: so, but the receiver has said of this very message that it will
 * not take it (status 4xx but for those of time and load, RFC 9110; reply 5yz, RFC 5321 section
 * 4.2.1). */
enum alert_outcome { ALERT_SENT, ALERT_FAILED, ALERT_REFUSED };

/* Sends EVENTS to ALERT's receiver; takes ten seconds at most, and ends early where *GIVE_UP gets
 * true. ERROR says why it was not sent. */
enum alert_outcome alert_send(const struct alert *alert, const json_t *events,
			      const struct alert_origin *origin, const atomic_bool *give_up,
			      struct error *error) __attribute__((warn_unused_result));

#endif
