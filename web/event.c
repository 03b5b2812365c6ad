/* Knows how the time line is asked for. */
#include "web/event.h"

#include "base/mem.h"
#include "base/wall.h"
#include "web/access.h"
#include "web/csv.h"
#include "web/hub.h"
#include "web/paging.h"

#include <stdlib.h>
#include <string.h>

static const struct csv_column event_columns[] = {
	{"id", false},	 {"time", false}, {"daemon", false}, {"kind", false}, {"object", false},
	{"from", false}, {"to", false},	  {"reason", true},  {"actor", true}, {NULL, false}};

static bool read_time(const struct call *call, const char *name, int64_t *ms,
		      struct response **answer)
{
	const char *text = request_query(call->request, name);
	*ms = 0;
	if (text == NULL || wall_parse(text, ms))
		return true;
	*answer = problem(400, "%s must be an RFC 3339 time, as 2026-11-20T12:00:00Z.", name);
	return false;
}

struct response *event_list(struct app *app, struct call *call)
{
	struct page page;
	struct response *response = NULL;
	struct journal_filter filter = {
		.kind = request_query(call->request, "kind"),
		.object = request_query(call->request, "object"),
	};
	const char *order = request_query(call->request, "order");
	if (!page_read(call->request, &page, &response) ||
	    !read_time(call, "since", &filter.since_ms, &response) ||
	    !read_time(call, "until", &filter.until_ms, &response))
		return response;
	if (order != NULL && strcmp(order, "newest") != 0 && strcmp(order, "oldest") != 0)
		return problem(400, "order must be newest or oldest.");
	filter.newest_first = order == NULL || strcmp(order, "newest") == 0;
	filter.limit = page.limit;
	filter.after = page.cursor;
	char *cursor = NULL;
	struct error error = {0};
	json_t *items = journal_read(app->instance.events_dir, &filter, &cursor, &error);
	if (items == NULL)
		return problem(503, "%s", error.text);
	bool full = json_array_size(items) == page.limit;
	if (csv_wanted(call->request)) {
		response = csv_response(items, event_columns);
		json_decref(items);
	} else {
		response = response_json(200, json_pack("{s:o}", "items", items));
	}
	if (full && cursor != NULL)
		page_link_next(call->request, response, cursor);
	free(cursor);
	return response;
}

/* The credentials of a stream, to be looked at again and again. */
struct credentials {
	struct app *app;
	struct request request; /* the headers that prove who it is */
};

static bool still_allowed(void *context)
{
	struct credentials *credentials = context;
	struct principal who;
	access_identify(credentials->app, &credentials->request, &who);
	principal_fini(&who);
	return who.role != ROLE_NONE;
}

static void free_credentials(void *context)
{
	struct credentials *credentials = context;
	request_fini(&credentials->request);
	free(credentials);
}

static struct credentials *credentials_of(struct app *app, const struct request *request)
{
	static const char *const proofs[] = {"Authorization", "Cookie"};
	struct credentials *credentials = mem_new(struct credentials);
	credentials->app = app;
	credentials->request.tls = request->tls;
	for (size_t i = 0; i < 2; i++) {
		const char *value = request_header(request, proofs[i]);
		if (value != NULL)
			(void)!request_add_header(&credentials->request, proofs[i], value);
	}
	return credentials;
}

struct response *event_stream(struct app *app, struct call *call)
{
	char now[WALL_TEXT_MAX];
	wall_format(wall_now_ms(), now);
	struct model *model = config_model(app->config);
	struct hub_listener listener = {
		.hello = json_pack("{s:I, s:s}", "revision", (json_int_t)model->revision, "time",
				   now),
		.last_id = request_header(call->request, "Last-Event-ID"),
		.still_allowed = still_allowed,
		.free = free_credentials,
		.context = credentials_of(app, call->request),
	};
	model_unref(model);
	struct response *response = hub_listen(app->hub, &listener);
	if (response == NULL) {
		response = problem(503, "%d event streams are open; no more are served.",
				   HUB_STREAMS_MAX);
		response_header(response, "Retry-After", "30");
	}
	return response;
}
