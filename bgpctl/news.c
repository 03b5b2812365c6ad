/* Knows what the controller listens to, and which of it calls for a decision. */
#include "bgpctl/news.h"

#include "base/log.h"
#include "base/wall.h"
#include "bgpctl/responder.h"
#include "bgpctl/roster.h"

#include <stdio.h>
#include <sys/epoll.h>
#include <unistd.h>

enum { CLOCK_MS = 1000 };

void news_wake_on(struct controller *controller, int fd)
{
	struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
	if (fd >= 0 && epoll_ctl(controller->wake_fd, EPOLL_CTL_ADD, fd, &event) != 0)
		log_warning("a descriptor cannot be watched and is looked at by the clock");
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
	news_wake_on(controller, controller->responder_fd);
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
		news_wake_on(controller, controller->echo.fd);
}

/* Takes in all that may have changed outside. */
void news_take(struct controller *controller, struct mono now)
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
		news_wake_on(controller, controller->watched_store_fd);
	}
	bool anew = controller->applier.adopted && controller->feed.model != NULL &&
		    (moved || controller->count == 0 || !controller->items[0]->known);
	if (anew)
		roster_configure(controller, now);
	bool health = feed_health(&controller->feed, now, clock);
	/* Nothing is decided about a prefix before its orders are known. */
	controller->news = controller->news || anew || moved || health || clock;
	if (anew || moved || health || clock)
		take_dependencies(controller, now);
	prober_step(controller->prober, now);
	for (size_t i = 0; i < controller->count; i++)
		announcement_probe(controller->items[i], controller->prober, now);
}
