/* Knows what proves who somebody is, and what a role, a zone list and an origin allow. */
#include "web/access.h"

#include "base/wall.h"

#include <string.h>
#include <strings.h>

const char *access_cookie_name(const struct request *request)
{
	return request->tls ? "__Host-meridian" : "meridian";
}

void principal_fini(struct principal *who)
{
	json_decref(who->zones);
	who->zones = NULL;
}

void access_identify(struct app *app, const struct request *request, struct principal *who)
{
	*who = (struct principal){0};
	const char *authorization = request_header(request, "Authorization");
	char secret[AUTH_SECRET_MAX];
	if (authorization != NULL) {
		if (strncasecmp(authorization, "Bearer ", 7) == 0)
			who->role = auth_token_find(app->auth, authorization + 7, wall_now_ms(),
						    who->name, &who->zones);
		who->by_token = who->role != ROLE_NONE;
	} else if (request_cookie(request, access_cookie_name(request), secret, sizeof secret)) {
		who->role = auth_session_find(app->auth, secret, wall_now_ms(), who->name);
		who->by_session = who->role != ROLE_NONE;
	}
}

bool access_origin_is_ours(const struct request *request)
{
	const char *origin = request_header(request, "Origin");
	const char *host = request_header(request, "Host");
	if (origin == NULL)
		return true;
	const char *authority = strstr(origin, "://");
	if (authority == NULL || host == NULL || strcasecmp(authority + 3, host) != 0)
		return false;
	/* Plain HTTP here may be TLS at a proxy; under TLS a page that came without it is not ours.
	 */
	return !request->tls || strncasecmp(origin, "https://", 8) == 0;
}

static bool reads_only(const struct route *route)
{
	return route->method == METHOD_GET || strcmp(route->pattern, "/api/v1/explain") == 0;
}

static bool zone_is_among(const json_t *zones, const char *zone)
{
	size_t i;
	json_t *name;
	json_array_foreach((json_t *)(uintptr_t)zones, i, name)
	{
		const char *text = json_string_value(name);
		if (text != NULL && strcasecmp(text, zone) == 0)
			return true;
	}
	return false;
}

/* A token made for some zones writes below these zones and nothing else. */
static bool zones_allow(const struct route *route, char *const *parameter, const json_t *zones)
{
	static const char below_zone[] = "/api/v1/zones/{zone}";
	if (zones == NULL || reads_only(route))
		return true;
	return strncmp(route->pattern, below_zone, sizeof below_zone - 1) == 0 &&
	       zone_is_among(zones, parameter[0]);
}

static struct response *check_origin(const struct request *request, const struct principal *who)
{
	if (!who->by_session || request->method == METHOD_GET || request->method == METHOD_HEAD)
		return NULL;
	if (request_header(request, "Origin") != NULL && access_origin_is_ours(request))
		return NULL;
	return problem(403,
		       "A write with the session cookie needs an Origin header that names this "
		       "host; a script should use a token.");
}

struct response *access_check(const struct request *request, const struct route *route,
			      char *const *parameter, const struct principal *who)
{
	if (route->role == ROLE_NONE)
		return NULL;
	if (who->role == ROLE_NONE) {
		struct response *response =
			problem(401, "Log in, or send a token: Authorization: Bearer TOKEN.");
		response_header(response, "WWW-Authenticate", "Bearer realm=\"meridian\"");
		return response;
	}
	if (who->role < route->role)
		return problem(403, "This needs the role %s; %s is %s.", role_name(route->role),
			       who->name, role_name(who->role));
	if (!zones_allow(route, parameter, who->zones))
		return problem(403, "The token %s may only write its own zones.", who->name);
	return check_origin(request, who);
}
