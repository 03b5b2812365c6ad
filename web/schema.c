/* Knows which paths of the API hold which kind of object. */
#include "web/schema.h"

#include "base/mem.h"
#include "db/codec_schema.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* SEGMENT is the last one of a path that is no parameter, and the key in the document. */
struct resource {
	const char *segment, *name;
	enum kind kind;
};

static const struct resource resources[] = {
	{"sites", "Site", KIND_SITE},	       {"regions", "Region", KIND_REGION},
	{"geo", "PrefixPlace", KIND_GEO},      {"monitors", "Monitor", KIND_MONITOR},
	{"pools", "Pool", KIND_POOL},	       {"zones", "Zone", KIND_ZONE},
	{"services", "Service", KIND_SERVICE}, {"records", "RecordSet", KIND_RRSET},
	{"prefixes", "Prefix", KIND_PREFIX},   {"safety", "Safety", KIND_SAFETY},
	{"alerts", "Alert", KIND_ALERT},       {"overrides", "Override", KIND_OVERRIDE},
};
enum { RESOURCES = sizeof resources / sizeof *resources };

static json_t *reference(const char *name, const char *ending)
{
	char path[80];
	snprintf(path, sizeof path, "#/components/schemas/%s%s", name, ending);
	return json_pack("{s:s}", "$ref", path);
}

/* The name of the schema of PATTERN's objects, or NULL; *IS_LIST: it ends there, without an id. */
static const char *name_of(const char *pattern, bool *is_list)
{
	char last[32] = "";
	*is_list = false;
	for (const char *at = strchr(pattern, '/'); at != NULL; at = strchr(at, '/')) {
		size_t len = strcspn(++at, "/");
		*is_list = *at != '{';
		if (*is_list && len < sizeof last)
			snprintf(last, sizeof last, "%.*s", (int)len, at);
	}
	if (strcmp(last, "config") == 0 || strcmp(last, "safety") == 0)
		*is_list = false;
	if (strcmp(last, "config") == 0)
		return "Document";
	if (strcmp(last, "endpoints") == 0)
		return "Endpoint";
	for (size_t i = 0; i < RESOURCES; i++) {
		if (strcmp(last, resources[i].segment) == 0)
			return resources[i].name;
	}
	return NULL;
}

json_t *schema_answer(const struct route *route)
{
	bool is_list;
	const char *name = name_of(route->pattern, &is_list);
	bool whole = name != NULL && strcmp(name, "Document") == 0;
	if (name == NULL || route->method == METHOD_DELETE ||
	    (whole && route->method == METHOD_PUT))
		return NULL;
	return reference(name, is_list && route->method == METHOD_GET ? "List" : "");
}

json_t *schema_body(const struct route *route)
{
	bool is_list;
	const char *name = name_of(route->pattern, &is_list);
	if (route->body == BODY_ZONE_FILE)
		return json_pack("{s:s}", "type", "string");
	if (name == NULL || route->method == METHOD_PATCH)
		return json_pack("{s:s}", "type", "object");
	return reference(name, "");
}

/* What only answers have is allowed in what is sent back, and means nothing there. */
static void add_answers_members(json_t *schema)
{
	json_t *forms = json_object_get(schema, "oneOf");
	for (size_t i = 0; i < json_array_size(forms); i++)
		add_answers_members(json_array_get(forms, i));
	json_t *properties = json_object_get(schema, "properties");
	if (properties != NULL)
		json_object_set_new(properties, "revision",
				    json_pack("{s:s, s:b}", "type", "integer", "readOnly", 1));
}

static json_t *list_of(const char *name)
{
	return json_pack("{s:s, s:{s:{s:s, s:o}, s:{s:s}}}", "type", "object", "properties",
			 "items", "type", "array", "items", reference(name, ""), "total", "type",
			 "integer");
}

static void add(json_t *components, const char *name, json_t *schema)
{
	char list[32];
	add_answers_members(schema);
	json_object_set_new(components, name, schema);
	snprintf(list, sizeof list, "%sList", name);
	json_object_set_new(components, list, list_of(name));
}

static json_t *array_of(const char *name)
{
	return json_pack("{s:s, s:o}", "type", "array", "items", reference(name, ""));
}

/* In the document a zone holds its records and services. */
static json_t *document_schema(void)
{
	json_t *properties = json_pack("{s:{s:i}}", "meridian", "const", 1);
	for (size_t i = 0; i < RESOURCES; i++) {
		const struct resource *resource = &resources[i];
		if (resource->kind == KIND_OVERRIDE || resource->kind == KIND_RRSET ||
		    resource->kind == KIND_SERVICE || resource->kind == KIND_ZONE)
			continue;
		json_object_set_new(properties, resource->segment,
				    resource->kind == KIND_SAFETY ? reference(resource->name, "")
								  : array_of(resource->name));
	}
	json_t *zone = codec_schema(KIND_ZONE);
	json_object_set_new(json_object_get(zone, "properties"), "records", array_of("RecordSet"));
	json_object_set_new(json_object_get(zone, "properties"), "services", array_of("Service"));
	json_object_set_new(properties, "zones",
			    json_pack("{s:s, s:o}", "type", "array", "items", zone));
	return json_pack("{s:s, s:b, s:[s], s:o}", "type", "object", "additionalProperties", 0,
			 "required", "meridian", "properties", properties);
}

static json_t *problem_schema(void)
{
	return json_pack("{s:s, s:{s:{s:s}, s:{s:s}, s:{s:s}, s:{s:s, s:{s:s, s:{s:{s:s}, "
			 "s:{s:s}}}}, s:{s:s, s:{s:s}}}}",
			 "type", "object", "properties", "title", "type", "string", "status",
			 "type", "integer", "detail", "type", "string", "errors", "type", "array",
			 "items", "type", "object", "properties", "pointer", "type", "string",
			 "message", "type", "string", "blocking", "type", "array", "items", "type",
			 "string");
}

json_t *schema_components(void)
{
	json_t *components = json_object();
	for (size_t i = 0; i < RESOURCES; i++)
		add(components, resources[i].name, codec_schema(resources[i].kind));
	json_t *pool = json_object_get(json_object_get(components, "Pool"), "properties");
	json_t *endpoints = json_object_get(pool, "endpoints");
	add(components, "Endpoint", json_deep_copy(json_object_get(endpoints, "items")));
	json_object_set_new(components, "Document", document_schema());
	json_object_set_new(components, "Problem", problem_schema());
	return components;
}
