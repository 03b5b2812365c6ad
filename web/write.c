/* Knows which status each outcome of a commit has. */
#include "web/write.h"

#include "db/jread.h"
#include "web/precondition.h"
#include "web/users.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { COMMENT_MAX = 500 };

void changes_show(json_t *json, const struct changes *changes)
{
	json_t *list = json_array();
	for (size_t i = 0; i < changes->count && i < CHANGES_SHOWN; i++) {
		const struct change *change = &changes->at[i];
		const char *action = change->before == NULL  ? "create"
				     : change->after == NULL ? "delete"
							     : "update";
		json_t *before =
			change->before != NULL ? codec_encode(change->before) : json_null();
		json_t *after = change->after != NULL ? codec_encode(change->after) : json_null();
		json_array_append_new(list,
				      json_pack("{s:s, s:s, s:s, s:o, s:o}", "action", action,
						"kind", kind_name(change->kind), "id", change->id,
						"before", before, "after", after));
	}
	json_object_set_new(json, "change_count", json_integer((json_int_t)changes->count));
	json_object_set_new(json, "changes", list);
}

bool write_author(const struct call *call, char name[80], struct author *author,
		  struct response **answer)
{
	const char *comment = request_header(call->request, "X-Change-Comment");
	json_t *text = comment != NULL ? json_string(comment) : NULL;
	if (comment != NULL && (text == NULL || strlen(comment) > COMMENT_MAX)) {
		json_decref(text);
		*answer = problem(400, "X-Change-Comment must be UTF-8 of at most %d octets.",
				  COMMENT_MAX);
		return false;
	}
	json_decref(text);
	snprintf(name, 80, "%s%s", call->who.by_token ? "token:" : "", call->who.name);
	*author = (struct author){.name = name,
				  .comment = comment,
				  .confirmed = request_query(call->request, "confirm")};
	return true;
}

struct response *store_failure(const struct error *error)
{
	if (strstr(error->text, "no longer kept") != NULL)
		return problem(404, "%s", error->text);
	bool full = strstr(error->text, "full") != NULL || strstr(error->text, "No space") != NULL;
	struct response *response = problem(full ? 507 : 503, "%s", error->text);
	response_header(response, "Retry-After", "5");
	return response;
}

static struct response *blocked(struct app *app, const struct changes *changes,
				const struct findings *findings)
{
	struct model *model = config_model(app->config);
	json_t *blocking = json_array();
	for (size_t i = 0; i < changes->count; i++) {
		if (changes->at[i].after != NULL)
			continue;
		json_t *users = users_of(model, changes->at[i].kind, changes->at[i].id);
		json_array_extend(blocking, users);
		json_decref(users);
	}
	model_unref(model);
	json_t *more = json_object();
	json_object_set_new(more, "errors", findings_json(findings));
	json_object_set_new(more, "blocking", blocking);
	return problem_with(409, more,
			    findings->count > 0 ? findings->at[0].message
						: "Another object is in the way.");
}

struct response *write_failure(struct app *app, enum commit_result result,
			       const struct changes *changes, const struct findings *findings,
			       const struct error *error)
{
	switch (result) {
	case COMMIT_INVALID:
		return problem_findings(422, findings);
	case COMMIT_BLOCKED:
		return blocked(app, changes, findings);
	case COMMIT_STALE:
		return problem(412, "%s", error->text);
	default:
		return store_failure(error);
	}
}

struct response *write_answer(const struct call *call, int64_t revision,
			      const struct changes *changes)
{
	json_t *json = json_pack("{s:I}", "revision", (json_int_t)revision);
	if (call->dry_run)
		json_object_set_new(json, "dry_run", json_true());
	changes_show(json, changes);
	struct response *response = response_json(200, json);
	response_etag(response, revision);
	return response;
}

struct response *write_check_match(const struct call *call, int64_t newest)
{
	const char *if_match = request_header(call->request, "If-Match");
	if (if_match == NULL || etag_matches(if_match, newest))
		return NULL;
	return problem(412, "The configuration is now at revision %" PRId64 ".", newest);
}

struct response *write_changes(struct app *app, const struct call *call, struct changes *changes,
			       const struct expect *expect, int64_t *revision)
{
	char name[80];
	struct author author;
	struct response *answer = NULL;
	if (!write_author(call, name, &author, &answer))
		return answer;
	struct error error = {0};
	struct store *store = config_writer(app->config, &error);
	if (store == NULL)
		return store_failure(&error);
	struct findings findings = {0};
	enum commit_result result = store_commit(store, changes, &author, expect, call->dry_run,
						 revision, &findings, &error);
	config_release(app->config, store);
	if (result != COMMIT_DONE && result != COMMIT_NOTHING)
		answer = write_failure(app, result, changes, &findings, &error);
	else if (call->dry_run)
		answer = write_answer(call, *revision, changes);
	findings_fini(&findings);
	return answer;
}

struct writing {
	struct changes changes;
	struct findings findings;
	struct error error;
	int64_t revision;
	enum commit_result result;
};

/* Under the writer. NULL, or the answer where it did not come to a commit. */
static struct response *read_and_commit(struct store *store, const struct call *call,
					const struct author *author, write_read *read,
					struct writing *writing)
{
	int64_t newest = store_revision(store, &writing->error);
	if (newest < 0)
		return store_failure(&writing->error);
	struct response *response = write_check_match(call, newest);
	if (response != NULL)
		return response;
	if (read(call, store, &writing->changes, &writing->findings, &writing->error)) {
		writing->result =
			store_commit(store, &writing->changes, author, NULL, call->dry_run,
				     &writing->revision, &writing->findings, &writing->error);
		return NULL;
	}
	return findings_total(&writing->findings) > 0 ? problem_findings(422, &writing->findings)
						      : store_failure(&writing->error);
}

struct response *write_whole(struct app *app, const struct call *call, write_read *read)
{
	char name[80];
	struct author author;
	struct response *response = NULL;
	if (!write_author(call, name, &author, &response))
		return response;
	struct writing writing = {.result = COMMIT_DONE};
	struct store *store = config_writer(app->config, &writing.error);
	if (store == NULL)
		return store_failure(&writing.error);
	response = read_and_commit(store, call, &author, read, &writing);
	config_release(app->config, store);
	if (response == NULL)
		response = writing.result == COMMIT_DONE || writing.result == COMMIT_NOTHING
				   ? write_answer(call, writing.revision, &writing.changes)
				   : write_failure(app, writing.result, &writing.changes,
						   &writing.findings, &writing.error);
	changes_fini(&writing.changes);
	findings_fini(&writing.findings);
	return response;
}
