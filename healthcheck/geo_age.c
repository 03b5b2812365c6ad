/* Knows when the responder is asked for its databases, and what is told of their age. */
#include "healthcheck/geo_age.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/wall.h"
#include "db/control.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ASK_EVERY_MS = 60000, ASK_FIRST_MS = 1000, ASK_MS = 2000, MS_PER_DAY = 86400000 };
enum { DATABASES = 3 };

static const char *const databases[DATABASES] = {"country", "city", "asn"};

struct geo_watch {
	uv_timer_t timer;
	uv_loop_t *loop;
	char *socket;
	const char *events_dir;
	struct journal *journal;
	uint32_t limit_d;
	bool applied, closing, timer_open;
	uv_work_t work;
	bool busy, again;
	/* The asking thread's while busy. */
	bool read;		      /* told is what the journals say */
	enum geo_age told[DATABASES]; /* last */
	int64_t built_ms[DATABASES];  /* 0: there is none, or nobody answers */
};

enum geo_age geo_age_judge(int64_t built_ms, int64_t now_ms, uint32_t limit_d)
{
	if (built_ms <= 0)
		return GEO_AGE_UNKNOWN;
	bool old = limit_d > 0 && now_ms - built_ms > (int64_t)limit_d * MS_PER_DAY;
	return old ? GEO_AGE_OLD : GEO_AGE_FRESH;
}

/* What the last event of DATABASE says. */
static enum geo_age told_before(const struct geo_watch *watch, const char *database)
{
	struct error error;
	char object[32];
	snprintf(object, sizeof object, "database/%s", database);
	struct journal_filter filter = {
		.kind = "database", .object = object, .newest_first = true, .limit = 1};
	json_t *events = journal_read(watch->events_dir, &filter, NULL, &error);
	const char *to = json_string_value(json_object_get(json_array_get(events, 0), "to"));
	bool old = to != NULL && strcmp(to, "old") == 0;
	json_decref(events);
	return old ? GEO_AGE_OLD : GEO_AGE_FRESH;
}

static void ask_in_thread(uv_work_t *work)
{
	struct geo_watch *watch = work->data;
	struct error error;
	for (int i = 0; !watch->read && i < DATABASES; i++)
		watch->told[i] = told_before(watch, databases[i]);
	watch->read = true;
	json_t *status = control_ask(watch->socket, "status", NULL, ASK_MS, &error);
	json_t *places = json_object_get(status, "places");
	for (int i = 0; i < DATABASES; i++) {
		json_t *database = json_object_get(places, databases[i]);
		const char *built = json_string_value(json_object_get(database, "built"));
		watch->built_ms[i] = 0;
		if (built != NULL && !wall_parse(built, &watch->built_ms[i]))
			watch->built_ms[i] = 0;
	}
	json_decref(status);
}

static void tell(struct geo_watch *watch, int i, enum geo_age now, int64_t now_ms)
{
	char object[32], built[WALL_TEXT_MAX];
	struct error reason;
	bool old = now == GEO_AGE_OLD;
	snprintf(object, sizeof object, "database/%s", databases[i]);
	wall_format(watch->built_ms[i], built);
	error_set(&reason, "the %s database was built on %.10s, %lld days ago; %u are allowed",
		  databases[i], built, (long long)((now_ms - watch->built_ms[i]) / MS_PER_DAY),
		  watch->limit_d);
	log_notice("%s is %s: %s", object, old ? "old" : "fresh", reason.text);
	journal_add(watch->journal, &(struct event){.kind = "database",
						    .object = object,
						    .from = old ? "fresh" : "old",
						    .to = old ? "old" : "fresh",
						    .reason = reason.text,
						    .actor = "health"});
	watch->told[i] = now;
}

static void end(struct geo_watch *watch)
{
	if (!watch->closing || watch->busy || watch->timer_open)
		return;
	free(watch->socket);
	free(watch);
}

static void begin_ask(struct geo_watch *watch);

static void on_asked(uv_work_t *work, int status)
{
	struct geo_watch *watch = work->data;
	int64_t now_ms = wall_now_ms();
	watch->busy = false;
	for (int i = 0; status == 0 && !watch->closing && i < DATABASES; i++) {
		enum geo_age now = geo_age_judge(watch->built_ms[i], now_ms, watch->limit_d);
		if (now != GEO_AGE_UNKNOWN && now != watch->told[i])
			tell(watch, i, now, now_ms);
	}
	if (watch->closing)
		end(watch);
	else if (watch->again)
		begin_ask(watch);
}

static void begin_ask(struct geo_watch *watch)
{
	watch->again = watch->busy;
	if (!watch->busy)
		watch->busy =
			uv_queue_work(watch->loop, &watch->work, ask_in_thread, on_asked) == 0;
}

static void on_timer(uv_timer_t *timer)
{
	struct geo_watch *watch = timer->data;
	if (watch->applied)
		begin_ask(watch);
}

struct geo_watch *geo_watch_new(uv_loop_t *loop, char *socket, const char *events_dir,
				struct journal *journal)
{
	struct geo_watch *watch = mem_new(struct geo_watch);
	watch->loop = loop;
	watch->socket = socket;
	watch->events_dir = events_dir;
	watch->journal = journal;
	watch->work.data = watch;
	uv_timer_init(loop, &watch->timer);
	watch->timer.data = watch;
	watch->timer_open = true;
	uv_timer_start(&watch->timer, on_timer, ASK_FIRST_MS, ASK_EVERY_MS);
	return watch;
}

static void on_closed(uv_handle_t *handle)
{
	struct geo_watch *watch = handle->data;
	watch->timer_open = false;
	end(watch);
}

void geo_watch_free(struct geo_watch *watch)
{
	if (watch == NULL)
		return;
	watch->closing = true;
	uv_close((uv_handle_t *)&watch->timer, on_closed);
}

void geo_watch_apply(struct geo_watch *watch, uint32_t limit_d)
{
	bool other = watch->applied && limit_d != watch->limit_d;
	watch->limit_d = limit_d;
	watch->applied = true;
	if (other)
		begin_ask(watch);
}
