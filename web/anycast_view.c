/* Knows what is said of announcements when nobody can be asked. */
#include "web/anycast_view.h"

#include "web/ask.h"

static json_t *prefix_json(const struct object *object)
{
	char address[ADDR_TEXT_MAX];
	addr_format(&object->prefix.address, address);
	return json_pack("{s:s, s:s, s:s, s:n, s:n, s:n, s:b, s:n, s:[]}", "prefix", object->id,
			 "address", address, "state", "unknown", "since", "reason", "wanted",
			 "verified", 0, "blocked_by", "exported");
}

json_t *anycast_view(const struct model *model, const char *site, const json_t *reply,
		     const char *why)
{
	if (reply != NULL) {
		json_t *json = json_copy((json_t *)(uintptr_t)reply);
		json_object_set_new(json, "reachable", json_true());
		if (json_object_get(json, "problems") == NULL)
			json_object_set_new(json, "problems", json_array());
		return json;
	}
	json_t *prefixes = json_array();
	for (size_t i = 0; i < model->of[KIND_PREFIX].count; i++)
		json_array_append_new(prefixes, prefix_json(model->of[KIND_PREFIX].at[i]));
	return json_pack("{s:b, s:s?, s:n, s:o, s:[], s:[s]}", "reachable", 0, "site", site, "bird",
			 "prefixes", prefixes, "sessions", "problems", why);
}

struct response *anycast_get(struct app *app, struct call *call)
{
	(void)call;
	struct error error = {0};
	json_t *reply;
	ask(app, DAEMON_BGPCTL, "anycast", NULL, ASK_MS, &reply, &error);
	struct model *model = config_model(app->config);
	json_t *json = anycast_view(model, app->instance.site_name, reply, error.text);
	model_unref(model);
	json_decref(reply);
	return response_json(200, json);
}
