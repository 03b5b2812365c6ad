/* Knows how bad each state is. */
#include "web/attention.h"

#include "base/mem.h"
#include "web/traffic.h"

#include <stdlib.h>
#include <string.h>

enum severity { CRITICAL, WARNING, INFO, SEVERITIES };

struct attention {
	json_t *lists[SEVERITIES];
	const json_t *traffic;
};

static const char *text_of(const json_t *json, const char *key)
{
	return json_string_value(json_object_get(json, key));
}

static bool is(const char *text, const char *wanted)
{
	return text != NULL && strcmp(text, wanted) == 0;
}

/* One line. The strings are borrowed; SINCE and REASON may be NULL, SHARE negative. */
struct line {
	enum severity severity;
	char *object, *text, *link; /* taken */
	const char *since, *reason;
	double share;
};

static void add(struct attention *attention, const struct line *line)
{
	static const char *const names[] = {"critical", "warning", "info"};
	json_t *share = line->share >= 0 ? json_real(line->share) : json_null();
	json_array_append_new(attention->lists[line->severity],
			      json_pack("{s:s, s:s, s:s, s:s?, s:s?, s:o, s:s}", "severity",
					names[line->severity], "object", line->object, "text",
					line->text, "since", line->since, "reason", line->reason,
					"share", share, "link", line->link));
	free(line->object);
	free(line->text);
	free(line->link);
}

static void look_at_override(struct attention *attention, const json_t *override,
			     const char *object, const char *link)
{
	if (!json_is_object(override))
		return;
	struct line line = {
		INFO,
		mem_strdup(object),
		mem_printf("%s is overridden: %s, until %s", object, text_of(override, "action"),
			   text_of(override, "ends")),
		mem_strdup(link),
		text_of(override, "starts"),
		text_of(override, "reason"),
		-1,
	};
	add(attention, &line);
}

static void look_at_certificate(struct attention *attention, const json_t *endpoint,
				const char *object, const char *link)
{
	const json_t *cert = json_object_get(endpoint, "cert");
	const json_t *days = json_object_get(cert, "days_left");
	bool expired = is(text_of(cert, "state"), "expired");
	if (!expired && !is(text_of(cert, "state"), "expiring"))
		return;
	struct line line = {
		WARNING,
		mem_strdup(object),
		expired ? mem_printf("The certificate of %s is expired", object)
			: mem_printf("The certificate of %s ends in %.0f days", object,
				     json_number_value(days)),
		mem_strdup(link),
		NULL,
		text_of(cert, "subject"),
		-1,
	};
	add(attention, &line);
}

static void look_at_endpoint(struct attention *attention, const json_t *endpoint)
{
	const char *object = text_of(endpoint, "id"), *state = text_of(endpoint, "state");
	char *link = mem_printf("/pools/%s/%s", text_of(endpoint, "pool"),
				text_of(endpoint, "endpoint"));
	look_at_override(attention, json_object_get(endpoint, "override"), object, link);
	if (json_is_true(json_object_get(endpoint, "enabled"))) {
		look_at_certificate(attention, endpoint, object, link);
		if (is(state, "down") || is(state, "degraded")) {
			struct line line = {WARNING,
					    mem_strdup(object),
					    mem_printf("%s is %s", object, state),
					    mem_strdup(link),
					    text_of(endpoint, "since"),
					    text_of(endpoint, "reason"),
					    -1};
			add(attention, &line);
		}
	}
	free(link);
}

static void look_at_pool(struct attention *attention, const json_t *pool)
{
	const char *name = text_of(pool, "name"), *state = text_of(pool, "state");
	char *object = mem_printf("pool/%s", name), *link = mem_printf("/pools/%s", name);
	const json_t *override = json_object_get(pool, "override");
	look_at_override(attention, override, object, link);
	if (!json_is_object(override) && (is(state, "down") || is(state, "unknown"))) {
		struct line line = {is(state, "down") ? CRITICAL : WARNING,
				    mem_strdup(object),
				    mem_printf("The pool %s is %s", name, state),
				    mem_strdup(link),
				    text_of(pool, "since"),
				    text_of(pool, "reason"),
				    traffic_share(attention->traffic, name)};
		add(attention, &line);
	}
	free(object);
	free(link);
	const json_t *endpoints = json_object_get(pool, "endpoints");
	for (size_t i = 0; i < json_array_size(endpoints); i++)
		look_at_endpoint(attention, json_array_get(endpoints, i));
}

static void look_at_prefix(struct attention *attention, const json_t *prefix)
{
	static const struct {
		const char *state;
		enum severity severity;
	} bad[] = {{"fault", CRITICAL},	  {"withdrawn", CRITICAL}, {"held", WARNING},
		   {"degraded", WARNING}, {"draining", INFO},	   {"frozen", INFO},
		   {"unknown", WARNING}};
	const char *state = text_of(prefix, "state"), *name = text_of(prefix, "prefix");
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		if (!is(state, bad[i].state))
			continue;
		struct line line = {bad[i].severity,
				    mem_printf("prefix/%s", name),
				    mem_printf("The prefix %s is %s", name, state),
				    mem_strdup("/anycast"),
				    text_of(prefix, "since"),
				    text_of(prefix, "reason"),
				    -1};
		add(attention, &line);
	}
}

static void look_at_problem(struct attention *attention, const json_t *problem)
{
	const char *daemon = text_of(problem, "daemon"), *text = text_of(problem, "text");
	struct line line = {WARNING,
			    mem_printf("daemon/%s", daemon),
			    mem_strdup(text),
			    mem_strdup(is(daemon, "bgpctl") ? "/anycast" : "/settings"),
			    NULL,
			    NULL,
			    -1};
	add(attention, &line);
}

json_t *attention_list(const json_t *health, const json_t *anycast, const json_t *status,
		       const json_t *traffic)
{
	struct attention attention = {{json_array(), json_array(), json_array()}, traffic};
	const json_t *pools = json_object_get(health, "pools");
	const json_t *prefixes = json_object_get(anycast, "prefixes");
	const json_t *problems = json_object_get(status, "problems");
	for (size_t i = 0; i < json_array_size(pools); i++)
		look_at_pool(&attention, json_array_get(pools, i));
	for (size_t i = 0; i < json_array_size(prefixes); i++)
		look_at_prefix(&attention, json_array_get(prefixes, i));
	for (size_t i = 0; i < json_array_size(problems); i++)
		look_at_problem(&attention, json_array_get(problems, i));
	for (int i = 1; i < SEVERITIES; i++) {
		json_array_extend(attention.lists[0], attention.lists[i]);
		json_decref(attention.lists[i]);
	}
	return attention.lists[0];
}
