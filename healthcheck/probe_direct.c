/*
 * Knows the check that is most common, without libcurl: an HTTP/1.1 request to an address, over TLS
 * or not, or a TLS handshake alone. The same in outcome as probe_http.c, at less CPU and memory.
 *
 *   connecting -> handshaking -> sending -> reading -> idle (kept alive) or closed
 */
#include "base/mem.h"
#include "base/mono.h"
#include "base/wall.h"
#include "healthcheck/channel.h"
#include "healthcheck/full_handshake.h"
#include "healthcheck/http1.h"
#include "healthcheck/http1_request.h"
#include "healthcheck/probe_type.h"
#include "healthcheck/reason.h"
#include "healthcheck/stream.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { READ_SIZE = 16 << 10, READS_MAX = 8 };

enum stage { CLOSED, CONNECTING, HANDSHAKING, SENDING, READING, IDLE };

struct probe_direct {
	struct probe probe; /* first */
	struct channel channel;
	struct stream stream;
	bool secure, request_wanted;
	struct tls_context *context; /* where secure */
	struct tls tls;
	char *name; /* SNI and the certificate's name */
	char *request;
	size_t request_len;
	struct answer answer;
	struct http1 http1;
	enum stage stage;
	struct full_handshake full;

	/* of the running check */
	struct mono began, stage_began;
	struct probe_phases phases;
	bool reused; /* on a kept connection, of which nothing has been heard yet */
	size_t sent;
};

static void begin_connection(struct probe_direct *direct);

static void drop(struct probe_direct *direct)
{
	tls_close(&direct->tls);
	channel_close(&direct->channel);
	direct->stage = CLOSED;
}

static uint32_t since_us(struct mono begin)
{
	int64_t us = mono_us_between(begin, mono_now());
	return us > 0 ? (uint32_t)us : 1;
}

/* Goes on to STAGE; returns how long the one before took. */
static uint32_t enter(struct probe_direct *direct, enum stage stage)
{
	uint32_t took_us = since_us(direct->stage_began);
	direct->stage = stage;
	direct->stage_began = mono_now();
	return took_us;
}

static void finish(struct probe_direct *direct, struct probe_result *result, bool keep)
{
	struct trust_check *check = &direct->tls.check;
	if (keep) {
		channel_no_deadline(&direct->channel);
		direct->stage = IDLE;
	} else {
		drop(direct);
	}
	http1_fini(&direct->http1);
	answer_begin(&direct->answer); /* between two checks no body is kept */
	result->phases = direct->phases;
	result->phases.total_us = since_us(direct->began);
	if (result->outcome == PROBE_PASSED && direct->secure &&
	    !trust_still_valid(check, wall_now_ms()))
		reason_set(result, PROBE_FAILED, PROBE_REASON_CERTIFICATE, "%s", check->why);
	full_handshake_note(&direct->full, check->handshake, check->refused, mono_now());
	result->cert = direct->secure ? check->cert : NULL;
	probe_finish(&direct->probe, result);
}

static enum reason_stage reason_stage(const struct probe_direct *direct)
{
	switch (direct->stage) {
	case HANDSHAKING:
		return REASON_HANDSHAKING;
	case SENDING:
		return REASON_AWAITING_ANSWER;
	case READING:
	case IDLE:
		return direct->phases.first_byte_us == 0 ? REASON_AWAITING_ANSWER
							 : REASON_READING_ANSWER;
	case CLOSED:
	case CONNECTING:
		break;
	}
	return REASON_CONNECTING;
}

static void fail_errno(struct probe_direct *direct, int code)
{
	struct probe_result result = {0};
	if (direct->reused) { /* the server had given the connection up: that is its right */
		drop(direct);
		begin_connection(direct);
		return;
	}
	reason_errno(&result, code, reason_stage(direct), direct->probe.where);
	finish(direct, &result, false);
}

static void fail_tls(struct probe_direct *direct)
{
	struct probe_result result = {0};
	char why[160];
	int code = tls_error(&direct->tls, why, sizeof why);
	if (direct->tls.check.refused) {
		reason_set(&result, PROBE_FAILED, PROBE_REASON_CERTIFICATE, "%s",
			   direct->tls.check.why);
	} else if (why[0] != '\0' && !direct->reused) {
		reason_set(&result, PROBE_FAILED, PROBE_REASON_TLS, "TLS with %s failed: %s",
			   direct->probe.where, why);
	} else {
		fail_errno(direct, code);
		return;
	}
	finish(direct, &result, false);
}

static void fail_locally(struct probe_direct *direct, const char *why)
{
	struct probe_result result = {0};
	reason_set(&result, PROBE_SAYS_NOTHING, PROBE_REASON_LOCAL, "%s", why);
	finish(direct, &result, false);
}

/* The answer ended in one of the ways it can. */
static void end_answer(struct probe_direct *direct, enum http1_result how)
{
	struct probe_result result = {.outcome = PROBE_PASSED};
	const char *where = direct->probe.where;
	bool keep = false;
	switch (how) {
	case HTTP1_MORE:
		return;
	case HTTP1_DONE:
		answer_judge(&direct->answer, &result);
		keep = direct->probe.monitor->connection == CONNECTION_REUSE &&
		       http1_keeps_alive(&direct->http1);
		break;
	case HTTP1_NOT_HTTP:
		reason_set(&result, PROBE_FAILED, PROBE_REASON_PROTOCOL,
			   "the answer of %s is not HTTP/1.1: it begins with \"%s\"", where,
			   direct->http1.begin);
		break;
	case HTTP1_HEAD_TOO_LONG:
		reason_set(&result, PROBE_FAILED, PROBE_REASON_PROTOCOL,
			   "headers are longer than 64 KB");
		break;
	case HTTP1_MALFORMED:
		reason_set(&result, PROBE_FAILED, PROBE_REASON_PROTOCOL,
			   "the answer of %s is malformed: its length or its chunks cannot be read",
			   where);
		break;
	case HTTP1_CUT:
		fail_errno(direct, 0);
		return;
	}
	finish(direct, &result, keep);
}

static void fail_operation(struct probe_direct *direct)
{
	if (direct->secure)
		fail_tls(direct);
	else
		fail_errno(direct, errno);
}

/* Waits for what RESULT wants; false where it wants nothing. */
static bool waits(struct probe_direct *direct, enum tls_result result)
{
	if (result != TLS_WANTS_READ && result != TLS_WANTS_WRITE)
		return false;
	channel_wait(&direct->channel, result == TLS_WANTS_READ ? UV_READABLE : UV_WRITABLE);
	return true;
}

static void read_answer(struct probe_direct *direct)
{
	static char octets[READ_SIZE]; /* the loop is one thread */
	for (int i = 0; i < READS_MAX; i++) {
		size_t len = sizeof octets;
		enum tls_result result = stream_read(&direct->stream, octets, &len);
		if (waits(direct, result))
			return;
		if (result == TLS_CLOSED) {
			end_answer(direct, http1_closed(&direct->http1));
			return;
		}
		if (result == TLS_FAILED) {
			fail_operation(direct);
			return;
		}
		if (direct->phases.first_byte_us == 0)
			direct->phases.first_byte_us = since_us(direct->stage_began);
		direct->reused = false;
		enum http1_result how = http1_take(&direct->http1, octets, len);
		if (how != HTTP1_MORE) {
			end_answer(direct, how);
			return;
		}
	}
	/* Others are due, too. What TLS holds already is not told by the socket, so look again. */
	channel_wait(&direct->channel, UV_READABLE | UV_WRITABLE);
}

static void send_request(struct probe_direct *direct)
{
	enum tls_result result =
		stream_write(&direct->stream, direct->request, direct->request_len, &direct->sent);
	if (waits(direct, result))
		return;
	if (result != TLS_DONE) {
		fail_operation(direct);
		return;
	}
	direct->stage = READING; /* the first byte is counted from the request's begin */
	channel_wait(&direct->channel, UV_READABLE);
}

static void begin_request(struct probe_direct *direct)
{
	enter(direct, SENDING);
	direct->sent = 0;
	const char *method = direct->probe.monitor->method;
	http1_begin(&direct->http1, &direct->answer, method != NULL && strcmp(method, "HEAD") == 0);
	send_request(direct);
}

static void shake_hands(struct probe_direct *direct)
{
	enum tls_result result = tls_handshake(&direct->tls);
	if (waits(direct, result))
		return;
	if (result != TLS_DONE) {
		fail_tls(direct);
		return;
	}
	direct->phases.tls_us = since_us(direct->stage_began);
	if (direct->request_wanted)
		begin_request(direct);
	else
		finish(direct, &(struct probe_result){.outcome = PROBE_PASSED}, false);
}

static bool must_show(const struct probe_direct *direct)
{
	return full_handshake_due(&direct->full, direct->began, FULL_HANDSHAKE_EVERY_MS);
}

static void on_connected(struct probe_direct *direct)
{
	struct error error = {.text = ""};
	int code = channel_error(&direct->channel);
	if (code != 0) {
		fail_errno(direct, code);
		return;
	}
	direct->phases.connect_us = enter(direct, HANDSHAKING);
	if (!direct->secure)
		begin_request(direct);
	else if (tls_open(&direct->tls, direct->probe.env->tls, direct->context, direct->channel.fd,
			  !must_show(direct), &error))
		shake_hands(direct);
	else
		fail_locally(direct, error.text);
}

/* Between two checks the server may close, or TLS bring a ticket; anything else is a fault. */
static void on_idle(struct probe_direct *direct)
{
	char octet;
	size_t len = sizeof octet;
	enum tls_result result = stream_read(&direct->stream, &octet, &len);
	if (!waits(direct, result))
		drop(direct);
}

static void on_ready(void *context, int events)
{
	struct probe_direct *direct = context;
	(void)events;
	switch (direct->stage) {
	case CONNECTING:
		on_connected(direct);
		break;
	case HANDSHAKING:
		shake_hands(direct);
		break;
	case SENDING:
		send_request(direct);
		break;
	case READING:
		read_answer(direct);
		break;
	case IDLE:
		on_idle(direct);
		break;
	case CLOSED:
		break;
	}
}

static void on_late(void *context)
{
	struct probe_direct *direct = context;
	struct probe_result result = {0};
	reason_timeout(&result, direct->probe.monitor->timeout_ms, reason_stage(direct),
		       direct->probe.where);
	finish(direct, &result, false);
}

static void begin_connection(struct probe_direct *direct)
{
	struct probe *probe = &direct->probe;
	int64_t spent_ms = mono_ms_between(direct->began, mono_now());
	uint32_t timeout_ms = probe->monitor->timeout_ms;
	direct->reused = false;
	direct->phases = (struct probe_phases){0};
	enter(direct, CONNECTING);
	int code = channel_connect(&direct->channel, &probe->ip, probe->port);
	if (code != 0)
		fail_errno(direct, code);
	else
		channel_deadline(&direct->channel,
				 spent_ms < timeout_ms ? timeout_ms - (uint32_t)spent_ms : 1);
}

static void direct_start(struct probe *probe)
{
	struct probe_direct *direct = (struct probe_direct *)probe;
	direct->began = mono_now();
	direct->tls.check.handshake = direct->tls.check.refused = false;
	if (direct->stage == IDLE && direct->secure && must_show(direct))
		drop(direct);
	if (direct->stage != IDLE) {
		begin_connection(direct);
		return;
	}
	direct->reused = true;
	direct->phases = (struct probe_phases){0};
	channel_deadline(&direct->channel, probe->monitor->timeout_ms);
	begin_request(direct);
}

static void direct_free(struct probe *probe)
{
	struct probe_direct *direct = (struct probe_direct *)probe;
	tls_fini(&direct->tls);
	tls_context_unref(probe->env->tls, direct->context);
	http1_fini(&direct->http1);
	answer_fini(&direct->answer);
	free(direct->name);
	free(direct->request);
	probe_fini(probe);
	channel_free(&direct->channel, free);
}

struct probe *probe_direct_new(struct probe_env *env, const struct probe_spec *spec)
{
	static const struct probe_type type = {.start = direct_start, .free = direct_free};
	struct probe_direct *direct = mem_new(struct probe_direct);
	probe_init(&direct->probe, &type, env, spec);
	const struct monitor *monitor = direct->probe.monitor;
	direct->secure = monitor->type == MONITOR_HTTPS || monitor->type == MONITOR_TLS;
	direct->request_wanted = monitor->type != MONITOR_TLS;
	direct->name = probe_server_name(&direct->probe);
	answer_init(&direct->answer, monitor);
	if (direct->request_wanted)
		direct->request = http1_request(monitor, direct->name, direct->probe.port,
						direct->secure, &direct->request_len);
	if (direct->secure) {
		direct->context = tls_context_ref(env->tls, direct->probe.monitor_object);
		direct->tls.check = (struct trust_check){.trust = env->trust,
							 .verify = monitor->verify,
							 .name = direct->name,
							 .ca_file = monitor->ca_file,
							 .min_tls = monitor->min_tls};
	}
	channel_init(&direct->channel, env->loop);
	direct->stream = (struct stream){.channel = &direct->channel,
					 .tls = direct->secure ? &direct->tls : NULL};
	direct->channel.ready = on_ready;
	direct->channel.late = on_late;
	direct->channel.context = direct;
	return &direct->probe;
}
