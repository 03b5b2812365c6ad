/* Knows in which order a request is judged: route, caller, rate, body, key, handler. */
#include "web/dispatch.h"

#include "base/mem.h"
#include "web/access.h"
#include "web/asset.h"
#include "web/counters.h"
#include "web/gzip.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* RFC 8259 leaves depth open; what a configuration needs is far below. */
enum { JSON_FLAGS = JSON_REJECT_DUPLICATES };

static struct response *no_route(const struct request *request, enum route_result result,
				 unsigned methods)
{
	if (result == ROUTE_NO_METHOD) {
		char allowed[64];
		route_methods_format(methods, allowed);
		struct response *response = problem(405, "This path knows %s.", allowed);
		response_header(response, "Allow", "%s", allowed);
		return response;
	}
	bool reads = request->method == METHOD_GET || request->method == METHOD_HEAD;
	bool api = strncmp(request->path, "/api/", 5) == 0;
	struct response *page = reads && !api ? asset_answer(request) : NULL;
	return page != NULL ? page : problem(404, "There is nothing at this path.");
}

static bool has_body(const struct request *request)
{
	const char *length = request_header(request, "Content-Length");
	return request_header(request, "Transfer-Encoding") != NULL ||
	       (length != NULL && strtoull(length, NULL, 10) > 0);
}

/* A body is only read from somebody who may send one, and no more than the route takes. */
static struct response *begin(void *context, const struct request *request, size_t *body_max)
{
	struct app *app = context;
	struct route_match match;
	*body_max = BODY_UNKNOWN_MAX;
	if (!has_body(request))
		return NULL;
	enum route_result result = route_find(&app->routes, request->method, request->path, &match);
	struct response *response = NULL;
	if (result != ROUTE_FOUND) {
		response = no_route(request, result, match.methods);
	} else {
		struct principal who;
		access_identify(app, request, &who);
		response = access_check(request, match.route, match.parameter, &who);
		if (who.role != ROLE_NONE)
			*body_max = match.route->body >= BODY_DOCUMENT ? BODY_DOCUMENT_MAX
								       : BODY_JSON_MAX;
		principal_fini(&who);
	}
	route_match_fini(&match);
	return response;
}

static struct response *check_rate(struct app *app, const struct call *call)
{
	if (call->route->method == METHOD_GET || call->who.role == ROLE_NONE)
		return NULL;
	char key[LIMITER_KEY_MAX];
	snprintf(key, sizeof key, "%s %s", call->who.by_token ? "token" : "user", call->who.name);
	unsigned wait_s = limiter_take(app->write_limit, key, mono_now());
	return wait_s == 0 ? NULL
			   : problem_later(wait_s, "Too many writes (PUT config writes many "
						   "objects at once)");
}

static bool type_is(const char *type, const char *wanted)
{
	size_t len = strcspn(type, "; \t");
	return len == strlen(wanted) && strncasecmp(type, wanted, len) == 0;
}

static struct response *check_type(const struct call *call)
{
	const char *type = request_header(call->request, "Content-Type");
	const char *wanted = route_body_type(call->route);
	if (type != NULL && type_is(type, wanted))
		return NULL;
	return problem(415, "Send the body as Content-Type: %s.", wanted);
}

static struct response *syntax_problem(const json_error_t *error)
{
	struct findings findings = {0};
	findings_add(&findings, "", "is not JSON: line %d, column %d: %s", error->line,
		     error->column, error->text);
	struct response *response = problem_findings(400, &findings);
	findings_fini(&findings);
	return response;
}

static struct response *parse_body(struct call *call)
{
	const struct request *request = call->request;
	enum body body = call->route->body;
	if (body == BODY_NONE)
		return request->body_len == 0 ? NULL : problem(400, "This takes no body.");
	struct response *response = check_type(call);
	if (response != NULL || body != BODY_JSON)
		return response;
	json_error_t error;
	call->body = json_loadb(request->body != NULL ? request->body : "", request->body_len,
				JSON_FLAGS, &error);
	if (call->body == NULL)
		return syntax_problem(&error);
	return json_is_object(call->body) ? NULL : problem_at("", "must be a JSON object");
}

static bool key_is_valid(const char *key)
{
	size_t len = strlen(key);
	for (const char *at = key; *at != '\0'; at++) {
		if (*at < 0x21 || *at > 0x7e)
			return false;
	}
	return len > 0 && len <= IDEMPOTENCY_KEY_MAX;
}

/* Secrets are answered once: what holds one is not kept. */
static bool is_secret(const struct route *route)
{
	return strstr(route->pattern, "/session") != NULL ||
	       strstr(route->pattern, "/tokens") != NULL ||
	       strstr(route->pattern, "/users") != NULL;
}

static struct response *handle_once(struct app *app, struct call *call, const char *key)
{
	const struct request *request = call->request;
	char *what = mem_printf("%d %s %s %s?%d", call->who.by_token, call->who.name, key,
				request->path, call->dry_run);
	struct response *response = NULL;
	switch (idempotency_begin(app->idempotency, what, request->body, request->body_len,
				  mono_now(), &response)) {
	case IDEMPOTENCY_AGAIN:
		break;
	case IDEMPOTENCY_UNDER_WAY:
		response =
			problem(409, "The first request with this Idempotency-Key is under way.");
		break;
	case IDEMPOTENCY_DIFFERS:
		response = problem(422, "This Idempotency-Key came with another body before.");
		break;
	default:
		response = call->route->handle(app, call);
		if (response->status < 500 && response->status != 429 && !is_secret(call->route))
			idempotency_keep(app->idempotency, what, response);
		else
			idempotency_forget(app->idempotency, what);
		break;
	}
	free(what);
	return response;
}

static struct response *handle_call(struct app *app, struct call *call)
{
	const char *key = request_header(call->request, "Idempotency-Key");
	if (call->route->method != METHOD_POST || key == NULL)
		return call->route->handle(app, call);
	if (!key_is_valid(key))
		return problem(400, "Idempotency-Key must be 1 to %d printable characters.",
			       IDEMPOTENCY_KEY_MAX);
	return handle_once(app, call, key);
}

static struct response *judge_and_handle(struct app *app, const struct request *request,
					 const struct route_match *match)
{
	struct call call = {
		.request = request,
		.route = match->route,
		.parameter = match->parameter,
		.dry_run = request_flag(request, "dry_run"),
	};
	access_identify(app, request, &call.who);
	struct response *response =
		access_check(request, match->route, match->parameter, &call.who);
	if (response == NULL)
		response = check_rate(app, &call);
	if (response == NULL)
		response = parse_body(&call);
	if (response == NULL)
		response = handle_call(app, &call);
	json_decref(call.body);
	principal_fini(&call.who);
	return response;
}

static struct response *handle(void *context, const struct request *request)
{
	struct app *app = context;
	struct route_match match;
	enum route_result result = route_find(&app->routes, request->method, request->path, &match);
	struct response *response = result == ROUTE_FOUND
					    ? judge_and_handle(app, request, &match)
					    : no_route(request, result, match.methods);
	route_match_fini(&match);
	return response;
}

static struct response *refuse(void *context, unsigned status, const char *why)
{
	(void)context;
	return problem(status, "%s", why);
}

/* For metrics: a pattern, or one word for all else. */
static const char *route_name(struct app *app, const struct request *request)
{
	struct route_match match;
	if (request->path == NULL)
		return "malformed";
	enum route_result result = route_find(&app->routes, request->method, request->path, &match);
	const char *name = result == ROUTE_FOUND ? match.route->pattern : "page";
	route_match_fini(&match);
	return name;
}

static void finish(void *context, const struct request *request, struct response *response)
{
	struct app *app = context;
	counters_request(app->counters, route_name(app, request), response->status);
	gzip_response(request, response);
	response_header(
		response, "Content-Security-Policy",
		"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
		"connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors "
		"'none'");
	response_header(response, "X-Content-Type-Options", "nosniff");
	response_header(response, "Referrer-Policy", "no-referrer");
	response_header(response, "Cross-Origin-Opener-Policy", "same-origin");
	response_header(response, "Cross-Origin-Resource-Policy", "same-origin");
	if (request->tls)
		response_header(response, "Strict-Transport-Security", "max-age=31536000");
	if (response_find_header(response, "Cache-Control") == NULL)
		response_header(response, "Cache-Control", "%s",
				response_find_header(response, "ETag") != NULL ? "private, no-cache"
									       : "no-store");
}

struct http_handler dispatch_handler(struct app *app)
{
	return (struct http_handler){begin, handle, refuse, finish, app};
}
