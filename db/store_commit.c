/* Knows the one way into the store: what a change must pass, and how it is written. */
#include "base/mem.h"
#include "base/strmap.h"
#include "base/wall.h"
#include "db/jread.h"
#include "db/store_private.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

static struct object *find_now(struct store *store, enum kind kind, const char *id,
			       struct error *error)
{
	if (kind == KIND_RRSET)
		return store_get_now(store, kind, id, error);
	const struct object *object = model_find(store->model, kind, id);
	return object != NULL ? object_ref(object) : NULL;
}

static bool fill_before(struct commit *commit, struct change *change)
{
	struct error failure = {0};
	object_unref(change->before);
	if (change->kind == KIND_RRSET && change->after != NULL)
		change->before = store_get_rrset(commit->store, &change->after->rrset, &failure);
	else
		change->before = find_now(commit->store, change->kind, change->id, &failure);
	if (failure.text[0] != '\0')
		error_set(commit->error, "%s", failure.text);
	return failure.text[0] == '\0';
}

/* A zone is removed with all that is in it. */
struct cascade {
	struct changes *changes;
	struct strmap named; /* what the changes say already */
	const char *pointer;
};

static void remove_too(struct cascade *cascade, enum kind kind, const char *id)
{
	char *key = mem_printf("%s %s", kind_name(kind), id);
	if (strmap_put(&cascade->named, key, cascade) == NULL)
		changes_remove(cascade->changes, kind, id, cascade->pointer);
	free(key);
}

static bool remove_rrset_too(void *context, const struct object *rrset)
{
	remove_too(context, KIND_RRSET, rrset->id);
	return true;
}

static void note_named(struct cascade *cascade)
{
	for (size_t i = 0; i < cascade->changes->count; i++) {
		const struct change *change = &cascade->changes->at[i];
		if (change->kind != KIND_RRSET && change->kind != KIND_SERVICE)
			continue;
		char *key = mem_printf("%s %s", kind_name(change->kind), change->id);
		strmap_put(&cascade->named, key, cascade);
		free(key);
	}
}

static bool remove_contents(struct commit *commit)
{
	struct changes *changes = commit->changes;
	struct cascade cascade = {.changes = changes};
	const struct objects *services = &commit->store->model->of[KIND_SERVICE];
	bool done = true, noted = false;
	for (size_t i = 0, last = changes->count; done && i < last; i++) {
		if (changes->at[i].kind != KIND_ZONE || changes->at[i].after != NULL)
			continue;
		if (!noted)
			note_named(&cascade);
		noted = true;
		char *zone = mem_strdup(changes->at[i].id);
		char *pointer = mem_strdup(changes->at[i].pointer);
		cascade.pointer = pointer;
		for (size_t j = 0; j < services->count; j++)
			if (strcmp(services->at[j]->service.zone, zone) == 0)
				remove_too(&cascade, KIND_SERVICE, services->at[j]->id);
		done = store_rrsets_now(commit->store, zone, NULL, false, remove_rrset_too,
					&cascade, commit->error);
		free(zone);
		free(pointer);
	}
	strmap_fini(&cascade.named);
	return done;
}

static bool changes_nothing(const struct change *change)
{
	if (change->before == NULL || change->after == NULL)
		return change->before == change->after;
	return codec_equal(change->before, change->after);
}

/* Fills every `before` and leaves out what changes nothing. */
static bool compare_with_store(struct commit *commit)
{
	struct changes *changes = commit->changes;
	size_t kept = 0, i;
	bool good = true;
	for (i = 0; i < changes->count; i++) {
		struct change *change = &changes->at[i];
		good = good && fill_before(commit, change);
		if (good && changes_nothing(change))
			change_fini(change);
		else
			changes->at[kept++] = *change;
	}
	changes->count = kept;
	return good;
}

struct visit_check {
	check_rrset_visit *visit;
	void *context;
};

static bool visit_for_check(void *context, const struct object *rrset)
{
	const struct visit_check *check = context;
	check->visit(check->context, rrset);
	return true;
}

static void each_for_check(void *context, const char *zone, const char *name,
			   check_rrset_visit *visit, void *visit_context)
{
	struct commit *commit = context;
	struct visit_check check = {visit, visit_context};
	if (!store_rrsets_now(commit->store, zone, name, false, visit_for_check, &check,
			      commit->error))
		commit->read_failed = true;
}

static struct model *model_after(const struct commit *commit, int64_t revision)
{
	const struct changes *changes = commit->changes;
	struct model_change *list = mem_array(changes->count, sizeof *list);
	size_t count = 0;
	for (size_t i = 0; i < changes->count; i++)
		if (changes->at[i].kind != KIND_RRSET)
			list[count++] = (struct model_change){
				changes->at[i].kind, changes->at[i].id, changes->at[i].after};
	struct model *after = model_with(commit->store->model, revision, list, count);
	free(list);
	return after;
}

static enum commit_result check(struct commit *commit, const struct model *after)
{
	struct check_records records = {.store = commit, .each = each_for_check};
	bool blocked = false;
	size_t before = findings_total(commit->findings);
	check_changes(after, commit->changes, &records, commit->findings, &blocked);
	if (check_sites(commit->changes, commit->author->confirmed, commit->findings))
		blocked = true;
	if (commit->read_failed)
		return COMMIT_FAILED;
	if (findings_total(commit->findings) == before)
		return COMMIT_DONE;
	return blocked ? COMMIT_BLOCKED : COMMIT_INVALID;
}

static enum commit_result check_expected(struct commit *commit)
{
	const struct expect *expect = commit->expect;
	struct error failure = {0};
	if (expect == NULL)
		return COMMIT_DONE;
	struct object *now = find_now(commit->store, expect->kind, expect->id, &failure);
	int64_t revision = now != NULL ? now->revision : 0;
	object_unref(now);
	if (failure.text[0] != '\0') {
		error_set(commit->error, "%s", failure.text);
		return COMMIT_FAILED;
	}
	if (revision == expect->revision)
		return COMMIT_DONE;
	if (revision == 0)
		error_set(commit->error, "%s %s is not there any more", kind_name(expect->kind),
			  expect->id);
	else
		error_set(commit->error, "%s %s was changed in revision %" PRId64 " meanwhile",
			  kind_name(expect->kind), expect->id, revision);
	return COMMIT_STALE;
}

/* The commit holds: the present model is AFTER, and whoever watches the file is woken. */
static void take_over(struct commit *commit, struct model *after, int64_t token)
{
	struct store *store = commit->store;
	for (size_t i = 0; i < commit->changes->count; i++)
		if (commit->changes->at[i].after != NULL)
			commit->changes->at[i].after->revision = after->revision;
	model_unref(store->model);
	store->model = after;
	store->seen = after->revision;
	store->seen_token = token;
	*commit->revision = after->revision;
	utimensat(AT_FDCWD, store->path, NULL, 0);
	struct stat now;
	if (stat(store->path, &now) == 0 && now.st_ino == store->file.st_ino)
		store->file = now;
}

/* Everything before the first row is written: COMMIT_DONE where it may be, with *AFTER. */
static enum commit_result judge(struct commit *commit, struct model **after)
{
	struct store *store = commit->store;
	struct model *now = store_follow(store, store->model, NULL, NULL, commit->error);
	if (now == NULL)
		return COMMIT_FAILED;
	model_unref(store->model);
	store->model = now;
	*commit->revision = now->revision;
	enum commit_result result = check_expected(commit);
	if (result != COMMIT_DONE)
		return result;
	if (!remove_contents(commit) || !compare_with_store(commit))
		return COMMIT_FAILED;
	if (commit->changes->count == 0)
		return COMMIT_NOTHING;
	*after = model_after(commit, now->revision + 1);
	return check(commit, *after);
}

enum commit_result commit_finish(struct commit *commit)
{
	struct model *after = NULL;
	enum commit_result result = judge(commit, &after);
	int64_t token = 0;
	if (result != COMMIT_DONE || commit->dry_run)
		goto out;
	if (getrandom(&token, sizeof token, 0) != (ssize_t)sizeof token)
		token = wall_now_ms();
	if (!commit_write(commit, after->revision, token)) {
		result = COMMIT_FAILED;
		goto out;
	}
	if (!store_end(commit->store, commit->error)) {
		model_unref(after);
		return COMMIT_FAILED;
	}
	take_over(commit, after, token);
	return COMMIT_DONE;
out:
	store_cancel(commit->store);
	model_unref(after);
	return result;
}

enum commit_result store_commit(struct store *store, struct changes *changes,
				const struct author *author, const struct expect *expect,
				bool dry_run, int64_t *revision, struct findings *findings,
				struct error *error)
{
	struct commit commit = {.store = store,
				.changes = changes,
				.author = author,
				.expect = expect,
				.dry_run = dry_run,
				.revision = revision,
				.findings = findings,
				.error = error};
	if (!store_begin(store, dry_run ? SQL_READ : SQL_WRITE, error))
		return COMMIT_FAILED;
	return commit_finish(&commit);
}
