/* Knows when the file behind a store is open, and when it must be opened again. */
#include "db/store.h"

#include "base/mem.h"
#include "db/store_private.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CONFIG_MODE = 0640 };

void store_drop(struct store *store)
{
	if (store->busy > 0) {
		store->broken = true;
		return;
	}
	sql_close(store->sql);
	store->sql = NULL;
	store->broken = false;
	store->data_version = 0;
}

bool store_failed(struct store *store, struct error *error)
{
	sql_sentence(store->sql, error);
	if (sql_is_broken(store->sql))
		store->broken = true;
	return false;
}

bool store_begin(struct store *store, enum sql_mode mode, struct error *error)
{
	/* A connection that is of no use any more is found out here; a fresh one may be. */
	for (int tries = 2; tries > 0; tries--) {
		if (!store_ready(store, error))
			return false;
		if (sql_begin(store->sql, mode, error)) {
			store->busy++;
			return true;
		}
		store_failed(store, error);
		if (!store->broken || store->busy > 0)
			return false;
	}
	return false;
}

bool store_end(struct store *store, struct error *error)
{
	store->busy--;
	return sql_commit(store->sql, error) || store_failed(store, error);
}

void store_cancel(struct store *store)
{
	store->busy--;
	sql_rollback(store->sql);
}

static const enum sql_mode sql_modes[] = {
	[STORE_READ] = SQL_READ,
	[STORE_FOLLOW] = SQL_FOLLOW,
	[STORE_WRITE] = SQL_WRITE,
};

static bool open_file(struct store *store, struct error *error)
{
	struct sql *sql = sql_open(store->path, sql_modes[store->mode], error);
	if (sql == NULL)
		return false;
	bool good = store->mode == STORE_WRITE ? schema_migrate(sql, store->path, error)
					       : schema_check(sql, store->path, error);
	if (good && stat(store->path, &store->file) != 0) {
		error_set_errno(error, "%s cannot be looked at", store->path);
		good = false;
	}
	if (!good) {
		sql_close(sql);
		return false;
	}
	store->sql = sql;
	store->log = sql_log(store->path);
	return true;
}

/* Other programs may still read the old log: the operator takes it away, we do not. */
static bool may_open(const struct store *store, const struct stat *now, struct error *error)
{
	bool same = now->st_ino == store->file.st_ino && now->st_dev == store->file.st_dev;
	if (same || store->file.st_ino == 0 || !sql_log_is_left(store->path, store->log))
		return true;
	error_set(error,
		  "another file was put in place of %s beside the log of the old one, and would be "
		  "read wrong; remove %s-wal and %s-shm",
		  store->path, store->path, store->path);
	return false;
}

/*
 * A connection goes on reading a file that was moved away, or that its user may no longer open. We
 * ask the path again each time, so that such a state is reported while there is time to mend it.
 */
bool store_ready(struct store *store, struct error *error)
{
	struct stat now;
	if (store->busy > 0)
		return true;
	if (stat(store->path, &now) != 0 || eaccess(store->path, R_OK) != 0) {
		int why = errno;
		error_set(error, "%s cannot be read: %s%s", store->path, strerror(why),
			  why == EACCES ? "; root and the group of that file may" : "");
		store_drop(store);
		return false;
	}
	if (store->broken || (store->sql != NULL && (now.st_ino != store->file.st_ino ||
						     now.st_dev != store->file.st_dev)))
		store_drop(store);
	return store->sql != NULL || (may_open(store, &now, error) && open_file(store, error));
}

struct store *store_open(const char *path, enum store_mode mode, struct error *error)
{
	struct store *store = mem_new(struct store);
	store->path = mem_strdup(path);
	store->mode = mode;
	store->seen = -1;
	store->revisions_kept = STORE_REVISIONS_KEPT;
	if ((mode != STORE_WRITE || sql_create(path, CONFIG_MODE, error)) &&
	    store_ready(store, error))
		return store;
	store_close(store);
	return NULL;
}

void store_close(struct store *store)
{
	if (store == NULL)
		return;
	store_drop(store);
	model_unref(store->model);
	free(store->path);
	free(store);
}

int64_t store_revision(struct store *store, struct error *error)
{
	int64_t newest;
	if (!store_ready(store, error))
		return -1;
	if (!sql_number(store->sql, "SELECT max(n) FROM revision", &newest, error)) {
		store_failed(store, error);
		return -1;
	}
	return newest;
}
