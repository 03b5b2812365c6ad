/* meridian-healthcheck: wires the parts of the checker to one loop, and ends them in order. */
#include "base/log.h"
#include "base/mem.h"
#include "base/notify.h"
#include "base/wall.h"
#include "db/control.h"
#include "db/instance.h"
#include "healthcheck/alerts.h"
#include "healthcheck/conscience.h"
#include "healthcheck/feed.h"
#include "healthcheck/geo_age.h"
#include "healthcheck/publisher.h"
#include "healthcheck/report.h"
#include "healthcheck/trial.h"
#include "healthcheck/turns.h"

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
	struct turns *turns;
	struct probe_env *env;
	struct runner *runner;
	struct journal *journal;
	struct publisher publisher;
	struct fleet fleet;
	struct conscience *conscience;
	struct series *series;
	struct unkept *unkept;
	struct alerts *alerts;
	struct geo_watch *geo;
	struct feed *feed;
	struct trials trials;
	struct recitals *recitals;
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

static json_t *status(struct checker *checker)
{
	return report_status(&(struct report_sources){
		.started_ms = checker->started_ms,
		.feed = feed_status(checker->feed),
		.fleet = &checker->fleet,
		.runner = runner_numbers(checker->runner),
		.publisher = &checker->publisher,
		.alerts = checker->alerts,
		.conscience = checker->conscience,
		.events_dir = checker->instance.events_dir,
		.events_lost = checker->events_lost,
		.lost_lately = checker->lost_lately.ns != 0 &&
			       mono_ms_between(checker->lost_lately, mono_now()) < LOST_TOLD_MS,
	});
}

static void stats(struct checker *checker)
{
	struct feed_status feed = feed_status(checker->feed);
	report_stats(checker->recitals,
		     &(struct report_numbers){
			     .fleet = &checker->fleet,
			     .tally = &checker->tally,
			     .runner = runner_numbers(checker->runner),
			     .turns = turns_taken(checker->turns),
			     .revision = feed.model != NULL ? feed.model->revision : 0,
			     .stalled_ms = stall_total_ms(checker->stall),
			     .apply_us = checker->apply_us,
			     .frozen = conscience_problem(checker->conscience) != NULL,
			     .events_lost = journal_lost(checker->journal),
			     .series_lost = series_lost(checker->series),
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
		stats(checker);
	if (strcmp(verb, "health") == 0)
		report_health(checker->recitals, &checker->fleet, args);
	if (strcmp(verb, "series") == 0)
		return series(checker, args);
	if (strcmp(verb, "test") == 0)
		return trial_answer(&checker->trials, checker->control,
				    feed_status(checker->feed).model, args);
	return NULL; /* put off, or no verb of this daemon's */
}

static void on_config(void *context, const struct model *model, const struct moved *moved,
		      size_t count)
{
	struct checker *checker = context;
	struct mono began = mono_now();
	fleet_apply(&checker->fleet, model, moved, count);
	alerts_apply(checker->alerts, model);
	geo_watch_apply(checker->geo, model_safety(model).database_old_days);
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
	geo_watch_free(checker->geo);
	trials_fini(&checker->trials);
	recitals_free(checker->recitals);
	fleet_fini(&checker->fleet);
	conscience_free(checker->conscience);
	series_close(checker->series);
	runner_free(checker->runner);
	stall_free(checker->stall);
	turns_free(checker->turns);
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
	checker->unkept = unkept_new();
	journal_on_lost(checker->journal, unkept_add, checker->unkept);
	checker->alerts = alerts_open(checker->instance.events_dir, checker->instance.site_name,
				      checker->unkept);
	/* Without ".db", as it is no journal of events. */
	path = mem_printf("%s/healthcheck.series", checker->instance.events_dir);
	checker->series = series_open(&checker->loop, path);
	free(path);
	rng_init(&checker->rng, rng_seed());
	checker->stall = stall_new(&checker->loop);
	checker->turns = turns_new(&checker->loop);
	checker->recitals = recitals_new(&checker->loop, &checker->fleet, checker->control);
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
	publisher_init(&checker->publisher, checker->instance.health, checker->instance.events_dir,
		       checker->journal, &checker->fleet);
	checker->geo = geo_watch_new(&checker->loop, instance_socket(&checker->instance, "geodns"),
				     checker->instance.events_dir, checker->journal);
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
	notify_ready();
	uv_run(&checker->loop, UV_RUN_DEFAULT);
	bool ended = alerts_close(checker->alerts);
	publisher_fini(&checker->publisher);
	journal_close(checker->journal, JOURNAL_END_MS);
	if (ended)
		unkept_free(checker->unkept);
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
