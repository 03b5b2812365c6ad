/* Knows how to talk to BIRD's control socket without harming BIRD and without waiting for ever. */
#include "bgpctl/bird.h"

#include "base/mem.h"
#include "base/mono.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

struct bird {
	int fd;
	char version[32];
	/* octets read beyond the reply that was asked for */
	char ahead[4096];
	size_t ahead_len;
	bool broken;
};

const char *bird_reach_name(enum bird_reach reach)
{
	static const char *const names[] = {[BIRD_DOWN] = "down",
					    [BIRD_HUNG] = "hung",
					    [BIRD_DENIED] = "denied",
					    [BIRD_UP] = "up"};
	return names[reach];
}

static bool wait_for(int fd, short events, struct mono deadline)
{
	for (;;) {
		int64_t left = mono_ms_between(mono_now(), deadline);
		struct pollfd at = {.fd = fd, .events = events};
		/* Who never stops talking is waited for no longer than who says nothing. */
		if (left <= 0)
			return false;
		int ready = poll(&at, 1, (int)left);
		if (ready > 0)
			return true;
		if (ready == 0 || errno != EINTR)
			return false;
	}
}

static bool connect_socket(int fd, const char *path, enum bird_reach *reach, struct error *error)
{
	struct sockaddr_un to = {.sun_family = AF_UNIX};
	*reach = BIRD_DOWN;
	if (strlen(path) >= sizeof to.sun_path) {
		error_set(error, "the path of BIRD's control socket is too long: %s", path);
		return false;
	}
	strcpy(to.sun_path, path);
	if (connect(fd, (const struct sockaddr *)&to, sizeof to) == 0)
		return true;
	if (errno == EAGAIN) {
		*reach = BIRD_HUNG;
		error_set(error, "BIRD accepts no more control connections at %s", path);
	} else if (errno == EACCES || errno == EPERM) {
		*reach = BIRD_DENIED;
		error_set(error,
			  "no permission to use BIRD's control socket %s: this daemon's user must "
			  "be in the socket's group",
			  path);
	} else if (errno == ENOENT || errno == ECONNREFUSED) {
		error_set(error, "BIRD is not running (%s)", path);
	} else {
		error_set_errno(error, "cannot connect to BIRD's control socket %s", path);
	}
	return false;
}

/* Reads once into the space behind what was read ahead. */
static bool read_more(struct bird *bird, struct mono deadline, enum bird_reach *reach,
		      struct error *error)
{
	if (!wait_for(bird->fd, POLLIN, deadline)) {
		*reach = BIRD_HUNG;
		error_set(error, "BIRD did not answer within %d ms", BIRD_DEADLINE_MS);
		return false;
	}
	ssize_t got = recv(bird->fd, bird->ahead, sizeof bird->ahead, 0);
	if (got <= 0) {
		*reach = BIRD_DOWN;
		error_set(error, "BIRD closed its control connection in the middle of a reply");
		return false;
	}
	bird->ahead_len = (size_t)got;
	return true;
}

static bool read_reply(struct bird *bird, struct bird_reply *reply, struct mono deadline,
		       enum bird_reach *reach, struct error *error)
{
	for (;;) {
		size_t used;
		enum bird_feed result = bird_reply_feed(reply, bird->ahead, bird->ahead_len, &used);
		memmove(bird->ahead, bird->ahead + used, bird->ahead_len - used);
		bird->ahead_len -= used;
		if (result == BIRD_FEED_COMPLETE)
			return true;
		if (result == BIRD_FEED_MALFORMED) {
			*reach = BIRD_HUNG;
			error_set(error, "BIRD sent what is not a reply of its control protocol");
			return false;
		}
		if (!read_more(bird, deadline, reach, error))
			return false;
	}
}

static bool greet(struct bird *bird, enum bird_reach *reach, struct error *error)
{
	struct bird_reply reply = {0};
	bool ok = read_reply(bird, &reply, mono_add_ms(mono_now(), BIRD_DEADLINE_MS), reach, error);
	if (ok && reply.code != BIRD_WELCOME) {
		*reach = BIRD_HUNG;
		error_set(error, "BIRD did not greet: %s", bird_reply_last(&reply));
		ok = false;
	}
	if (ok)
		(void)sscanf(bird_reply_last(&reply), "BIRD %31s ready", bird->version);
	bird_reply_fini(&reply);
	return ok;
}

struct bird *bird_open(const char *path, enum bird_reach *reach, struct error *error)
{
	struct bird *bird = mem_new(struct bird);
	*reach = BIRD_DOWN;
	bird->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (bird->fd < 0) {
		error_set_errno(error, "cannot make a socket");
		free(bird);
		return NULL;
	}
	if (!connect_socket(bird->fd, path, reach, error) || !greet(bird, reach, error)) {
		bird_close(bird);
		return NULL;
	}
	*reach = BIRD_UP;
	return bird;
}

void bird_close(struct bird *bird)
{
	if (bird == NULL)
		return;
	close(bird->fd);
	free(bird);
}

const char *bird_version(const struct bird *bird)
{
	return bird->version;
}

bool bird_ask(struct bird *bird, const char *request, struct bird_reply *reply,
	      enum bird_reach *reach, struct error *error)
{
	char line[BIRD_REQUEST_MAX + 2];
	size_t len = strlen(request);
	assert(len <= BIRD_REQUEST_MAX && memchr(request, '\n', len) == NULL);
	memcpy(line, request, len);
	line[len++] = '\n';
	bird_reply_reset(reply);
	*reach = BIRD_DOWN;
	if (bird->broken) {
		error_set(error, "the control connection to BIRD is broken");
		return false;
	}
	/* In one piece or not at all: the line is far shorter than the socket's buffer. */
	bird->broken = true;
	if (send(bird->fd, line, len, MSG_NOSIGNAL) != (ssize_t)len) {
		error_set_errno(error, "cannot send to BIRD's control socket");
		return false;
	}
	if (!read_reply(bird, reply, mono_add_ms(mono_now(), BIRD_DEADLINE_MS), reach, error)) {
		error_prefix(error, "%s", request);
		return false;
	}
	bird->broken = false;
	*reach = BIRD_UP;
	return true;
}
