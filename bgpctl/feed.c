/* Knows how this daemon holds on to the last good configuration and the last known verdicts. */
#include "bgpctl/feed.h"

#include "base/log.h"
#include "base/wall.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

void feed_init(struct feed *feed, const struct instance *instance)
{
	*feed = (struct feed){.instance = instance, .watch_fd = -1, .since_ms = wall_now_ms()};
}

void feed_fini(struct feed *feed)
{
	if (feed->watch_fd >= 0)
		close(feed->watch_fd);
	if (feed->store != NULL)
		store_close(feed->store);
	if (feed->table != NULL)
		health_close(feed->table);
	model_unref(feed->model);
	memset(feed, 0, sizeof *feed);
}

static bool went_stale(struct feed *feed, const struct error *error)
{
	if (!feed->stale) {
		feed->since_ms = wall_now_ms();
		log_error("the configuration cannot be read, the last good one stays: %s",
			  error->text);
	}
	feed->stale = true;
	snprintf(feed->error, sizeof feed->error, "%s", error->text);
	return false;
}

static void went_live(struct feed *feed)
{
	if (feed->stale) {
		feed->since_ms = wall_now_ms();
		log_notice("the configuration can be read again");
	}
	feed->stale = false;
	feed->error[0] = '\0';
}

static bool open_store(struct feed *feed, struct error *error)
{
	if (feed->watch_fd < 0)
		feed->watch_fd = store_watch_open(feed->instance->config_db);
	if (feed->store == NULL)
		feed->store = store_open(feed->instance->config_db, STORE_FOLLOW, error);
	return feed->store != NULL;
}

static struct model *read_model(struct feed *feed, struct error *error)
{
	struct moved *moved = NULL;
	size_t count = 0;
	if (feed->model == NULL)
		return store_load(feed->store, error);
	struct model *model = store_refresh(feed->store, feed->model, &moved, &count, error);
	if (model != NULL)
		moved_free(moved, count);
	return model;
}

bool feed_config(struct feed *feed)
{
	struct error error = {0};
	if (feed->watch_fd >= 0)
		store_watch_drain(feed->watch_fd);
	if (!open_store(feed, &error))
		return went_stale(feed, &error);
	struct model *model = read_model(feed, &error);
	if (model == NULL) {
		/* The file may have been replaced: begin again with the path. */
		store_close(feed->store);
		feed->store = NULL;
		return went_stale(feed, &error);
	}
	went_live(feed);
	bool changed = model != feed->model;
	model_unref(feed->model);
	feed->model = model;
	return changed;
}

/* A writer that came anew may have made a new file: the old mapping would stay stale for ever. */
static void reopen_table(struct feed *feed, struct mono now)
{
	struct error error = {0};
	struct health_table *table = health_open_reader(feed->instance->health, &error);
	if (table != NULL && (feed->table == NULL || health_fresh(table, now))) {
		if (feed->table != NULL)
			health_close(feed->table);
		feed->table = table;
		return;
	}
	if (table != NULL)
		health_close(table);
	snprintf(feed->health_error, sizeof feed->health_error, "%s",
		 table == NULL ? error.text
			       : "the health checker has stopped: verdicts are held as they were");
}

bool feed_health(struct feed *feed, struct mono now, bool clock)
{
	bool fresh = feed->table != NULL && health_fresh(feed->table, now);
	if (!fresh && clock) {
		reopen_table(feed, now);
		fresh = feed->table != NULL && health_fresh(feed->table, now);
	}
	if (fresh)
		feed->health_error[0] = '\0';
	uint32_t sequence = feed->table != NULL ? health_sequence(feed->table) : 0;
	bool changed = fresh != feed->health_fresh || sequence != feed->health_seen;
	feed->health_fresh = fresh;
	feed->health_seen = sequence;
	return changed;
}
