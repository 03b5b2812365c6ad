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

static struct sight_export *add_export(struct sight *sight, uint32_t peer, uint32_t entry,
				       bool present)
{
	if (sight->export_count == sight->export_capacity) {
		sight->export_capacity = 2 * sight->export_capacity + 16;
		sight->exports =
			mem_resize(sight->exports, sight->export_capacity, sizeof *sight->exports);
	}
	struct sight_export *export = &sight->exports[sight->export_count++];
	*export = (struct sight_export){.peer = peer, .entry = entry, .present = present};
	return export;
}

/* One round of questions: to whom, about what. */
struct looking {
	struct bird *bird;
	const struct include_entry *entries;
	size_t count;
	bool attributes;
	struct sight *sight;
	struct bird_reply reply;
	enum bird_reach *reach;
	struct error *error;
};

/* What BIRD does not tell is not "nothing": then nothing of the look counts. */
static bool refuses(struct looking *at, const char *request, bool refused)
{
	if (!refused)
		return false;
	*at->reach = BIRD_HUNG;
	error_set(at->error, "BIRD does not tell what it does (%s: %04u %.120s)", request,
		  at->reply.code, bird_reply_last(&at->reply));
	return true;
}

/* 0000 with nothing: filtered; 8001: not in the table; 9001: the channel went down just now. None
 * of them is an export. */
static bool ask_routes(struct looking *at, const char *request, struct bird_routes *routes)
{
	if (!bird_ask(at->bird, request, &at->reply, at->reach, at->error) ||
	    refuses(at, request, at->reply.code == BIRD_TOO_LONG))
		return false;
	bird_view_routes(&at->reply, routes);
	return true;
}

/* The routes that REQUEST shows, added to those known. Of a protocol that is not configured there
 * are none. */
static bool add_routes(struct looking *at, const char *request)
{
	struct bird_routes *routes = &at->sight->routes, found;
	if (!ask_routes(at, request, &found))
		return false;
	if (found.count > 0) {
		routes->at =
			mem_resize(routes->at, routes->count + found.count, sizeof *routes->at);
		memcpy(routes->at + routes->count, found.at, found.count * sizeof *found.at);
		routes->count += found.count;
	}
	bird_routes_fini(&found);
	return true;
}

/*
 * Our routes. Asked for by name where they are few: BIRD finds a network at once, and goes through
 * all of its table for a protocol.
 */
static bool read_routes(struct looking *at)
{
	char request[64 + PREFIX_TEXT_MAX], net[PREFIX_TEXT_MAX];
	if (at->count == 0 || at->count > SIGHT_SINGLE_MAX)
		return add_routes(at, "show route protocol meridian4 all") &&
		       add_routes(at, "show route protocol meridian6 all");
	for (size_t i = 0; i < at->count; i++) {
		prefix_format(&at->entries[i].prefix, net);
		snprintf(request, sizeof request, "show route %s protocol meridian%d all", net,
			 at->entries[i].prefix.addr.family);
		if (!add_routes(at, request))
			return false;
	}
	return true;
}

static bool read_attributes(struct looking *at, struct sight_export *export)
{
	char request[64 + PREFIX_TEXT_MAX + BIRD_NAME_MAX], net[PREFIX_TEXT_MAX];
	struct bird_routes routes;
	prefix_format(&at->entries[export->entry].prefix, net);
	snprintf(request, sizeof request, "show route %s export %s all", net,
		 at->sight->protocols.at[export->peer].name);
	if (!ask_routes(at, request, &routes))
		return false;
	const struct bird_route *route =
		bird_routes_find(&routes, &at->entries[export->entry].prefix);
	if (route != NULL) {
		export->attributes = route->attributes;
		export->attributes_known = true;
	}
	bird_routes_fini(&routes);
	return true;
}

static bool read_one(struct looking *at, uint32_t peer, uint32_t entry)
{
	char request[64 + PREFIX_TEXT_MAX + BIRD_NAME_MAX], net[PREFIX_TEXT_MAX];
	struct bird_routes routes;
	prefix_format(&at->entries[entry].prefix, net);
	snprintf(request, sizeof request, "show route %s exported %s", net,
		 at->sight->protocols.at[peer].name);
	if (!ask_routes(at, request, &routes))
		return false;
	bool present = bird_routes_find(&routes, &at->entries[entry].prefix) != NULL;
	bird_routes_fini(&routes);
	add_export(at->sight, peer, entry, present);
	return true;
}

/* All of one family in one reply. */
static bool read_family(struct looking *at, uint32_t peer, int family)
{
	char request[64 + BIRD_NAME_MAX];
	struct bird_routes routes;
	snprintf(request, sizeof request, "show route protocol meridian%d exported %s", family,
		 at->sight->protocols.at[peer].name);
	if (!ask_routes(at, request, &routes))
		return false;
	for (uint32_t i = 0; i < at->count; i++)
		if (at->entries[i].prefix.addr.family == family)
			add_export(at->sight, peer, i,
				   bird_routes_find(&routes, &at->entries[i].prefix) != NULL);
	bird_routes_fini(&routes);
	return true;
}

static bool read_peer(struct looking *at, uint32_t peer)
{
	const struct bird_protocol *session = &at->sight->protocols.at[peer];
	size_t first = at->sight->export_count;
	if (at->count > SIGHT_SINGLE_MAX) {
		if (sight_carries(session, ADDR_IPV4) && !read_family(at, peer, ADDR_IPV4))
			return false;
		if (sight_carries(session, ADDR_IPV6) && !read_family(at, peer, ADDR_IPV6))
			return false;
	} else {
		for (uint32_t i = 0; i < at->count; i++)
			if (sight_carries(session, at->entries[i].prefix.addr.family) &&
			    !read_one(at, peer, i))
				return false;
	}
	for (size_t i = first; at->attributes && i < at->sight->export_count; i++)
		if (at->sight->exports[i].present && !read_attributes(at, &at->sight->exports[i]))
			return false;
	return true;
}

static bool ask_about(struct looking *at, const char *request)
{
	return bird_ask(at->bird, request, &at->reply, at->reach, at->error) &&
	       !refuses(at, request, at->reply.code >= BIRD_TOO_LONG);
}

static bool look_around(struct looking *at)
{
	struct sight *sight = at->sight;
	if (!ask_about(at, "show status"))
		return false;
	bird_view_status(&at->reply, &sight->status);
	if (!ask_about(at, "show protocols all"))
		return false;
	bird_view_protocols(&at->reply, &sight->protocols);
	if (!read_routes(at))
		return false;
	for (uint32_t peer = 0; peer < sight->protocols.count; peer++)
		if (!read_peer(at, peer))
			return false;
	return true;
}

bool sight_look(struct bird *bird, const struct include_entry *entries, size_t count,
		bool attributes, struct sight *sight, enum bird_reach *reach, struct error *error)
{
	struct looking at = {.bird = bird,
			     .entries = entries,
			     .count = count,
			     .attributes = attributes,
			     .sight = sight,
			     .reach = reach,
			     .error = error};
	memset(sight, 0, sizeof *sight);
	bool ok = look_around(&at);
	bird_reply_fini(&at.reply);
	return ok;
}

void sight_fini(struct sight *sight)
{
	bird_protocols_fini(&sight->protocols);
	bird_routes_fini(&sight->routes);
	free(sight->exports);
	memset(sight, 0, sizeof *sight);
}

bool sight_attributes_agree(enum level level, const struct bird_attributes *attributes)
{
	bool worse = attributes->path_len > 0 || attributes->med > 0;
	switch (level) {
	case LEVEL_ANNOUNCED:
		return !attributes->graceful_shutdown;
	case LEVEL_DEGRADED:
		return !attributes->graceful_shutdown && worse;
	case LEVEL_DRAINING:
		return attributes->graceful_shutdown;
	case LEVEL_NONE:
		break;
	}
	return true;
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
		if (sight->exports[i].attributes_known &&
		    !sight_attributes_agree(entry->level, &sight->exports[i].attributes))
			return SIGHT_MISMATCH;
		carried = true;
	}
	return announced && !carried ? SIGHT_PENDING : SIGHT_VERIFIED;
}
