/* Knows the tcp check: a connection that is accepted in time, and what is said over it. */
#include "base/mem.h"
#include "base/mono.h"
#include "healthcheck/channel.h"
#include "healthcheck/probe_type.h"
#include "healthcheck/reason.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { ANSWER_MAX = 64 << 10, ANSWER_STEP = 4 << 10 };

struct probe_tcp {
	struct probe probe; /* first */
	struct channel channel;

	/* of the running check */
	struct mono began, connected; /* connected ns 0: not yet */
	struct probe_phases phases;
	size_t sent, read;
	char *answer; /* room for ANSWER_STEP more octets than were read */
};

/* Whoever waits is told, and the check is over. */
static void finish(struct probe_tcp *tcp, struct probe_result *result)
{
	result->phases = tcp->phases;
	result->phases.total_us = (uint32_t)mono_us_between(tcp->began, mono_now());
	channel_close(&tcp->channel);
	free(tcp->answer);
	tcp->answer = NULL;
	probe_finish(&tcp->probe, result);
}

static void pass(struct probe_tcp *tcp)
{
	finish(tcp, &(struct probe_result){.outcome = PROBE_PASSED});
}

static void fail(struct probe_tcp *tcp, int code)
{
	struct probe_result result = {0};
	bool connected = tcp->connected.ns != 0;
	reason_errno(&result, code, connected ? REASON_AWAITING_ANSWER : REASON_CONNECTING,
		     tcp->probe.where);
	finish(tcp, &result);
}

static void fail_answer(struct probe_tcp *tcp, const char *how)
{
	struct probe_result result = {0};
	reason_set(&result, PROBE_FAILED, PROBE_REASON_BODY,
		   "answer lacks \"%.120s\" (%zu octets %s)", tcp->probe.monitor->expect, tcp->read,
		   how);
	finish(tcp, &result);
}

/* Takes in LEN octets more; whether what is wanted ends in them. */
static bool take(struct probe_tcp *tcp, size_t len)
{
	const char *expect = tcp->probe.monitor->expect;
	size_t expect_len = strlen(expect);
	size_t from = tcp->read >= expect_len ? tcp->read - expect_len + 1 : 0;
	tcp->read += len;
	return memmem(tcp->answer + from, tcp->read - from, expect, expect_len) != NULL;
}

static void read_answer(struct probe_tcp *tcp)
{
	for (;;) {
		tcp->answer = mem_resize(tcp->answer, tcp->read + ANSWER_STEP, 1);
		ssize_t got = recv(tcp->channel.fd, tcp->answer + tcp->read, ANSWER_STEP, 0);
		if (got < 0 && errno == EAGAIN)
			return;
		if (got < 0) {
			fail(tcp, errno);
			return;
		}
		if (got == 0) {
			fail_answer(tcp, "read, then the connection was closed");
			return;
		}
		if (tcp->read == 0)
			tcp->phases.first_byte_us =
				(uint32_t)mono_us_between(tcp->connected, mono_now());
		if (take(tcp, (size_t)got)) {
			pass(tcp);
			return;
		}
		if (tcp->read >= ANSWER_MAX) {
			fail_answer(tcp, "read, the most that is");
			return;
		}
	}
}

/* Sends the rest; true when all is sent. */
static bool send_rest(struct probe_tcp *tcp)
{
	const char *text = tcp->probe.monitor->send;
	size_t len = text != NULL ? strlen(text) : 0;
	while (tcp->sent < len) {
		ssize_t put =
			send(tcp->channel.fd, text + tcp->sent, len - tcp->sent, MSG_NOSIGNAL);
		if (put < 0) {
			if (errno != EAGAIN)
				fail(tcp, errno);
			return false;
		}
		tcp->sent += (size_t)put;
	}
	return true;
}

static void on_connected(struct probe_tcp *tcp)
{
	tcp->connected = mono_now();
	tcp->phases.connect_us = (uint32_t)mono_us_between(tcp->began, tcp->connected);
}

static void on_ready(void *context, int events)
{
	struct probe_tcp *tcp = context;
	if (tcp->connected.ns == 0 || events == 0) {
		int code = channel_error(&tcp->channel);
		if (code != 0 || events == 0) {
			fail(tcp, code);
			return;
		}
		on_connected(tcp);
	}
	if ((events & UV_WRITABLE) != 0) {
		if (!send_rest(tcp))
			return;
		if (tcp->probe.monitor->expect == NULL) {
			pass(tcp);
			return;
		}
		channel_wait(&tcp->channel, UV_READABLE);
		return;
	}
	read_answer(tcp);
}

static void on_late(void *context)
{
	struct probe_tcp *tcp = context;
	struct probe_result result = {0};
	uint32_t timeout_ms = tcp->probe.monitor->timeout_ms;
	if (tcp->connected.ns == 0)
		reason_timeout(&result, timeout_ms, REASON_CONNECTING, tcp->probe.where);
	else if (tcp->read == 0)
		reason_timeout(&result, timeout_ms, REASON_AWAITING_ANSWER, tcp->probe.where);
	else
		reason_set(&result, PROBE_FAILED, PROBE_REASON_TIMEOUT,
			   "timeout after %u ms to %s while waiting for \"%.120s\" (%zu octets "
			   "read)",
			   timeout_ms, tcp->probe.where, tcp->probe.monitor->expect, tcp->read);
	finish(tcp, &result);
}

static void tcp_start(struct probe *probe)
{
	struct probe_tcp *tcp = (struct probe_tcp *)probe;
	tcp->began = mono_now();
	tcp->connected = (struct mono){0};
	tcp->phases = (struct probe_phases){0};
	tcp->sent = tcp->read = 0;
	int code = channel_connect(&tcp->channel, &probe->ip, probe->port);
	if (code != 0)
		fail(tcp, code);
	else
		channel_deadline(&tcp->channel, probe->monitor->timeout_ms);
}

static void tcp_free(struct probe *probe)
{
	struct probe_tcp *tcp = (struct probe_tcp *)probe;
	probe_fini(probe);
	free(tcp->answer);
	channel_free(&tcp->channel, free);
}

struct probe *probe_tcp_new(struct probe_env *env, const struct probe_spec *spec)
{
	static const struct probe_type type = {.start = tcp_start, .free = tcp_free};
	struct probe_tcp *tcp = mem_new(struct probe_tcp);
	probe_init(&tcp->probe, &type, env, spec);
	channel_init(&tcp->channel, env->loop);
	tcp->channel.ready = on_ready;
	tcp->channel.late = on_late;
	tcp->channel.context = tcp;
	return &tcp->probe;
}
