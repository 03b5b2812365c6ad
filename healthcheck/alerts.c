/* Knows the life of a receiver's thread. */
#include "healthcheck/alerts.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/mono.h"
#include "base/rng.h"
#include "base/wall.h"
#include "db/journal.h"
#include "healthcheck/alert_position.h"
#include "healthcheck/alert_send.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LOOK_EVERY_MS = 500, READ_MAX = 1000, CLOSE_WAIT_MS = 3000 };

/* The thread's alone but for what is said. It ends itself when give_up is set. */
struct receiver {
	struct alerts *alerts;
	struct object *alert; /* referenced */
	/* Events from then on, however late the thread begins: by the wall clock, by the other, and
	 * by their number. */
	int64_t since_ms;
	struct mono since;
	uint64_t unkept_seen;
	atomic_bool give_up;
	atomic_bool forget;    /* set before it: there is no such receiver any more */
	struct receiver *next; /* the loop's */
	/* under alerts->lock */
	uint64_t sent, failed, given_up;
	struct error error;
};

struct alerts {
	const char *events_dir, *site;
	struct unkept *unkept;
	struct receiver *first; /* the loop's */
	pthread_mutex_t lock;
	atomic_int threads;
};

/* What a thread works on. */
struct batch {
	char *cursor;
	char *kept;	   /* the position that is in the file; NULL: none */
	json_t *events;	   /* wanted ones, oldest first */
	struct mono first; /* when the first came */
	struct mono ripe;  /* when the message is made */
	char id[48];	   /* "": not made yet */
	int64_t time_ms;   /* of the message */
	unsigned attempts;
	struct mono again;
	struct mono refused; /* for the first time; ns 0: not yet */
};

struct alerts *alerts_open(const char *events_dir, const char *site, struct unkept *unkept)
{
	struct alerts *alerts = mem_new(struct alerts);
	alerts->events_dir = events_dir;
	alerts->site = site;
	alerts->unkept = unkept;
	pthread_mutex_init(&alerts->lock, NULL);
	return alerts;
}

/* The begin in terms of the wall clock of now: where that was set back, new events are of before.
 */
static int64_t since_ms(struct receiver *receiver)
{
	int64_t began_ms = wall_now_ms() - mono_ms_between(receiver->since, mono_now());
	if (began_ms < receiver->since_ms)
		receiver->since_ms = began_ms;
	return receiver->since_ms;
}

/* Takes in what is wanted of what was READ. */
static void take(const struct receiver *receiver, struct batch *batch, const json_t *read)
{
	struct mono now = mono_now();
	size_t i, before = json_array_size(batch->events);
	json_t *event;
	json_array_foreach(read, i, event)
	{
		if (alert_wants(&receiver->alert->alert, event))
			json_array_append(batch->events, event);
	}
	if (json_array_size(batch->events) == before)
		return;
	if (before == 0)
		batch->first = now;
	struct mono latest = mono_add_ms(batch->first, ALERTS_FOLD_MAX_MS);
	batch->ripe = mono_add_ms(now, ALERTS_FOLD_MS);
	batch->ripe = batch->ripe.ns < latest.ns ? batch->ripe : latest;
}

/* Reads what there is since, as long as no message is made of it. */
static void gather(struct receiver *receiver, struct batch *batch)
{
	struct error error;
	char *cursor = NULL;
	json_t *unkept = json_array();
	unkept_take(receiver->alerts->unkept, &receiver->unkept_seen, unkept);
	take(receiver, batch, unkept);
	json_decref(unkept);
	struct journal_filter filter = {
		.since_ms = since_ms(receiver), .after = batch->cursor, .limit = READ_MAX};
	json_t *read = journal_read(receiver->alerts->events_dir, &filter, &cursor, &error);
	if (read == NULL)
		return;
	if (cursor != NULL) {
		free(batch->cursor);
		batch->cursor = cursor;
	}
	take(receiver, batch, read);
	json_decref(read);
}

/* All up to the cursor is told, or not wanted. */
static void keep_position(const struct receiver *receiver, struct batch *batch)
{
	if (batch->cursor == NULL ||
	    (batch->kept != NULL && strcmp(batch->kept, batch->cursor) == 0))
		return;
	if (!alert_position_write(receiver->alerts->events_dir, receiver->alert->id, batch->cursor))
		return;
	free(batch->kept);
	batch->kept = mem_strdup(batch->cursor);
}

static void note(struct receiver *receiver, bool sent, const struct error *error)
{
	const char *name = receiver->alert->id;
	pthread_mutex_lock(&receiver->alerts->lock);
	bool failed_before = receiver->error.text[0] != '\0';
	receiver->sent += sent;
	receiver->failed += !sent;
	receiver->error = sent ? (struct error){.text = ""} : *error;
	pthread_mutex_unlock(&receiver->alerts->lock);
	if (!sent && !failed_before)
		log_warning("alert %s is not delivered, it is tried again: %s", name, error->text);
	else if (sent && failed_before)
		log_notice("alert %s is delivered again", name);
}

static void make_id(struct batch *batch)
{
	uint64_t high = rng_seed(), low = rng_seed();
	snprintf(batch->id, sizeof batch->id, "%016llx%016llx", (unsigned long long)high,
		 (unsigned long long)low);
	batch->time_ms = wall_now_ms();
	batch->attempts = 0;
	batch->refused = (struct mono){0};
}

/* The message is done with. */
static void turn_to_next(const struct receiver *receiver, struct batch *batch)
{
	json_array_clear(batch->events);
	batch->id[0] = '\0';
	keep_position(receiver, batch);
}

static void give_up(struct receiver *receiver, struct batch *batch, const struct error *error)
{
	pthread_mutex_lock(&receiver->alerts->lock);
	receiver->given_up++;
	receiver->error.text[0] = '\0';
	pthread_mutex_unlock(&receiver->alerts->lock);
	log_error("alert %s: a message of %zu events, refused for an hour, is given up: %s",
		  receiver->alert->id, json_array_size(batch->events), error->text);
	turn_to_next(receiver, batch);
}

static void deliver(struct receiver *receiver, struct batch *batch)
{
	struct error error = {.text = ""};
	if (batch->id[0] == '\0')
		make_id(batch);
	struct alert_origin origin = {
		.id = batch->id, .site = receiver->alerts->site, .time_ms = batch->time_ms};
	enum alert_outcome outcome = alert_send(&receiver->alert->alert, batch->events, &origin,
						&receiver->give_up, &error);
	if (atomic_load(&receiver->give_up))
		return;
	struct mono now = mono_now();
	note(receiver, outcome == ALERT_SENT, &error);
	if (outcome == ALERT_SENT) {
		turn_to_next(receiver, batch);
		return;
	}
	if (outcome == ALERT_FAILED)
		batch->refused = (struct mono){0};
	else if (batch->refused.ns == 0)
		batch->refused = now;
	if (outcome == ALERT_REFUSED && mono_ms_between(batch->refused, now) >= ALERTS_REFUSED_MS) {
		give_up(receiver, batch, &error);
		return;
	}
	unsigned wait_s = batch->attempts < 6 ? 1U << batch->attempts : ALERTS_RETRY_MAX_S;
	batch->attempts++;
	batch->again = mono_add_ms(now, (int64_t)wait_s * 1000);
}

static void resume(struct receiver *receiver, struct batch *batch)
{
	*batch = (struct batch){.events = json_array()};
	batch->cursor = alert_position_read(receiver->alerts->events_dir, receiver->alert->id);
	batch->kept = mem_strdup(batch->cursor);
	if (batch->kept != NULL)
		receiver->since_ms -= ALERTS_RESUME_MS;
}

static void end(struct receiver *receiver, struct batch *batch)
{
	struct alerts *alerts = receiver->alerts;
	if (atomic_load(&receiver->forget))
		alert_position_forget(alerts->events_dir, receiver->alert->id);
	free(batch->cursor);
	free(batch->kept);
	json_decref(batch->events);
	object_unref(receiver->alert);
	free(receiver);
	atomic_fetch_sub(&alerts->threads, 1);
}

static void *follow(void *argument)
{
	struct receiver *receiver = argument;
	struct batch batch;
	resume(receiver, &batch);
	while (!atomic_load(&receiver->give_up)) {
		struct mono now = mono_now();
		if (batch.id[0] == '\0')
			gather(receiver, &batch);
		bool waiting = json_array_size(batch.events) > 0;
		struct mono due = batch.id[0] == '\0' ? batch.ripe : batch.again;
		if (waiting && now.ns >= due.ns)
			deliver(receiver, &batch);
		else if (!waiting)
			keep_position(receiver, &batch);
		usleep(LOOK_EVERY_MS * 1000);
	}
	end(receiver, &batch);
	return NULL;
}

static void start(struct alerts *alerts, const struct object *alert)
{
	struct receiver *receiver = mem_new(struct receiver);
	pthread_t thread;
	receiver->alerts = alerts;
	receiver->alert = object_ref(alert);
	receiver->since_ms = wall_now_ms();
	receiver->since = mono_now();
	receiver->unkept_seen = unkept_count(alerts->unkept);
	atomic_fetch_add(&alerts->threads, 1);
	if (pthread_create(&thread, NULL, follow, receiver) != 0) {
		log_error("alert %s has no thread to be sent from", alert->id);
		atomic_fetch_sub(&alerts->threads, 1);
		object_unref(receiver->alert);
		free(receiver);
		return;
	}
	pthread_detach(thread);
	receiver->next = alerts->first;
	alerts->first = receiver;
}

static void stop_others(struct alerts *alerts, const struct model *model)
{
	struct receiver **link = &alerts->first;
	while (*link != NULL) {
		struct receiver *receiver = *link;
		const struct object *now =
			model != NULL ? model_find(model, KIND_ALERT, receiver->alert->id) : NULL;
		if (now == receiver->alert) {
			link = &receiver->next;
			continue;
		}
		*link = receiver->next;
		atomic_store(&receiver->forget, model != NULL && now == NULL);
		atomic_store(&receiver->give_up, true); /* it is gone from here on */
	}
}

static bool is_running(const struct alerts *alerts, const struct object *alert)
{
	for (const struct receiver *at = alerts->first; at != NULL; at = at->next)
		if (at->alert == alert)
			return true;
	return false;
}

void alerts_apply(struct alerts *alerts, const struct model *model)
{
	stop_others(alerts, model);
	const struct objects *all = &model->of[KIND_ALERT];
	for (size_t i = 0; i < all->count; i++)
		if (!is_running(alerts, all->at[i]))
			start(alerts, all->at[i]);
}

json_t *alerts_json(struct alerts *alerts)
{
	json_t *all = json_array();
	pthread_mutex_lock(&alerts->lock);
	for (const struct receiver *at = alerts->first; at != NULL; at = at->next)
		json_array_append_new(
			all, json_pack("{s:s, s:I, s:I, s:I, s:s?}", "name", at->alert->id, "sent",
				       (json_int_t)at->sent, "failed", (json_int_t)at->failed,
				       "given_up", (json_int_t)at->given_up, "error",
				       at->error.text[0] != '\0' ? at->error.text : NULL));
	pthread_mutex_unlock(&alerts->lock);
	return all;
}

bool alerts_close(struct alerts *alerts)
{
	stop_others(alerts, NULL);
	for (int waited = 0; atomic_load(&alerts->threads) > 0 && waited < CLOSE_WAIT_MS;
	     waited += 20)
		usleep(20000);
	if (atomic_load(&alerts->threads) > 0)
		return false; /* a resolver hangs; the process ends around it */
	pthread_mutex_destroy(&alerts->lock);
	free(alerts);
	return true;
}
