/* Knows how users and tokens are managed over HTTP. */
#include "web/account.h"

#include "base/log.h"
#include "base/wall.h"
#include "db/jread.h"
#include "db/names.h"

#include <stdlib.h>
#include <string.h>

static const char *const roles[] = {"viewer", "operator", "admin"};
enum { ROLE_COUNT = 3 };

static struct response *listed(json_t *items, const struct error *error)
{
	if (items == NULL)
		return problem(503, "%s", error->text);
	return response_json(200, json_pack("{s:o, s:I}", "items", items, "total",
					    (json_int_t)json_array_size(items)));
}

struct response *user_list(struct app *app, struct call *call)
{
	(void)call;
	struct error error = {0};
	return listed(auth_users(app->auth, &error), &error);
}

/* Takes LIST, which is NULL where it could not be read. */
static bool name_is_in(json_t *list, const char *name)
{
	bool found = false;
	size_t i;
	json_t *item;
	json_array_foreach(list, i, item)
	{
		const char *at = json_string_value(json_object_get(item, "name"));
		found = found || (at != NULL && strcmp(at, name) == 0);
	}
	json_decref(list);
	return found;
}

static enum role read_role(struct jread *reader)
{
	unsigned index = jread_word(reader, "role", roles, ROLE_COUNT, ROLE_COUNT);
	if (json_object_get(reader->json, "role") == NULL)
		jread_wrong(reader, "role", "is needed: viewer, operator or admin");
	return index < ROLE_COUNT ? (enum role)(ROLE_VIEWER + (int)index) : ROLE_NONE;
}

struct new_user {
	char *name;
	const char *password;
	enum role role;
	char generated[AUTH_SECRET_MAX];
};

static void read_user(const json_t *body, struct new_user *user, struct findings *findings)
{
	struct jpath root = jpath_root("");
	struct jread reader;
	jread_open(&reader, body, &root, "user", findings);
	user->name = jread_name(&reader, "name", REQUIRED);
	user->role = read_role(&reader);
	user->password = jread_text(&reader, "password", OPTIONAL, 1024);
	if (user->password != NULL && strlen(user->password) < AUTH_PASSWORD_MIN)
		jread_wrong(&reader, "password", "must have %d characters at least",
			    AUTH_PASSWORD_MIN);
	jread_close(&reader);
	if (user->password == NULL) {
		auth_generate_password(user->generated);
		user->password = user->generated;
	}
}

static struct response *add_user(struct app *app, const struct call *call,
				 const struct new_user *user)
{
	struct error error = {0};
	if (name_is_in(auth_users(app->auth, &error), user->name))
		return problem(409, "The user %s exists already.", user->name);
	if (!auth_user_add(app->auth, user->name, user->password, user->role, &error))
		return problem(503, "%s", error.text);
	log_notice("user added name=%s role=%s by=%s", user->name, role_name(user->role),
		   call->who.name);
	json_t *json = json_pack("{s:s, s:s}", "name", user->name, "role", role_name(user->role));
	if (user->generated[0] != '\0')
		json_object_set_new(json, "password", json_string(user->generated));
	struct response *response = response_json(201, json);
	response_header(response, "Location", "/api/v1/users/%s", user->name);
	return response;
}

struct response *user_create(struct app *app, struct call *call)
{
	struct findings findings = {0};
	struct new_user user = {0};
	read_user(call->body, &user, &findings);
	struct response *response = findings_total(&findings) > 0 ? problem_findings(422, &findings)
								  : add_user(app, call, &user);
	findings_fini(&findings);
	free(user.name);
	return response;
}

/* ERROR says whether the list of users could be read at all. */
static struct response *no_user(const char *name, const struct error *error)
{
	return error->text[0] != '\0' ? problem(503, "%s", error->text)
				      : problem(404, "There is no user %s.", name);
}

static struct response *refused(const struct error *error)
{
	return problem(strstr(error->text, "last admin") != NULL ? 409 : 503, "%s", error->text);
}

struct response *user_delete(struct app *app, struct call *call)
{
	struct error error = {0};
	const char *name = call->parameter[0];
	if (!call->who.by_token && strcmp(name, call->who.name) == 0)
		return problem(409, "Nobody removes himself; another admin can.");
	if (!name_is_in(auth_users(app->auth, &error), name))
		return no_user(name, &error);
	if (!auth_user_remove(app->auth, name, &error))
		return refused(&error);
	log_notice("user removed name=%s by=%s", name, call->who.name);
	return response_new(204);
}

struct response *user_set_role(struct app *app, struct call *call)
{
	struct findings findings = {0};
	struct error error = {0};
	struct jpath root = jpath_root("");
	struct jread reader;
	const char *name = call->parameter[0];
	jread_open(&reader, call->body, &root, "user", &findings);
	enum role role = read_role(&reader);
	jread_close(&reader);
	struct response *response = NULL;
	if (findings_total(&findings) > 0)
		response = problem_findings(422, &findings);
	else if (!name_is_in(auth_users(app->auth, &error), name))
		response = no_user(name, &error);
	else if (!auth_user_set_role(app->auth, name, role, &error))
		response = refused(&error);
	findings_fini(&findings);
	if (response != NULL)
		return response;
	log_notice("role changed user=%s role=%s by=%s", name, role_name(role), call->who.name);
	return response_json(200, json_pack("{s:s, s:s}", "name", name, "role", role_name(role)));
}

static struct response *set_password(struct app *app, const struct call *call, const char *password,
				     const char *current)
{
	struct error error = {0};
	const char *name = call->parameter[0];
	bool own = !call->who.by_token && strcmp(name, call->who.name) == 0;
	if (!own && call->who.role != ROLE_ADMIN)
		return problem(403, "Only an admin sets another user's password.");
	if (!name_is_in(auth_users(app->auth, &error), name))
		return no_user(name, &error);
	if (own && current == NULL)
		return problem_at("/current", "is needed to change one's own password");
	if (own) {
		char key[LIMITER_KEY_MAX];
		snprintf(key, sizeof key, "user %s", name);
		unsigned wait_s = limiter_take(app->login_limit, key, mono_now());
		if (wait_s > 0)
			return problem_later(wait_s, "Too many wrong passwords");
		if (auth_check_password(app->auth, name, current) == ROLE_NONE)
			return problem_at("/current", "is not the password");
		limiter_give(app->login_limit, key);
	}
	if (!auth_user_set_password(app->auth, name, password, &error))
		return problem(503, "%s", error.text);
	log_notice("password changed user=%s by=%s", name, call->who.name);
	return response_new(204);
}

struct response *user_set_password(struct app *app, struct call *call)
{
	struct findings findings = {0};
	struct jpath root = jpath_root("");
	struct jread reader;
	jread_open(&reader, call->body, &root, "password", &findings);
	const char *password = jread_text(&reader, "password", REQUIRED, 1024);
	const char *current = jread_text(&reader, "current", OPTIONAL, 1024);
	if (password != NULL && strlen(password) < AUTH_PASSWORD_MIN)
		jread_wrong(&reader, "password", "must have %d characters at least",
			    AUTH_PASSWORD_MIN);
	jread_close(&reader);
	struct response *response = findings_total(&findings) > 0
					    ? problem_findings(422, &findings)
					    : set_password(app, call, password, current);
	findings_fini(&findings);
	return response;
}

struct response *token_list(struct app *app, struct call *call)
{
	(void)call;
	struct error error = {0};
	return listed(auth_tokens(app->auth, &error), &error);
}

/* NULL: all zones. */
static json_t *read_zones(struct jread *reader)
{
	const json_t *zones = jread_array(reader, "zones", OPTIONAL);
	if (zones == NULL)
		return NULL;
	json_t *canonical = json_array();
	for (size_t i = 0; i < json_array_size(zones); i++) {
		struct jpath list = jpath_key(reader->path, "zones");
		struct jpath path = jpath_index(&list, i);
		char name[DNS_NAME_TEXT_MAX];
		const char *text =
			jread_element_text(json_array_get(zones, i), &path, 1000, reader->findings);
		const char *why = text != NULL ? dns_name_canonical(text, name) : NULL;
		if (why != NULL)
			jpath_finding(&path, reader->findings, "%s", why);
		else if (text != NULL)
			json_array_append_new(canonical, json_string(name));
	}
	return canonical;
}

static int64_t read_expiry(struct jread *reader)
{
	int64_t expires_ms = 0;
	const char *text = jread_text(reader, "expires", OPTIONAL, WALL_TEXT_MAX);
	if (text != NULL && !wall_parse(text, &expires_ms))
		jread_wrong(reader, "expires", "is no RFC 3339 time");
	else if (text != NULL && expires_ms <= wall_now_ms())
		jread_wrong(reader, "expires", "is in the past");
	return expires_ms;
}

static struct response *add_token(struct app *app, const struct call *call, const char *name,
				  enum role role, const json_t *zones, int64_t expires_ms)
{
	struct error error = {0};
	char secret[AUTH_SECRET_MAX];
	if (name_is_in(auth_tokens(app->auth, &error), name))
		return problem(409, "The token %s exists already.", name);
	if (!auth_token_add(app->auth, name, role, zones, expires_ms, secret, &error))
		return problem(503, "%s", error.text);
	log_notice("token added name=%s role=%s by=%s", name, role_name(role), call->who.name);
	struct response *response =
		response_json(201, json_pack("{s:s, s:s, s:s}", "name", name, "role",
					     role_name(role), "secret", secret));
	response_header(response, "Location", "/api/v1/tokens/%s", name);
	return response;
}

struct response *token_create(struct app *app, struct call *call)
{
	struct findings findings = {0};
	struct jpath root = jpath_root("");
	struct jread reader;
	jread_open(&reader, call->body, &root, "token", &findings);
	char *name = jread_name(&reader, "name", REQUIRED);
	enum role role = read_role(&reader);
	json_t *zones = read_zones(&reader);
	int64_t expires_ms = read_expiry(&reader);
	jread_close(&reader);
	struct response *response = findings_total(&findings) > 0
					    ? problem_findings(422, &findings)
					    : add_token(app, call, name, role, zones, expires_ms);
	findings_fini(&findings);
	json_decref(zones);
	free(name);
	return response;
}

struct response *token_delete(struct app *app, struct call *call)
{
	struct error error = {0};
	const char *name = call->parameter[0];
	if (!name_is_in(auth_tokens(app->auth, &error), name))
		return problem(404, "There is no token %s.", name);
	if (!auth_token_remove(app->auth, name, &error))
		return problem(503, "%s", error.text);
	log_notice("token removed name=%s by=%s", name, call->who.name);
	return response_new(204);
}
