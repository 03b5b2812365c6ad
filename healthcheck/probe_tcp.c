/* Knows the tcp check: a connection that is accepted in time. */
#include "base/mem.h"
#include "base/mono.h"
#include "healthcheck/probe_type.h"
#include "healthcheck/reason.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

struct probe_tcp {
	struct probe probe; /* first */
	uv_timer_t timeout;
	uv_poll_t *poll; /* NULL: not connecting */
	int fd;
	struct mono began;
};

static void free_handle(uv_handle_t *handle)
{
	free(handle);
}

static void end(struct probe_tcp *tcp)
{
	uv_timer_stop(&tcp->timeout);
	if (tcp->poll == NULL)
		return;
	uv_poll_stop(tcp->poll);
	uv_close((uv_handle_t *)tcp->poll, free_handle);
	tcp->poll = NULL;
	/* A reset instead of FIN: no TIME-WAIT on either side for a check. */
	struct linger reset = {.l_onoff = 1, .l_linger = 0};
	setsockopt(tcp->fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
	close(tcp->fd);
}

static void finish(struct probe_tcp *tcp, int code)
{
	struct probe_result result = {.outcome = PROBE_PASSED};
	result.phases.total_us = (uint32_t)mono_us_between(tcp->began, mono_now());
	if (code == 0)
		result.phases.connect_us = result.phases.total_us;
	else
		reason_errno(&result, code, REASON_CONNECTING, tcp->probe.where);
	end(tcp);
	probe_finish(&tcp->probe, &result);
}

/* libuv says EBADF of every failed connection; the socket knows why. */
static void on_writable(uv_poll_t *poll, int status, int events)
{
	struct probe_tcp *tcp = poll->data;
	int code = 0;
	socklen_t len = sizeof code;
	(void)events;
	if (getsockopt(tcp->fd, SOL_SOCKET, SO_ERROR, &code, &len) != 0)
		code = errno;
	if (code == 0 && status < 0)
		code = -status;
	finish(tcp, code);
}

static void on_timeout(uv_timer_t *timer)
{
	struct probe_tcp *tcp = timer->data;
	struct probe_result result = {0};
	result.phases.total_us = (uint32_t)mono_us_between(tcp->began, mono_now());
	reason_timeout(&result, tcp->probe.monitor->timeout_ms, REASON_CONNECTING,
		       tcp->probe.where);
	end(tcp);
	probe_finish(&tcp->probe, &result);
}

static bool watch(struct probe_tcp *tcp)
{
	tcp->poll = mem_new(uv_poll_t);
	if (uv_poll_init(tcp->probe.env->loop, tcp->poll, tcp->fd) != 0) {
		free(tcp->poll);
		tcp->poll = NULL;
		return false;
	}
	tcp->poll->data = tcp;
	uv_update_time(tcp->probe.env->loop);
	uv_timer_start(&tcp->timeout, on_timeout, tcp->probe.monitor->timeout_ms, 0);
	return uv_poll_start(tcp->poll, UV_WRITABLE, on_writable) == 0;
}

static void tcp_start(struct probe *probe)
{
	struct probe_tcp *tcp = (struct probe_tcp *)probe;
	struct sockaddr_storage to;
	socklen_t len = addr_to_sockaddr(&probe->ip, probe->port, &to);
	tcp->began = mono_now();
	tcp->fd = socket(to.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (tcp->fd < 0) {
		finish(tcp, errno);
		return;
	}
	int code = connect(tcp->fd, (const struct sockaddr *)&to, len) == 0 ? 0 : errno;
	if ((code == 0 || code == EINPROGRESS) && watch(tcp))
		return;
	if (tcp->poll == NULL)
		close(tcp->fd);
	finish(tcp, code == 0 || code == EINPROGRESS ? ENOMEM : code);
}

static void free_with_timer(uv_handle_t *handle)
{
	struct probe_tcp *tcp = handle->data;
	free(tcp);
}

static void tcp_free(struct probe *probe)
{
	struct probe_tcp *tcp = (struct probe_tcp *)probe;
	end(tcp);
	probe_fini(probe);
	uv_close((uv_handle_t *)&tcp->timeout, free_with_timer);
}

struct probe *probe_tcp_new(struct probe_env *env, const struct probe_spec *spec)
{
	static const struct probe_type type = {.start = tcp_start, .free = tcp_free};
	struct probe_tcp *tcp = mem_new(struct probe_tcp);
	probe_init(&tcp->probe, &type, env, spec);
	uv_timer_init(env->loop, &tcp->timeout);
	tcp->timeout.data = tcp;
	return &tcp->probe;
}
