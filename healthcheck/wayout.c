/* Knows how the gateway is found and asked, and which addresses are near. */
#include "healthcheck/wayout.h"

#include "base/mem.h"
#include "base/mono.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <net/route.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Two silences in a row, as one packet may get lost. */
enum { ASK_TIMEOUT_MS = 500, SILENCES = 2, NETWORKS_MAX = 256, NETWORKS_GOOD_MS = 10000 };
/* Home of a resolver in many gateways; a refusal is an answer as good as any. */
enum { GATEWAY_PORT = 53 };

struct network {
	struct prefix prefix;
	struct addr own;
};

struct wayout {
	struct probe_env *env;
	wayout_told *told;
	void *context;
	struct object *echo, *connection; /* how the gateway is asked */
	char *gateway;
	bool witness, silent;

	struct probe *probes[2];
	unsigned running, silences;
	bool asking;
	struct mono asked;

	struct network networks[NETWORKS_MAX];
	size_t network_count;
	struct mono networks_read;
};

static struct object *way_to_ask(enum monitor_type type)
{
	struct object *monitor = object_new(KIND_MONITOR);
	monitor->id = mem_strdup("gateway");
	monitor->monitor.type = type;
	monitor->monitor.port = GATEWAY_PORT;
	monitor->monitor.timeout_ms = ASK_TIMEOUT_MS;
	monitor->monitor.allow_link_local = true;
	return monitor;
}

struct wayout *wayout_new(struct probe_env *env, wayout_told *told, void *context)
{
	struct wayout *wayout = mem_new(struct wayout);
	wayout->env = env;
	wayout->told = told;
	wayout->context = context;
	wayout->echo = way_to_ask(MONITOR_ICMP);
	wayout->connection = way_to_ask(MONITOR_TCP);
	return wayout;
}

static void free_probes(struct wayout *wayout)
{
	for (size_t i = 0; i < 2; i++)
		probe_free(wayout->probes[i]);
	wayout->probes[0] = wayout->probes[1] = NULL;
}

void wayout_free(struct wayout *wayout)
{
	if (wayout == NULL)
		return;
	free_probes(wayout);
	object_unref(wayout->echo);
	object_unref(wayout->connection);
	free(wayout->gateway);
	free(wayout);
}

/* The IPv4 default route's gateway of the least metric; false where there is none. */
static bool find_gateway(char text[ADDR_TEXT_MAX])
{
	FILE *routes = fopen("/proc/net/route", "re");
	if (routes == NULL)
		return false;
	char line[256];
	unsigned least = UINT32_MAX;
	bool found = false;
	while (fgets(line, sizeof line, routes) != NULL) {
		unsigned to, gateway, flags, metric;
		if (sscanf(line, "%*s %x %x %x %*s %*s %u", &to, &gateway, &flags, &metric) != 4 ||
		    to != 0 || (flags & RTF_GATEWAY) == 0 || metric >= least)
			continue;
		struct in_addr at = {.s_addr = gateway}; /* the file prints it as it lies */
		found = inet_ntop(AF_INET, &at, text, ADDR_TEXT_MAX) != NULL;
		least = metric;
	}
	fclose(routes);
	return found;
}

static void on_answer(void *context, const struct probe_result *result);

static void make_probes(struct wayout *wayout)
{
	free_probes(wayout);
	const char *to = wayout->gateway;
	wayout->probes[0] = probe_new(wayout->env, wayout->echo, to, 0, on_answer, wayout);
	wayout->probes[1] = probe_new(wayout->env, wayout->connection, to, 0, on_answer, wayout);
	wayout->running = 0;
}

static void look_for_gateway(struct wayout *wayout)
{
	char text[ADDR_TEXT_MAX];
	/* A route that is gone takes the witness not away: that it is gone is what shows. */
	if (!find_gateway(text) || (wayout->gateway != NULL && strcmp(text, wayout->gateway) == 0))
		return;
	free(wayout->gateway);
	wayout->gateway = mem_strdup(text);
	wayout->witness = false;
	make_probes(wayout);
}

static void tell(struct wayout *wayout, enum way_out way)
{
	wayout->asking = false;
	wayout->told(wayout->context, way, wayout->asked);
}

static void ask_once(struct wayout *wayout)
{
	wayout->running = 2;
	probe_start(wayout->probes[0]);
	probe_start(wayout->probes[1]);
}

static void on_answer(void *context, const struct probe_result *result)
{
	struct wayout *wayout = context;
	bool answered = result->outcome == PROBE_PASSED || result->reason == PROBE_REASON_REFUSED;
	wayout->running--;
	wayout->witness = wayout->witness || answered;
	wayout->silent = wayout->silent && !answered;
	if (!wayout->asking)
		return; /* the other probe was quicker */
	if (answered)
		tell(wayout, WAY_OUT_OPEN);
	else if (wayout->running > 0)
		return;
	else if (!wayout->witness)
		tell(wayout, WAY_OUT_UNKNOWN);
	else if (++wayout->silences < SILENCES)
		ask_once(wayout);
	else {
		wayout->silent = true;
		tell(wayout, WAY_OUT_CLOSED);
	}
}

void wayout_ask(struct wayout *wayout)
{
	if (wayout->asking)
		return;
	look_for_gateway(wayout);
	wayout->asking = true;
	wayout->asked = mono_now();
	wayout->silences = 0;
	if (wayout->gateway == NULL) {
		tell(wayout, WAY_OUT_UNKNOWN);
		return;
	}
	if (wayout->running > 0) /* what is still under way began before it mattered */
		make_probes(wayout);
	ask_once(wayout);
}

const char *wayout_gateway(const struct wayout *wayout)
{
	return wayout->gateway;
}

bool wayout_has_witness(const struct wayout *wayout)
{
	return wayout->witness;
}

bool wayout_answers(const struct wayout *wayout)
{
	return wayout->witness && !wayout->silent;
}

void wayout_distrust(struct wayout *wayout)
{
	wayout->witness = false;
}

static uint8_t bits_of(const struct addr *mask)
{
	unsigned bits = 0;
	while (bits < addr_bits(mask) && (mask->bytes[bits / 8] & (0x80 >> bits % 8)) != 0)
		bits++;
	return (uint8_t)bits;
}

static void add_network(struct wayout *wayout, const struct ifaddrs *interface)
{
	struct network network;
	struct addr mask;
	uint16_t port;
	if (wayout->network_count == NETWORKS_MAX || interface->ifa_addr == NULL ||
	    interface->ifa_netmask == NULL ||
	    !addr_from_sockaddr(interface->ifa_addr, &network.own, &port))
		return;
	interface->ifa_netmask->sa_family = interface->ifa_addr->sa_family;
	if (!addr_from_sockaddr(interface->ifa_netmask, &mask, &port))
		return;
	network.prefix = (struct prefix){.addr = network.own, .len = bits_of(&mask)};
	addr_mask(&network.prefix.addr, network.prefix.len);
	if ((interface->ifa_flags & IFF_LOOPBACK) != 0) /* all of 127.0.0.0/8 is ourselves */
		network.own.family = ADDR_NONE;
	wayout->networks[wayout->network_count++] = network;
}

static void read_networks(struct wayout *wayout)
{
	struct mono now = mono_now();
	struct ifaddrs *all = NULL;
	if (wayout->networks_read.ns != 0 &&
	    mono_ms_between(wayout->networks_read, now) < NETWORKS_GOOD_MS)
		return;
	wayout->networks_read = now;
	if (getifaddrs(&all) != 0)
		return;
	wayout->network_count = 0;
	for (const struct ifaddrs *at = all; at != NULL; at = at->ifa_next)
		add_network(wayout, at);
	freeifaddrs(all);
}

enum way wayout_to(struct wayout *wayout, const struct addr *ip)
{
	enum way way = WAY_BEYOND;
	read_networks(wayout);
	for (size_t i = 0; i < wayout->network_count; i++) {
		const struct network *network = &wayout->networks[i];
		if (network->prefix.addr.family != ip->family ||
		    !prefix_contains(&network->prefix, ip))
			continue;
		if (network->own.family == ADDR_NONE || addr_equal(&network->own, ip))
			return WAY_LOCAL;
		way = WAY_ON_LINK;
	}
	return way;
}
