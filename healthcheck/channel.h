/*
 * channel: one non-blocking socket on the loop and the deadline of what is asked over it.
 *
 * For probes that speak for themselves (tcp, dns, icmp, the direct https); libcurl has transfers.h.
 */
#ifndef MERIDIAN_HEALTHCHECK_CHANNEL_H
#define MERIDIAN_HEALTHCHECK_CHANNEL_H

#include "base/addr.h"

#include <stdbool.h>
#include <uv.h>

struct channel {
	uv_timer_t timer;
	uv_poll_t *poll; /* NULL: closed */
	int fd;
	int events; /* UV_READABLE, UV_WRITABLE: what is waited for */
	/* EVENTS 0: the socket is in error; channel_error() says which. */
	void (*ready)(void *context, int events);
	void (*late)(void *context);
	void *context;
};

/* Sets CHANNEL up, closed. READY, LATE and CONTEXT are set by the caller afterwards. */
void channel_init(struct channel *channel, uv_loop_t *loop);

/* Takes FD, a non-blocking socket, and waits for EVENTS. 0, or an errno (FD is then closed). */
int channel_open(struct channel *channel, int fd, int events) __attribute__((warn_unused_result));

/* Makes a TCP socket and begins to connect it; 0, or an errno. READY with UV_WRITABLE tells the end
 * of connecting. */
int channel_connect(struct channel *channel, const struct addr *to, uint16_t port)
	__attribute__((warn_unused_result));

/* Lets LATE be called after TIMEOUT_MS, once. */
void channel_deadline(struct channel *channel, uint32_t timeout_ms);

void channel_no_deadline(struct channel *channel);

void channel_wait(struct channel *channel, int events);

/* The socket's pending error (SO_ERROR), 0 where there is none. */
int channel_error(const struct channel *channel);

/* Closes the socket with a reset, so that no check leaves a TIME-WAIT, and ends the deadline.
 * Nothing where it is closed. */
void channel_close(struct channel *channel);

/* Closes, and calls FREED with CONTEXT when the loop has let go of CHANNEL. */
void channel_free(struct channel *channel, void (*freed)(void *context));

#endif
