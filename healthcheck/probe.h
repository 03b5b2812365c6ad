/*
 * probe: one way to ask a target whether it is well; started again and again, one result a start.
 *
 * All of it runs on the loop's thread. What a monitor's type means in packets is known to the
 * type's own file (probe_http.c, probe_tcp.c); see probe_type.h to add one.
 */
#ifndef MERIDIAN_HEALTHCHECK_PROBE_H
#define MERIDIAN_HEALTHCHECK_PROBE_H

#include "db/model.h"
#include "healthcheck/certificate.h"

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

enum { PROBE_REASON_MAX = 320 };

enum probe_outcome {
	PROBE_PASSED,
	PROBE_FAILED,
	PROBE_SAYS_NOTHING /* the check could not be made, and that is not the target's fault */
};

/* The kind of a reason: the values of the metric's label, so there are few. */
enum probe_reason {
	PROBE_REASON_NONE,
	PROBE_REASON_REFUSED,
	PROBE_REASON_UNREACHABLE,
	PROBE_REASON_TIMEOUT,
	PROBE_REASON_CLOSED,
	PROBE_REASON_TLS,
	PROBE_REASON_CERTIFICATE,
	PROBE_REASON_STATUS,
	PROBE_REASON_HEADER,
	PROBE_REASON_BODY,
	PROBE_REASON_PROTOCOL,
	PROBE_REASON_NAME,
	PROBE_REASON_LOCAL
};

/* "none", "refused", ... */
const char *probe_reason_name(enum probe_reason reason);

/* How long each part took, in microseconds; 0 where it was not reached or not needed. */
struct probe_phases {
	uint32_t name_us, connect_us, tls_us, first_byte_us, total_us;
};

struct probe_result {
	enum probe_outcome outcome;
	enum probe_reason reason;
	char text[PROBE_REASON_MAX]; /* one sentence with its values; "" when passed */
	struct probe_phases phases;
	/* Of the last full handshake; borrowed until the next start. NULL where there is no TLS. */
	const struct certificate *cert;
};

/* What all probes of one loop share. */
struct probe_env;
struct probe_env *probe_env_new(uv_loop_t *loop);
/* After the last probe_free() and before the loop's last run, which ends the handles. */
void probe_env_free(struct probe_env *env);

struct probe;

/* RESULT is borrowed for the call. The probe may be started again or freed inside. */
typedef void probe_done(void *context, const struct probe_result *result);

/*
 * A probe of ADDRESS (an IP address, or a host name) as MONITOR (an object of KIND_MONITOR; a
 * reference is kept) says. PORT 0: the monitor's. Never NULL: what cannot be probed gives
 * PROBE_SAYS_NOTHING with the reason.
 */
struct probe *probe_new(struct probe_env *env, const struct object *monitor, const char *address,
			uint16_t port, probe_done *done, void *context);

/* Begins one check; DONE is called once, perhaps before this returns. The probe is not running. */
void probe_start(struct probe *probe);

/* Ends a running check without a call of DONE, and frees the probe. NULL is allowed. */
void probe_free(struct probe *probe);

#endif
