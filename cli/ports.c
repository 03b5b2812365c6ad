/* Knows how a taken port is found out before anything has been started. */
#include "cli/ports.h"

#include "base/addr.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

bool port_is_free(const char *host, uint16_t port, int type, const char *remedy,
		  struct error *error)
{
	struct addr addr;
	struct sockaddr_storage at;
	int one = 1;
	if (!addr_parse(host, &addr))
		return true;
	socklen_t len = addr_to_sockaddr(&addr, port, &at);
	int fd = socket(at.ss_family, type | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return true; /* a family that this kernel lacks is for the daemon to tell */
	if (type == SOCK_STREAM)
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	bool free = bind(fd, (const struct sockaddr *)&at, len) == 0;
	int reason = errno;
	close(fd);
	if (free || (reason != EADDRINUSE && reason != EACCES))
		return true;
	error_set(error, "cannot listen on %s port %u: %s; %s", host, port,
		  reason == EACCES ? "ports below 1024 need root" : "another program listens there",
		  remedy);
	return false;
}

bool ports_are_free(const struct instance *instance, struct error *error)
{
	static const char dns_remedy[] = "choose another with --dns-port N",
			  web_remedy[] = "choose another with --http-port N";
	for (unsigned i = 0; i < instance->dns_listen_count; i++) {
		const struct listen_address *listen = &instance->dns_listen[i];
		if (!port_is_free(listen->host, listen->port, SOCK_DGRAM, dns_remedy, error) ||
		    !port_is_free(listen->host, listen->port, SOCK_STREAM, dns_remedy, error))
			return false;
	}
	return port_is_free(instance->web_listen.host, instance->web_listen.port, SOCK_STREAM,
			    web_remedy, error);
}
