/* Knows which events were told: all up to a cursor, whatever times they bear. */
#include "web/feed_journal.h"

#include "base/mem.h"
#include "base/mono.h"
#include "base/wall.h"
#include "web/hub.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

enum { REVISIONS_MAX = 100, READ_MAX = 1000 };

struct feed_journal {
	/* When it began, by both clocks. */
	int64_t since_ms;
	struct mono since;
	char *cursor;	/* NULL: nothing was read */
	uint64_t files; /* fingerprint of the journals' files */
};

struct feed_journal *feed_journal_new(void)
{
	struct feed_journal *journal = mem_new(struct feed_journal);
	journal->since_ms = wall_now_ms();
	journal->since = mono_now();
	return journal;
}

void feed_journal_free(struct feed_journal *journal)
{
	free(journal->cursor);
	free(journal);
}

/* Changes when any journal (or its WAL) is written: reading is only worth while then. */
static uint64_t fingerprint(const char *folder)
{
	uint64_t sum = 1;
	DIR *dir = opendir(folder);
	if (dir == NULL)
		return 0;
	for (const struct dirent *entry = readdir(dir); entry != NULL; entry = readdir(dir)) {
		struct stat state;
		if (fstatat(dirfd(dir), entry->d_name, &state, 0) != 0 || !S_ISREG(state.st_mode))
			continue;
		sum += (uint64_t)state.st_mtim.tv_sec * 1000003 + (uint64_t)state.st_mtim.tv_nsec +
		       (uint64_t)state.st_size * 31;
	}
	closedir(dir);
	return sum;
}

/* The begin in terms of the wall clock of now: where that was set back, new events are of before.
 */
static int64_t since_ms(struct feed_journal *journal)
{
	int64_t began_ms = wall_now_ms() - mono_ms_between(journal->since, mono_now());
	if (began_ms < journal->since_ms)
		journal->since_ms = began_ms;
	return journal->since_ms;
}

void feed_journal_tell(struct feed_journal *journal, struct app *app)
{
	uint64_t files = fingerprint(app->instance.events_dir);
	char *cursor = NULL;
	if (files == journal->files)
		return;
	struct journal_filter filter = {
		.since_ms = since_ms(journal), .after = journal->cursor, .limit = READ_MAX};
	json_t *events = journal_read(app->instance.events_dir, &filter, &cursor, NULL);
	for (size_t i = 0; i < json_array_size(events); i++)
		hub_publish(app->hub, "event", json_incref(json_array_get(events, i)));
	if (json_array_size(events) < READ_MAX) /* else there may be more */
		journal->files = files;
	json_decref(events);
	if (cursor == NULL)
		return;
	free(journal->cursor);
	journal->cursor = cursor;
}

static void add_revision(struct app *app, const struct revision *revision)
{
	char object[40];
	snprintf(object, sizeof object, "revision/%" PRId64, revision->number);
	json_t *data = json_pack("{s:I}", "changes", (json_int_t)revision->changes);
	struct event event = {
		.time_ms = revision->time_ms,
		.kind = "config",
		.object = object,
		.reason = revision->comment,
		.actor = revision->author,
		.data = data,
	};
	journal_add(app->journal, &event);
	json_decref(data);
}

void feed_journal_revisions(struct app *app, int64_t known, int64_t newest)
{
	struct revision *revisions = NULL;
	size_t count = 0;
	struct error error;
	struct store *store = newest > known ? config_reader(app->config, &error) : NULL;
	if (store == NULL)
		return;
	size_t wanted = newest - known < REVISIONS_MAX ? (size_t)(newest - known) : REVISIONS_MAX;
	bool read = store_history(store, newest + 1, wanted, &revisions, &count, &error);
	config_release(app->config, store);
	if (!read)
		return;
	for (size_t i = count; i-- > 0;) {
		if (revisions[i].number > known)
			add_revision(app, &revisions[i]);
	}
	revisions_free(revisions, count);
}
