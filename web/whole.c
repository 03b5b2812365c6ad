/* Knows how the document is applied and exported over HTTP. */
#include "web/whole.h"

#include "db/document.h"
#include "web/write.h"

#include <inttypes.h>
#include <stdlib.h>

/* Reads "?NAME=N" with N >= 1. False with the answer where it is malformed; 0 where absent. */
static bool read_number(const struct call *call, const char *name, int64_t *number,
			struct response **answer)
{
	const char *text = request_query(call->request, name);
	char *end = NULL;
	*number = text != NULL ? strtoll(text, &end, 10) : 0;
	if (text == NULL || (*text >= '0' && *text <= '9' && *end == '\0' && *number > 0))
		return true;
	*answer = problem(400, "%s must be the number of a revision.", name);
	return false;
}

struct response *whole_export(struct app *app, struct call *call)
{
	int64_t wanted;
	struct response *response = NULL;
	if (!read_number(call, "revision", &wanted, &response))
		return response;
	struct error error = {0};
	struct store *store = config_reader(app->config, &error);
	if (store == NULL)
		return store_failure(&error);
	int64_t revision = store_revision(store, &error);
	json_t *document =
		revision >= 0 && wanted <= revision ? document_export(store, wanted, &error) : NULL;
	config_release(app->config, store);
	if (document == NULL)
		return wanted > revision && revision >= 0
			       ? problem(404, "There is no revision %" PRId64 ".", wanted)
			       : store_failure(&error);
	response = response_json(200, document);
	response_etag(response, wanted != 0 ? wanted : revision);
	return response;
}

static bool read_document(const struct call *call, struct store *store, struct changes *changes,
			  struct findings *findings, struct error *error)
{
	const struct request *request = call->request;
	(void)error;
	return document_read(request->body != NULL ? request->body : "", request->body_len,
			     request_flag(request, "prune"), store, changes, findings);
}

struct response *whole_apply(struct app *app, struct call *call)
{
	return write_whole(app, call, read_document);
}
