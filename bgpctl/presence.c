/* Knows how the kernel tells which addresses this machine has. */
#include "bgpctl/presence.h"

#include "base/mem.h"

#include <ifaddrs.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct owned_address {
	struct addr addr;
	char interface[IF_NAMESIZE];
};

struct presence {
	int fd;
	struct owned_address *at;
	size_t count;
};

static int open_netlink(void)
{
	struct sockaddr_nl groups = {.nl_family = AF_NETLINK,
				     .nl_groups =
					     RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR | RTMGRP_LINK};
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, NETLINK_ROUTE);
	if (fd >= 0 && bind(fd, (const struct sockaddr *)&groups, sizeof groups) != 0) {
		close(fd);
		fd = -1;
	}
	return fd;
}

struct presence *presence_open(struct error *error)
{
	struct presence *presence = mem_new(struct presence);
	presence->fd = open_netlink();
	if (!presence_refresh(presence, error)) {
		presence_close(presence);
		return NULL;
	}
	return presence;
}

void presence_close(struct presence *presence)
{
	if (presence == NULL)
		return;
	if (presence->fd >= 0)
		close(presence->fd);
	free(presence->at);
	free(presence);
}

int presence_fd(const struct presence *presence)
{
	return presence->fd;
}

/* What the messages say is read from the system itself: they only wake. */
static void drain(int fd)
{
	char octets[8192];
	if (fd < 0)
		return;
	for (int i = 0; i < 256 && recv(fd, octets, sizeof octets, MSG_DONTWAIT) != -1; i++)
		;
}

bool presence_refresh(struct presence *presence, struct error *error)
{
	struct ifaddrs *list;
	drain(presence->fd);
	if (getifaddrs(&list) != 0) {
		error_set_errno(error, "cannot read the addresses of this machine");
		return false;
	}
	size_t count = 0;
	for (const struct ifaddrs *at = list; at != NULL; at = at->ifa_next)
		count++;
	struct owned_address *found = mem_array(count, sizeof *found);
	count = 0;
	for (const struct ifaddrs *at = list; at != NULL; at = at->ifa_next) {
		uint16_t port;
		if (at->ifa_addr == NULL || (at->ifa_flags & IFF_UP) == 0 ||
		    !addr_from_sockaddr(at->ifa_addr, &found[count].addr, &port))
			continue;
		snprintf(found[count].interface, sizeof found->interface, "%s", at->ifa_name);
		/* "lo:anycast" is a label on lo. */
		found[count].interface[strcspn(found[count].interface, ":")] = '\0';
		count++;
	}
	freeifaddrs(list);
	free(presence->at);
	presence->at = found;
	presence->count = count;
	return true;
}

bool presence_has(const struct presence *presence, const struct addr *address,
		  const char *interface)
{
	bool any = interface == NULL || interface[0] == '\0';
	if (address->family == ADDR_IPV4 && address->bytes[0] == 127)
		return any || strcmp(interface, "lo") == 0;
	for (size_t i = 0; i < presence->count; i++)
		if (addr_equal(&presence->at[i].addr, address) &&
		    (any || strcmp(presence->at[i].interface, interface) == 0))
			return true;
	return false;
}
