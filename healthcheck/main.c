/* meridian-healthcheck: wires the parts of the checker to one loop, and ends them in order. */
#include "base/log.h"
#include "base/mem.h"
#include "base/wall.h"
#include "db/control.h"
#include "db/instance.h"
#include "healthcheck/alerts.h"
#include "healthcheck/conscience.h"
#include "healthcheck/feed.h"
#include "healthcheck/publisher.h"
#include "healthcheck/report.h"
#include "healthcheck/trial.h"

#include <curl/curl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

/* Descriptors kept for files, control clients and the loop; checks may have the rest, up to what is
 * in memory of some 100 KB a TLS connection. */
enum {
	DESCRIPTORS_KEPT = 200,
	RUNNING_MIN = 32,
	RUNNING_MAX = 2048,
	JOURNAL_END_MS = 2000,
	LOST_TOLD_MS = 60000
};

struct checker {
	uv_loop_t loop;
	struct instance instance;
	int64_t started_ms;
	uint64_t apply_us;	 /* of the last change of configuration */
	uint64_t events_lost;	 /* as last seen */
	struct mono lost_lately; /* when that grew; ns 0: never */
	struct rng rng;
	struct tally tally;
	struct stall *stall;
	struct probe_env *env;
	struct runner *runner;
	struct journal *journal;
	struct publisher publisher;
	struct fleet fleet;
	struct conscience *conscience;
	struct series *series;
	struct alerts *alerts;
	struct feed *feed;
	struct trials trials;
	struct control *control;
	uv_poll_t control_poll;
	uv_timer_t second;
	uv_signal_t sigterm, sigint;
};

/* A check holds one descriptor, a kept-alive connection one more. */
static size_t running_cap(void)
{
	struct rlimit limit;
	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return RUNNING_MIN;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
	if (limit.rlim_max < DESCRIPTORS_KEPT + 2 * RUNNING_MIN)
		return RUNNING_MIN;
	rlim_t cap = (limit.rlim_max - DESCRIPTORS_KEPT) / 2;
	return cap < RUNNING_MAX ? (size_t)cap : RUNNING_MAX;
}

static json_t *config_json(const struct feed_status *feed)
{
	char since[WALL_TEXT_MAX];
	wall_format(feed->since_ms, since);
	return json_pack("{s:s, s:s, s:s?}", "state", feed->live ? "live" : "stale", "since", since,
			 "error", feed->error);
}

static void add_alert_problems(const struct checker *checker, json_t *problems)
{
	json_t *alerts = alerts_json(checker->alerts), *alert;
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
	json_decref(alerts);
}

static json_t *problems_json(const struct checker *checker, const struct feed_status *feed)
{
	json_t *problems = json_array();
	if (feed->error != NULL && feed->error[0] != '\0')
		json_array_append_new(problems, json_sprintf("the configuration cannot be read: %s",
							     feed->error));
	if (checker->publisher.error.text[0] != '\0')
		json_array_append_new(problems, json_string(checker->publisher.error.text));
	bool lately = checker->lost_lately.ns != 0 &&
		      mono_ms_between(checker->lost_lately, mono_now()) < LOST_TOLD_MS;
	if (lately)
		json_array_append_new(
			problems,
			json_sprintf("events are lost, %llu so far: the journal in %s cannot be "
				     "written; the log has them",
				     (unsigned long long)checker->events_lost,
				     checker->instance.events_dir));
	add_alert_problems(checker, problems);
	const char *doubt = conscience_problem(checker->conscience);
	if (doubt != NULL)
		json_array_append_new(problems, json_string(doubt));
	return problems;
}

static json_t *status(struct checker *checker)
{
	struct feed_status feed = feed_status(checker->feed);
	const struct runner_numbers *runner = runner_numbers(checker->runner);
	char since[WALL_TEXT_MAX];
	wall_format(checker->started_ms, since);
	return json_pack(
		"{s:s, s:i, s:s, s:s, s:I, s:o, s:o, s:I, s:I, s:I, s:I, s:I, s:f, s:o, s:o}",
		"daemon", "healthcheck", "pid", (int)getpid(), "version", MERIDIAN_VERSION, "since",
		since, "revision",
		feed.model != NULL ? (json_int_t)feed.model->revision : (json_int_t)0, "config",
		config_json(&feed), "problems", problems_json(checker, &feed), "endpoints",
		(json_int_t)checker->fleet.members.count, "targets",
		(json_int_t)checker->fleet.targets.count, "running", (json_int_t)runner->running,
		"queued", (json_int_t)runner->queued, "running_cap", (json_int_t)runner->cap,
		"worst_lag_ms", (double)runner->worst_lag_us / 1000, "doubt",
		conscience_json(checker->conscience), "alerts", alerts_json(checker->alerts));
}

static json_t *stats(struct checker *checker)
{
	struct feed_status feed = feed_status(checker->feed);
	return report_stats(&(struct report_numbers){
		.fleet = &checker->fleet,
		.tally = &checker->tally,
		.runner = runner_numbers(checker->runner),
		.revision = feed.model != NULL ? feed.model->revision : 0,
		.stalled_ms = stall_total_ms(checker->stall),
		.apply_us = checker->apply_us,
		.frozen = conscience_problem(checker->conscience) != NULL,
		.events_lost = journal_lost(checker->journal),
	});
}

static json_t *series(struct checker *checker, const json_t *args)
{
	const char *id = json_string_value(json_object_get(args, "id"));
	const struct member *member = id != NULL ? strmap_find(&checker->fleet.members, id) : NULL;
	if (member == NULL)
		return control_failure("\"id\" names no endpoint that is checked; it is as in "
				       "endpoint/eu/eu1");
	return series_answer(checker->series, checker->control, member->target->key, args);
}

static json_t *answer(void *context, const char *verb, const json_t *args)
{
	struct checker *checker = context;
	if (strcmp(verb, "status") == 0)
		return status(checker);
	if (strcmp(verb, "stats") == 0)
		return stats(checker);
	if (strcmp(verb, "health") == 0)
		return report_health(&checker->fleet, args);
	if (strcmp(verb, "series") == 0)
		return series(checker, args);
	if (strcmp(verb, "test") == 0)
		return trial_answer(&checker->trials, checker->control,
				    feed_status(checker->feed).model, args);
	return NULL;
}

static void on_config(void *context, const struct model *model, const struct moved *moved,
		      size_t count)
{
	struct checker *checker = context;
	struct mono began = mono_now();
	fleet_apply(&checker->fleet, model, moved, count);
	alerts_apply(checker->alerts, model);
	publisher_sweep(&checker->publisher);
	checker->apply_us = (uint64_t)mono_us_between(began, mono_now());
}

static void on_control(uv_poll_t *poll, int status_code, int events)
{
	struct checker *checker = poll->data;
	(void)status_code;
	(void)events;
	control_step(checker->control);
}

static void on_second(uv_timer_t *timer)
{
	struct checker *checker = timer->data;
	uint64_t lost = journal_lost(checker->journal);
	if (lost > checker->events_lost)
		checker->lost_lately = mono_now();
	checker->events_lost = lost;
	publisher_beat(&checker->publisher);
	control_step(checker->control);
}

/* Everything that has a handle on the loop is closed; the loop then ends by itself. */
static void on_signal(uv_signal_t *signal, int number)
{
	struct checker *checker = signal->data;
	log_notice("ends on signal %d", number);
	feed_free(checker->feed);
	trials_fini(&checker->trials);
	fleet_fini(&checker->fleet);
	conscience_free(checker->conscience);
	series_close(checker->series);
	runner_free(checker->runner);
	stall_free(checker->stall);
	probe_env_free(checker->env);
	uv_close((uv_handle_t *)&checker->control_poll, NULL);
	uv_close((uv_handle_t *)&checker->second, NULL);
	uv_close((uv_handle_t *)&checker->sigterm, NULL);
	uv_close((uv_handle_t *)&checker->sigint, NULL);
	control_close(checker->control);
}

static bool open_control(struct checker *checker, struct error *error)
{
	char *path = instance_socket(&checker->instance, "healthcheck");
	checker->control = control_open(path, answer, checker, error);
	free(path);
	if (checker->control == NULL)
		return false;
	uv_poll_init(&checker->loop, &checker->control_poll, control_fd(checker->control));
	checker->control_poll.data = checker;
	uv_poll_start(&checker->control_poll, UV_READABLE, on_control);
	return true;
}

static void open_fleet(struct checker *checker)
{
	char *path = mem_printf("%s/healthcheck.db", checker->instance.events_dir);
	checker->journal = journal_open(path, "healthcheck");
	free(path);
	checker->alerts = alerts_open(checker->instance.events_dir, checker->instance.site_name);
	/* Without ".db", as it is no journal of events. */
	path = mem_printf("%s/healthcheck.series", checker->instance.events_dir);
	checker->series = series_open(&checker->loop, path);
	free(path);
	rng_init(&checker->rng, rng_seed());
	checker->stall = stall_new(&checker->loop);
	checker->env = probe_env_new(&checker->loop);
	checker->trials.env = checker->env;
	checker->runner = runner_new(&checker->loop, running_cap(), target_begin, NULL);
	checker->conscience =
		conscience_new(&checker->loop, checker->env, &checker->fleet, checker->journal);
	struct fleet_listener listener = publisher_listener(&checker->publisher);
	fleet_init(&checker->fleet,
		   &(struct target_services){.env = checker->env,
					     .runner = checker->runner,
					     .stall = checker->stall,
					     .rng = &checker->rng,
					     .tally = &checker->tally,
					     .series = checker->series,
					     .conscience = checker->conscience},
		   &listener);
	publisher_init(&checker->publisher, checker->instance.health, checker->journal,
		       &checker->fleet);
	checker->feed = feed_new(&checker->loop, checker->instance.config_db, on_config, checker);
}

static void open_clock_and_signals(struct checker *checker)
{
	uv_timer_init(&checker->loop, &checker->second);
	checker->second.data = checker;
	uv_timer_start(&checker->second, on_second, HEALTH_BEAT_MS, HEALTH_BEAT_MS);
	uv_signal_init(&checker->loop, &checker->sigterm);
	uv_signal_init(&checker->loop, &checker->sigint);
	checker->sigterm.data = checker->sigint.data = checker;
	uv_signal_start(&checker->sigterm, on_signal, SIGTERM);
	uv_signal_start(&checker->sigint, on_signal, SIGINT);
}

static int run(struct checker *checker)
{
	struct error error = {.text = ""};
	if (!instance_prepare(&checker->instance, &error) || uv_loop_init(&checker->loop) != 0 ||
	    !open_control(checker, &error)) {
		log_error("cannot begin: %s", error.text);
		return 1;
	}
	open_fleet(checker);
	open_clock_and_signals(checker);
	log_notice("began; running_cap=%zu", runner_numbers(checker->runner)->cap);
	uv_run(&checker->loop, UV_RUN_DEFAULT);
	alerts_close(checker->alerts);
	publisher_fini(&checker->publisher);
	journal_close(checker->journal, JOURNAL_END_MS);
	tally_fini(&checker->tally);
	uv_loop_close(&checker->loop);
	return 0;
}

int main(int argc, char **argv)
{
	static struct checker checker;
	int status_code = instance_start(
		argc, argv, "meridian-healthcheck",
		"probes the endpoints of all pools and writes their verdicts", &checker.instance);
	if (status_code >= 0)
		return status_code;
	signal(SIGPIPE, SIG_IGN); /* a peer that leaves is a result, not an end */
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
		log_error("cannot begin: libcurl does not initialise");
		return 1;
	}
	checker.started_ms = wall_now_ms();
	status_code = run(&checker);
	curl_global_cleanup();
	instance_fini(&checker.instance);
	return status_code;
}
