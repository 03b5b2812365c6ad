/* Knows which thread waits for what: one for health, one for configuration and journals, one that
 * asks the daemons. */
#include "web/feed.h"

#include "base/mem.h"
#include "base/wall.h"
#include "web/feed_health.h"
#include "web/feed_journal.h"
#include "web/hub.h"
#include "web/status.h"
#include "web/traffic.h"
#include "web/verdicts.h"

#include <inttypes.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
	THREADS = 3,
	HEALTH_WAIT_MS = 500, /* also how long feed_stop() waits for it */
	CONFIG_POLL_MS = 250, /* how late an event is at most */
	STATUS_MS = 2000,
	TRAFFIC_ROUNDS = 2 /* of STATUS_MS each, between two samples */
};

struct feed {
	struct app *app;
	pthread_t threads[THREADS];
	size_t started;
	_Atomic bool stopping;
};

static void *watch_health(void *context)
{
	struct feed *feed = context;
	struct feed_health *health = feed_health_new();
	uint32_t seen = 0;
	json_decref(feed_health_changes(health, feed->app)); /* what holds now is no news */
	while (!atomic_load(&feed->stopping)) {
		bool changed = verdicts_wait(feed->app->verdicts, &seen, HEALTH_WAIT_MS);
		json_t *targets = changed ? feed_health_changes(health, feed->app) : NULL;
		if (targets != NULL)
			hub_publish(feed->app->hub, "health",
				    json_pack("{s:o}", "targets", targets));
	}
	feed_health_free(health);
	return NULL;
}

/* Revisions that anybody made are told, and kept in this daemon's journal. */
static void tell_revisions(struct app *app, int64_t *known)
{
	struct model *model = config_model(app->config);
	int64_t newest = model->revision;
	model_unref(model);
	if (newest == *known)
		return;
	hub_publish(app->hub, "revision", json_pack("{s:I}", "revision", (json_int_t)newest));
	feed_journal_revisions(app, *known, newest);
	*known = newest;
}

static void *watch_config(void *context)
{
	struct feed *feed = context;
	struct app *app = feed->app;
	struct feed_journal *journal = feed_journal_new();
	struct model *model = config_model(app->config);
	int64_t known = model->revision;
	model_unref(model);
	int fd = store_watch_open(app->instance.config_db);
	while (!atomic_load(&feed->stopping)) {
		struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
		if (poll(&poll_fd, 1, CONFIG_POLL_MS) > 0)
			store_watch_drain(fd);
		tell_revisions(app, &known);
		feed_journal_tell(journal, app);
	}
	if (fd >= 0)
		close(fd);
	feed_journal_free(journal);
	return NULL;
}

/* What of a status makes it worth telling: who is there, and what they complain of. */
static char *essence(const json_t *status)
{
	json_t *essence = json_pack("{s:O, s:[]}", "problems", json_object_get(status, "problems"),
				    "reachable");
	json_t *list = json_object_get(essence, "reachable");
	const json_t *daemons = json_object_get(status, "daemons");
	for (size_t i = 0; i < json_array_size(daemons); i++)
		json_array_append(list, json_object_get(json_array_get(daemons, i), "reachable"));
	json_array_append(list, json_object_get(status, "in_sync"));
	char *text = json_dumps(essence, JSON_COMPACT);
	json_decref(essence);
	return text;
}

static void tell_status(struct app *app, char **last)
{
	struct answer answers[DAEMON_COUNT];
	ask_all(app, "status", answers);
	json_t *status = status_view(app, answers);
	answers_fini(answers);
	char *now = essence(status);
	if (*last != NULL && now != NULL && strcmp(*last, now) != 0)
		hub_publish(app->hub, "status", json_incref(status));
	json_decref(status);
	free(*last);
	*last = now;
}

static void pause_ms(const struct feed *feed, int ms)
{
	for (; ms > 0 && !atomic_load(&feed->stopping); ms -= 100)
		nanosleep(&(struct timespec){0, 100000000L}, NULL);
}

static void *watch_daemons(void *context)
{
	struct feed *feed = context;
	char *last = NULL;
	for (unsigned round = 0; !atomic_load(&feed->stopping); round++) {
		if (round % TRAFFIC_ROUNDS == 0)
			traffic_sample(feed->app->traffic, feed->app);
		tell_status(feed->app, &last);
		pause_ms(feed, STATUS_MS);
	}
	free(last);
	return NULL;
}

struct feed *feed_start(struct app *app, struct error *error)
{
	static void *(*const runs[THREADS])(void *) = {watch_health, watch_config, watch_daemons};
	struct feed *feed = mem_new(struct feed);
	feed->app = app;
	for (size_t i = 0; i < THREADS; i++) {
		if (pthread_create(&feed->threads[i], NULL, runs[i], feed) != 0) {
			error_set(error, "cannot start a thread for the live feed");
			feed_stop(feed);
			return NULL;
		}
		feed->started++;
	}
	return feed;
}

void feed_stop(struct feed *feed)
{
	atomic_store(&feed->stopping, true);
	for (size_t i = 0; i < feed->started; i++)
		pthread_join(feed->threads[i], NULL);
	free(feed);
}
