/* Knows how a socket's error, end and deadline are told by libuv. */
#include "healthcheck/channel.h"

#include "base/mem.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static void free_handle(uv_handle_t *handle)
{
	free(handle);
}

static void on_late(uv_timer_t *timer)
{
	struct channel *channel = timer->data;
	channel->late(channel->context);
}

void channel_init(struct channel *channel, uv_loop_t *loop)
{
	*channel = (struct channel){.fd = -1};
	uv_timer_init(loop, &channel->timer);
	channel->timer.data = channel;
}

/* libuv says EBADF of every socket in error; the socket itself knows why. */
static void on_ready(uv_poll_t *poll, int status, int events)
{
	struct channel *channel = poll->data;
	channel->ready(channel->context, status < 0 ? 0 : events);
}

int channel_open(struct channel *channel, int fd, int events)
{
	channel->poll = mem_new(uv_poll_t);
	if (uv_poll_init(channel->timer.loop, channel->poll, fd) != 0) {
		free(channel->poll);
		channel->poll = NULL;
		close(fd);
		return ENOMEM;
	}
	channel->poll->data = channel;
	channel->fd = fd;
	channel->events = 0;
	channel_wait(channel, events);
	return 0;
}

int channel_connect(struct channel *channel, const struct addr *to, uint16_t port)
{
	struct sockaddr_storage address;
	socklen_t len = addr_to_sockaddr(to, port, &address);
	int fd = socket(address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return errno;
	int on = 1;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	if (connect(fd, (const struct sockaddr *)&address, len) != 0 && errno != EINPROGRESS) {
		int code = errno;
		close(fd);
		return code;
	}
	return channel_open(channel, fd, UV_WRITABLE);
}

void channel_deadline(struct channel *channel, uint32_t timeout_ms)
{
	uv_update_time(channel->timer.loop);
	uv_timer_start(&channel->timer, on_late, timeout_ms, 0);
}

void channel_no_deadline(struct channel *channel)
{
	uv_timer_stop(&channel->timer);
}

void channel_wait(struct channel *channel, int events)
{
	if (events == channel->events)
		return;
	channel->events = events;
	uv_poll_start(channel->poll, events, on_ready);
}

int channel_error(const struct channel *channel)
{
	int code = 0;
	socklen_t len = sizeof code;
	return getsockopt(channel->fd, SOL_SOCKET, SO_ERROR, &code, &len) == 0 ? code : errno;
}

void channel_close(struct channel *channel)
{
	uv_timer_stop(&channel->timer);
	if (channel->poll == NULL)
		return;
	uv_poll_stop(channel->poll);
	uv_close((uv_handle_t *)channel->poll, free_handle);
	channel->poll = NULL;
	struct linger reset = {.l_onoff = 1, .l_linger = 0};
	setsockopt(channel->fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
	close(channel->fd);
	channel->fd = -1;
}

static void on_closed(uv_handle_t *handle)
{
	struct channel *channel = handle->data;
	void (*freed)(void *context) = channel->late;
	freed(channel->context);
}

void channel_free(struct channel *channel, void (*freed)(void *context))
{
	channel_close(channel);
	channel->late = freed;
	uv_close((uv_handle_t *)&channel->timer, on_closed);
}
