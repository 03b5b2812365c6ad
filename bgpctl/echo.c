/* Knows how BIRD is asked to tell what it logs, and which lines of a connection are log. */
#include "bgpctl/echo.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* What concerns routes, sessions and configuration; debugging and traces would be endless. */
static const char requests[] =
	"restrict\necho { info, remote, warning, error, auth, fatal, bug }\n";

enum { ROUNDS_AT_MOST = 64 };

void echo_init(struct echo *echo)
{
	*echo = (struct echo){.fd = -1};
}

void echo_close(struct echo *echo)
{
	if (echo->fd >= 0)
		close(echo->fd);
	echo_init(echo);
}

bool echo_open(struct echo *echo, const char *path)
{
	struct sockaddr_un to = {.sun_family = AF_UNIX};
	if (strlen(path) >= sizeof to.sun_path)
		return false;
	strcpy(to.sun_path, path);
	echo_close(echo);
	echo->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (echo->fd >= 0 && connect(echo->fd, (const struct sockaddr *)&to, sizeof to) == 0)
		return true;
	echo_close(echo);
	return false;
}

/* Lines of log begin with "+"; all others are replies. */
static bool has_log(struct echo *echo, const char *octets, size_t len)
{
	bool found = false;
	for (size_t i = 0; i < len; i++) {
		found = found || (!echo->in_line && octets[i] == '+');
		echo->in_line = octets[i] != '\n';
	}
	return found;
}

/* BIRD drops what is sent before it has greeted. */
static bool ask(struct echo *echo)
{
	echo->greeted = true;
	return send(echo->fd, requests, sizeof requests - 1, MSG_NOSIGNAL) ==
	       (ssize_t)sizeof requests - 1;
}

bool echo_step(struct echo *echo)
{
	char octets[4096];
	bool news = false;
	for (int i = 0; i < ROUNDS_AT_MOST; i++) {
		ssize_t got = recv(echo->fd, octets, sizeof octets, 0);
		if (got < 0 && (errno == EAGAIN || errno == EINTR))
			return news;
		if (got <= 0 || (!echo->greeted && !ask(echo))) {
			echo_close(echo);
			return true;
		}
		news = has_log(echo, octets, (size_t)got) || news;
	}
	return news;
}
