/* Knows the Prometheus text format (version 0.0.4). */
#include "web/metrics.h"

#include "base/mem.h"
#include "web/access.h"
#include "web/ask.h"
#include "web/counters.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void write_escaped(FILE *out, const char *text, bool quotes)
{
	for (; *text != '\0'; text++) {
		if (*text == '\\')
			fputs("\\\\", out);
		else if (*text == '\n')
			fputs("\\n", out);
		else if (*text == '"' && quotes)
			fputs("\\\"", out);
		else
			fputc(*text, out);
	}
}

static const char *text_of(const json_t *json, const char *key, const char *fallback)
{
	const char *text = json_string_value(json_object_get(json, key));
	return text != NULL ? text : fallback;
}

static void write_value(FILE *out, const json_t *value)
{
	if (json_is_integer(value))
		fprintf(out, " %" JSON_INTEGER_FORMAT "\n", json_integer_value(value));
	else
		fprintf(out, " %.17g\n", json_number_value(value));
}

static void write_sample(FILE *out, const char *name, const json_t *sample)
{
	fprintf(out, "%s%s", name, text_of(sample, "suffix", ""));
	json_t *labels = json_object_get(sample, "labels");
	if (json_object_size(labels) > 0) {
		const char *separator = "{", *key;
		json_t *value;
		json_object_foreach(labels, key, value)
		{
			const char *text = json_string_value(value);
			fprintf(out, "%s%s=\"", separator, key);
			write_escaped(out, text != NULL ? text : "", true);
			fputc('"', out);
			separator = ",";
		}
		fputc('}', out);
	}
	write_value(out, json_object_get(sample, "value"));
}

static void write_family(FILE *out, const json_t *family)
{
	const char *name = text_of(family, "name", "");
	fprintf(out, "# HELP %s ", name);
	write_escaped(out, text_of(family, "help", ""), false);
	fprintf(out, "\n# TYPE %s %s\n", name, text_of(family, "type", "untyped"));
	const json_t *samples = json_object_get(family, "samples");
	for (size_t i = 0; i < json_array_size(samples); i++)
		write_sample(out, name, json_array_get(samples, i));
}

/* Families by name in the order of their first mention, with the samples of all. */
static json_t *families_of(const json_t *stats)
{
	json_t *families = json_object();
	for (size_t i = 0; i < json_array_size(stats); i++) {
		const json_t *metrics = json_object_get(json_array_get(stats, i), "metrics");
		for (size_t j = 0; j < json_array_size(metrics); j++) {
			json_t *metric = json_array_get(metrics, j);
			const char *name = text_of(metric, "name", NULL);
			json_t *known = name != NULL ? json_object_get(families, name) : NULL;
			if (name == NULL)
				continue;
			if (known == NULL)
				json_object_set_new(families, name, json_deep_copy(metric));
			else
				json_array_extend(json_object_get(known, "samples"),
						  json_object_get(metric, "samples"));
		}
	}
	return families;
}

char *metrics_format(const json_t *stats)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	json_t *families = families_of(stats);
	const char *name;
	json_t *family;
	if (out == NULL) {
		json_decref(families);
		return mem_strdup("");
	}
	json_object_foreach(families, name, family)
	{
		write_family(out, family);
	}
	fclose(out);
	json_decref(families);
	return text;
}

static json_t *reachable(const struct answer answers[DAEMON_COUNT])
{
	json_t *samples = json_array();
	for (int i = 0; i < DAEMON_COUNT; i++)
		json_array_append_new(samples, json_pack("{s:{s:s}, s:i}", "labels", "daemon",
							 daemon_name((enum daemon)i), "value",
							 answers[i].reply != NULL));
	return json_pack("{s:[{s:s, s:s, s:s, s:o}]}", "metrics", "name", "meridian_daemon_up",
			 "type", "gauge", "help",
			 "Whether the daemon answers on its control socket.", "samples", samples);
}

static bool is_loopback(const struct addr *peer)
{
	static const uint8_t ipv6_loopback[16] = {[15] = 1};
	return peer->family == ADDR_IPV4 ? peer->bytes[0] == 127
					 : memcmp(peer->bytes, ipv6_loopback, 16) == 0;
}

/* A scraper on this machine needs no token; a request that a proxy passed on is not from here. */
static bool may_read(const struct call *call)
{
	const struct request *request = call->request;
	return call->who.role >= ROLE_VIEWER ||
	       (is_loopback(&request->peer) && request_header(request, "Forwarded") == NULL &&
		request_header(request, "X-Forwarded-For") == NULL);
}

struct response *metrics_get(struct app *app, struct call *call)
{
	if (!may_read(call)) {
		struct response *response =
			problem(401, "From another machine this needs a viewer's token.");
		response_header(response, "WWW-Authenticate", "Bearer realm=\"meridian\"");
		return response;
	}
	struct answer answers[DAEMON_COUNT];
	ask_all(app, "stats", answers);
	json_t *stats = json_pack("[o, o]", counters_stats(app), reachable(answers));
	for (int i = 0; i < DAEMON_COUNT; i++) {
		if (answers[i].reply != NULL)
			json_array_append(stats, answers[i].reply);
	}
	answers_fini(answers);
	char *text = metrics_format(stats);
	json_decref(stats);
	return response_text(200, "text/plain; version=0.0.4; charset=utf-8", text);
}
