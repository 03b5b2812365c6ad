/* Knows how a reader gets from the model it holds to the one that holds now, by the change feed. */
#include "base/mem.h"
#include "db/store_private.h"

#include <stdlib.h>
#include <string.h>

/* Objects read so far, to be handed to model_with() at once. */
struct gathered {
	struct model_change *at;
	struct object **owned;
	size_t count, capacity;
};

/* OBJECT is taken; NULL: there is none of that ID any more. */
static void gather(struct gathered *gathered, enum kind kind, const char *id, struct object *object)
{
	if (gathered->count == gathered->capacity) {
		gathered->capacity = gathered->capacity > 0 ? 2 * gathered->capacity : 64;
		gathered->at = mem_resize(gathered->at, gathered->capacity, sizeof *gathered->at);
		gathered->owned =
			mem_resize(gathered->owned, gathered->capacity, sizeof *gathered->owned);
	}
	gathered->at[gathered->count] = (struct model_change){kind, id, object};
	gathered->owned[gathered->count++] = object;
}

static void gathered_fini(struct gathered *gathered)
{
	for (size_t i = 0; i < gathered->count; i++)
		object_unref(gathered->owned[i]);
	free(gathered->at);
	free(gathered->owned);
}

void moved_free(struct moved *moved, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(moved[i].id);
	free(moved);
}

static void moved_add(struct moved **moved, size_t *count, int64_t revision, enum kind kind,
		      const char *id)
{
	/* Grows at the powers of two, so that a million lines cost a million copies and no more. */
	if ((*count & (*count - 1)) == 0)
		*moved = mem_resize(*moved, *count > 0 ? 2 * *count : 1, sizeof **moved);
	(*moved)[(*count)++] = (struct moved){revision, kind, mem_strdup(id)};
}

/* The newest revision and its token; 0 and 0 in an empty store. */
static bool read_newest(struct store *store, int64_t *newest, int64_t *token, struct error *error)
{
	return (sql_number(store->sql, "SELECT max(n) FROM revision", newest, error) &&
		sql_number(store->sql, "SELECT token FROM revision ORDER BY n DESC LIMIT 1", token,
			   error)) ||
	       store_failed(store, error);
}

/* Whether the history behind OLD is a part of the one in the file: it is not where an older copy,
 * or another store, was put in its place. */
static bool same_history(struct store *store, const struct model *old, int64_t newest)
{
	if (old->revision > newest)
		return false;
	if (old->revision != store->seen || old->revision == 0)
		return true;
	struct sql_query *query = sql_query(store->sql, "SELECT token FROM revision WHERE n = ?1");
	sql_bind_int(query, 1, old->revision);
	bool same = sql_step(query) == SQL_ROW && sql_int(query, 0) == store->seen_token;
	sql_finish(query);
	return same;
}

static struct model *load_all(struct store *store, int64_t newest, struct error *error)
{
	struct gathered all = {0};
	struct model *loaded = NULL, *empty = model_new();
	struct sql_query *query =
		sql_query(store->sql, "SELECT kind, zone, body, revision FROM object");
	enum sql_step step;
	while ((step = sql_step(query)) == SQL_ROW) {
		enum kind kind;
		if (!kind_parse(sql_text(query, 0), &kind)) {
			error_set(error,
				  "%s holds objects of a kind this program does not know: %s",
				  store->path, sql_text(query, 0));
			goto out;
		}
		struct object *object =
			store_decode(store, kind, sql_text(query, 1), sql_text(query, 2), error);
		if (object == NULL)
			goto out;
		object->revision = sql_int(query, 3);
		gather(&all, kind, object->id, object);
	}
	if (step == SQL_DONE)
		loaded = model_with(empty, newest, all.at, all.count);
	else
		store_failed(store, error);
out:
	sql_finish(query);
	gathered_fini(&all);
	model_unref(empty);
	return loaded;
}

/* After a reload nobody knows what moved: everything that was or is there. */
static void move_all(const struct model *from, const struct model *to, struct moved **moved,
		     size_t *count)
{
	for (int i = 0; i < KIND_COUNT; i++) {
		enum kind kind = (enum kind)i;
		for (size_t j = 0; j < to->of[i].count; j++)
			moved_add(moved, count, 0, kind, to->of[i].at[j]->id);
		for (size_t j = 0; j < from->of[i].count; j++)
			if (model_find(to, kind, from->of[i].at[j]->id) == NULL)
				moved_add(moved, count, 0, kind, from->of[i].at[j]->id);
	}
}

static struct model *reload(struct store *store, const struct model *old, int64_t newest,
			    struct moved **moved, size_t *count, struct error *error)
{
	struct model *model = load_all(store, newest, error);
	if (model != NULL && old != NULL && moved != NULL)
		move_all(old, model, moved, count);
	return model;
}

static const char feed_query[] =
	"SELECT kind, id, max(revision) FROM change WHERE revision > ?1 GROUP BY kind, id";

static bool read_feed(struct store *store, int64_t after, struct moved **moved, size_t *count,
		      struct error *error)
{
	struct sql_query *query = sql_query(store->sql, feed_query);
	sql_bind_int(query, 1, after);
	enum sql_step step;
	while ((step = sql_step(query)) == SQL_ROW) {
		enum kind kind;
		if (!kind_parse(sql_text(query, 0), &kind)) {
			error_set(error,
				  "%s holds changes of a kind this program does not know: %s",
				  store->path, sql_text(query, 0));
			break;
		}
		moved_add(moved, count, sql_int(query, 2), kind, sql_text(query, 1));
	}
	sql_finish(query);
	if (step == SQL_FAILED)
		store_failed(store, error);
	return step == SQL_DONE;
}

/* The objects of the feed as they are now; record sets are not part of a model. */
static bool read_moved(struct store *store, const struct moved *moved, size_t count,
		       struct gathered *put, struct error *error)
{
	for (size_t i = 0; i < count; i++) {
		if (moved[i].kind == KIND_RRSET)
			continue;
		struct error failure = {0};
		struct object *object = store_get_now(store, moved[i].kind, moved[i].id, &failure);
		if (failure.text[0] != '\0') {
			error_set(error, "%s", failure.text);
			return false;
		}
		gather(put, moved[i].kind, moved[i].id, object);
	}
	return true;
}

static struct model *follow_feed(struct store *store, const struct model *old, int64_t newest,
				 struct moved **moved, size_t *count, struct error *error)
{
	struct moved *lines = NULL;
	size_t line_count = 0;
	struct gathered put = {0};
	struct model *model = NULL;
	if (read_feed(store, old->revision, &lines, &line_count, error) &&
	    read_moved(store, lines, line_count, &put, error))
		model = model_with(old, newest, put.at, put.count);
	gathered_fini(&put);
	if (model != NULL && moved != NULL) {
		*moved = lines;
		*count = line_count;
	} else {
		moved_free(lines, line_count);
	}
	return model;
}

struct model *store_follow(struct store *store, const struct model *old, struct moved **moved,
			   size_t *count, struct error *error)
{
	int64_t newest, token;
	struct model *model;
	if (!read_newest(store, &newest, &token, error))
		return NULL;
	if (old == NULL || !same_history(store, old, newest) || (old->revision == 0 && newest > 0))
		model = reload(store, old, newest, moved, count, error);
	else if (old->revision == newest)
		model = model_ref(old);
	else
		model = follow_feed(store, old, newest, moved, count, error);
	if (model != NULL) {
		store->seen = newest;
		store->seen_token = token;
	}
	return model;
}

static bool read_data_version(struct store *store, int64_t *version, struct error *error)
{
	return sql_number(store->sql, "PRAGMA data_version", version, error) ||
	       store_failed(store, error);
}

/* In a transaction of its own, so that revision and objects are of one moment. */
static struct model *follow_in_transaction(struct store *store, const struct model *old,
					   struct moved **moved, size_t *count, struct error *error)
{
	struct model *model = NULL;
	int64_t version;
	if (!store_begin(store, SQL_READ, error))
		return NULL;
	if (read_data_version(store, &version, error))
		model = store_follow(store, old, moved, count, error);
	store_cancel(store);
	if (model != NULL)
		store->data_version = version;
	return model;
}

struct model *store_load(struct store *store, struct error *error)
{
	return follow_in_transaction(store, NULL, NULL, NULL, error);
}

/* True where the file's times or size moved, which a commit explains but nothing else does. */
static bool file_touched(struct store *store)
{
	struct stat now;
	if (stat(store->path, &now) != 0)
		return true;
	bool touched = now.st_size != store->file.st_size ||
		       now.st_mtim.tv_sec != store->file.st_mtim.tv_sec ||
		       now.st_mtim.tv_nsec != store->file.st_mtim.tv_nsec;
	store->file = now;
	return touched;
}

struct model *store_refresh(struct store *store, const struct model *old, struct moved **moved,
			    size_t *count, struct error *error)
{
	int64_t version;
	*moved = NULL;
	*count = 0;
	if (!store_ready(store, error) || !read_data_version(store, &version, error))
		return NULL;
	bool touched = file_touched(store);
	if (version == store->data_version) {
		if (!touched && old->revision == store->seen)
			return model_ref(old);
		/* Touched without a commit: overwritten in place, perhaps, behind SQLite's cache.
		 */
		if (touched)
			store_drop(store);
	}
	return follow_in_transaction(store, old, moved, count, error);
}
