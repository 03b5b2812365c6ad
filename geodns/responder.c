/* Knows what the control thread waits for, and what it does about each. */
#include "geodns/responder.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/wall.h"
#include "db/control.h"
#include "geodns/report.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

/* Revisions that come within PAUSE_MS of one that was taken up are taken up together: the first at
 * once, as a lone one is, a thousand a second as a hundred. */
enum { TICK_MS = 1000, RECLAIM_MS = 20, RETRY_MAX_MS = 60000, PAUSE_MS = 10, JOURNAL_END_MS = 500 };

struct pools_view responder_view(struct responder *responder)
{
	return (struct pools_view){.model = responder->feed.model,
				   .health = binding_table(responder->binding),
				   .now = mono_now(),
				   .now_ms = wall_now_ms()};
}

static void set_override_timer(struct responder *responder)
{
	const struct model *model = responder->feed.model;
	responder->override_ms =
		model != NULL ? model_next_override_change(model, wall_now_ms()) : INT64_MAX;
}

static void judge(struct responder *responder, bool all)
{
	if (responder->feed.model == NULL)
		return;
	struct pools_view view = responder_view(responder);
	responder->pools_changed += content_judge(&responder->content, &view, all);
}

/* Health is followed in the middle of a long load too. */
static void breathe(void *context)
{
	struct responder *responder = context;
	judge(responder, false);
	(void)quiesce_reclaim(responder->quiesce);
}

static void note_content(struct responder *responder, bool good, const struct error *error)
{
	if (good) {
		if (responder->content_problem.text[0] != '\0')
			log_notice("all of the configuration is served again");
		responder->content_problem.text[0] = '\0';
		responder->retry_ms = TICK_MS;
		return;
	}
	if (strcmp(responder->content_problem.text, error->text) != 0)
		log_warning("a part of the configuration cannot be served: %s", error->text);
	responder->content_problem = *error;
	responder->retried = mono_now();
}

static void follow_config(struct responder *responder)
{
	struct feed_change change;
	struct error error = {""};
	struct mono before = mono_now();
	responder->followed = before;
	if (!feed_step(&responder->feed, &change))
		return;
	struct feed *feed = &responder->feed;
	struct pools_view view = responder_view(responder);
	bool good = change.old == NULL
			    ? content_load(&responder->content, feed->store, &view, &error)
			    : content_apply(&responder->content, feed->store, change.old, &view,
					    change.moved, change.count, &error);
	note_content(responder, good, &error);
	feed_change_fini(&change);
	set_override_timer(responder);
	responder->config_applies++;
	responder->config_apply_us = (uint64_t)mono_us_between(before, mono_now());
	log_info("revision %lld is served after_us=%llu", (long long)feed->model->revision,
		 (unsigned long long)responder->config_apply_us);
}

static void retry_content(struct responder *responder)
{
	struct error error = {""};
	if (!content_is_behind(&responder->content) || responder->feed.store == NULL ||
	    mono_ms_between(responder->retried, mono_now()) < responder->retry_ms)
		return;
	struct pools_view view = responder_view(responder);
	bool good = content_retry(&responder->content, responder->feed.store, &view, &error);
	note_content(responder, good, &error);
	if (!good && responder->retry_ms < RETRY_MAX_MS)
		responder->retry_ms *= 2;
}

/* A table that cannot be used leaves the one before in force. */
static void follow_places(struct responder *responder)
{
	struct atlas *atlas =
		places_watch_step(&responder->places, responder->content.steerings.atlas);
	if (atlas == NULL)
		return;
	steerings_set_atlas(&responder->content.steerings, atlas);
	atlas_unref(atlas);
}

static void follow_freshness(struct responder *responder)
{
	const struct health_table *table = binding_table(responder->binding);
	bool fresh = table != NULL && health_fresh(table, mono_now());
	if (fresh == responder->fresh)
		return;
	responder->fresh = fresh;
	if (fresh)
		log_notice("health is fresh");
	else
		log_warning("health is stale: what was last known holds");
	judge(responder, true);
}

static void follow_secrets(struct responder *responder)
{
	struct cookie_secrets *read =
		responder->workers != NULL ? secrets_follow(&responder->secrets) : NULL;
	if (read != NULL)
		workers_set_secrets(responder->workers, read);
}

static void tick(struct responder *responder)
{
	responder->ticked = mono_now();
	follow_config(responder);
	follow_freshness(responder);
	follow_places(responder);
	follow_secrets(responder);
	retry_content(responder);
}

/* How long revisions are not looked for yet. */
static int64_t pause_ms(const struct responder *responder)
{
	int64_t pause = PAUSE_MS - mono_ms_between(responder->followed, mono_now());
	return pause > 0 ? pause : 0;
}

static int wait_ms(const struct responder *responder, size_t retired, int64_t pause)
{
	int64_t wait = TICK_MS - mono_ms_between(responder->ticked, mono_now());
	int64_t override = responder->override_ms - wall_now_ms();
	if (override < wait)
		wait = override;
	if (retired > 0 && wait > RECLAIM_MS)
		wait = RECLAIM_MS;
	if (pause > 0 && wait > pause)
		wait = pause;
	return wait > 0 ? (int)wait : 0;
}

void responder_run(struct responder *responder, int ending_fd)
{
	for (;;) {
		size_t retired = quiesce_reclaim(responder->quiesce);
		int64_t pause = pause_ms(responder);
		struct pollfd fds[] = {
			{.fd = ending_fd, .events = POLLIN},
			{.fd = binding_fd(responder->binding), .events = POLLIN},
			{.fd = pause > 0 ? -1 : responder->feed.watch_fd, .events = POLLIN},
			{.fd = mapmaker_fd(responder->mapmaker), .events = POLLIN},
			{.fd = control_fd(responder->control), .events = POLLIN},
			{.fd = responder->places.fd, .events = POLLIN},
		};
		(void)poll(fds, 6, wait_ms(responder, retired, pause));
		if (fds[0].revents != 0)
			return;
		if (fds[1].revents != 0) {
			binding_drain(responder->binding);
			follow_freshness(responder);
			judge(responder, false);
		}
		if (fds[2].revents != 0)
			follow_config(responder);
		if (fds[5].revents != 0)
			follow_places(responder);
		if (fds[3].revents != 0)
			steerings_take_maps(&responder->content.steerings);
		if (wall_now_ms() >= responder->override_ms) {
			judge(responder, true);
			set_override_timer(responder);
		}
		bool ticks = mono_ms_between(responder->ticked, mono_now()) >= TICK_MS;
		if (ticks)
			tick(responder);
		if (fds[4].revents != 0 || ticks)
			control_step(responder->control);
	}
}

static struct atlas *first_atlas(struct responder *responder)
{
	struct model *nothing = model_new();
	struct atlas *atlas = atlas_with_overrides(NULL, nothing);
	model_unref(nothing);
	struct atlas *with = places_watch_step(&responder->places, atlas);
	if (with == NULL)
		return atlas;
	atlas_unref(atlas);
	return with;
}

static void first_content(struct responder *responder)
{
	struct atlas *atlas = first_atlas(responder);
	content_init(&responder->content, responder->quiesce, responder->mapmaker, atlas);
	atlas_unref(atlas);
	responder->content.breathe = breathe;
	responder->content.breathe_context = responder;
	responder->retry_ms = TICK_MS;
	tick(responder);
	set_override_timer(responder);
}

static bool open_control(struct responder *responder, struct error *error)
{
	char *path = instance_socket(responder->instance, "geodns");
	responder->control = control_open(path, report_request, responder, error);
	free(path);
	return responder->control != NULL;
}

static struct journal *open_journal(const struct instance *instance)
{
	char *path = mem_printf("%s/geodns.db", instance->events_dir);
	struct journal *journal = journal_open(path, "geodns");
	free(path);
	return journal;
}

bool responder_open(struct responder *responder, const struct instance *instance,
		    struct error *error)
{
	*responder = (struct responder){.instance = instance, .started_ms = wall_now_ms()};
	responder->quiesce = quiesce_new(workers_count(instance));
	responder->journal = open_journal(instance);
	places_watch_init(&responder->places, mem_printf("%s/places.tbl", instance->geo_dir),
			  responder->journal);
	feed_init(&responder->feed, instance->config_db);
	responder->mapmaker = mapmaker_new(error);
	if (responder->mapmaker == NULL)
		return false;
	responder->binding = binding_open(instance->health, error);
	if (responder->binding == NULL)
		return false;
	first_content(responder);
	responder->workers =
		workers_open(instance, responder->content.zones.names, responder->quiesce, error);
	if (responder->workers == NULL)
		return false;
	responder->server = workers_server(responder->workers);
	workers_set_secrets(responder->workers,
			    secrets_open(&responder->secrets, instance->dns_cookie_secret));
	return open_control(responder, error) && workers_start(responder->workers, error);
}

void responder_close(struct responder *responder)
{
	if (responder->control != NULL)
		control_close(responder->control);
	workers_close(responder->workers);
	mapmaker_free(responder->mapmaker);
	if (responder->content.zones.names != NULL)
		content_fini(&responder->content);
	binding_close(responder->binding);
	feed_fini(&responder->feed);
	quiesce_free(responder->quiesce);
	places_watch_fini(&responder->places);
	if (responder->journal != NULL)
		journal_close(responder->journal, JOURNAL_END_MS);
}
