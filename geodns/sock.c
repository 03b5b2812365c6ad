/* Knows the options of a responder's sockets, and why binding one fails. */
#include "geodns/sock.h"

#include "base/addr.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

void sock_format(const struct io_address *at, char text[SOCK_ADDRESS_TEXT])
{
	struct addr addr;
	uint16_t port = 0;
	char host[ADDR_TEXT_MAX] = "-";
	if (addr_from_sockaddr((const struct sockaddr *)&at->addr, &addr, &port))
		addr_format(&addr, host);
	bool is_ipv6 = at->addr.ss_family == AF_INET6;
	snprintf(text, SOCK_ADDRESS_TEXT, is_ipv6 ? "[%s]:%u" : "%s:%u", host, port);
}

bool sock_is_wildcard(const struct io_address *at)
{
	static const struct addr none;
	struct addr addr;
	uint16_t port;
	return addr_from_sockaddr((const struct sockaddr *)&at->addr, &addr, &port) &&
	       memcmp(addr.bytes, none.bytes, sizeof addr.bytes) == 0;
}

uint16_t sock_port(int fd)
{
	struct sockaddr_storage at = {0};
	socklen_t len = sizeof at;
	struct addr addr;
	uint16_t port = 0;
	if (getsockname(fd, (struct sockaddr *)&at, &len) != 0 ||
	    !addr_from_sockaddr((const struct sockaddr *)&at, &addr, &port))
		return 0;
	return port;
}

static void set(int fd, int level, int option, int value)
{
	/* Each of these makes things better; none is needed to answer. */
	(void)setsockopt(fd, level, option, &value, sizeof value);
}

static void set_options(int fd, int family, int type, bool shared)
{
	if (shared)
		set(fd, SOL_SOCKET, SO_REUSEPORT, 1);
	if (type == SOCK_STREAM)
		set(fd, SOL_SOCKET, SO_REUSEADDR,
		    1); /* bind while old connections are in TIME_WAIT */
	if (family == AF_INET6) {
		set(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
		set(fd, IPPROTO_IPV6, IPV6_FREEBIND, 1);
	} else {
		set(fd, IPPROTO_IP, IP_FREEBIND, 1);
	}
	if (type != SOCK_DGRAM)
		return;
	/* A forged "fragmentation needed" must not make us send fragments that can be replaced on
	 * their way. */
	if (family == AF_INET6)
		set(fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_OMIT);
	else
		set(fd, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_OMIT);
}

static const char *remedy(int why)
{
	switch (why) {
	case EADDRINUSE:
		return "; another process holds it, `ss -lntup` names it: stop that one, or "
		       "listen elsewhere ([dns] listen)";
	case EACCES:
		return "; ports below 1024 need CAP_NET_BIND_SERVICE";
	case EADDRNOTAVAIL:
		return "; the address is of no interface of this machine";
	default:
		return "";
	}
}

bool sock_family_is_there(int family)
{
	int fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd >= 0)
		close(fd);
	return fd >= 0 || errno != EAFNOSUPPORT;
}

int sock_bind(const struct io_address *at, int type, bool shared, struct error *error)
{
	char text[SOCK_ADDRESS_TEXT];
	sock_format(at, text);
	const char *protocol = type == SOCK_DGRAM ? "UDP" : "TCP";
	int fd = socket(at->addr.ss_family, type | SOCK_CLOEXEC, 0);
	if (fd < 0) {
		error_set_errno(error, "cannot open a %s socket for %s", protocol, text);
		return -1;
	}
	set_options(fd, at->addr.ss_family, type, shared);
	if (bind(fd, (const struct sockaddr *)&at->addr, at->len) != 0) {
		int why = errno;
		error_set(error, "cannot listen on %s %s: %s%s", protocol, text, strerror(why),
			  remedy(why));
		close(fd);
		return -1;
	}
	return fd;
}
