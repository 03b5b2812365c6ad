/* Knows when the configuration is live, and when it is the last good one. */
#include "geodns/feed.h"

#include "base/log.h"
#include "base/wall.h"

#include <string.h>
#include <unistd.h>

void feed_init(struct feed *feed, const char *path)
{
	*feed = (struct feed){.path = path, .watch_fd = -1, .since_ms = wall_now_ms()};
	error_set(&feed->error, "the configuration was not read yet");
}

void feed_fini(struct feed *feed)
{
	if (feed->watch_fd >= 0)
		close(feed->watch_fd);
	store_close(feed->store);
	model_unref(feed->model);
}

static void set_live(struct feed *feed)
{
	if (feed->live)
		return;
	feed->live = true;
	feed->since_ms = wall_now_ms();
	feed->error.text[0] = '\0';
	log_notice("the configuration is live revision=%lld path=%s",
		   (long long)feed->model->revision, feed->path);
}

/* Logged when the state changes, and when the reason does. */
static void set_stale(struct feed *feed, const struct error *error)
{
	if (feed->live)
		feed->since_ms = wall_now_ms();
	if (feed->live || strcmp(error->text, feed->error.text) != 0)
		log_warning("the configuration cannot be read, the last good one holds: %s",
			    error->text);
	feed->live = false;
	feed->error = *error;
}

static bool open_store(struct feed *feed)
{
	struct error error = {""};
	struct mono now = mono_now();
	if (feed->opened.ns != 0 && mono_ms_between(feed->opened, now) < FEED_RETRY_MS)
		return false;
	feed->opened = now;
	feed->store = store_open(feed->path, STORE_FOLLOW, &error);
	if (feed->store == NULL)
		set_stale(feed, &error);
	return feed->store != NULL;
}

static struct model *read_model(struct feed *feed, struct feed_change *change, struct error *error)
{
	if (feed->model == NULL)
		return store_load(feed->store, error);
	return store_refresh(feed->store, feed->model, &change->moved, &change->count, error);
}

bool feed_step(struct feed *feed, struct feed_change *change)
{
	struct error error = {""};
	*change = (struct feed_change){0};
	if (feed->watch_fd < 0)
		feed->watch_fd = store_watch_open(feed->path);
	if (feed->watch_fd >= 0)
		store_watch_drain(feed->watch_fd);
	if (feed->store == NULL && !open_store(feed))
		return false;
	struct model *model = read_model(feed, change, &error);
	if (model == NULL) {
		set_stale(feed, &error);
		return false;
	}
	bool changed = model != feed->model;
	change->old = feed->model;
	feed->model = model;
	set_live(feed);
	if (!changed)
		feed_change_fini(change);
	return changed;
}

void feed_change_fini(struct feed_change *change)
{
	moved_free(change->moved, change->count);
	model_unref(change->old);
	*change = (struct feed_change){0};
}
