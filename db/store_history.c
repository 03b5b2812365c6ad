/* Knows how the revisions that were are listed, compared and brought back. */
#include "base/mem.h"
#include "base/strmap.h"
#include "base/wall.h"
#include "db/store_private.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { HISTORY_MAX = 1000 };

bool store_history(struct store *store, int64_t before, size_t limit, struct revision **revisions,
		   size_t *count, struct error *error)
{
	*revisions = NULL;
	*count = 0;
	if (!store_ready(store, error))
		return false;
	if (limit > HISTORY_MAX)
		limit = HISTORY_MAX;
	struct revision *list = mem_array(limit, sizeof *list);
	struct sql_query *query =
		sql_query(store->sql, "SELECT n, time, author, comment, changes FROM revision"
				      " WHERE n < ?1 ORDER BY n DESC LIMIT ?2");
	sql_bind_int(query, 1, before > 0 ? before : INT64_MAX);
	sql_bind_int(query, 2, (int64_t)limit);
	enum sql_step step;
	while ((step = sql_step(query)) == SQL_ROW)
		list[(*count)++] = (struct revision){
			.number = sql_int(query, 0),
			.time_ms = sql_int(query, 1),
			.author = mem_strdup(sql_text(query, 2)),
			.comment = mem_strdup(sql_text(query, 3)),
			.changes = (size_t)sql_int(query, 4),
		};
	sql_finish(query);
	*revisions = list;
	if (step == SQL_DONE)
		return true;
	revisions_free(list, *count);
	*revisions = NULL;
	*count = 0;
	return store_failed(store, error);
}

json_t *revision_json(const struct revision *revision)
{
	char time[WALL_TEXT_MAX];
	wall_format(revision->time_ms, time);
	return json_pack("{s:I, s:s, s:s?, s:s?, s:I}", "revision", (json_int_t)revision->number,
			 "time", time, "author", revision->author, "comment", revision->comment,
			 "changes", (json_int_t)revision->changes);
}

void revisions_free(struct revision *revisions, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		free(revisions[i].author);
		free(revisions[i].comment);
	}
	free(revisions);
}

/* One object's way through the revisions between: how it was first, and how it is last. */
struct fold {
	enum kind kind;
	char *id, *zone, *before, *after;
};

struct folds {
	struct fold *at;
	size_t count;
	struct strmap places; /* "kind id" -> place in AT, from 1 */
};

static void folds_fini(struct folds *folds)
{
	for (size_t i = 0; i < folds->count; i++) {
		free(folds->at[i].id);
		free(folds->at[i].zone);
		free(folds->at[i].before);
		free(folds->at[i].after);
	}
	free(folds->at);
	strmap_fini(&folds->places);
}

static void fold_row(struct folds *folds, enum kind kind, struct sql_query *row)
{
	char *key = mem_printf("%s %s", kind_name(kind), sql_text(row, 1));
	uintptr_t place = (uintptr_t)strmap_find(&folds->places, key);
	if (place == 0) {
		if ((folds->count & (folds->count - 1)) == 0)
			folds->at = mem_resize(folds->at, folds->count > 0 ? 2 * folds->count : 1,
					       sizeof *folds->at);
		folds->at[folds->count++] = (struct fold){.kind = kind,
							  .id = mem_strdup(sql_text(row, 1)),
							  .zone = mem_strdup(sql_text(row, 2)),
							  .before = mem_strdup(sql_text(row, 3))};
		place = folds->count;
		strmap_put(&folds->places, key, (void *)place);
	}
	free(folds->at[place - 1].after);
	folds->at[place - 1].after = mem_strdup(sql_text(row, 4));
	free(key);
}

static bool read_between(struct store *store, int64_t low, int64_t high, struct folds *folds,
			 struct error *error)
{
	struct sql_query *query =
		sql_query(store->sql, "SELECT kind, id, zone, before, after FROM change"
				      " WHERE revision > ?1 AND revision <= ?2"
				      " ORDER BY revision, seq");
	sql_bind_int(query, 1, low);
	sql_bind_int(query, 2, high);
	enum sql_step step;
	enum kind kind;
	while ((step = sql_step(query)) == SQL_ROW && kind_parse(sql_text(query, 0), &kind))
		fold_row(folds, kind, query);
	if (step == SQL_ROW)
		error_set(error, "%s holds changes of a kind this program does not know: %s",
			  store->path, sql_text(query, 0));
	sql_finish(query);
	return step == SQL_DONE || (step == SQL_FAILED && store_failed(store, error));
}

static bool same_text(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

/* Adds the change that FOLD is, turned round where BACKWARD, unless it comes to nothing. */
static bool unfold(const struct store *store, const struct fold *fold, bool backward,
		   struct changes *changes, struct error *error)
{
	const char *from = backward ? fold->after : fold->before;
	const char *to = backward ? fold->before : fold->after;
	if (same_text(from, to))
		return true;
	struct object *before = NULL, *after = NULL;
	if ((from != NULL &&
	     (before = store_decode(store, fold->kind, fold->zone, from, error)) == NULL) ||
	    (to != NULL &&
	     (after = store_decode(store, fold->kind, fold->zone, to, error)) == NULL)) {
		object_unref(before);
		return false;
	}
	if (after != NULL)
		changes_put(changes, after, NULL);
	else
		changes_remove(changes, fold->kind, fold->id, NULL);
	changes->at[changes->count - 1].before = before;
	return true;
}

static bool known_revisions(struct store *store, int64_t from, int64_t to, struct error *error)
{
	int64_t newest, oldest;
	if (!sql_number(store->sql, "SELECT max(n) FROM revision", &newest, error))
		return store_failed(store, error);
	if (!store_oldest(store, &oldest, error))
		return false;
	int64_t low = from < to ? from : to, high = from < to ? to : from;
	if (low >= oldest && high <= newest)
		return true;
	if (low >= 0 && low < oldest)
		error_set(error, "revision %" PRId64 " is no longer kept; the oldest is %" PRId64,
			  low, oldest);
	else
		error_set(error, "there is no revision %" PRId64 "; the newest is %" PRId64,
			  low < 0 ? low : high, newest);
	return false;
}

bool store_fold(struct store *store, int64_t from, int64_t to, struct changes *changes,
		struct error *error)
{
	if (!known_revisions(store, from, to, error))
		return false;
	struct folds folds = {0};
	bool backward = to < from;
	bool done = read_between(store, backward ? to : from, backward ? from : to, &folds, error);
	for (size_t i = 0; done && i < folds.count; i++)
		done = unfold(store, &folds.at[i], backward, changes, error);
	folds_fini(&folds);
	return done;
}

bool store_diff(struct store *store, int64_t from, int64_t to, struct changes *changes,
		struct error *error)
{
	if (!store_begin(store, SQL_READ, error))
		return false;
	bool done = store_fold(store, from, to, changes, error);
	store_cancel(store);
	return done;
}

/* Overrides are what operators say of the present; the past has no say in it. */
static void leave_overrides(struct changes *changes)
{
	size_t kept = 0;
	for (size_t i = 0; i < changes->count; i++) {
		struct change *change = &changes->at[i];
		if (change->kind == KIND_OVERRIDE)
			change_fini(change);
		else
			changes->at[kept++] = *change;
	}
	changes->count = kept;
}

/* Inside a transaction. */
static bool find_way_back(struct store *store, int64_t to, struct changes *changes,
			  struct error *error)
{
	int64_t newest;
	if (!sql_number(store->sql, "SELECT max(n) FROM revision", &newest, error))
		return store_failed(store, error);
	bool done = store_fold(store, newest, to, changes, error);
	leave_overrides(changes);
	return done;
}

bool store_rollback_changes(struct store *store, int64_t to, struct changes *changes,
			    struct error *error)
{
	if (!store_begin(store, SQL_READ, error))
		return false;
	bool done = find_way_back(store, to, changes, error);
	store_cancel(store);
	return done;
}

enum commit_result store_rollback(struct store *store, int64_t to, const struct author *author,
				  bool dry_run, int64_t *revision, struct findings *findings,
				  struct error *error)
{
	struct changes changes = {0};
	enum commit_result result = COMMIT_FAILED;
	char *comment = mem_printf("rollback to revision %" PRId64, to);
	struct author who = *author;
	who.comment = author->comment != NULL ? author->comment : comment;
	struct commit commit = {.store = store,
				.changes = &changes,
				.author = &who,
				.dry_run = dry_run,
				.revision = revision,
				.findings = findings,
				.error = error};
	if (store_begin(store, dry_run ? SQL_READ : SQL_WRITE, error)) {
		if (find_way_back(store, to, &changes, error))
			result = commit_finish(&commit);
		else
			store_cancel(store);
	}
	changes_fini(&changes);
	free(comment);
	return result;
}
