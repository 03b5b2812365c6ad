/* Knows how a route is told in OpenAPI. */
#include "web/openapi.h"

#include "base/mem.h"
#include "web/schema.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* OpenAPI knows no "rest of the path": the name alone is left. */
static char *path_of(const char *pattern)
{
	char *path = mem_strdup(pattern), *to = path;
	for (const char *from = pattern; *from != '\0'; from++) {
		if (*from != '+')
			*to++ = *from;
	}
	*to = '\0';
	return path;
}

static void add_parameter(json_t *list, const char *name, size_t len, const char *in, bool required)
{
	char *text = mem_dup(name, len + 1);
	text[len] = '\0';
	json_array_append_new(list, json_pack("{s:s, s:s, s:b, s:{s:s}}", "name", text, "in", in,
					      "required", required, "schema", "type", "string"));
	free(text);
}

static json_t *parameters_of(const struct route *route)
{
	json_t *list = json_array();
	for (const char *at = strchr(route->pattern, '{'); at != NULL; at = strchr(at + 1, '{'))
		add_parameter(list, at + 1, strcspn(at + 1, "+}"), "path", true);
	bool object = route->method == METHOD_PUT || route->method == METHOD_PATCH ||
		      route->method == METHOD_DELETE;
	if (object)
		add_parameter(list, "If-Match", 8, "header", false);
	if (route->method == METHOD_POST)
		add_parameter(list, "Idempotency-Key", 15, "header", false);
	if (route->method != METHOD_GET) {
		add_parameter(list, "X-Change-Comment", 16, "header", false);
		add_parameter(list, "dry_run", 7, "query", false);
	}
	return list;
}

/* Takes SCHEMA, which may be NULL. */
static void add_response(json_t *responses, const char *status, const char *text, const char *type,
			 json_t *schema)
{
	json_t *response = json_pack("{s:s}", "description", text);
	if (schema != NULL)
		json_object_set_new(response, "content",
				    json_pack("{s:{s:o}}", type, "schema", schema));
	json_object_set_new(responses, status, response);
}

static json_t *responses_of(const struct route *route)
{
	static const char json[] = "application/json";
	json_t *responses = json_object();
	if (route->method == METHOD_DELETE)
		add_response(responses, "204", "Done.", json, NULL);
	else if (route->method == METHOD_POST)
		add_response(responses, "201", "Created.", json, schema_answer(route));
	if (route->method != METHOD_DELETE)
		add_response(responses, "200", "The answer.", json,
			     route->method != METHOD_POST ? schema_answer(route) : NULL);
	add_response(responses, "default", "What is wrong.", "application/problem+json",
		     json_pack("{s:s}", "$ref", "#/components/schemas/Problem"));
	return responses;
}

static json_t *operation_of(const struct route *route)
{
	json_t *operation = json_pack("{s:s, s:o, s:o}", "summary", route->summary, "parameters",
				      parameters_of(route), "responses", responses_of(route));
	if (route->role == ROLE_NONE)
		json_object_set_new(operation, "security", json_array());
	else
		json_object_set_new(operation, "x-role", json_string(role_name(route->role)));
	if (route->body != BODY_NONE)
		json_object_set_new(operation, "requestBody",
				    json_pack("{s:b, s:{s:{s:o}}}", "required", 1, "content",
					      route_body_type(route), "schema",
					      schema_body(route)));
	return operation;
}

static json_t *components(void)
{
	return json_pack("{s:{s:{s:s, s:s}, s:{s:s, s:s, s:s}}, s:o}", "securitySchemes", "token",
			 "type", "http", "scheme", "bearer", "session", "type", "apiKey", "in",
			 "cookie", "name", "meridian", "schemas", schema_components());
}

json_t *openapi_document(const struct route_table *routes)
{
	json_t *paths = json_object();
	for (size_t i = 0; i < routes->count; i++) {
		const struct route *route = &routes->at[i];
		char *path = path_of(route->pattern);
		json_t *item = json_object_get(paths, path);
		if (item == NULL) {
			item = json_object();
			json_object_set_new(paths, path, item);
		}
		char method[16];
		snprintf(method, sizeof method, "%s", method_name(route->method));
		for (char *at = method; *at != '\0'; at++)
			*at = (char)tolower(*at);
		json_object_set_new(item, method, operation_of(route));
		free(path);
	}
	return json_pack("{s:s, s:{s:s, s:s}, s:[{s:[]}, {s:[]}], s:o, s:o}", "openapi", "3.1.0",
			 "info", "title", "Meridian", "version", MERIDIAN_VERSION, "security",
			 "token", "session", "paths", paths, "components", components());
}

struct response *openapi_get(struct app *app, struct call *call)
{
	(void)call;
	return response_json(200, openapi_document(&app->routes));
}
