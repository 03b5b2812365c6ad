/* Knows the shape of the reply of `status`, and which sentences stand under its problems. */
#include "healthcheck/report.h"

#include "base/wall.h"

#include <unistd.h>

static json_t *config_json(const struct feed_status *feed)
{
	char since[WALL_TEXT_MAX];
	wall_format(feed->since_ms, since);
	return json_pack("{s:s, s:s, s:s?}", "state", feed->live ? "live" : "stale", "since", since,
			 "error", feed->error);
}

static void add_alert_problems(const json_t *alerts, json_t *problems)
{
	json_t *alert;
	size_t i;
	json_array_foreach(alerts, i, alert)
	{
		const char *error = json_string_value(json_object_get(alert, "error"));
		if (error != NULL)
			json_array_append_new(
				problems,
				json_sprintf("alert %s is not delivered, it is tried again: %s",
					     json_string_value(json_object_get(alert, "name")),
					     error));
	}
}

static json_t *problems_json(const struct report_sources *sources, const json_t *alerts)
{
	json_t *problems = json_array();
	const char *unread = sources->feed.error, *unpublished = sources->publisher->error.text;
	const char *doubt = conscience_problem(sources->conscience);
	if (unread != NULL && unread[0] != '\0')
		json_array_append_new(problems,
				      json_sprintf("the configuration cannot be read: %s", unread));
	if (unpublished[0] != '\0')
		json_array_append_new(problems, json_string(unpublished));
	if (sources->lost_lately)
		json_array_append_new(
			problems,
			json_sprintf("events are lost, %llu so far: the journal in %s cannot be "
				     "written; the log has them",
				     (unsigned long long)sources->events_lost,
				     sources->events_dir));
	add_alert_problems(alerts, problems);
	if (doubt != NULL)
		json_array_append_new(problems, json_string(doubt));
	return problems;
}

json_t *report_status(const struct report_sources *sources)
{
	const struct feed_status *feed = &sources->feed;
	const struct runner_numbers *runner = sources->runner;
	json_t *alerts = alerts_json(sources->alerts);
	char since[WALL_TEXT_MAX];
	wall_format(sources->started_ms, since);
	return json_pack(
		"{s:s, s:i, s:s, s:s, s:I, s:o, s:o, s:I, s:I, s:I, s:I, s:I, s:f, s:o, s:o}",
		"daemon", "healthcheck", "pid", (int)getpid(), "version", MERIDIAN_VERSION, "since",
		since, "revision",
		feed->model != NULL ? (json_int_t)feed->model->revision : (json_int_t)0, "config",
		config_json(feed), "problems", problems_json(sources, alerts), "endpoints",
		(json_int_t)sources->fleet->members.count, "targets",
		(json_int_t)sources->fleet->targets.count, "running", (json_int_t)runner->running,
		"queued", (json_int_t)runner->queued, "running_cap", (json_int_t)runner->cap,
		"worst_lag_ms", (double)runner->worst_lag_us / 1000, "doubt",
		conscience_json(sources->conscience), "alerts", alerts);
}
