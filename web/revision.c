/* Knows how revisions are listed, compared and gone back to over HTTP. */
#include "web/paging.h"
#include "web/whole.h"
#include "web/write.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool number_of(const char *text, int64_t *number)
{
	char *end;
	*number = strtoll(text, &end, 10);
	return *text >= '0' && *text <= '9' && *end == '\0' && *number >= 0;
}

/* Up to LIMIT revisions below BEFORE. False with the answer. */
static bool history(struct app *app, int64_t before, size_t limit, struct revision **revisions,
		    size_t *count, struct response **answer)
{
	struct error error = {0};
	struct store *store = config_reader(app->config, &error);
	bool done = store != NULL && store_history(store, before, limit, revisions, count, &error);
	if (store != NULL)
		config_release(app->config, store);
	if (!done)
		*answer = store_failure(&error);
	return done;
}

struct response *revision_list(struct app *app, struct call *call)
{
	struct page page;
	struct response *response = NULL;
	int64_t before = 0;
	if (!page_read(call->request, &page, &response))
		return response;
	if (page.cursor != NULL && !number_of(page.cursor, &before))
		return problem(400, "The cursor is malformed.");
	struct revision *revisions = NULL;
	size_t count = 0;
	if (!history(app, before, page.limit, &revisions, &count, &response))
		return response;
	json_t *items = json_array();
	for (size_t i = 0; i < count; i++)
		json_array_append_new(items, revision_json(&revisions[i]));
	response = response_json(200, json_pack("{s:o}", "items", items));
	if (count == page.limit && revisions[count - 1].number > 1) {
		char cursor[24];
		snprintf(cursor, sizeof cursor, "%" PRId64, revisions[count - 1].number);
		page_link_next(call->request, response, cursor);
	}
	revisions_free(revisions, count);
	return response;
}

/* Shows in JSON the changes that lead from FROM to TO. False with the answer. */
static bool show_diff(struct app *app, int64_t from, int64_t to, json_t *json,
		      struct response **answer)
{
	struct error error = {0};
	struct changes changes = {0};
	struct store *store = config_reader(app->config, &error);
	bool done = false;
	if (store != NULL) {
		int64_t newest = store_revision(store, &error);
		if (newest >= 0 && (from > newest || to > newest))
			*answer = problem(
				404, "There is no revision %" PRId64 "; the newest is %" PRId64 ".",
				from > to ? from : to, newest);
		else
			done = newest >= 0 && store_diff(store, from, to, &changes, &error);
		config_release(app->config, store);
	}
	if (done)
		changes_show(json, &changes);
	else if (*answer == NULL)
		*answer = store_failure(&error);
	changes_fini(&changes);
	return done;
}

/* Answers with JSON (taken) and that difference in it. */
static struct response *answer_diff(struct app *app, int64_t from, int64_t to, json_t *json)
{
	struct response *response = NULL;
	if (show_diff(app, from, to, json, &response))
		return response_json(200, json);
	json_decref(json);
	return response;
}

struct response *revision_get(struct app *app, struct call *call)
{
	int64_t number;
	struct response *response = NULL;
	if (!number_of(call->parameter[0], &number) || number == 0)
		return problem(404, "There is no revision %s.", call->parameter[0]);
	struct revision *revisions = NULL;
	size_t count = 0;
	if (!history(app, number + 1, 1, &revisions, &count, &response))
		return response;
	if (count != 1 || revisions[0].number != number)
		response = problem(404, "There is no revision %s.", call->parameter[0]);
	else
		response = answer_diff(app, number - 1, number, revision_json(&revisions[0]));
	revisions_free(revisions, count);
	return response;
}

struct response *revision_diff(struct app *app, struct call *call)
{
	int64_t from, to;
	const char *to_text = request_query(call->request, "to");
	if (!number_of(call->parameter[0], &from))
		return problem(404, "There is no revision %s.", call->parameter[0]);
	if (to_text == NULL) {
		to = from;
		from = from > 0 ? from - 1 : 0;
	} else if (!number_of(to_text, &to)) {
		return problem(400, "to must be the number of a revision.");
	}
	return answer_diff(app, from, to,
			   json_pack("{s:I, s:I}", "from", (json_int_t)from, "to", (json_int_t)to));
}

/* Releases STORE, the writer: under it, what is shown is what is done. */
static struct response *roll_back(struct app *app, const struct call *call, struct store *store,
				  int64_t to, const struct author *author)
{
	int64_t revision = 0;
	struct error error = {0};
	struct changes changes = {0};
	struct findings findings = {0};
	enum commit_result result = COMMIT_FAILED;
	struct response *response = NULL;
	int64_t newest = store_revision(store, &error);
	if (newest >= 0)
		response = write_check_match(call, newest);
	if (newest >= 0 && response == NULL && to > newest)
		response = problem(404, "There is no revision %" PRId64 ".", to);
	else if (newest >= 0 && response == NULL &&
		 store_rollback_changes(store, to, &changes, &error))
		result = store_rollback(store, to, author, call->dry_run, &revision, &findings,
					&error);
	config_release(app->config, store);
	if (response == NULL)
		response = result == COMMIT_DONE || result == COMMIT_NOTHING
				   ? write_answer(call, revision, &changes)
				   : write_failure(app, result, &changes, &findings, &error);
	changes_fini(&changes);
	findings_fini(&findings);
	return response;
}

struct response *revision_rollback(struct app *app, struct call *call)
{
	char name[80];
	int64_t to;
	struct author author;
	struct error error = {0};
	struct response *response = NULL;
	if (!number_of(call->parameter[0], &to))
		return problem(404, "There is no revision %s.", call->parameter[0]);
	if (!write_author(call, name, &author, &response))
		return response;
	struct store *store = config_writer(app->config, &error);
	if (store == NULL)
		return store_failure(&error);
	return roll_back(app, call, store, to, &author);
}
