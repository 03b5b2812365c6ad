/* Knows what a question to a daemon must hold before it is passed on. */
#include "web/question.h"

#include "db/jread.h"
#include "db/names.h"
#include "db/rdata.h"
#include "web/ask.h"

#include <string.h>

enum { TEST_MS = 65000 /* longer than people wait */ };

static void want_prefix(struct jread *reader, const char *key)
{
	struct prefix prefix;
	const char *why = "is neither an address nor ADDRESS/LENGTH";
	const char *text = jread_text(reader, key, OPTIONAL, PREFIX_TEXT_MAX);
	if (text != NULL && !prefix_parse(text, &prefix, &why))
		jread_wrong(reader, key, "%s: \"%s\"", why, text);
}

static void want_address(struct jread *reader, const char *key, enum jread_need need)
{
	struct addr addr;
	const char *text = jread_text(reader, key, need, ADDR_TEXT_MAX);
	if (text != NULL && !addr_parse(text, &addr))
		jread_wrong(reader, key, "is no IP address: \"%s\"", text);
}

static void judge_explain(const json_t *body, struct findings *findings)
{
	struct jpath root = jpath_root("");
	struct jread reader;
	char canonical[DNS_NAME_TEXT_MAX];
	uint16_t type;
	jread_open(&reader, body, &root, "question", findings);
	const char *name = jread_text(&reader, "name", REQUIRED, DNS_NAME_TEXT_MAX);
	const char *why = name != NULL ? dns_name_canonical(name, canonical) : NULL;
	if (why != NULL)
		jread_wrong(&reader, "name", "%s", why);
	const char *type_text = jread_text(&reader, "type", OPTIONAL, 16);
	if (type_text != NULL && !rdata_type_parse(type_text, &type) &&
	    strcasecmp(type_text, "ANY") != 0)
		jread_wrong(&reader, "type", "is no record type: \"%s\"", type_text);
	want_prefix(&reader, "client");
	want_address(&reader, "resolver", OPTIONAL);
	const json_t *down = jread_array(&reader, "assume_down", OPTIONAL);
	for (size_t i = 0; i < json_array_size(down); i++) {
		struct jpath list = jpath_key(&root, "assume_down");
		struct jpath path = jpath_index(&list, i);
		(void)jread_element_text(json_array_get(down, i), &path, 200, findings);
	}
	jread_close(&reader);
}

static struct response *pass_on(struct app *app, enum daemon daemon, const char *verb,
				const json_t *args, int timeout_ms, struct findings *findings)
{
	struct response *response = findings_total(findings) > 0
					    ? problem_findings(422, findings)
					    : ask_and_answer(app, daemon, verb, args, timeout_ms);
	findings_fini(findings);
	return response;
}

struct response *question_explain(struct app *app, struct call *call)
{
	struct findings findings = {0};
	judge_explain(call->body, &findings);
	if (json_is_object(call->body) && json_object_get(call->body, "type") == NULL)
		json_object_set_new(call->body, "type", json_string("A"));
	return pass_on(app, DAEMON_GEODNS, "explain", call->body, ASK_MS, &findings);
}

struct response *question_geo_lookup(struct app *app, struct call *call)
{
	struct addr addr;
	const char *text = request_query(call->request, "address");
	if (text == NULL || !addr_parse(text, &addr))
		return problem(400, "address must be an IP address.");
	json_t *args = json_pack("{s:s}", "address", text);
	struct response *response = ask_and_answer(app, DAEMON_GEODNS, "geo_lookup", args, ASK_MS);
	json_decref(args);
	return response;
}

/* MONITOR is a name, or an object that need not be stored. */
static void judge_monitor(struct app *app, struct jread *reader)
{
	const json_t *monitor = jread_value(reader, "monitor", REQUIRED);
	if (json_is_string(monitor)) {
		struct model *model = config_model(app->config);
		if (model_find(model, KIND_MONITOR, json_string_value(monitor)) == NULL)
			jread_wrong(reader, "monitor", "names no monitor: \"%.64s\"",
				    json_string_value(monitor));
		model_unref(model);
	} else if (monitor != NULL) {
		object_unref(
			codec_decode(KIND_MONITOR, monitor, NULL, "/monitor", reader->findings));
	}
}

struct response *question_test_monitor(struct app *app, struct call *call)
{
	struct findings findings = {0};
	struct jpath root = jpath_root("");
	struct jread reader;
	json_t *monitor = json_object_get(call->body, "monitor");
	if (json_is_object(monitor)) {
		json_object_del(monitor, "revision");
		json_object_del(monitor, "used_by");
		if (json_object_get(monitor, "name") == NULL) /* it is not to be kept */
			json_object_set_new(monitor, "name", json_string("test"));
	}
	jread_open(&reader, call->body, &root, "test", &findings);
	judge_monitor(app, &reader);
	want_address(&reader, "address", REQUIRED);
	jread_uint(&reader, "port", 1, 65535, 1);
	jread_close(&reader);
	return pass_on(app, DAEMON_HEALTHCHECK, "test", call->body, TEST_MS, &findings);
}
