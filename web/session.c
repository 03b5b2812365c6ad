/* Knows how somebody logs in and out. */
#include "web/account.h"

#include "base/log.h"
#include "base/wall.h"
#include "db/jread.h"
#include "web/access.h"

#include <stdio.h>

/* An IPv6 host commands a whole /64 at least. */
static void address_key(const struct addr *peer, char key[LIMITER_KEY_MAX])
{
	char text[ADDR_TEXT_MAX];
	struct addr network = *peer;
	if (network.family == ADDR_IPV6)
		addr_mask(&network, 64);
	addr_format(&network, text);
	snprintf(key, LIMITER_KEY_MAX, "address %s", text);
}

static struct response *logged_in(struct app *app, const struct call *call, const char *user,
				  enum role role)
{
	struct error error = {0};
	char secret[AUTH_SECRET_MAX];
	if (!auth_session_start(app->auth, user, wall_now_ms(), secret, &error))
		return problem(503, "%s", error.text);
	struct response *response =
		response_json(200, json_pack("{s:s, s:s}", "user", user, "role", role_name(role)));
	response_header(response, "Set-Cookie",
			"%s=%s; Path=/; HttpOnly; SameSite=Strict; Max-Age=%d%s",
			access_cookie_name(call->request), secret, AUTH_SESSION_MAX_S,
			call->request->tls ? "; Secure" : "");
	return response;
}

/* Both limits are charged before the password is looked at and given back where it was right, so
 * that parallel guesses count, too. */
static struct response *check(struct app *app, const struct call *call, const char *user,
			      const char *password)
{
	char address[LIMITER_KEY_MAX], name[LIMITER_KEY_MAX];
	address_key(&call->request->peer, address);
	snprintf(name, sizeof name, "user %s", user);
	struct mono now = mono_now();
	unsigned wait_s = limiter_take(app->login_limit, address, now);
	if (wait_s > 0)
		return problem_later(wait_s, "Too many failed log-ins");
	wait_s = limiter_take(app->login_name_limit, name, now);
	if (wait_s > 0)
		return problem_later(wait_s, "Too many failed log-ins");
	enum role role = auth_check_password(app->auth, user, password);
	if (role == ROLE_NONE) {
		log_warning("a log-in failed user=\"%.64s\"", user);
		return problem(401, "The user name or the password is wrong.");
	}
	limiter_give(app->login_limit, address);
	limiter_give(app->login_name_limit, name);
	log_info("logged in user=%s", user);
	return logged_in(app, call, user, role);
}

struct response *session_start(struct app *app, struct call *call)
{
	if (!access_origin_is_ours(call->request))
		return problem(403, "A page of another origin cannot log in here.");
	struct findings findings = {0};
	struct jpath root = jpath_root("");
	struct jread reader;
	jread_open(&reader, call->body, &root, "session", &findings);
	const char *user = jread_text(&reader, "user", REQUIRED, 64);
	const char *password = jread_text(&reader, "password", REQUIRED, 1024);
	jread_close(&reader);
	struct response *response = findings_total(&findings) > 0
					    ? problem_findings(422, &findings)
					    : check(app, call, user, password);
	findings_fini(&findings);
	return response;
}

struct response *session_get(struct app *app, struct call *call)
{
	(void)app;
	const struct principal *who = &call->who;
	json_t *zones = who->zones != NULL ? json_incref(who->zones) : json_null();
	return response_json(200, json_pack("{s:s, s:s, s:s, s:o}", "user", who->name, "role",
					    role_name(who->role), "via",
					    who->by_token ? "token" : "session", "zones", zones));
}

struct response *session_end(struct app *app, struct call *call)
{
	char secret[AUTH_SECRET_MAX];
	const char *name = access_cookie_name(call->request);
	if (request_cookie(call->request, name, secret, sizeof secret))
		auth_session_end(app->auth, secret);
	struct response *response = response_new(204);
	response_header(response, "Set-Cookie",
			"%s=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0%s", name,
			call->request->tls ? "; Secure" : "");
	return response;
}
