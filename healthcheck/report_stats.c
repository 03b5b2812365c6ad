/* Knows the metrics: their names, types and labels. */
#include "healthcheck/report.h"

#include "base/mem.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static void add_metric(json_t *metrics, const char *name, const char *type, const char *help,
		       json_t *samples)
{
	json_array_append_new(metrics, json_pack("{s:s, s:s, s:s, s:o}", "name", name, "type", type,
						 "help", help, "samples", samples));
}

static void add_number(json_t *metrics, const char *name, const char *type, const char *help,
		       uint64_t value)
{
	add_metric(metrics, name, type, help,
		   json_pack("[{s:{}, s:I}]", "labels", "value", (json_int_t)value));
}

/* Names of pools and endpoints hold nothing that JSON escapes (contract: [a-z0-9._-]). */
static bool say_states(FILE *out, const char *comma, const struct member *member)
{
	for (int i = VERDICT_UNKNOWN; i <= VERDICT_DOWN; i++)
		fprintf(out,
			"%s{\"labels\":{\"pool\":\"%s\",\"endpoint\":\"%s\",\"state\":\"%s\"},"
			"\"value\":%d}",
			i > VERDICT_UNKNOWN ? "," : comma, member->pool->name, member->endpoint,
			verdict_name((enum verdict)i), (int)member->target->memory.verdict == i);
	return true;
}

static bool say_certificate(FILE *out, const char *comma, const struct member *member)
{
	const struct certificate *cert = member->target->cert;
	if (cert == NULL)
		return false;
	fprintf(out, "%s{\"labels\":{\"pool\":\"%s\",\"endpoint\":\"%s\"},\"value\":%" PRId64 "}",
		comma, member->pool->name, member->endpoint, cert->not_after_ms / 1000);
	return true;
}

/* METRICS without its end, and the begin of one more of them. */
static char *begin_states(json_t *metrics)
{
	char *whole = json_dumps(metrics, JSON_COMPACT | JSON_REAL_PRECISION(15));
	whole[strlen(whole) - 1] = '\0';
	char *begin = mem_printf("{\"metrics\":%s,{\"name\":\"meridian_endpoint_state\",\"type\":"
				 "\"gauge\",\"help\":\"1 for the state that holds.\",\"samples\":[",
				 whole);
	free(whole);
	return begin;
}

static void answer_with_endpoints(struct recitals *recitals, json_t *metrics)
{
	recitals_answer(
		recitals,
		&(struct recital_text){
			.parts = {{.before = begin_states(metrics), .say = say_states},
				  {.before = mem_strdup(
					   "]},{\"name\":"
					   "\"meridian_tls_cert_not_after_timestamp_seconds\","
					   "\"type\":\"gauge\",\"help\":\"When the endpoint's "
					   "certificate expires.\",\"samples\":["),
				   .say = say_certificate}},
			.part_count = 2,
			.after = mem_strdup("]}]}")});
}

static void add_pools(const struct fleet *fleet, json_t *metrics)
{
	json_t *samples = json_array();
	size_t cursor = 0;
	const char *name;
	void *value;
	while (strmap_next(&fleet->pools, &cursor, &name, &value)) {
		const struct fleet_pool *pool = value;
		for (int i = POOL_UNKNOWN; i <= POOL_DOWN; i++)
			json_array_append_new(
				samples, json_pack("{s:{s:s, s:s}, s:i}", "labels", "pool", name,
						   "state", pool_state_name((enum pool_state)i),
						   "value", (int)pool->state == i));
	}
	add_metric(metrics, "meridian_pool_state", "gauge",
		   "1 for the state that holds by checks alone.", samples);
}

static void add_histogram(json_t *metrics, const char *name, const char *help,
			  const struct histogram *histogram)
{
	json_t *samples = json_array();
	histogram_samples(histogram, NULL, NULL, samples);
	add_metric(metrics, name, "histogram", help, samples);
}

void report_stats(struct recitals *recitals, const struct report_numbers *numbers)
{
	json_t *metrics = json_array();
	tally_metrics(numbers->tally, metrics);
	add_histogram(metrics, "meridian_probe_lag_seconds",
		      "How much later than due a check began.", &numbers->runner->lag);
	add_histogram(metrics, "meridian_healthcheck_turn_seconds",
		      "How long the checker worked between two looks at its sockets.",
		      numbers->turns);
	add_number(metrics, "meridian_probes_running", "gauge", "Checks under way.",
		   numbers->runner->running);
	add_number(metrics, "meridian_probes_queued", "gauge",
		   "Checks that are due and wait for others to end.", numbers->runner->queued);
	add_number(metrics, "meridian_probe_stalled_milliseconds_total", "counter",
		   "Time for which the checker was kept from its work.", numbers->stalled_ms);
	add_number(metrics, "meridian_healthcheck_events_lost_total", "counter",
		   "Events that could not be kept in the journal.", numbers->events_lost);
	add_number(metrics, "meridian_healthcheck_series_lost_total", "counter",
		   "Minutes of targets that could not be kept in the series.",
		   numbers->series_lost);
	add_number(metrics, "meridian_healthcheck_frozen", "gauge",
		   "1 while the checker doubts its own way out and no verdict gets worse.",
		   numbers->frozen);
	add_metric(metrics, "meridian_config_apply_seconds", "gauge",
		   "How long the last change of configuration kept checks waiting.",
		   json_pack("[{s:{s:s}, s:f}]", "labels", "daemon", "healthcheck", "value",
			     (double)numbers->apply_us / 1e6));
	add_pools(numbers->fleet, metrics);
	add_metric(metrics, "meridian_config_revision", "gauge",
		   "Revision of the configuration in force.",
		   json_pack("[{s:{s:s}, s:I}]", "labels", "daemon", "healthcheck", "value",
			     (json_int_t)numbers->revision));
	answer_with_endpoints(recitals, metrics);
	json_decref(metrics);
}
