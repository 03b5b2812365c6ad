/*
 * Knows which events were told.
 *
 * Journals are written by several daemons, each a little late, so an event may appear with a time
 * before one that was told already: the last seconds are read again each time, and what was told is
 * remembered by its id for longer than that.
 */
#include "web/feed_journal.h"

#include "base/mem.h"
#include "base/strmap.h"
#include "base/wall.h"
#include "web/hub.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

enum { WINDOW_MS = 10000, REVISIONS_MAX = 100 };

struct feed_journal {
	int64_t started_ms;
	struct strmap told[2]; /* by id: of this window, of the one before */
	int64_t turned_ms;     /* when told[0] was begun */
	uint64_t files;	       /* fingerprint of the journals' files */
};

struct feed_journal *feed_journal_new(void)
{
	struct feed_journal *journal = mem_new(struct feed_journal);
	journal->started_ms = wall_now_ms();
	journal->turned_ms = journal->started_ms;
	return journal;
}

void feed_journal_free(struct feed_journal *journal)
{
	strmap_fini(&journal->told[0]);
	strmap_fini(&journal->told[1]);
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

static void turn(struct feed_journal *journal, int64_t now_ms)
{
	if (now_ms - journal->turned_ms < 2 * WINDOW_MS)
		return;
	strmap_fini(&journal->told[1]);
	journal->told[1] = journal->told[0];
	journal->told[0] = (struct strmap){0};
	journal->turned_ms = now_ms;
}

static void tell(struct feed_journal *journal, struct app *app, json_t *event)
{
	char *id = json_dumps(json_object_get(event, "id"), JSON_ENCODE_ANY | JSON_COMPACT);
	if (id != NULL && strmap_find(&journal->told[0], id) == NULL &&
	    strmap_find(&journal->told[1], id) == NULL) {
		strmap_put(&journal->told[0], id, journal);
		hub_publish(app->hub, "event", json_incref(event));
	}
	free(id);
}

void feed_journal_tell(struct feed_journal *journal, struct app *app)
{
	uint64_t files = fingerprint(app->instance.events_dir);
	if (files == journal->files)
		return;
	journal->files = files;
	int64_t now_ms = wall_now_ms();
	turn(journal, now_ms);
	struct journal_filter filter = {.since_ms = now_ms - WINDOW_MS, .limit = 1000};
	if (filter.since_ms < journal->started_ms)
		filter.since_ms = journal->started_ms;
	json_t *events = journal_read(app->instance.events_dir, &filter, NULL, NULL);
	for (size_t i = 0; i < json_array_size(events); i++)
		tell(journal, app, json_array_get(events, i));
	json_decref(events);
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
