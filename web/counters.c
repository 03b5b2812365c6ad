/* Knows the web daemon's own metrics. */
#include "web/counters.h"

#include "base/mem.h"
#include "base/strmap.h"
#include "base/wall.h"
#include "web/config.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

struct counter {
	const char *route;
	unsigned status;
	uint64_t value;
};

/* Bounded by routes times statuses: neither is a client's to choose. */
struct counters {
	pthread_mutex_t mutex;
	struct strmap by_key;
};

struct counters *counters_new(void)
{
	struct counters *counters = mem_new(struct counters);
	pthread_mutex_init(&counters->mutex, NULL);
	return counters;
}

void counters_free(struct counters *counters)
{
	size_t cursor = 0;
	const char *key;
	void *value;
	while (strmap_next(&counters->by_key, &cursor, &key, &value))
		free(value);
	strmap_fini(&counters->by_key);
	pthread_mutex_destroy(&counters->mutex);
	free(counters);
}

void counters_request(struct counters *counters, const char *route, unsigned status)
{
	char key[128];
	snprintf(key, sizeof key, "%u %s", status, route);
	pthread_mutex_lock(&counters->mutex);
	struct counter *counter = strmap_find(&counters->by_key, key);
	if (counter == NULL) {
		counter = mem_new(struct counter);
		*counter = (struct counter){route, status, 0};
		strmap_put(&counters->by_key, key, counter);
	}
	counter->value++;
	pthread_mutex_unlock(&counters->mutex);
}

static json_t *requests(struct counters *counters)
{
	json_t *samples = json_array();
	size_t cursor = 0;
	const char *key;
	void *value;
	pthread_mutex_lock(&counters->mutex);
	while (strmap_next(&counters->by_key, &cursor, &key, &value)) {
		const struct counter *counter = value;
		char code[12];
		snprintf(code, sizeof code, "%u", counter->status);
		json_array_append_new(samples, json_pack("{s:{s:s, s:s}, s:I}", "labels", "code",
							 code, "route", counter->route, "value",
							 (json_int_t)counter->value));
	}
	pthread_mutex_unlock(&counters->mutex);
	return samples;
}

static json_t *overrides(const struct model *model)
{
	static const char *const actions[] = {[OVERRIDE_UP] = "up",
					      [OVERRIDE_DOWN] = "down",
					      [OVERRIDE_DRAIN] = "drain",
					      [OVERRIDE_FREEZE] = "freeze"};
	json_t *samples = json_array();
	int64_t now_ms = wall_now_ms();
	for (size_t i = 0; i < model->of[KIND_OVERRIDE].count; i++) {
		const struct override *override = &model->of[KIND_OVERRIDE].at[i]->override;
		if (override->starts_ms <= now_ms && now_ms < override->ends_ms)
			json_array_append_new(samples,
					      json_pack("{s:{s:s, s:s}, s:i}", "labels", "object",
							override->object, "action",
							actions[override->action], "value", 1));
	}
	return samples;
}

static void add(json_t *metrics, const char *name, const char *type, const char *help,
		json_t *samples)
{
	json_array_append_new(metrics, json_pack("{s:s, s:s, s:s, s:o}", "name", name, "type", type,
						 "help", help, "samples", samples));
}

json_t *counters_stats(struct app *app)
{
	json_t *metrics = json_array();
	struct model *model = config_model(app->config);
	add(metrics, "meridian_http_requests_total", "counter", "HTTP requests answered.",
	    requests(app->counters));
	add(metrics, "meridian_config_revision", "gauge", "Revision of the configuration in use.",
	    json_pack("[{s:{s:s}, s:I}]", "labels", "daemon", "web", "value",
		      (json_int_t)model->revision));
	add(metrics, "meridian_override_active", "gauge", "Overrides in force.", overrides(model));
	add(metrics, "meridian_build_info", "gauge", "Version of the program.",
	    json_pack("[{s:{s:s}, s:i}]", "labels", "version", MERIDIAN_VERSION, "value", 1));
	model_unref(model);
	return json_pack("{s:o}", "metrics", metrics);
}
