/* Knows how a response is put together. */
#include "web/response.h"

#include "base/mem.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct response *response_new(unsigned status)
{
	struct response *response = mem_new(struct response);
	response->status = status;
	return response;
}

void response_free(struct response *response)
{
	if (response == NULL)
		return;
	for (size_t i = 0; i < response->header_count; i++) {
		free(response->headers[i].name);
		free(response->headers[i].value);
	}
	if (response->stream.free != NULL)
		response->stream.free(response->stream.context);
	free(response->body);
	free(response);
}

struct response *response_text(unsigned status, const char *type, char *text)
{
	struct response *response = response_new(status);
	response->body = text;
	response->len = strlen(text);
	response_header(response, "Content-Type", "%s", type);
	return response;
}

struct response *response_json(unsigned status, json_t *json)
{
	char *text = json_dumps(json, JSON_COMPACT | JSON_REAL_PRECISION(15));
	json_decref(json);
	return response_text(status, "application/json", text != NULL ? text : mem_strdup("null"));
}

static struct field *slot_for(struct response *response, const char *name)
{
	for (size_t i = 0; i < response->header_count; i++) {
		if (strcasecmp(response->headers[i].name, name) == 0)
			return &response->headers[i];
	}
	if (response->header_count == RESPONSE_HEADERS_MAX)
		return NULL;
	struct field *slot = &response->headers[response->header_count++];
	slot->name = mem_strdup(name);
	return slot;
}

void response_header(struct response *response, const char *name, const char *format, ...)
{
	struct field *slot = slot_for(response, name);
	if (slot == NULL)
		return;
	char *value = NULL;
	va_list args;
	va_start(args, format);
	if (vasprintf(&value, format, args) < 0)
		value = NULL;
	va_end(args);
	free(slot->value);
	slot->value = value != NULL ? value : mem_strdup("");
}

const char *response_find_header(const struct response *response, const char *name)
{
	for (size_t i = 0; i < response->header_count; i++) {
		if (strcasecmp(response->headers[i].name, name) == 0)
			return response->headers[i].value;
	}
	return NULL;
}

void response_etag(struct response *response, int64_t revision)
{
	response_header(response, "ETag", "\"%" PRId64 "\"", revision);
}
