/* Knows how events get from any thread to the file without anybody waiting for the disk. */
#include "db/journal.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/mono.h"
#include "db/journal_file.h"
#include "db/mapping_guard.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>

enum { REOPEN_MS = 1000 };

struct journal {
	char *path, *daemon;
	pthread_t thread;
	/* Everything below, except what is the thread's own, is guarded by LOCK. */
	pthread_mutex_t lock;
	pthread_cond_t changed; /* something was queued, written, or is to end */
	struct journal_entry *first, **last;
	size_t queued;
	bool ending, ended;
	journal_lost_event *told; /* NULL: nobody is */
	void *told_context;
	uint64_t lost; /* atomic: journal_lost() reads it without the lock */
	/* The thread's own. */
	struct journal_file *file;
	bool failing;
	struct mono retry_at;
};

static void tell(struct journal *journal, const struct journal_entry *entry)
{
	json_t *data = entry->data != NULL ? json_loads(entry->data, JSON_DECODE_ANY, NULL) : NULL;
	struct event event = {.time_ms = entry->time_ms,
			      .kind = entry->kind,
			      .object = entry->object,
			      .from = entry->from,
			      .to = entry->to,
			      .reason = entry->reason,
			      .actor = entry->actor,
			      .data = data};
	/* Under the lock, so that nobody is told after the journal was closed. */
	pthread_mutex_lock(&journal->lock);
	if (journal->told != NULL)
		journal->told(journal->told_context, journal->daemon, &event);
	pthread_mutex_unlock(&journal->lock);
	json_decref(data);
}

static void lose(struct journal *journal, const struct journal_entry *entry)
{
	tell(journal, entry);
	__atomic_add_fetch(&journal->lost, 1, __ATOMIC_RELAXED);
	log_warning("event not kept in the journal: kind=%s object=%s from=%s to=%s actor=%s "
		    "reason=\"%s\"",
		    entry->kind, entry->object, entry->from != NULL ? entry->from : "-",
		    entry->to != NULL ? entry->to : "-", entry->actor != NULL ? entry->actor : "-",
		    entry->reason != NULL ? entry->reason : "");
}

static void say_failing(struct journal *journal, const struct error *error)
{
	if (!journal->failing)
		log_error("the journal of %s cannot be written, its events go to the log: %s",
			  journal->daemon, error->text);
	journal->failing = true;
	journal->retry_at = mono_add_ms(mono_now(), REOPEN_MS);
}

static void say_well(struct journal *journal)
{
	if (journal->failing)
		log_notice("the journal of %s is written again; lost=%llu", journal->daemon,
			   (unsigned long long)journal_lost(journal));
	journal->failing = false;
}

static bool open_file(struct journal *journal)
{
	struct error error;
	if (journal->file != NULL)
		return true;
	if (journal->failing && mono_ms_between(mono_now(), journal->retry_at) > 0)
		return false;
	journal->file = journal_file_open(journal->path, JOURNAL_EVENTS_MAX, &error);
	if (journal->file == NULL)
		say_failing(journal, &error);
	return journal->file != NULL;
}

static bool write_batch(struct journal *journal, const struct journal_entry *first)
{
	struct error error;
	if (!open_file(journal))
		return false;
	if (journal_file_write(journal->file, first, &error)) {
		say_well(journal);
		return true;
	}
	/* Whatever it was, a file opened afresh is the better start. */
	journal_file_close(journal->file);
	journal->file = NULL;
	say_failing(journal, &error);
	return false;
}

static void finish_batch(struct journal *journal, struct journal_entry *first)
{
	bool kept = write_batch(journal, first);
	while (first != NULL) {
		struct journal_entry *next = first->next;
		if (!kept)
			lose(journal, first);
		journal_entry_free(first);
		first = next;
	}
}

/* Waits for work; NULL when the journal ends and the queue is empty. */
static struct journal_entry *take_batch(struct journal *journal)
{
	pthread_mutex_lock(&journal->lock);
	while (journal->first == NULL && !journal->ending)
		pthread_cond_wait(&journal->changed, &journal->lock);
	struct journal_entry *batch = journal->first;
	journal->first = NULL;
	journal->last = &journal->first;
	journal->queued = 0;
	pthread_mutex_unlock(&journal->lock);
	return batch;
}

static void *run(void *context)
{
	struct journal *journal = context;
	struct journal_entry *batch;
	open_file(journal);
	while ((batch = take_batch(journal)) != NULL)
		finish_batch(journal, batch);
	journal_file_close(journal->file);
	pthread_mutex_lock(&journal->lock);
	journal->ended = true;
	pthread_cond_broadcast(&journal->changed);
	pthread_mutex_unlock(&journal->lock);
	return NULL;
}

static void start_thread(struct journal *journal)
{
	sigset_t all, before;
	sigfillset(&all);
	mapping_guard_unblock(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before); /* signals are the daemon's main thread's */
	if (pthread_create(&journal->thread, NULL, run, journal) != 0) {
		log_error("the journal of %s has no thread; ending so that the service manager "
			  "starts "
			  "a fresh process",
			  journal->daemon);
		abort();
	}
	pthread_sigmask(SIG_SETMASK, &before, NULL);
}

struct journal *journal_open(const char *path, const char *daemon)
{
	struct journal *journal = mem_new(struct journal);
	journal->path = mem_strdup(path);
	journal->daemon = mem_strdup(daemon);
	journal->last = &journal->first;
	pthread_condattr_t attributes;
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_mutex_init(&journal->lock, NULL);
	pthread_cond_init(&journal->changed, &attributes);
	pthread_condattr_destroy(&attributes);
	start_thread(journal);
	return journal;
}

void journal_add(struct journal *journal, const struct event *event)
{
	struct journal_entry *entry = journal_entry_new(event);
	pthread_mutex_lock(&journal->lock);
	bool room = journal->queued < JOURNAL_QUEUE;
	if (room) {
		*journal->last = entry;
		journal->last = &entry->next;
		journal->queued++;
		pthread_cond_broadcast(&journal->changed);
	}
	pthread_mutex_unlock(&journal->lock);
	if (!room) {
		lose(journal, entry);
		journal_entry_free(entry);
	}
}

void journal_on_lost(struct journal *journal, journal_lost_event *told, void *context)
{
	pthread_mutex_lock(&journal->lock);
	journal->told = told;
	journal->told_context = context;
	pthread_mutex_unlock(&journal->lock);
}

uint64_t journal_lost(const struct journal *journal)
{
	return __atomic_load_n(&journal->lost, __ATOMIC_RELAXED);
}

/* Tells the thread to end; true when it did within TIMEOUT_MS. */
static bool end_thread(struct journal *journal, int timeout_ms)
{
	struct mono deadline = mono_add_ms(mono_now(), timeout_ms);
	struct timespec until = {.tv_sec = deadline.ns / 1000000000,
				 .tv_nsec = deadline.ns % 1000000000};
	pthread_mutex_lock(&journal->lock);
	journal->ending = true;
	pthread_cond_broadcast(&journal->changed);
	while (!journal->ended &&
	       pthread_cond_timedwait(&journal->changed, &journal->lock, &until) != ETIMEDOUT)
		continue;
	bool ended = journal->ended;
	journal->told = NULL;
	pthread_mutex_unlock(&journal->lock);
	return ended;
}

void journal_close(struct journal *journal, int timeout_ms)
{
	if (journal == NULL)
		return;
	if (!end_thread(journal, timeout_ms)) {
		/* The disk hangs. The thread keeps what it stands on; the process is ending anyway.
		 */
		log_error("the journal of %s could not be finished in time", journal->daemon);
		pthread_detach(journal->thread);
		return;
	}
	pthread_join(journal->thread, NULL);
	pthread_cond_destroy(&journal->changed);
	pthread_mutex_destroy(&journal->lock);
	free(journal->path);
	free(journal->daemon);
	free(journal);
}
