/* Knows the order of one round: take what is new, probe, decide, hand out what is to be done. */
#include "bgpctl/controller.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/wall.h"
#include "bgpctl/events.h"
#include "bgpctl/keep.h"
#include "bgpctl/responder.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

/* DECIDE_MS: how exact hold-up, gap and drain are, where nothing else calls for a decision. */
enum { CLOCK_MS = 1000, RISE_SOFT_MS = 5000, DECIDE_MS = 190 };

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

static void wake_on(struct controller *controller, int fd)
{
	struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
	if (fd >= 0 && epoll_ctl(controller->wake_fd, EPOLL_CTL_ADD, fd, &event) != 0)
		log_warning("a descriptor cannot be watched and is looked at by the clock");
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
	wake_on(controller, prober_fd(controller->prober));
	wake_on(controller, presence_fd(controller->presence));
	heartbeat_open(&controller->heartbeat, instance);
	echo_init(&controller->echo);
	conf_watch_init(&controller->conf_watch, instance);
	char *conf = conf_watch_begins(&controller->conf_watch);
	if (conf != NULL)
		bird_conf_begin(&controller->applier.conf, conf);
	free(conf);
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

static struct announcement *find_item(const struct controller *controller,
				      const struct prefix *prefix)
{
	for (size_t i = 0; i < controller->count; i++)
		if (prefix_compare(&controller->items[i]->prefix, prefix) == 0)
			return controller->items[i];
	return NULL;
}

static int by_prefix(const void *a, const void *b)
{
	const struct announcement *const *left = a, *const *right = b;
	return prefix_compare(&(*left)->prefix, &(*right)->prefix);
}

static struct announcement *add_item(struct controller *controller, const struct prefix *prefix,
				     enum level level, struct mono now)
{
	struct announcement *item = announcement_new(prefix, level, now);
	controller->items =
		mem_resize(controller->items, controller->count + 1, sizeof *controller->items);
	controller->items[controller->count++] = item;
	qsort(controller->items, controller->count, sizeof *controller->items, by_prefix);
	return item;
}

/* A prefix that is of this site gets an announcement; one that is announced keeps its own. */
static void take_model(struct controller *controller, struct mono now)
{
	const struct model *model = controller->feed.model;
	const struct objects *prefixes = &model->of[KIND_PREFIX];
	struct safety safety = model_safety(model);
	controller->limits.max_withdraw_per_10min = safety.max_withdraw_per_10min;
	controller->limits.panic_fraction = safety.panic_fraction;
	for (size_t i = 0; i < prefixes->count; i++) {
		const struct announce_prefix *config = &prefixes->at[i]->prefix;
		if (announcement_names_site(config, controller->instance->site_name) &&
		    find_item(controller, &config->prefix) == NULL)
			add_item(controller, &config->prefix, LEVEL_NONE, now);
	}
	for (size_t i = 0; i < controller->count; i++) {
		struct announcement *item = controller->items[i];
		announcement_configure(item, model_find(model, KIND_PREFIX, item->net),
				       controller->instance, controller->prober, now);
	}
}

/* What is neither of this site nor announced any more is forgotten. */
static void drop_items(struct controller *controller)
{
	size_t kept = 0;
	for (size_t i = 0; i < controller->count; i++) {
		struct announcement *item = controller->items[i];
		bool done = item->known && !item->here && item->state.level == LEVEL_NONE &&
			    item->applied == LEVEL_NONE && item->verdict == SIGHT_VERIFIED &&
			    !controller->applier.busy;
		if (done)
			announcement_free(item, controller->prober);
		else
			controller->items[kept++] = item;
	}
	controller->count = kept;
}

static void take_pools(struct controller *controller, struct announcement *item, struct mono now,
		       int64_t wall_ms)
{
	const struct model *model = controller->feed.model;
	item->pools = item->pools_serving = 0;
	if (item->object == NULL)
		return;
	const struct texts *needs = &item->object->prefix.needs_pools;
	for (size_t i = 0; i < needs->count; i++) {
		const struct object *pool = model_find(model, KIND_POOL, needs->at[i]);
		if (pool == NULL)
			continue;
		item->pools++;
		item->pools_serving += pools_can_serve(&controller->pools, model, &pool->pool,
						       controller->feed.table, now, wall_ms);
	}
}

static void take_dependencies(struct controller *controller, struct mono now)
{
	int64_t wall_ms = wall_now_ms();
	if (controller->feed.model == NULL)
		return;
	for (size_t i = 0; i < controller->count; i++) {
		announcement_order(controller->items[i], controller->feed.model, wall_ms);
		take_pools(controller, controller->items[i], now, wall_ms);
	}
}

/* Which of the descriptors behind wake_fd have something to say. */
struct woken {
	bool responder, addresses, store, echo;
};

static struct woken ask_wakers(const struct controller *controller)
{
	struct epoll_event events[8];
	struct woken woken = {0};
	int count = epoll_wait(controller->wake_fd, events, 8, 0);
	for (int i = 0; i < count; i++) {
		int fd = events[i].data.fd;
		woken.responder = woken.responder || fd == controller->responder_fd;
		woken.addresses = woken.addresses || fd == presence_fd(controller->presence);
		woken.store = woken.store || fd == controller->feed.watch_fd;
		woken.echo = woken.echo || fd == controller->echo.fd;
	}
	return woken;
}

static void watch_responder(struct controller *controller, struct mono now, bool ended, bool clock)
{
	if (ended) {
		log_notice("the responder's process has ended");
		close(controller->responder_fd);
		controller->responder_fd = -1;
		for (size_t i = 0; i < controller->count; i++)
			announcement_hurry(controller->items[i], now);
	}
	if (controller->responder_fd >= 0 || !clock)
		return;
	controller->responder_fd = responder_watch(controller->responder_socket);
	wake_on(controller, controller->responder_fd);
}

static void read_addresses(struct controller *controller)
{
	struct error error = {0};
	bool ok = presence_refresh(controller->presence, &error);
	controller->news = true;
	snprintf(controller->presence_error, sizeof controller->presence_error, "%s",
		 ok ? "" : error.text);
}

/* BIRD's log tells that something happened there; what it was is seen by looking. */
static void listen_to_bird(struct controller *controller, struct mono now, bool said, bool clock)
{
	struct applier *applier = &controller->applier;
	if (said && echo_step(&controller->echo))
		applier_hurry(applier, now);
	if (controller->echo.fd >= 0 || !clock || applier->reach != BIRD_UP)
		return;
	if (echo_open(&controller->echo, controller->instance->bird_socket))
		wake_on(controller, controller->echo.fd);
}

/* Takes in all that may have changed outside. */
static void take_news(struct controller *controller, struct mono now)
{
	bool clock = mono_ms_between(now, controller->next_clock) <= 0;
	if (clock) {
		controller->next_clock = mono_add_ms(now, CLOCK_MS);
		heartbeat_beat(&controller->heartbeat, now);
	}
	struct woken woken = ask_wakers(controller);
	watch_responder(controller, now, woken.responder, clock);
	if (clock || woken.addresses)
		read_addresses(controller);
	listen_to_bird(controller, now, woken.echo, clock);
	bool moved = (clock || woken.store) && feed_config(&controller->feed);
	if (controller->watched_store_fd != controller->feed.watch_fd) {
		controller->watched_store_fd = controller->feed.watch_fd;
		wake_on(controller, controller->watched_store_fd);
	}
	bool anew = controller->applier.adopted && controller->feed.model != NULL &&
		    (moved || controller->count == 0 || !controller->items[0]->known);
	if (anew)
		take_model(controller, now);
	bool health = feed_health(&controller->feed, now, clock);
	/* Nothing is decided about a prefix before its orders are known. */
	controller->news = controller->news || anew || moved || health || clock;
	if (anew || moved || health || clock)
		take_dependencies(controller, now);
	prober_step(controller->prober, now);
	for (size_t i = 0; i < controller->count; i++)
		announcement_probe(controller->items[i], controller->prober, now);
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
	take_news(controller, now);
	/* Most of what wakes changes nothing: an answer that is as good as those before it. */
	bool due = controller->news || mono_ms_between(now, controller->next_decision) <= 0;
	if (controller->applier.adopted && due) {
		controller->news = false;
		controller->next_decision = mono_add_ms(now, DECIDE_MS);
		judge_freshness(controller, now);
		decide(controller, now);
		drop_items(controller);
		events_prefixes(controller);
	}
	bool may_apply = controller->feed.model != NULL || controller->stopping;
	enum applier_want want = applier_want(&controller->applier, controller->items,
					      controller->count, may_apply, now);
	if (want == APPLIER_NOTHING)
		return NULL;
	struct actuate_job *job = applier_job(&controller->applier, controller->instance,
					      controller->items, controller->count, want);
	job->responder = controller->responder_socket;
	return job;
}

static void adopt(struct controller *controller, struct actuate_job *job, struct mono now)
{
	struct include_entry *found;
	size_t count;
	applier_adopt(&controller->applier, job, &found, &count, now);
	for (size_t i = 0; i < count; i++)
		if (find_item(controller, &found[i].prefix) == NULL)
			add_item(controller, &found[i].prefix, found[i].level, now);
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
	controller->news = true;
	struct bird_protocols before = applier->protocols;
	memset(&applier->protocols, 0, sizeof applier->protocols);
	if (!applier->adopted)
		adopt(controller, job, now);
	else
		applier_take(applier, job, controller->items, controller->count, now);
	take_conf(controller);
	events_reach(controller, reach);
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

/* True while what was decided is not yet what BIRD was last asked to do. */
static bool under_way(const struct controller *controller, const struct announcement *item)
{
	return item->state.level != item->applied || item->changing ||
	       (controller->applier.busy && item->verdict == SIGHT_MISMATCH);
}

const char *controller_shown(const struct controller *controller, const struct announcement *item)
{
	const char *name = prefix_state_name(&item->state);
	enum bird_reach reach = controller->applier.reach;
	if (under_way(controller, item))
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
