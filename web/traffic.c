/* Knows how rates come out of counters. */
#include "web/traffic.h"

#include "base/mem.h"
#include "base/mono.h"
#include "web/ask.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { SAMPLES = 15 }; /* one every 4 s: the last minute */

struct sample {
	struct mono time;
	json_t *queries, *pools, *rcodes; /* sums by label */
};

struct traffic {
	pthread_mutex_t mutex;
	struct sample samples[SAMPLES]; /* the oldest first */
	size_t count;
};

struct traffic *traffic_new(void)
{
	struct traffic *traffic = mem_new(struct traffic);
	pthread_mutex_init(&traffic->mutex, NULL);
	return traffic;
}

static void sample_fini(struct sample *sample)
{
	json_decref(sample->queries);
	json_decref(sample->pools);
	json_decref(sample->rcodes);
}

static void forget_all(struct traffic *traffic)
{
	for (size_t i = 0; i < traffic->count; i++)
		sample_fini(&traffic->samples[i]);
	traffic->count = 0;
}

void traffic_free(struct traffic *traffic)
{
	forget_all(traffic);
	pthread_mutex_destroy(&traffic->mutex);
	free(traffic);
}

json_t *traffic_sums(const json_t *stats, const char *name, const char *label)
{
	json_t *sums = json_object();
	const json_t *metrics = json_object_get(stats, "metrics");
	for (size_t i = 0; i < json_array_size(metrics); i++) {
		const json_t *metric = json_array_get(metrics, i);
		const char *at = json_string_value(json_object_get(metric, "name"));
		if (at == NULL || strcmp(at, name) != 0)
			continue;
		const json_t *samples = json_object_get(metric, "samples");
		for (size_t j = 0; j < json_array_size(samples); j++) {
			const json_t *sample = json_array_get(samples, j);
			const char *key =
				label == NULL ? ""
					      : json_string_value(json_object_get(
							json_object_get(sample, "labels"), label));
			if (key == NULL)
				continue;
			double before = json_number_value(json_object_get(sums, key));
			double value = json_number_value(json_object_get(sample, "value"));
			json_object_set_new(sums, key, json_real(before + value));
		}
	}
	return sums;
}

/* A responder that began anew counts from nothing. */
static bool went_back(const struct sample *before, const struct sample *now)
{
	return json_number_value(json_object_get(now->queries, "")) <
	       json_number_value(json_object_get(before->queries, ""));
}

void traffic_sample(struct traffic *traffic, struct app *app)
{
	json_t *stats;
	if (ask(app, DAEMON_GEODNS, "stats", NULL, ASK_MS, &stats, NULL) != ASK_DONE)
		return;
	struct sample sample = {
		.time = mono_now(),
		.queries = traffic_sums(stats, "meridian_dns_queries_total", NULL),
		.pools = traffic_sums(stats, "meridian_dns_answers_total", "pool"),
		.rcodes = traffic_sums(stats, "meridian_dns_responses_total", "rcode"),
	};
	json_decref(stats);
	pthread_mutex_lock(&traffic->mutex);
	if (traffic->count > 0 && went_back(&traffic->samples[traffic->count - 1], &sample))
		forget_all(traffic);
	if (traffic->count == SAMPLES) {
		sample_fini(&traffic->samples[0]);
		memmove(&traffic->samples[0], &traffic->samples[1],
			(SAMPLES - 1) * sizeof traffic->samples[0]);
		traffic->count--;
	}
	traffic->samples[traffic->count++] = sample;
	pthread_mutex_unlock(&traffic->mutex);
}

/* [{KEY: label, "per_s": rate, "share": part of all}] */
static json_t *rates(const char *key, const json_t *before, const json_t *now, double seconds)
{
	json_t *list = json_array();
	double all = 0;
	const char *label;
	json_t *value;
	json_object_foreach((json_t *)(uintptr_t)now, label, value)
	{
		double grown = json_number_value(value) -
			       json_number_value(json_object_get(before, label));
		if (grown < 0)
			grown = 0;
		all += grown;
		json_array_append_new(list, json_pack("{s:s, s:f, s:f}", key, label, "per_s",
						      grown / seconds, "share", grown));
	}
	for (size_t i = 0; i < json_array_size(list); i++) {
		json_t *share = json_object_get(json_array_get(list, i), "share");
		json_real_set(share, all > 0 ? json_real_value(share) / all : 0);
	}
	return list;
}

json_t *traffic_view(struct traffic *traffic)
{
	pthread_mutex_lock(&traffic->mutex);
	json_t *view;
	if (traffic->count < 2) {
		view = json_pack("{s:i, s:n, s:[], s:[]}", "window_s", 0, "queries_per_s", "pools",
				 "rcodes");
	} else {
		const struct sample *first = &traffic->samples[0];
		const struct sample *last = &traffic->samples[traffic->count - 1];
		double seconds = (double)mono_ms_between(first->time, last->time) / 1000;
		seconds = seconds > 0.001 ? seconds : 0.001;
		double queries = json_number_value(json_object_get(last->queries, "")) -
				 json_number_value(json_object_get(first->queries, ""));
		view = json_pack("{s:i, s:f, s:o, s:o}", "window_s", (int)(seconds + 0.5),
				 "queries_per_s", queries / seconds, "pools",
				 rates("pool", first->pools, last->pools, seconds), "rcodes",
				 rates("rcode", first->rcodes, last->rcodes, seconds));
	}
	pthread_mutex_unlock(&traffic->mutex);
	return view;
}

double traffic_share(const json_t *view, const char *pool)
{
	const json_t *pools = json_object_get(view, "pools");
	for (size_t i = 0; i < json_array_size(pools); i++) {
		const json_t *at = json_array_get(pools, i);
		const char *name = json_string_value(json_object_get(at, "pool"));
		if (name != NULL && strcmp(name, pool) == 0)
			return json_number_value(json_object_get(at, "share"));
	}
	return -1;
}
