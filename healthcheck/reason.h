/*
 * reason: why a check did not pass, as one exact sentence with its values (pure).
 *
 * Each function turns RESULT into a failure (or, where it says so, into "says nothing").
 */
#ifndef MERIDIAN_HEALTHCHECK_REASON_H
#define MERIDIAN_HEALTHCHECK_REASON_H

#include "healthcheck/probe.h"

/* How far a check had come. */
enum reason_stage {
	REASON_CONNECTING,
	REASON_HANDSHAKING,
	REASON_AWAITING_ANSWER,
	REASON_AWAITING_REPLY, /* where a reply is one packet */
	REASON_READING_ANSWER
};

void reason_set(struct probe_result *result, enum probe_outcome outcome, enum probe_reason reason,
		const char *format, ...) __attribute__((format(printf, 4, 5)));

/* connect(2) or the transfer failed with error number CODE at WHERE: "connection refused to ...".
 * Errors of this machine (no descriptors, ports or memory left) say nothing of the target. */
void reason_errno(struct probe_result *result, int code, enum reason_stage stage,
		  const char *where);

void reason_timeout(struct probe_result *result, uint32_t timeout_ms, enum reason_stage stage,
		    const char *where);
void reason_status(struct probe_result *result, long status, const char *wanted);
void reason_body(struct probe_result *result, const char *wanted, size_t read, bool cut);

#endif
