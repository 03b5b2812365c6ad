/* store_private: what the files of the store share with each other, and nobody else. */
#ifndef MERIDIAN_DB_STORE_PRIVATE_H
#define MERIDIAN_DB_STORE_PRIVATE_H

#include "db/sql.h"
#include "db/store.h"

#include <sys/stat.h>

struct store {
	char *path;
	enum store_mode mode;
	struct sql *sql;  /* NULL: to be opened again at the next use */
	bool broken;	  /* SQL is of no more use: to be closed at the next use */
	unsigned busy;	  /* transactions and walks under way, during which SQL stays as it is */
	struct stat file; /* of the file that SQL has open, as it was when last looked at */
	uint64_t log;	  /* of its write-ahead log */
	int64_t data_version;
	/* The newest revision that was read, and its token: how a reader knows that the history
	 * which it follows is still the same one. */
	int64_t seen, seen_token;
	int64_t revisions_kept; /* STORE_REVISIONS_KEPT but in tests */
	struct model *model;	/* writer: what the newest revision holds; NULL: not read yet */
};

/* Schema. */
bool schema_migrate(struct sql *sql, const char *path, struct error *error)
	__attribute__((warn_unused_result));
bool schema_check(struct sql *sql, const char *path, struct error *error)
	__attribute__((warn_unused_result));

/* Makes sure that the file which now stands at the path is open. False with ERROR. */
bool store_ready(struct store *store, struct error *error) __attribute__((warn_unused_result));
/* Closes the connection, where nobody is using it; the next use opens it again. */
void store_drop(struct store *store);
/* After a failed statement: sets ERROR, and sees to it that a broken file is opened again. Returns
 * false. */
bool store_failed(struct store *store, struct error *error);

bool store_begin(struct store *store, enum sql_mode mode, struct error *error)
	__attribute__((warn_unused_result));
bool store_end(struct store *store, struct error *error) /* commits */
	__attribute__((warn_unused_result));
void store_cancel(struct store *store); /* ends a transaction without a trace */

/* An object from its stored BODY; NULL with ERROR where it cannot be understood. */
struct object *store_decode(const struct store *store, enum kind kind, const char *zone,
			    const char *body, struct error *error);

/*
 * Inside a transaction: the model that holds now, reached from OLD (NULL: from nothing) by the
 * change feed where OLD is of this history. MOVED and COUNT may be NULL. NULL with ERROR.
 */
struct model *store_follow(struct store *store, const struct model *old, struct moved **moved,
			   size_t *count, struct error *error);

/* As store_get(), without making the store ready: inside a transaction. */
struct object *store_get_now(struct store *store, enum kind kind, const char *id,
			     struct error *error);
struct object *store_get_rrset(struct store *store, const struct rrset *key, struct error *error);
bool store_rrsets_now(struct store *store, const char *zone, const char *name, bool with_data,
		      store_visit *visit, void *context, struct error *error)
	__attribute__((warn_unused_result));

/* Inside a transaction: as store_diff(). */
bool store_fold(struct store *store, int64_t from, int64_t to, struct changes *changes,
		struct error *error) __attribute__((warn_unused_result));

/* Inside a writing transaction whose revision is NEWEST: lets go of what is no longer kept. False
 * where a statement failed. */
bool store_prune(struct store *store, int64_t newest) __attribute__((warn_unused_result));
/* *OLDEST is the oldest revision whose state can still be told. False with ERROR. */
bool store_oldest(struct store *store, int64_t *oldest, struct error *error)
	__attribute__((warn_unused_result));

/* What store_commit() was asked for. */
struct commit {
	struct store *store;
	struct changes *changes;
	const struct author *author;
	const struct expect *expect;
	bool dry_run;
	int64_t *revision;
	struct findings *findings;
	struct error *error;
	bool read_failed; /* a look-up of the check failed; ERROR says how */
};
/* Writes the rows of the commit, none of which holds before the transaction ends. */
bool commit_write(struct commit *commit, int64_t revision, int64_t token)
	__attribute__((warn_unused_result));
/* Inside a writing transaction (reading, for a dry run), which it ends. */
enum commit_result commit_finish(struct commit *commit);

#endif
