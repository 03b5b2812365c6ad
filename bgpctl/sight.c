/* Knows which questions to BIRD show what it announces, and how to hold the answers against a plan.
 */
#include "bgpctl/sight.h"

#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool sight_carries(const struct bird_protocol *protocol, uint8_t family)
{
	return protocol->established &&
	       (family == ADDR_IPV6 ? protocol->exports_ipv6 : protocol->exports_ipv4);
}

/* The routes of one of our two protocols. One that is not configured has none. */
static bool read_routes(struct bird *bird, int family, struct bird_routes *routes,
			struct bird_reply *reply, enum bird_reach *reach, struct error *error)
{
	struct bird_routes found;
	char request[64];
	snprintf(request, sizeof request, "show route protocol meridian%d all", family);
	if (!bird_ask(bird, request, reply, reach, error))
		return false;
	bird_view_routes(reply, &found);
	if (found.count > 0) {
		routes->at =
			mem_resize(routes->at, routes->count + found.count, sizeof *routes->at);
		memcpy(routes->at + routes->count, found.at, found.count * sizeof *found.at);
		routes->count += found.count;
	}
	bird_routes_fini(&found);
	return true;
}

static bool read_export(struct bird *bird, struct sight *sight, uint32_t peer,
			const struct include_entry *entry, uint32_t index, struct bird_reply *reply,
			enum bird_reach *reach, struct error *error)
{
	char request[64 + PREFIX_TEXT_MAX + BIRD_NAME_MAX], net[PREFIX_TEXT_MAX];
	struct bird_routes routes;
	prefix_format(&entry->prefix, net);
	snprintf(request, sizeof request, "show route %s exported %s", net,
		 sight->protocols.at[peer].name);
	if (!bird_ask(bird, request, reply, reach, error))
		return false;
	/* 0000 with nothing: filtered; 8001: not in the table; 9001: the channel went down just
	 * now. None of them is an export. */
	bird_view_routes(reply, &routes);
	if (sight->export_count == sight->export_capacity) {
		sight->export_capacity = 2 * sight->export_capacity + 16;
		sight->exports =
			mem_resize(sight->exports, sight->export_capacity, sizeof *sight->exports);
	}
	sight->exports[sight->export_count++] = (struct sight_export){
		.peer = peer,
		.entry = index,
		.present = bird_routes_find(&routes, &entry->prefix) != NULL,
	};
	bird_routes_fini(&routes);
	return true;
}

static bool read_exports(struct bird *bird, const struct include_entry *entries, size_t count,
			 struct sight *sight, struct bird_reply *reply, enum bird_reach *reach,
			 struct error *error)
{
	for (uint32_t peer = 0; peer < sight->protocols.count; peer++) {
		for (uint32_t i = 0; i < count; i++) {
			if (!sight_carries(&sight->protocols.at[peer],
					   entries[i].prefix.addr.family))
				continue;
			if (!read_export(bird, sight, peer, &entries[i], i, reply, reach, error))
				return false;
		}
	}
	return true;
}

bool sight_look(struct bird *bird, const struct include_entry *entries, size_t count,
		struct sight *sight, enum bird_reach *reach, struct error *error)
{
	struct bird_reply reply = {0};
	bool ok = false;
	memset(sight, 0, sizeof *sight);
	if (!bird_ask(bird, "show status", &reply, reach, error))
		goto out;
	bird_view_status(&reply, &sight->status);
	if (!bird_ask(bird, "show protocols all", &reply, reach, error))
		goto out;
	bird_view_protocols(&reply, &sight->protocols);
	ok = read_routes(bird, 4, &sight->routes, &reply, reach, error) &&
	     read_routes(bird, 6, &sight->routes, &reply, reach, error) &&
	     read_exports(bird, entries, count, sight, &reply, reach, error);
out:
	bird_reply_fini(&reply);
	return ok;
}

void sight_fini(struct sight *sight)
{
	bird_protocols_fini(&sight->protocols);
	bird_routes_fini(&sight->routes);
	free(sight->exports);
	memset(sight, 0, sizeof *sight);
}

enum sight_verdict sight_judge(const struct sight *sight, const struct include_entry *entry,
			       size_t index)
{
	const struct bird_route *route = bird_routes_find(&sight->routes, &entry->prefix);
	bool announced = entry->level != LEVEL_NONE, carried = false;
	if ((route != NULL ? route->level : LEVEL_NONE) != entry->level ||
	    (route != NULL) != announced)
		return SIGHT_MISMATCH;
	for (size_t i = 0; i < sight->export_count; i++) {
		if (sight->exports[i].entry != index)
			continue;
		if (sight->exports[i].present != announced)
			return SIGHT_MISMATCH;
		carried = true;
	}
	return announced && !carried ? SIGHT_PENDING : SIGHT_VERIFIED;
}
