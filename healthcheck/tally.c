/* Knows the counters of results by monitor, outcome and reason, and of durations by phase. */
#include "healthcheck/tally.h"

#include "base/mem.h"

#include <stdlib.h>

struct tally_monitor {
	uint64_t counts[TALLY_OUTCOMES][TALLY_REASONS];
};

static const char *const outcome_names[TALLY_OUTCOMES] = {
	[PROBE_PASSED] = "pass",
	[PROBE_FAILED] = "fail",
	[PROBE_SAYS_NOTHING] = "unknown",
};

void tally_fini(struct tally *tally)
{
	size_t cursor = 0;
	const char *name;
	void *monitor;
	while (strmap_next(&tally->monitors, &cursor, &name, &monitor))
		free(monitor);
	strmap_fini(&tally->monitors);
}

static void add_phase(struct histogram *histogram, uint32_t us)
{
	if (us > 0)
		histogram_add(histogram, us);
}

void tally_add(struct tally *tally, const char *monitor, const struct probe_result *result)
{
	struct tally_monitor *counts = strmap_find(&tally->monitors, monitor);
	if (counts == NULL) {
		counts = mem_new(struct tally_monitor);
		strmap_put(&tally->monitors, monitor, counts);
	}
	counts->counts[result->outcome][result->reason]++;
	add_phase(&tally->name, result->phases.name_us);
	add_phase(&tally->connect, result->phases.connect_us);
	add_phase(&tally->tls, result->phases.tls_us);
	add_phase(&tally->first_byte, result->phases.first_byte_us);
	add_phase(&tally->total, result->phases.total_us);
}

static void add_counts(const char *name, const struct tally_monitor *monitor, json_t *samples)
{
	for (int outcome = 0; outcome < TALLY_OUTCOMES; outcome++) {
		for (int reason = 0; reason < TALLY_REASONS; reason++) {
			uint64_t count = monitor->counts[outcome][reason];
			if (count == 0)
				continue;
			json_array_append_new(
				samples, json_pack("{s:{s:s, s:s, s:s}, s:I}", "labels", "monitor",
						   name, "result", outcome_names[outcome], "reason",
						   probe_reason_name((enum probe_reason)reason),
						   "value", (json_int_t)count));
		}
	}
}

void tally_metrics(const struct tally *tally, json_t *metrics)
{
	json_t *samples = json_array();
	size_t cursor = 0;
	const char *name;
	void *monitor;
	while (strmap_next(&tally->monitors, &cursor, &name, &monitor))
		add_counts(name, monitor, samples);
	json_array_append_new(metrics, json_pack("{s:s, s:s, s:s, s:o}", "name",
						 "meridian_probe_results_total", "type", "counter",
						 "help", "Results of checks.", "samples", samples));
	samples = json_array();
	histogram_samples(&tally->name, "phase", "name", samples);
	histogram_samples(&tally->connect, "phase", "connect", samples);
	histogram_samples(&tally->tls, "phase", "tls", samples);
	histogram_samples(&tally->first_byte, "phase", "first_byte", samples);
	histogram_samples(&tally->total, "phase", "total", samples);
	json_array_append_new(
		metrics, json_pack("{s:s, s:s, s:s, s:o}", "name",
				   "meridian_probe_duration_seconds", "type", "histogram", "help",
				   "How long the parts of a check took.", "samples", samples));
}
