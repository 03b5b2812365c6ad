/* Knows the order of one round: take what is new, probe, decide, hand out what is to be done. */
#include "bgpctl/controller.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/wall.h"
#include "bgpctl/events.h"
#include "bgpctl/keep.h"
#include "bgpctl/memory.h"
#include "bgpctl/news.h"
#include "bgpctl/roster.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

/* DECIDE_MS: how exact hold-up, gap and drain are, where nothing else calls for a decision. */
enum { RISE_SOFT_MS = 5000, DECIDE_MS = 190 };

static struct announcement *item_of_probe(struct controller *controller, const struct probe *probe)
{
	for (size_t i = 0; i < controller->count; i++)
		if (probe == &controller->items[i]->probes[0] ||
		    probe == &controller->items[i]->probes[1])
			return controller->items[i];
	return NULL;
}

static void probe_ended(void *context, struct probe *probe, enum probe_outcome outcome,
			const char *reason)
{
	struct controller *controller = context;
	struct announcement *item = item_of_probe(controller, probe);
	if (item != NULL && announcement_probed(item, probe, outcome, reason,
						controller->responder_fd >= 0, mono_now()))
		controller->news = true;
}

static void recall(struct controller *controller)
{
	bool missing;
	controller->memory_path = mem_printf("%s/memory", controller->instance->bird_dir);
	char *text = include_read(controller->memory_path, &missing, NULL);
	controller->memory = memory_read(text);
	memory_recall_history(controller->memory, &controller->history, mono_now());
	free(text);
}

bool controller_init(struct controller *controller, const struct instance *instance,
		     struct error *error)
{
	memset(controller, 0, sizeof *controller);
	controller->instance = instance;
	controller->started_ms = wall_now_ms();
	controller->responder_fd = controller->watched_store_fd = controller->echo.fd = -1;
	controller->params = (struct prefix_params){
		.hold_up_ms = 1000 * (int64_t)instance->bird_hold_up_s,
		.boot_hold_up_ms = 1000 * (int64_t)instance->bird_boot_hold_up_s,
		.announce_gap_ms = 1000 * (int64_t)instance->bird_announce_gap_s,
		.rise_soft_ms = RISE_SOFT_MS,
	};
	controller->limits =
		(struct plan_limits){.max_withdraw_per_10min = 3, .panic_fraction = 0.5};
	controller->wake_fd = epoll_create1(EPOLL_CLOEXEC);
	if (controller->wake_fd < 0) {
		error_set_errno(error, "cannot make an epoll descriptor");
		return false;
	}
	controller->prober = prober_new(probe_ended, controller, error);
	controller->presence = presence_open(error);
	if (controller->prober == NULL || controller->presence == NULL)
		return false;
	news_wake_on(controller, prober_fd(controller->prober));
	news_wake_on(controller, presence_fd(controller->presence));
	heartbeat_open(&controller->heartbeat, instance);
	echo_init(&controller->echo);
	recall(controller);
	conf_watch_init(&controller->conf_watch, instance);
	char *conf = conf_watch_begins(&controller->conf_watch);
	if (conf != NULL)
		bird_conf_begin(&controller->applier.conf, conf);
	free(conf);
	controller->applier.freshness =
		(struct freshness_seen){.revision = -1, .places_built_ms = -1};
	feed_init(&controller->feed, instance);
	controller->responder_socket = instance_socket(instance, "geodns");
	char *journal = mem_printf("%s/bgpctl.db", instance->events_dir);
	controller->journal = journal_open(journal, "bgpctl");
	free(journal);
	return true;
}

void controller_fini(struct controller *controller)
{
	for (size_t i = 0; i < controller->count; i++)
		announcement_free(controller->items[i], controller->prober);
	free(controller->items);
	free(controller->responder_socket);
	free(controller->memory_path);
	json_decref(controller->memory);
	prober_free(controller->prober);
	presence_close(controller->presence);
	pools_fini(&controller->pools);
	applier_fini(&controller->applier);
	feed_fini(&controller->feed);
	echo_close(&controller->echo);
	conf_watch_fini(&controller->conf_watch);
	heartbeat_close(&controller->heartbeat, controller->stopped);
	if (controller->journal != NULL)
		journal_close(controller->journal, 2000);
	if (controller->responder_fd >= 0)
		close(controller->responder_fd);
	if (controller->wake_fd >= 0)
		close(controller->wake_fd);
}

static void judge_freshness(struct controller *controller, struct mono now)
{
	const struct feed *feed = &controller->feed;
	const struct freshness_limits limits = {
		.config_s = controller->instance->bird_stale_config_s,
		.places_days = controller->instance->bird_stale_places_days};
	int64_t newest = feed->model != NULL && !feed->stale ? feed->model->revision : -1;
	freshness_judge(&controller->freshness, &controller->applier.freshness, newest, &limits,
			now, wall_now_ms());
}

static void decide(struct controller *controller, struct mono now)
{
	struct plan_item *plan = mem_array(controller->count, sizeof *plan);
	for (size_t i = 0; i < controller->count; i++) {
		announcement_facts(controller->items[i], controller->presence, &plan[i].facts);
		plan[i].facts.stale =
			controller->freshness.text[0] != '\0' ? controller->freshness.text : NULL;
		plan[i].facts.asks =
			controller->conf_asks[0] != '\0' ? controller->conf_asks : NULL;
		plan[i].facts.stopping = controller->stopping;
		plan[i].facts.stop_drain_ms =
			1000 * (int64_t)controller->instance->bird_stop_drain_s;
		plan[i].state = &controller->items[i]->state;
	}
	plan_make(plan, controller->count, &controller->limits, &controller->params,
		  &controller->history, now);
	for (size_t i = 0; i < controller->count; i++) {
		struct announcement *item = controller->items[i];
		controller->blocks[plan[i].refused] += plan[i].refused != GUARD_PASS;
		if (plan[i].changed || plan[i].guarded) {
			item->guarded = plan[i].guarded;
			item->guard = plan[i].guard;
		}
	}
	free(plan);
}

struct actuate_job *controller_step(struct controller *controller, struct mono now)
{
	if (controller->keeping)
		return NULL;
	news_take(controller, now);
	/* Most of what wakes changes nothing: an answer that is as good as those before it. */
	bool due = controller->news || mono_ms_between(now, controller->next_decision) <= 0;
	if (controller->applier.adopted && due) {
		controller->news = false;
		controller->next_decision = mono_add_ms(now, DECIDE_MS);
		judge_freshness(controller, now);
		decide(controller, now);
		applier_press(&controller->applier, controller->items, controller->count);
		roster_tidy(controller);
		events_prefixes(controller);
	}
	const struct applier_leave leave = {
		.decisions = controller->feed.model != NULL || controller->stopping,
		.announcements = controller->conf_asks[0] == '\0',
	};
	enum applier_want want = applier_want(&controller->applier, controller->items,
					      controller->count, &leave, now);
	if (want == APPLIER_NOTHING)
		return NULL;
	struct actuate_job *job = applier_job(&controller->applier, controller->instance,
					      controller->items, controller->count, want);
	job->responder = controller->responder_socket;
	if (job->apply)
		job->memory =
			memory_render(&controller->history, controller->items, controller->count);
	job->memory_path = controller->memory_path;
	return job;
}

static void adopt(struct controller *controller, struct actuate_job *job, struct mono now)
{
	struct include_entry *found;
	size_t count;
	applier_adopt(&controller->applier, job, &found, &count, now);
	for (size_t i = 0; i < count; i++)
		if (roster_find(controller, &found[i].prefix) == NULL)
			roster_add(controller, &found[i].prefix, found[i].level, now);
	free(found);
}

static void take_conf(struct controller *controller)
{
	struct conf_watch *watch = &controller->conf_watch;
	const struct bird_conf *conf = &controller->applier.conf;
	bool known = conf->path != NULL && conf->count > 0;
	if (!conf_watch_take(watch, known ? bird_conf_listing(conf) : NULL))
		return;
	controller->conf_asks[0] = '\0';
	if (watch->changed)
		snprintf(controller->conf_asks, sizeof controller->conf_asks,
			 "waits: somebody changed %.140s; look at it, then `meridian anycast "
			 "confirm %s`",
			 watch->files, watch->id);
	events_conf(controller, "reconcile");
}

bool controller_confirm(struct controller *controller, const char *id, const char *actor,
			struct error *error)
{
	struct conf_watch *watch = &controller->conf_watch;
	if (!watch->changed) {
		error_set(error, "BIRD's configuration is as it was accepted: there is nothing to "
				 "confirm");
		return false;
	}
	if (!conf_watch_confirm(watch, id)) {
		error_set(error,
			  "BIRD's configuration was changed again since: look at it, and "
			  "confirm %s",
			  watch->id);
		return false;
	}
	controller->conf_asks[0] = '\0';
	controller->news = true;
	events_conf(controller, actor);
	return true;
}

void controller_done(struct controller *controller, struct actuate_job *job, struct mono now)
{
	struct applier *applier = &controller->applier;
	enum bird_reach reach = applier->reach;
	char refused[sizeof applier->refused];
	memcpy(refused, applier->refused, sizeof refused);
	controller->news = true;
	struct bird_protocols before = applier->protocols;
	memset(&applier->protocols, 0, sizeof applier->protocols);
	if (!applier->adopted)
		adopt(controller, job, now);
	else
		applier_take(applier, job, controller->items, controller->count, now);
	take_conf(controller);
	events_reach(controller, reach);
	events_refusal(controller, refused);
	events_file(controller);
	events_sessions(controller, &before);
	bird_protocols_fini(&before);
	events_prefixes(controller);
}

void controller_stop(struct controller *controller)
{
	controller->stopping = controller->news = true;
	controller->keeping = keep_in_force(controller->instance);
	for (size_t i = 0; i < controller->count; i++)
		controller->settling =
			controller->settling || controller->items[i]->applied != LEVEL_NONE;
	log_notice(controller->keeping ? "ends for an upgrade and leaves what is announced as it is"
				       : "withdraws what is announced, and ends");
}

bool controller_stopped(struct controller *controller, struct mono now)
{
	const struct applier *applier = &controller->applier;
	if (!controller->stopping || applier->busy)
		return false;
	if (controller->keeping)
		return true;
	for (size_t i = 0; i < controller->count; i++) {
		const struct announcement *item = controller->items[i];
		if (item->state.level != LEVEL_NONE || item->applied != LEVEL_NONE)
			return false;
	}
	/* Other routers need a moment to look elsewhere: what they still send here is answered. */
	if (controller->settling) {
		controller->settling = false;
		controller->settled =
			mono_add_ms(now, 1000 * (int64_t)controller->instance->bird_settle_s);
	}
	controller->stopped = mono_ms_between(now, controller->settled) <= 0;
	return controller->stopped;
}

bool controller_under_way(const struct controller *controller, const struct announcement *item)
{
	return item->state.level != item->applied || item->changing ||
	       (controller->applier.busy && item->verdict == SIGHT_MISMATCH);
}

const char *controller_shown(const struct controller *controller, const struct announcement *item)
{
	const char *name = prefix_state_name(&item->state);
	enum bird_reach reach = controller->applier.reach;
	if (controller_under_way(controller, item))
		return item->shown[0] != '\0' ? item->shown : "held";
	/* Without BIRD nothing is announced; one that cannot be asked may still announce anything.
	 */
	if (reach == BIRD_HUNG || reach == BIRD_DENIED ||
	    (reach == BIRD_DOWN && item->state.level != LEVEL_NONE))
		return "fault";
	if (item->verdict == SIGHT_MISMATCH)
		return "fault";
	return item->verdict == SIGHT_PENDING ? "pending" : name;
}

const char *controller_reason(const struct controller *controller, const struct announcement *item)
{
	const struct applier *applier = &controller->applier;
	const char *shown = controller_shown(controller, item);
	if (strcmp(shown, "pending") == 0)
		return "no BGP session carries its family";
	if (strcmp(shown, "fault") != 0)
		return item->state.reason;
	if (applier->reach != BIRD_UP)
		return applier->bird_error;
	return applier->failure[0] != '\0' ? applier->failure
					   : "BIRD no longer does what was decided";
}
