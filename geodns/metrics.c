/* Knows the names of the responder's metrics and how the workers' counters add up to them. */
#include "geodns/metrics.h"

#include "base/wall.h"

#include <stdio.h>
#include <string.h>

/* Appends a metric without samples and returns its samples, borrowed. */
static json_t *add_metric(json_t *metrics, const char *name, const char *type, const char *help)
{
	json_t *samples = json_array();
	json_array_append_new(metrics, json_pack("{s:s, s:s, s:s, s:o}", "name", name, "type", type,
						 "help", help, "samples", samples));
	return samples;
}

/* Takes LABELS. */
static void add_sample(json_t *samples, json_t *labels, uint64_t value)
{
	json_array_append_new(
		samples, json_pack("{s:o, s:I}", "labels", labels, "value", (json_int_t)value));
}

static void add_single(json_t *metrics, const char *name, const char *type, const char *help,
		       uint64_t value)
{
	add_sample(add_metric(metrics, name, type, help), json_object(), value);
}

static uint64_t value_of(const _Atomic uint64_t *counter)
{
	return atomic_load_explicit(counter, memory_order_relaxed);
}

static uint64_t sum_queries(const struct responder *responder, bool stream, bool v6, unsigned type)
{
	uint64_t sum = 0;
	for (unsigned i = 0; i < workers_threads(responder->workers); i++)
		sum += counters_queries(workers_counters(responder->workers, i), stream, v6, type);
	return sum;
}

static void add_queries(const struct responder *responder, json_t *metrics)
{
	json_t *samples = add_metric(metrics, "meridian_dns_queries_total", "counter",
				     "DNS queries by transport, address family and type.");
	for (unsigned at = 0; at < 4 * COUNTERS_TYPES; at++) {
		unsigned stream = at / (2 * COUNTERS_TYPES), v6 = at / COUNTERS_TYPES % 2;
		uint64_t sum = sum_queries(responder, stream, v6, at % COUNTERS_TYPES);
		if (sum > 0)
			add_sample(samples,
				   json_pack("{s:s, s:s, s:s}", "proto", stream ? "tcp" : "udp",
					     "family", v6 ? "ipv6" : "ipv4", "qtype",
					     counters_type_name(at % COUNTERS_TYPES)),
				   sum);
	}
}

static void add_responses(const struct responder *responder, json_t *metrics)
{
	json_t *samples = add_metric(metrics, "meridian_dns_responses_total", "counter",
				     "DNS responses by response code.");
	for (unsigned rcode = 0; rcode < COUNTERS_RCODES; rcode++) {
		uint64_t sum = 0;
		for (unsigned i = 0; i < workers_threads(responder->workers); i++)
			sum += counters_responses(workers_counters(responder->workers, i), rcode);
		if (sum > 0)
			add_sample(samples, json_pack("{s:s}", "rcode", counters_rcode_name(rcode)),
				   sum);
	}
}

static uint64_t answers_at(const struct responder *responder, uint32_t at)
{
	uint64_t sum = 0;
	for (unsigned i = 0; i < workers_threads(responder->workers); i++)
		sum += value_of(&workers_counters(responder->workers, i)->answers[at]);
	return sum;
}

typedef void answers_visit(void *context, const char *service, const char *pool, uint64_t value);

static void each_answers(const struct responder *responder, answers_visit *visit, void *context)
{
	size_t cursor = 0;
	const char *id;
	void *value;
	while (strmap_next(&responder->content.services, &cursor, &id, &value)) {
		const struct content_service *service = value;
		const struct steer *steer = service->steering->steer;
		for (uint32_t i = 0; i < service->live->counters_len; i++)
			visit(context, id, steer->pools[i].name,
			      answers_at(responder, service->live->counters + i));
	}
}

static void add_answer_sample(void *context, const char *service, const char *pool, uint64_t value)
{
	if (value > 0)
		add_sample(context, json_pack("{s:s, s:s}", "service", service, "pool", pool),
			   value);
}

static void put_answer(void *context, const char *service, const char *pool, uint64_t value)
{
	json_t *pools = json_object_get(context, service);
	if (pools == NULL) {
		pools = json_object();
		json_object_set_new(context, service, pools);
	}
	json_object_set_new(pools, pool, json_integer((json_int_t)value));
}

json_t *metrics_answers(const struct responder *responder)
{
	json_t *services = json_object();
	uint64_t queries = 0;
	char now[WALL_TEXT_MAX];
	wall_format(wall_now_ms(), now);
	for (unsigned at = 0; at < 4 * COUNTERS_TYPES; at++)
		queries += sum_queries(responder, at / (2 * COUNTERS_TYPES),
				       at / COUNTERS_TYPES % 2, at % COUNTERS_TYPES);
	each_answers(responder, put_answer, services);
	return json_pack("{s:s, s:I, s:o}", "time", now, "queries", (json_int_t)queries, "services",
			 services);
}

static void add_sockets(const struct responder *responder, json_t *metrics)
{
	struct udp_counters udp;
	struct tcp_counters tcp;
	uint64_t ignored = 0, ecs = 0, truncated = 0;
	for (unsigned i = 0; i < workers_threads(responder->workers); i++) {
		const struct counters *counters = workers_counters(responder->workers, i);
		ignored += value_of(&counters->ignored);
		ecs += counters_ecs(counters);
		truncated += value_of(&counters->truncated);
	}
	workers_udp(responder->workers, &udp);
	workers_tcp(responder->workers, &tcp);
	add_single(metrics, "meridian_dns_ecs_queries_total", "counter",
		   "DNS queries with a client subnet option.", ecs);
	add_single(metrics, "meridian_dns_ignored_total", "counter",
		   "Packets left without an answer: no header, or a response.", ignored);
	add_single(metrics, "meridian_dns_truncated_total", "counter", "Responses with TC set.",
		   truncated);
	add_single(metrics, "meridian_dns_send_failed_total", "counter",
		   "UDP responses that the kernel did not take.", udp.send_failed);
	add_single(metrics, "meridian_dns_tcp_connections", "gauge", "Open TCP connections.",
		   tcp.open);
	add_single(metrics, "meridian_dns_tcp_accepted_total", "counter",
		   "TCP connections accepted.", tcp.accepted);
	add_single(metrics, "meridian_dns_tcp_refused_total", "counter",
		   "TCP connections refused for the limit of their prefix.", tcp.refused);
}

static void add_limited(const struct responder *responder, json_t *metrics)
{
	static const char *const actions[] = {"truncated", "dropped"};
	json_t *samples = add_metric(metrics, "meridian_dns_rrl_total", "counter",
				     "UDP responses beyond the rate of their network and class.");
	for (unsigned action = 0; action < 2; action++) {
		uint64_t sum = 0;
		for (unsigned i = 0; i < workers_threads(responder->workers); i++)
			sum += value_of(&workers_counters(responder->workers, i)->limited[action]);
		add_sample(samples, json_pack("{s:s}", "action", actions[action]), sum);
	}
}

/* Takes LABELS. */
static void add_part(json_t *samples, const char *suffix, json_t *labels, json_t *value)
{
	json_array_append_new(samples, json_pack("{s:s, s:o, s:o}", "suffix", suffix, "labels",
						 labels, "value", value));
}

static uint64_t sum_durations(const struct responder *responder, unsigned bucket, double *seconds)
{
	uint64_t count = 0;
	for (unsigned i = 0; i < workers_threads(responder->workers); i++) {
		const struct durations *durations =
			&workers_counters(responder->workers, i)->durations;
		count += value_of(&durations->buckets[bucket]);
		*seconds += (double)value_of(&durations->sum_ns) / 1e9;
	}
	return count;
}

static void add_durations(const struct responder *responder, json_t *metrics)
{
	json_t *samples = add_metric(metrics, "meridian_dns_request_duration_seconds", "histogram",
				     "Time from a query in hand to its response; one query in 256 "
				     "is measured.");
	uint64_t count = 0;
	double seconds = 0;
	for (unsigned at = 0; at < DURATIONS_BUCKETS; at++) {
		char limit[32] = "+Inf";
		seconds = 0;
		count += sum_durations(responder, at, &seconds);
		if (at < DURATIONS_BUCKETS - 1)
			snprintf(limit, sizeof limit, "%g", (double)durations_limit_ns(at) / 1e9);
		add_part(samples, "_bucket", json_pack("{s:s}", "le", limit),
			 json_integer((json_int_t)count));
	}
	add_part(samples, "_sum", json_object(), json_real(seconds));
	add_part(samples, "_count", json_object(), json_integer((json_int_t)count));
}

static void add_pools(const struct responder *responder, json_t *metrics)
{
	json_t *samples = add_metric(metrics, "meridian_pool_serving", "gauge",
				     "1 where the pool is answered, overrides considered.");
	size_t cursor = 0;
	const char *name;
	void *value;
	while (strmap_next(&responder->content.pools.of, &cursor, &name, &value)) {
		bool can = ((const struct pool_live *)value)->can_serve;
		add_sample(samples, json_pack("{s:s}", "pool", name), can);
	}
}

static uint64_t is_refused(const struct places_watch *places)
{
	return places->problem.text[0] != '\0' || places->refusal.why.text[0] != '\0';
}

static void add_config(const struct responder *responder, json_t *metrics)
{
	const struct model *model = responder->feed.model;
	const struct place_table *table = responder->content.steerings.atlas->table;
	static const char *const databases[] = {"country", "city", "asn"};
	add_sample(add_metric(metrics, "meridian_config_revision", "gauge",
			      "Revision of the configuration that is served."),
		   json_pack("{s:s}", "daemon", "geodns"),
		   model != NULL ? (uint64_t)model->revision : 0);
	json_t *samples = add_metric(metrics, "meridian_config_apply_seconds", "gauge",
				     "Time from reading the last change to serving it.");
	json_array_append_new(samples, json_pack("{s:o, s:f}", "labels",
						 json_pack("{s:s}", "daemon", "geodns"), "value",
						 (double)responder->config_apply_us / 1e6));
	add_sample(add_metric(metrics, "meridian_geo_refused", "gauge",
			      "1 while a geo database, or the place table, is refused."),
		   json_object(), is_refused(&responder->places));
	samples = add_metric(metrics, "meridian_geo_build_timestamp_seconds", "gauge",
			     "When a geo database was built.");
	for (unsigned i = 0; table != NULL && i < PLACE_FROM_COUNT; i++) {
		if (table->from[i].networks > 0)
			add_sample(samples, json_pack("{s:s}", "db", databases[i]),
				   (uint64_t)table->from[i].build_epoch);
	}
}

json_t *metrics_stats(const struct responder *responder)
{
	json_t *metrics = json_array();
	add_queries(responder, metrics);
	add_responses(responder, metrics);
	each_answers(responder, add_answer_sample,
		     add_metric(metrics, "meridian_dns_answers_total", "counter",
				"Answers of services by pool."));
	add_sockets(responder, metrics);
	add_limited(responder, metrics);
	add_durations(responder, metrics);
	add_pools(responder, metrics);
	add_config(responder, metrics);
	return json_pack("{s:o}", "metrics", metrics);
}
