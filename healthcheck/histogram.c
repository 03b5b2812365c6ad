/* Knows the bucket bounds: from a loopback connection to a long timeout. */
#include "healthcheck/histogram.h"

static const struct {
	uint64_t us;
	const char *le; /* seconds */
} bounds[HISTOGRAM_BUCKETS] = {
	{500, "0.0005"},  {1000, "0.001"},  {2500, "0.0025"}, {5000, "0.005"},
	{10000, "0.01"},  {25000, "0.025"}, {50000, "0.05"},  {100000, "0.1"},
	{250000, "0.25"}, {500000, "0.5"},  {1000000, "1"},   {5000000, "5"},
};

void histogram_add(struct histogram *histogram, uint64_t us)
{
	unsigned i = 0;
	while (i < HISTOGRAM_BUCKETS && us > bounds[i].us)
		i++;
	histogram->counts[i]++;
	histogram->sum_us += us;
}

static void add_sample(json_t *samples, const char *suffix, const char *label, const char *value,
		       const char *le, json_t *number)
{
	json_t *labels = json_object();
	if (label != NULL)
		json_object_set_new(labels, label, json_string(value));
	if (le != NULL)
		json_object_set_new(labels, "le", json_string(le));
	json_array_append_new(samples, json_pack("{s:s, s:o, s:o}", "suffix", suffix, "labels",
						 labels, "value", number));
}

void histogram_samples(const struct histogram *histogram, const char *label, const char *value,
		       json_t *samples)
{
	uint64_t count = 0;
	for (unsigned i = 0; i <= HISTOGRAM_BUCKETS; i++) {
		count += histogram->counts[i];
		add_sample(samples, "_bucket", label, value,
			   i < HISTOGRAM_BUCKETS ? bounds[i].le : "+Inf",
			   json_integer((json_int_t)count));
	}
	add_sample(samples, "_sum", label, value, NULL, json_real((double)histogram->sum_us / 1e6));
	add_sample(samples, "_count", label, value, NULL, json_integer((json_int_t)count));
}
