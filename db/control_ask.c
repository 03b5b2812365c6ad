/* Knows the client's side of a control socket: one request, one reply, a deadline, and sentences
 * for what goes wrong. */
#include "db/control.h"

#include "base/mem.h"
#include "base/mono.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* "DIR/run/geodns.sock" -> "meridian-geodns". */
static void name_daemon(const char *path, char name[64])
{
	const char *slash = strrchr(path, '/');
	size_t at = slash != NULL ? (size_t)(slash - path) + 1 : 0;
	snprintf(name, 64, "meridian-%.*s", (int)strcspn(path + at, "."), path + at);
}

static int connect_to(const char *path, const char *daemon, struct error *error)
{
	struct sockaddr_un to = {.sun_family = AF_UNIX};
	if (strlen(path) >= sizeof to.sun_path) {
		error_set(error,
			  "the path of the control socket %s is too long; use a shorter folder",
			  path);
		return -1;
	}
	memcpy(to.sun_path, path, strlen(path));
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd >= 0 && connect(fd, (const struct sockaddr *)&to, sizeof to) == 0)
		return fd;
	if (errno == ENOENT || errno == ECONNREFUSED)
		error_set(error, "%s is not running (%s)", daemon, path);
	else if (errno == EACCES)
		error_set(error,
			  "this user may not talk to %s at %s; root and the group of that socket "
			  "may",
			  daemon, path);
	else
		error_set_errno(error, "cannot talk to %s at %s", daemon, path);
	if (fd >= 0)
		close(fd);
	return -1;
}

static bool wait_for(int fd, short events, struct mono deadline)
{
	int64_t left = mono_ms_between(mono_now(), deadline);
	struct pollfd poller = {.fd = fd, .events = events};
	return left > 0 && poll(&poller, 1, (int)left) > 0;
}

static bool send_line(int fd, const char *line, size_t len, struct mono deadline)
{
	for (size_t sent = 0; sent < len;) {
		ssize_t n = send(fd, line + sent, len - sent, MSG_NOSIGNAL);
		if (n > 0)
			sent += (size_t)n;
		else if (errno != EAGAIN || !wait_for(fd, POLLOUT, deadline))
			return false;
	}
	return true;
}

/* The reply's line on the heap, or NULL. */
static char *receive_line(int fd, struct mono deadline)
{
	size_t capacity = 4096, len = 0;
	char *line = mem_array(capacity, 1);
	for (;;) {
		if (len + 1 == capacity)
			line = mem_resize(line, capacity *= 2, 1);
		ssize_t n = recv(fd, line + len, capacity - len - 1, 0);
		if (n > 0) {
			len += (size_t)n;
			line[len] = '\0';
			if (line[len - 1] == '\n')
				return line;
		}
		bool over = n == 0 || (n < 0 && errno != EAGAIN) || len > CONTROL_REPLY_MAX;
		if (over || (n < 0 && !wait_for(fd, POLLIN, deadline))) {
			free(line);
			return NULL;
		}
	}
}

static json_t *read_reply(const char *line, const char *daemon, struct error *error)
{
	json_error_t where;
	json_t *reply = json_loads(line, 0, &where);
	if (reply == NULL) {
		error_set(error, "the reply of %s is not JSON: %s", daemon, where.text);
		return NULL;
	}
	const char *failure = json_string_value(json_object_get(reply, "error"));
	if (failure != NULL && json_object_size(reply) == 1) {
		error_set(error, "%s", failure);
		json_decref(reply);
		return NULL;
	}
	return reply;
}

json_t *control_ask(const char *path, const char *verb, const json_t *args, int timeout_ms,
		    struct error *error)
{
	char daemon[64];
	name_daemon(path, daemon);
	struct mono deadline = mono_add_ms(mono_now(), timeout_ms);
	int fd = connect_to(path, daemon, error);
	if (fd < 0)
		return NULL;
	char *text = args != NULL ? json_dumps(args, JSON_COMPACT) : NULL;
	char *request =
		mem_printf("%s%s%s\n", verb, text != NULL ? " " : "", text != NULL ? text : "");
	json_t *reply = NULL;
	char *line = send_line(fd, request, strlen(request), deadline) ? receive_line(fd, deadline)
								       : NULL;
	if (line != NULL)
		reply = read_reply(line, daemon, error);
	else
		error_set(error, "%s did not answer \"%s\" within %d ms", daemon, verb, timeout_ms);
	free(line);
	free(request);
	free(text);
	close(fd);
	return reply;
}
