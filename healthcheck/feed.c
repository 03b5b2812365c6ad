/* Knows how config.db is followed without ever waiting for it. */
#include "healthcheck/feed.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/wall.h"

#include <stdlib.h>
#include <unistd.h>

enum { LOOK_EVERY_MS = 1000 };

struct feed {
	uv_loop_t *loop;
	const char *path;
	feed_changed *changed;
	void *context;
	uv_timer_t timer;
	uv_poll_t watch;
	int watch_fd; /* -1: the folder could not be watched */
	uv_work_t work;
	bool busy, again, closing;
	unsigned handles; /* still to be closed */

	struct model *model;
	bool live;
	int64_t since_ms;
	struct error error;

	/* The reading thread's while busy. */
	struct store *store;
	struct model *read;
	struct moved *moved;
	size_t count;
	struct error read_error;
};

static void begin_read(struct feed *feed);

static void read_in_thread(uv_work_t *work)
{
	struct feed *feed = work->data;
	feed->read = NULL;
	feed->read_error.text[0] = '\0';
	if (feed->store == NULL)
		feed->store = store_open(feed->path, STORE_FOLLOW, &feed->read_error);
	if (feed->store == NULL)
		return;
	if (feed->model == NULL)
		feed->read = store_load(feed->store, &feed->read_error);
	else
		feed->read = store_refresh(feed->store, feed->model, &feed->moved, &feed->count,
					   &feed->read_error);
	if (feed->read == NULL) { /* the file may be another one by the next time */
		store_close(feed->store);
		feed->store = NULL;
	}
}

static void note_state(struct feed *feed, bool live)
{
	if (live != feed->live || feed->since_ms == 0) {
		feed->since_ms = wall_now_ms();
		if (!live)
			log_warning("the configuration cannot be read, %s: %s",
				    feed->model != NULL ? "the last one stays in force"
							: "nothing is checked yet",
				    feed->read_error.text);
		else
			log_notice("the configuration is read; revision=%lld",
				   (long long)feed->read->revision);
	}
	feed->live = live;
	feed->error = feed->read_error;
}

static void take(struct feed *feed)
{
	struct model *before = feed->model;
	bool first = before == NULL, same = feed->read == before;
	feed->model = feed->read;
	feed->read = NULL;
	if (first)
		feed->changed(feed->context, feed->model, NULL, 0);
	else if (!same)
		feed->changed(feed->context, feed->model, feed->moved, feed->count);
	model_unref(before);
	moved_free(feed->moved, feed->count);
	feed->moved = NULL;
	feed->count = 0;
}

static void end(struct feed *feed)
{
	if (feed->busy || feed->handles > 0)
		return;
	store_close(feed->store);
	model_unref(feed->model);
	free(feed);
}

static void on_read(uv_work_t *work, int status)
{
	struct feed *feed = work->data;
	feed->busy = false;
	if (status == 0 && !feed->closing) {
		note_state(feed, feed->read != NULL);
		if (feed->read != NULL)
			take(feed);
	} else {
		model_unref(feed->read);
		moved_free(feed->moved, feed->count);
	}
	if (feed->closing)
		end(feed);
	else if (feed->again)
		begin_read(feed);
}

static void begin_read(struct feed *feed)
{
	feed->again = feed->busy;
	if (feed->busy)
		return;
	feed->busy = uv_queue_work(feed->loop, &feed->work, read_in_thread, on_read) == 0;
}

static void on_watch(uv_poll_t *poll, int status, int events)
{
	struct feed *feed = poll->data;
	(void)status;
	(void)events;
	store_watch_drain(feed->watch_fd);
	begin_read(feed);
}

static void open_watch(struct feed *feed)
{
	feed->watch_fd = store_watch_open(feed->path);
	if (feed->watch_fd < 0)
		return;
	uv_poll_init(feed->loop, &feed->watch, feed->watch_fd);
	feed->watch.data = feed;
	uv_poll_start(&feed->watch, UV_READABLE, on_watch);
}

static void on_timer(uv_timer_t *timer)
{
	struct feed *feed = timer->data;
	if (feed->watch_fd < 0)
		open_watch(feed);
	begin_read(feed);
}

struct feed *feed_new(uv_loop_t *loop, const char *path, feed_changed *changed, void *context)
{
	struct feed *feed = mem_new(struct feed);
	*feed = (struct feed){
		.loop = loop, .path = path, .changed = changed, .context = context, .watch_fd = -1};
	feed->work.data = feed;
	uv_timer_init(loop, &feed->timer);
	feed->timer.data = feed;
	uv_timer_start(&feed->timer, on_timer, 0, LOOK_EVERY_MS);
	return feed;
}

static void on_closed(uv_handle_t *handle)
{
	struct feed *feed = handle->data;
	feed->handles--;
	end(feed);
}

void feed_free(struct feed *feed)
{
	feed->closing = true;
	feed->handles = feed->watch_fd >= 0 ? 2 : 1;
	if (feed->watch_fd >= 0) {
		uv_close((uv_handle_t *)&feed->watch, on_closed);
		close(feed->watch_fd);
	}
	uv_close((uv_handle_t *)&feed->timer, on_closed);
}

struct feed_status feed_status(const struct feed *feed)
{
	return (struct feed_status){.model = feed->model,
				    .live = feed->live,
				    .since_ms = feed->since_ms,
				    .error = feed->live ? NULL : feed->error.text};
}
