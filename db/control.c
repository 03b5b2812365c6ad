/*
 * Knows the server's side of a control socket: who is let in, how lines become requests and how
 * replies leave without ever blocking the daemon. The client's side is control_ask.c.
 */
#include "db/control.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/mono.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

struct client {
	int fd; /* -1: free */
	struct mono last;
	char *in;
	size_t in_len;
	char *out; /* what is still to be sent; NULL: nothing */
	size_t out_len, out_sent;
	uint64_t serial; /* tells this client from others that had its place */
	bool waiting;	 /* for control_answer() */
};

struct control {
	int listener, epoll;
	int spare; /* kept back for the day when no descriptor is left */
	char *path;
	control_handler *handler;
	void *context;
	uint64_t serial;
	struct client *asking; /* whose request the handler is at; NULL: none's */
	bool deferred;
	struct client clients[CONTROL_CLIENTS_MAX];
};

json_t *control_failure(const char *format, ...)
{
	char text[512];
	va_list args;
	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	return json_pack("{s:s}", "error", text);
}

static int listen_at(const char *path, struct error *error)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	if (strlen(path) >= sizeof at.sun_path) {
		error_set(error,
			  "the path of the control socket %s is longer than %zu octets; use a "
			  "shorter folder",
			  path, sizeof at.sun_path - 1);
		return -1;
	}
	memcpy(at.sun_path, path, strlen(path));
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	unlink(path);
	if (fd < 0 || bind(fd, (const struct sockaddr *)&at, sizeof at) != 0 ||
	    chmod(path, 0660) != 0 || listen(fd, 16) != 0) {
		error_set_errno(error, "cannot listen on the control socket %s", path);
		if (fd >= 0)
			close(fd);
		return -1;
	}
	return fd;
}

static bool watch(struct control *control, int fd, uint32_t events, uint32_t index)
{
	struct epoll_event event = {.events = events, .data.u32 = index};
	return epoll_ctl(control->epoll, EPOLL_CTL_ADD, fd, &event) == 0;
}

struct control *control_open(const char *path, control_handler *handler, void *context,
			     struct error *error)
{
	int listener = listen_at(path, error);
	if (listener < 0)
		return NULL;
	struct control *control = mem_new(struct control);
	control->listener = listener;
	control->spare = open("/dev/null", O_RDONLY | O_CLOEXEC);
	control->epoll = epoll_create1(EPOLL_CLOEXEC);
	control->path = mem_strdup(path);
	control->handler = handler;
	control->context = context;
	for (int i = 0; i < CONTROL_CLIENTS_MAX; i++)
		control->clients[i].fd = -1;
	if (control->epoll < 0 || !watch(control, listener, EPOLLIN, CONTROL_CLIENTS_MAX)) {
		error_set_errno(error, "cannot watch the control socket %s", path);
		control_close(control);
		return NULL;
	}
	return control;
}

int control_fd(const struct control *control)
{
	return control->epoll;
}

static void drop(struct client *client)
{
	close(client->fd);
	free(client->in);
	free(client->out);
	*client = (struct client){.fd = -1};
}

void control_close(struct control *control)
{
	if (control == NULL)
		return;
	for (int i = 0; i < CONTROL_CLIENTS_MAX; i++)
		if (control->clients[i].fd >= 0)
			drop(&control->clients[i]);
	if (control->epoll >= 0)
		close(control->epoll);
	close(control->listener);
	if (control->spare >= 0)
		close(control->spare);
	unlink(control->path);
	free(control->path);
	free(control);
}

static bool is_in_group(int fd, gid_t primary, gid_t wanted)
{
	gid_t groups[256];
	socklen_t len = sizeof groups;
	if (primary == wanted)
		return true;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &len) != 0)
		return false;
	for (size_t i = 0; i < len / sizeof *groups; i++)
		if (groups[i] == wanted)
			return true;
	return false;
}

/* Root, our own user, and the members of the socket file's group: what its mode says, asked again
 * of the peer, so that a mode that somebody has widened lets nobody else in. */
static bool is_let_in(const struct control *control, int fd)
{
	struct ucred peer;
	socklen_t len = sizeof peer;
	struct stat file;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) != 0 ||
	    stat(control->path, &file) != 0)
		return false;
	return peer.uid == 0 || peer.uid == geteuid() || is_in_group(fd, peer.gid, file.st_gid);
}

/* Without a descriptor left a waiting client would keep the listener ready for ever: the one kept
 * back for this takes it and lets it go. */
static int accept_or_shed(struct control *control)
{
	int fd = accept4(control->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd >= 0 || (errno != EMFILE && errno != ENFILE))
		return fd;
	close(control->spare);
	fd = accept4(control->listener, NULL, NULL, SOCK_CLOEXEC);
	if (fd >= 0)
		close(fd);
	control->spare = open("/dev/null", O_RDONLY | O_CLOEXEC);
	return -1;
}

static void accept_client(struct control *control)
{
	int fd = accept_or_shed(control);
	if (fd < 0)
		return;
	for (uint32_t i = 0; is_let_in(control, fd) && i < CONTROL_CLIENTS_MAX; i++) {
		struct client *client = &control->clients[i];
		if (client->fd >= 0)
			continue;
		*client = (struct client){.fd = fd,
					  .last = mono_now(),
					  .in = mem_array(CONTROL_REQUEST_MAX, 1),
					  .serial = ++control->serial};
		if (!watch(control, fd, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, i))
			drop(client);
		return;
	}
	close(fd);
}

/* Takes LINE apart in place: verb, one space, JSON. NULL: the answer comes later. */
static json_t *answer_line(struct control *control, char *line)
{
	json_t *args = NULL;
	char *space = strchr(line, ' ');
	if (space != NULL) {
		json_error_t where;
		*space = '\0';
		args = json_loads(space + 1, JSON_REJECT_DUPLICATES, &where);
		if (args == NULL)
			return control_failure("the arguments of \"%.40s\" are not JSON: %s", line,
					       where.text);
	}
	json_t *reply = control->handler(control->context, line, args);
	json_decref(args);
	return reply != NULL || control->deferred
		       ? reply
		       : control_failure("\"%.40s\" is not a verb of this daemon", line);
}

/* Takes TEXT. */
static void set_reply_text(struct client *client, char *text)
{
	if (text == NULL || strlen(text) > CONTROL_REPLY_MAX) {
		free(text);
		text = mem_strdup("{\"error\":\"the reply is too large\"}");
	}
	client->out_len = strlen(text) + 1;
	client->out = text;
	client->out[client->out_len - 1] = '\n';
	client->out_sent = 0;
}

static void set_reply(struct client *client, json_t *reply)
{
	set_reply_text(client, json_dumps(reply, JSON_COMPACT | JSON_REAL_PRECISION(15)));
	json_decref(reply);
}

/* False when the connection is over. */
static bool send_pending(struct client *client)
{
	while (client->out != NULL) {
		ssize_t n = send(client->fd, client->out + client->out_sent,
				 client->out_len - client->out_sent, MSG_NOSIGNAL);
		if (n < 0)
			return errno == EAGAIN || errno == EINTR;
		client->last = mono_now();
		client->out_sent += (size_t)n;
		if (client->out_sent < client->out_len)
			continue;
		free(client->out);
		client->out = NULL;
	}
	return true;
}

/* Asks the handler; a reply that it put off may be there when it returns, or come later. */
static void ask_handler(struct control *control, struct client *client)
{
	struct client *outer = control->asking;
	bool outer_deferred = control->deferred;
	control->asking = client;
	control->deferred = false;
	json_t *reply = answer_line(control, client->in);
	if (reply != NULL && !control->deferred)
		set_reply(client, reply);
	else
		json_decref(reply);
	control->asking = outer;
	control->deferred = outer_deferred;
}

/* Answers whole lines that are there, one at a time: the next is looked at when the last reply has
 * left. */
static bool answer_lines(struct control *control, struct client *client)
{
	while (client->out == NULL && !client->waiting) {
		char *end = memchr(client->in, '\n', client->in_len);
		if (end == NULL)
			return client->in_len < CONTROL_REQUEST_MAX;
		size_t used = (size_t)(end - client->in) + 1;
		*end = '\0';
		ask_handler(control, client);
		client->in_len -= used;
		memmove(client->in, client->in + used, client->in_len);
		if (!send_pending(client))
			return false;
	}
	return true;
}

static bool serve(struct control *control, struct client *client)
{
	if (!send_pending(client))
		return false;
	for (;;) {
		if (!answer_lines(control, client))
			return false;
		if (client->out != NULL || client->waiting || client->in_len == CONTROL_REQUEST_MAX)
			return true; /* EPOLLOUT or control_answer() brings us back */
		ssize_t n = recv(client->fd, client->in + client->in_len,
				 CONTROL_REQUEST_MAX - client->in_len, 0);
		if (n == 0)
			return false;
		if (n < 0)
			return errno == EAGAIN || errno == EINTR;
		client->last = mono_now();
		client->in_len += (size_t)n;
	}
}

struct control_ticket control_defer(struct control *control)
{
	assert(control->asking != NULL && !control->deferred);
	control->deferred = true;
	control->asking->waiting = true;
	return (struct control_ticket){.client = (unsigned)(control->asking - control->clients),
				       .serial = control->asking->serial};
}

void control_answer(struct control *control, struct control_ticket ticket, json_t *reply)
{
	control_answer_text(control, ticket,
			    json_dumps(reply, JSON_COMPACT | JSON_REAL_PRECISION(15)));
	json_decref(reply);
}

void control_answer_text(struct control *control, struct control_ticket ticket, char *text)
{
	struct client *client = &control->clients[ticket.client];
	if (client->fd < 0 || client->serial != ticket.serial) {
		free(text);
		return;
	}
	assert(client->waiting);
	client->waiting = false;
	set_reply_text(client, text);
	/* Inside the handler, who asked it goes on from here. */
	if (control->asking != client && !serve(control, client))
		drop(client);
}

void control_step(struct control *control)
{
	struct epoll_event events[CONTROL_CLIENTS_MAX + 1];
	int ready = epoll_wait(control->epoll, events, CONTROL_CLIENTS_MAX + 1, 0);
	for (int i = 0; i < ready; i++) {
		uint32_t index = events[i].data.u32;
		if (index == CONTROL_CLIENTS_MAX)
			accept_client(control);
		else if (control->clients[index].fd >= 0 &&
			 !serve(control, &control->clients[index]))
			drop(&control->clients[index]);
	}
	struct mono now = mono_now();
	for (int i = 0; i < CONTROL_CLIENTS_MAX; i++) {
		struct client *client = &control->clients[i];
		if (client->fd >= 0 && !client->waiting &&
		    mono_ms_between(client->last, now) > CONTROL_IDLE_MS)
			drop(client);
	}
}
