/* Knows how the document is applied and exported over HTTP. */
#include "web/whole.h"

#include "db/document.h"
#include "web/precondition.h"
#include "web/write.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

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

struct applying {
	struct store *store;
	struct changes changes;
	struct findings findings;
	struct error error;
	int64_t revision;
	enum commit_result result;
};

/* Under the writer: nobody else of this daemon comes between the check of the revision and the
 * commit. */
static struct response *apply(const struct call *call, const struct author *author,
			      struct applying *applying)
{
	const struct request *request = call->request;
	const char *if_match = request_header(request, "If-Match");
	int64_t present = store_revision(applying->store, &applying->error);
	if (present < 0)
		return store_failure(&applying->error);
	if (if_match != NULL && !etag_matches(if_match, present))
		return problem(412, "The configuration is now at revision %" PRId64 ".", present);
	if (!document_read(request->body != NULL ? request->body : "", request->body_len,
			   request_flag(request, "prune"), applying->store, &applying->changes,
			   &applying->findings))
		return problem_findings(422, &applying->findings);
	applying->result =
		store_commit(applying->store, &applying->changes, author, NULL, call->dry_run,
			     &applying->revision, &applying->findings, &applying->error);
	return NULL;
}

/* What was changed, or would be. */
static struct response *changed(const struct call *call, int64_t revision,
				const struct changes *changes)
{
	json_t *json = json_pack("{s:I}", "revision", (json_int_t)revision);
	changes_show(json, changes);
	if (call->dry_run)
		json_object_set_new(json, "dry_run", json_true());
	struct response *response = response_json(200, json);
	response_etag(response, revision);
	return response;
}

struct response *whole_apply(struct app *app, struct call *call)
{
	char name[80];
	struct author author;
	struct response *response = NULL;
	if (!write_author(call, name, &author, &response))
		return response;
	struct applying applying = {.result = COMMIT_DONE};
	applying.store = config_writer(app->config, &applying.error);
	if (applying.store == NULL)
		return store_failure(&applying.error);
	response = apply(call, &author, &applying);
	config_release(app->config, applying.store);
	if (response == NULL)
		response = applying.result == COMMIT_DONE || applying.result == COMMIT_NOTHING
				   ? changed(call, applying.revision, &applying.changes)
				   : write_failure(app, applying.result, &applying.changes,
						   &applying.findings, &applying.error);
	changes_fini(&applying.changes);
	findings_fini(&applying.findings);
	return response;
}
