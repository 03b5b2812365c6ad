/* alert_message: one message made of the events of a storm, for machines and for people (pure). */
#ifndef MERIDIAN_HEALTHCHECK_ALERT_MESSAGE_H
#define MERIDIAN_HEALTHCHECK_ALERT_MESSAGE_H

#include "db/model.h"

#include <jansson.h>

/* Of more events the message tells the number. */
enum { ALERT_EVENTS_MAX = 50 };

struct alert_origin {
	const char *id; /* of the message; the same at each try to deliver it */
	const char *site;
	int64_t time_ms;
};

/* Whether ALERT asks for EVENT (as journal_read() gives it). */
bool alert_wants(const struct alert *alert, const json_t *event);

/* {"id", "time", "site", "summary", "count", "events": [at most ALERT_EVENTS_MAX]} on the heap. */
char *alert_json(const json_t *events, const struct alert_origin *origin);
/* The same as a mail (RFC 5322) from ALERT's sender to its receiver, on the heap. */
char *alert_mail(const struct alert *alert, const json_t *events,
		 const struct alert_origin *origin);

/* HMAC-SHA256 (RFC 2104) with SECRET over "TIMESTAMP.BODY", as 64 hexadecimal digits and a NUL. */
void alert_sign(const char *secret, const char *timestamp, const char *body, char signature[65]);

#endif
