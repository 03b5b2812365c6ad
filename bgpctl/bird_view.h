/*
 * bird_view: what the replies to BIRD's "show" commands say (pure).
 *
 * Texts longer than their place are cut; a line that is not understood is passed over: what is
 * shown for people may change with BIRD's version, and nothing unreadable may count as "not there".
 */
#ifndef MERIDIAN_BGPCTL_BIRD_VIEW_H
#define MERIDIAN_BGPCTL_BIRD_VIEW_H

#include "base/addr.h"
#include "bgpctl/bird_reply.h"
#include "bgpctl/level.h"

enum { BIRD_NAME_MAX = 64 }; /* octets of a protocol's name with its NUL, as BIRD bounds symbols */

/* "show status". Times are BIRD's own text; "" where it did not say. */
struct bird_status {
	char version[32];
	char booted[40];
	char reconfigured[40];
};
void bird_view_status(const struct bird_reply *reply, struct bird_status *status);

/* One protocol of "show protocols all". */
struct bird_protocol {
	char name[BIRD_NAME_MAX];
	char type[16];	/* "BGP", "Static", ... */
	char state[16]; /* "up", "start", "down" */
	char since[32];
	char info[128];
	char neighbor[ADDR_TEXT_MAX];
	bool established;		 /* a BGP session that is up */
	bool exports_ipv4, exports_ipv6; /* its channel is up, and its filter is not "none" */
};

/*
 * When a protocol's state began, in ms since 1970, from BIRD's local time in any of its ISO forms:
 * "12:39:44.617" (the last such time before NOW_MS), "2026-11-20 12:39:44" or "2026-11-20". False
 * for other forms.
 */
bool bird_view_time(const char *since, int64_t now_ms, int64_t *ms)
	__attribute__((warn_unused_result));

struct bird_protocols {
	struct bird_protocol *at;
	size_t count;
};
void bird_view_protocols(const struct bird_reply *reply, struct bird_protocols *protocols);
void bird_protocols_fini(struct bird_protocols *protocols);
/* NULL where there is none. */
const struct bird_protocol *bird_protocols_find(const struct bird_protocols *protocols,
						const char *name);

/* What a neighbour is shown of a route, by "show route ... export PEER all". */
struct bird_attributes {
	unsigned path_len; /* ASes before our own is prepended */
	uint32_t med;	   /* 0: none */
	bool graceful_shutdown;
};

/* One route of "show route ... all". */
struct bird_route {
	struct prefix prefix;
	char protocol[BIRD_NAME_MAX];
	enum level level; /* of its state tag; LEVEL_NONE without one */
	struct bird_attributes attributes;
};

struct bird_routes {
	struct bird_route *at;
	size_t count;
};
void bird_view_routes(const struct bird_reply *reply, struct bird_routes *routes);
void bird_routes_fini(struct bird_routes *routes);
/* NULL where no route is for PREFIX. */
const struct bird_route *bird_routes_find(const struct bird_routes *routes,
					  const struct prefix *prefix);

#endif
