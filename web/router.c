/* Knows how a path is compared with a pattern. */
#include "web/router.h"

#include <stdlib.h>
#include <string.h>

static size_t segment_len(const char *text)
{
	return strcspn(text, "/");
}

static bool take_parameter(struct route_match *match, const char *text, size_t len)
{
	if (len == 0 || match->parameter_count == ROUTE_PARAMETERS_MAX)
		return false;
	char *decoded = percent_decode(text, len, false);
	if (decoded == NULL)
		return false;
	match->parameter[match->parameter_count++] = decoded;
	return true;
}

/* PATTERN and PATH both begin with "/". */
static bool path_matches(const char *pattern, const char *path, struct route_match *match)
{
	while (*pattern == '/' && *path == '/') {
		pattern++;
		path++;
		size_t want = segment_len(pattern), got = segment_len(path);
		if (pattern[0] == '{' && want > 2 && pattern[want - 2] == '+')
			return take_parameter(match, path, strlen(path));
		if (pattern[0] == '{') {
			if (!take_parameter(match, path, got))
				return false;
		} else if (want != got || memcmp(pattern, path, want) != 0) {
			return false;
		}
		pattern += want;
		path += got;
	}
	return *pattern == '\0' && *path == '\0';
}

void route_match_fini(struct route_match *match)
{
	for (size_t i = 0; i < match->parameter_count; i++)
		free(match->parameter[i]);
	match->parameter_count = 0;
}

enum route_result route_find(const struct route_table *table, enum method method, const char *path,
			     struct route_match *match)
{
	*match = (struct route_match){0};
	enum method wanted = method == METHOD_HEAD ? METHOD_GET : method;
	for (size_t i = 0; i < table->count; i++) {
		const struct route *route = &table->at[i];
		bool matches = path_matches(route->pattern, path, match);
		if (matches && route->method == wanted) {
			match->route = route;
			return ROUTE_FOUND;
		}
		if (matches)
			match->methods |= 1U << route->method;
		route_match_fini(match);
	}
	if ((match->methods & 1U << METHOD_GET) != 0)
		match->methods |= 1U << METHOD_HEAD;
	return match->methods != 0 ? ROUTE_NO_METHOD : ROUTE_NO_PATH;
}

void route_methods_format(unsigned methods, char text[64])
{
	text[0] = '\0';
	for (int i = 0; i < METHOD_OTHER; i++) {
		if ((methods & 1U << i) == 0)
			continue;
		if (text[0] != '\0')
			strcat(text, ", ");
		strcat(text, method_name((enum method)i));
	}
}

const char *route_body_type(const struct route *route)
{
	if (route->body == BODY_ZONE_FILE)
		return "text/dns"; /* RFC 4027 */
	return route->method == METHOD_PATCH ? "application/merge-patch+json" : "application/json";
}
