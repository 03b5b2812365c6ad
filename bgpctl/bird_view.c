/* Knows the layout of what BIRD prints about its state, its protocols and its routes. */
#include "bgpctl/bird_view.h"

#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
	CODE_VERSION = 1000,
	CODE_PROTOCOL = 1002,
	CODE_PROTOCOL_DETAIL = 1006,
	CODE_UPTIME = 1011,
	CODE_ATTRIBUTES = 1012
};

/* Copies what follows LABEL, where TEXT (blanks apart) begins with it. */
static bool labelled(const char *text, const char *label, char *to, size_t size)
{
	text += strspn(text, " \t");
	size_t len = strlen(label);
	if (strncmp(text, label, len) != 0)
		return false;
	text += len;
	snprintf(to, size, "%s", text + strspn(text, " \t"));
	return true;
}

void bird_view_status(const struct bird_reply *reply, struct bird_status *status)
{
	memset(status, 0, sizeof *status);
	for (size_t i = 0; i < reply->count; i++) {
		const char *text = bird_reply_text(reply, i);
		if (reply->lines[i].code == CODE_VERSION)
			labelled(text, "BIRD ", status->version, sizeof status->version);
		if (reply->lines[i].code != CODE_UPTIME)
			continue;
		labelled(text, "Last reboot on ", status->booted, sizeof status->booted);
		labelled(text, "Last reconfiguration on ", status->reconfigured,
			 sizeof status->reconfigured);
	}
}

/* The next word of *TEXT into TO; *TEXT goes on behind it. */
static void word(const char **text, char *to, size_t size)
{
	*text += strspn(*text, " \t");
	size_t len = strcspn(*text, " \t");
	snprintf(to, size, "%.*s", (int)len, *text);
	*text += len;
}

static void trim_end(char *text)
{
	size_t len = strlen(text);
	while (len > 0 && text[len - 1] == ' ')
		text[--len] = '\0';
}

/*
 * "up1        BGP        ---        up     12:39:44.617  Established   ". The time is one word in
 * the short formats and two ("2026-11-20 12:39:44") in the ISO long one.
 */
static void read_protocol(const char *text, struct bird_protocol *protocol)
{
	char table[BIRD_NAME_MAX], clock[16];
	memset(protocol, 0, sizeof *protocol);
	word(&text, protocol->name, sizeof protocol->name);
	word(&text, protocol->type, sizeof protocol->type);
	word(&text, table, sizeof table);
	word(&text, protocol->state, sizeof protocol->state);
	word(&text, protocol->since, 16);
	const char *ahead = text;
	word(&ahead, clock, sizeof clock);
	if (strlen(protocol->since) == 10 && strchr(clock, ':') != NULL) {
		size_t used = strlen(protocol->since);
		snprintf(protocol->since + used, sizeof protocol->since - used, " %s", clock);
		text = ahead;
	}
	snprintf(protocol->info, sizeof protocol->info, "%s", text + strspn(text, " "));
	trim_end(protocol->info);
	protocol->established = strcmp(protocol->type, "BGP") == 0 &&
				strcmp(protocol->state, "up") == 0 &&
				strncmp(protocol->info, "Established", 11) == 0;
}

static void read_detail(const char *text, struct bird_protocol *protocol, char channel[16])
{
	char value[64];
	labelled(text, "Neighbor address:", protocol->neighbor, sizeof protocol->neighbor);
	if (labelled(text, "Channel ", channel, 16))
		return;
	bool *exports = strcmp(channel, "ipv4") == 0   ? &protocol->exports_ipv4
			: strcmp(channel, "ipv6") == 0 ? &protocol->exports_ipv6
						       : NULL;
	/* Within a channel, "State:" is its own; "BGP state:" stands before the first channel. */
	if (exports == NULL)
		return;
	if (labelled(text, "State:", value, sizeof value))
		*exports = strcmp(value, "UP") == 0;
	else if (labelled(text, "Output filter:", value, sizeof value))
		*exports = *exports && strcmp(value, "REJECT") != 0;
}

void bird_view_protocols(const struct bird_reply *reply, struct bird_protocols *protocols)
{
	char channel[16] = "";
	memset(protocols, 0, sizeof *protocols);
	for (size_t i = 0; i < reply->count; i++) {
		const char *text = bird_reply_text(reply, i);
		uint16_t code = reply->lines[i].code;
		if (code == CODE_PROTOCOL && text[0] != '\0') {
			protocols->at = mem_resize(protocols->at, protocols->count + 1,
						   sizeof *protocols->at);
			read_protocol(text, &protocols->at[protocols->count++]);
			channel[0] = '\0';
		} else if (code == CODE_PROTOCOL_DETAIL && protocols->count > 0) {
			read_detail(text, &protocols->at[protocols->count - 1], channel);
		}
	}
}

void bird_protocols_fini(struct bird_protocols *protocols)
{
	free(protocols->at);
	memset(protocols, 0, sizeof *protocols);
}

bool bird_view_time(const char *since, int64_t now_ms, int64_t *ms)
{
	time_t now = (time_t)(now_ms / 1000);
	struct tm day, at;
	double second = 0;
	if (localtime_r(&now, &day) == NULL)
		return false;
	at = day;
	at.tm_hour = at.tm_min = 0;
	int year, month;
	bool dated = sscanf(since, "%4d-%2d-%2d", &year, &month, &at.tm_mday) == 3;
	if (dated) {
		at.tm_year = year - 1900;
		at.tm_mon = month - 1;
		(void)sscanf(since + 10, " %2d:%2d:%lf", &at.tm_hour, &at.tm_min, &second);
	} else if (sscanf(since, "%2d:%2d:%lf", &at.tm_hour, &at.tm_min, &second) != 3) {
		return false;
	}
	if (!(second >= 0 && second < 61))
		return false;
	at.tm_sec = 0;
	at.tm_isdst = -1;
	*ms = (int64_t)mktime(&at) * 1000 + (int64_t)(second * 1000);
	/* A time without a date that is still to come was yesterday's. */
	if (!dated && *ms > now_ms + 1000)
		*ms -= INT64_C(86400000);
	return true;
}

const struct bird_protocol *bird_protocols_find(const struct bird_protocols *protocols,
						const char *name)
{
	for (size_t i = 0; i < protocols->count; i++)
		if (strcmp(protocols->at[i].name, name) == 0)
			return &protocols->at[i];
	return NULL;
}

/* "192.0.2.0/24         unreachable [meridian4 12:39:43.725] * (200)" */
static bool read_route(const char *text, struct bird_route *route)
{
	char net[PREFIX_TEXT_MAX];
	memset(route, 0, sizeof *route);
	word(&text, net, sizeof net);
	if (!prefix_parse(net, &route->prefix, NULL))
		return false;
	const char *bracket = strchr(text, '[');
	if (bracket != NULL) {
		bracket++;
		word(&bracket, route->protocol, sizeof route->protocol);
	}
	return true;
}

/* Finds the state tag among "(64512, 53, 1) (64512, 1, 1)". */
static enum level read_tag(const char *communities)
{
	for (const char *at = strchr(communities, '('); at != NULL; at = strchr(at + 1, '(')) {
		unsigned owner, kind, number;
		enum level level;
		if (sscanf(at, "(%u, %u, %u)", &owner, &kind, &number) == 3 && kind == LEVEL_TAG &&
		    level_from_tag(number, &level))
			return level;
	}
	return LEVEL_NONE;
}

static unsigned count_words(const char *text)
{
	unsigned count = 0;
	for (text += strspn(text, " "); *text != '\0'; text += strspn(text, " ")) {
		count++;
		text += strcspn(text, " ");
	}
	return count;
}

static void read_attribute(const char *text, struct bird_route *route)
{
	char value[256];
	if (labelled(text, "BGP.large_community:", value, sizeof value))
		route->level = read_tag(value);
	else if (labelled(text, "BGP.as_path:", value, sizeof value))
		route->attributes.path_len = count_words(value);
	else if (labelled(text, "BGP.med:", value, sizeof value))
		route->attributes.med = (uint32_t)strtoul(value, NULL, 10);
	else if (labelled(text, "BGP.community:", value, sizeof value))
		route->attributes.graceful_shutdown = strstr(value, "(65535,0)") != NULL;
}

void bird_view_routes(const struct bird_reply *reply, struct bird_routes *routes)
{
	struct bird_route route;
	memset(routes, 0, sizeof *routes);
	for (size_t i = 0; i < reply->count; i++) {
		const char *text = bird_reply_text(reply, i);
		uint16_t code = reply->lines[i].code;
		if (code == BIRD_TABLE_ROUTE && read_route(text, &route)) {
			routes->at = mem_resize(routes->at, routes->count + 1, sizeof *routes->at);
			routes->at[routes->count++] = route;
		} else if (code == CODE_ATTRIBUTES && routes->count > 0) {
			read_attribute(text, &routes->at[routes->count - 1]);
		}
	}
}

void bird_routes_fini(struct bird_routes *routes)
{
	free(routes->at);
	memset(routes, 0, sizeof *routes);
}

const struct bird_route *bird_routes_find(const struct bird_routes *routes,
					  const struct prefix *prefix)
{
	for (size_t i = 0; i < routes->count; i++)
		if (prefix_compare(&routes->at[i].prefix, prefix) == 0)
			return &routes->at[i];
	return NULL;
}
