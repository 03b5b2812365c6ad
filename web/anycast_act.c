/* Knows how a forecast and a confirmation are asked of the anycast controller. */
#include "web/anycast_act.h"

#include "db/document.h"
#include "db/jread.h"
#include "db/plan_request.h"
#include "web/ask.h"
#include "web/write.h"

#include <stdio.h>

enum { PLAN_MS = 5000 };

/* Takes REFUSALS, an array of what the store would say of the change. */
static struct response *answer_plan(const struct app *app, const struct changes *changes,
				    json_t *refusals)
{
	struct error error = {0};
	json_t *reply, *args = plan_request(changes);
	enum ask_result result = ask(app, DAEMON_BGPCTL, "plan", args, PLAN_MS, &reply, &error);
	json_decref(args);
	if (result != ASK_DONE) {
		json_decref(refusals);
		return problem(result == ASK_REFUSED ? 422 : 503, "%s", error.text);
	}
	json_object_set_new(reply, "refusals", refusals);
	return response_json(200, reply);
}

struct response *anycast_plan_get(struct app *app, struct call *call)
{
	(void)call;
	return answer_plan(app, NULL, json_array());
}

static json_t *refusals_json(const struct findings *findings)
{
	json_t *list = json_array();
	for (size_t i = 0; i < findings->count; i++)
		json_array_append_new(list, json_string(findings->at[i].message));
	return list;
}

/* Reads the document against STORE, and what the store would say of it without writing: REFUSALS.
 * NULL, or the answer where the document means nothing. */
static struct response *read_document(const struct call *call, struct store *store,
				      struct changes *changes, json_t **refusals)
{
	const struct request *request = call->request;
	const struct author author = {.name = "plan"};
	struct error error = {0};
	struct findings findings = {0};
	struct response *response = NULL;
	int64_t revision;
	bool read = document_read(request->body != NULL ? request->body : "", request->body_len,
				  request_flag(request, "prune"), store, changes, &findings);
	enum commit_result result = read ? store_commit(store, changes, &author, NULL, true,
							&revision, &findings, &error)
					 : COMMIT_INVALID;
	if (result == COMMIT_INVALID)
		response = problem_findings(422, &findings);
	else if (result == COMMIT_FAILED)
		response = store_failure(&error);
	else /* what is refused is shown all the same: the plan says why it would matter */
		*refusals = refusals_json(&findings);
	findings_fini(&findings);
	return response;
}

struct response *anycast_plan_post(struct app *app, struct call *call)
{
	struct error error = {0};
	struct changes changes = {0};
	json_t *refusals = NULL;
	struct store *store = config_reader(app->config, &error);
	if (store == NULL)
		return store_failure(&error);
	struct response *response = read_document(call, store, &changes, &refusals);
	config_release(app->config, store);
	if (response == NULL)
		response = answer_plan(app, &changes, refusals);
	changes_fini(&changes);
	return response;
}

struct response *anycast_confirm(struct app *app, struct call *call)
{
	struct findings findings = {0};
	struct jpath root = jpath_root("");
	struct jread reader;
	jread_open(&reader, call->body, &root, "confirmation", &findings);
	const char *id = jread_text(&reader, "id", REQUIRED, 64);
	jread_close(&reader);
	struct response *response = NULL;
	if (findings_total(&findings) > 0) {
		response = problem_findings(422, &findings);
	} else {
		struct error error = {0};
		char actor[80];
		json_t *reply;
		snprintf(actor, sizeof actor, "%s%s", call->who.by_token ? "token:" : "",
			 call->who.name);
		json_t *args = json_pack("{s:s, s:s}", "id", id, "actor", actor);
		enum ask_result result =
			ask(app, DAEMON_BGPCTL, "confirm", args, ASK_MS, &reply, &error);
		json_decref(args);
		response = result == ASK_DONE
				   ? response_json(200, reply)
				   : problem(result == ASK_REFUSED ? 409 : 503, "%s", error.text);
	}
	findings_fini(&findings);
	return response;
}
