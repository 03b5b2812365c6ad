/* Knows the shape of an error. */
#include "web/problem.h"

#include <stdarg.h>
#include <stdio.h>

static const struct {
	unsigned status;
	const char *title;
} titles[] = {
	{400, "Bad Request"},
	{401, "Unauthorized"},
	{403, "Forbidden"},
	{404, "Not Found"},
	{405, "Method Not Allowed"},
	{409, "Conflict"},
	{412, "Precondition Failed"},
	{413, "Content Too Large"},
	{415, "Unsupported Media Type"},
	{422, "Unprocessable Content"},
	{428, "Precondition Required"},
	{429, "Too Many Requests"},
	{500, "Internal Server Error"},
	{502, "Bad Gateway"},
	{503, "Service Unavailable"},
	{507, "Insufficient Storage"},
};

static const char *title_of(unsigned status)
{
	for (size_t i = 0; i < sizeof titles / sizeof titles[0]; i++) {
		if (titles[i].status == status)
			return titles[i].title;
	}
	return "Error";
}

struct response *problem_with(unsigned status, json_t *more, const char *detail)
{
	json_t *body = json_pack("{s:s, s:s, s:i}", "type", "about:blank", "title",
				 title_of(status), "status", (int)status);
	json_t *text = json_string(detail);
	json_object_set_new(body, "detail", text != NULL ? text : json_string("(not UTF-8)"));
	json_object_update(body, more);
	json_decref(more);
	struct response *response = response_json(status, body);
	response_header(response, "Content-Type", "application/problem+json");
	return response;
}

struct response *problem(unsigned status, const char *format, ...)
{
	char detail[1024];
	va_list args;
	va_start(args, format);
	vsnprintf(detail, sizeof detail, format, args);
	va_end(args);
	return problem_with(status, NULL, detail);
}

struct response *problem_findings(unsigned status, const struct findings *findings)
{
	char detail[600];
	if (findings->count == 1)
		snprintf(detail, sizeof detail, "%s%s%s", findings->at[0].pointer,
			 findings->at[0].pointer[0] != '\0' ? " " : "", findings->at[0].message);
	else
		snprintf(detail, sizeof detail, "%zu faults were found; nothing was changed.",
			 findings->count + findings->dropped);
	json_t *more = json_object();
	json_object_set_new(more, "errors", findings_json(findings));
	return problem_with(status, more, detail);
}

struct response *problem_at(const char *pointer, const char *format, ...)
{
	char message[600];
	va_list args;
	va_start(args, format);
	vsnprintf(message, sizeof message, format, args);
	va_end(args);
	struct findings findings = {0};
	findings_add(&findings, pointer, "%s", message);
	struct response *response = problem_findings(422, &findings);
	findings_fini(&findings);
	return response;
}

struct response *problem_later(unsigned wait_s, const char *what)
{
	struct response *response = problem(429, "%s; try again in %u s.", what, wait_s);
	response_header(response, "Retry-After", "%u", wait_s);
	return response;
}
