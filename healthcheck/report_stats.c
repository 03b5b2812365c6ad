/* Knows the metrics: their names, types and labels. */
#include "healthcheck/report.h"

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

static void add_endpoint(const struct member *member, json_t *states, json_t *certificates)
{
	const struct target *target = member->target;
	for (int i = VERDICT_UNKNOWN; i <= VERDICT_DOWN; i++) {
		enum verdict verdict = (enum verdict)i;
		json_array_append_new(states,
				      json_pack("{s:{s:s, s:s, s:s}, s:i}", "labels", "pool",
						member->pool->name, "endpoint", member->endpoint,
						"state", verdict_name(verdict), "value",
						target->memory.verdict == verdict));
	}
	if (target->cert == NULL)
		return;
	json_array_append_new(certificates,
			      json_pack("{s:{s:s, s:s}, s:I}", "labels", "pool", member->pool->name,
					"endpoint", member->endpoint, "value",
					(json_int_t)(target->cert->not_after_ms / 1000)));
}

static void add_endpoints(const struct fleet *fleet, json_t *metrics)
{
	json_t *states = json_array(), *certificates = json_array();
	size_t cursor = 0;
	const char *id;
	void *member;
	while (strmap_next(&fleet->members, &cursor, &id, &member))
		add_endpoint(member, states, certificates);
	add_metric(metrics, "meridian_endpoint_state", "gauge", "1 for the state that holds.",
		   states);
	add_metric(metrics, "meridian_tls_cert_not_after_timestamp_seconds", "gauge",
		   "When the endpoint's certificate expires.", certificates);
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

static void add_lag(const struct runner_numbers *runner, json_t *metrics)
{
	json_t *samples = json_array();
	histogram_samples(&runner->lag, NULL, NULL, samples);
	add_metric(metrics, "meridian_probe_lag_seconds", "histogram",
		   "How much later than due a check began.", samples);
}

json_t *report_stats(const struct report_numbers *numbers)
{
	json_t *metrics = json_array();
	tally_metrics(numbers->tally, metrics);
	add_lag(numbers->runner, metrics);
	add_number(metrics, "meridian_probes_running", "gauge", "Checks under way.",
		   numbers->runner->running);
	add_number(metrics, "meridian_probes_queued", "gauge",
		   "Checks that are due and wait for others to end.", numbers->runner->queued);
	add_number(metrics, "meridian_probe_stalled_milliseconds_total", "counter",
		   "Time for which the checker was kept from its work.", numbers->stalled_ms);
	add_number(metrics, "meridian_healthcheck_events_lost_total", "counter",
		   "Events that could not be kept in the journal.", numbers->events_lost);
	add_number(metrics, "meridian_healthcheck_frozen", "gauge",
		   "1 while the checker doubts its own way out and no verdict gets worse.",
		   numbers->frozen);
	add_metric(metrics, "meridian_config_apply_seconds", "gauge",
		   "How long the last change of configuration kept checks waiting.",
		   json_pack("[{s:{s:s}, s:f}]", "labels", "daemon", "healthcheck", "value",
			     (double)numbers->apply_us / 1e6));
	add_endpoints(numbers->fleet, metrics);
	add_pools(numbers->fleet, metrics);
	add_metric(metrics, "meridian_config_revision", "gauge",
		   "Revision of the configuration in force.",
		   json_pack("[{s:{s:s}, s:I}]", "labels", "daemon", "healthcheck", "value",
			     (json_int_t)numbers->revision));
	return json_pack("{s:o}", "metrics", metrics);
}
