/*
 * store: config.db, the one place of configuration. Writers are the web daemon and the CLI;
 * everybody else reads.
 *
 * One write is one transaction and one numbered revision with who, when and why, and each object
 * before and after. Readers open the file read-only as other users, and take changes, not reloads.
 */
#ifndef MERIDIAN_DB_STORE_H
#define MERIDIAN_DB_STORE_H

#include "base/error.h"
#include "db/check.h"

struct store;

/* So many revisions can be looked at and gone back to; older ones are let go of. */
enum { STORE_REVISIONS_KEPT = 10000 };

enum store_mode { STORE_READ, STORE_FOLLOW, STORE_WRITE };

/*
 * Opens PATH. STORE_WRITE creates it (mode 0640) and migrates its schema; the others never write a
 * byte and fail where the file is missing, unreadable or of a newer schema. STORE_FOLLOW is for a
 * process that lives long, never writes the file and opens it once: whatever is done to the file
 * under it, it goes on. NULL with ERROR. A store is used by one thread at a time.
 */
struct store *store_open(const char *path, enum store_mode mode, struct error *error);
void store_close(struct store *store);

/* The newest revision, 0 for an empty store; -1 with ERROR. */
int64_t store_revision(struct store *store, struct error *error);

/* The whole model (no rrsets) at the newest revision; NULL with ERROR. */
struct model *store_load(struct store *store, struct error *error);

/* One line of the change feed: what moved. */
struct moved {
	int64_t revision; /* that moved it; 0 where only that is known that it may have */
	enum kind kind;
	char *id;
};

/*
 * Reads what came after OLD and returns the model that holds now (OLD itself with one more
 * reference where nothing came), sharing all that did not change. *MOVED lists each (kind, id)
 * once, rrsets too; the caller frees it with moved_free(). NULL with ERROR: OLD stays good.
 *
 * A zone that moved may have other records altogether: read them all again with store_rrsets(). So
 * it is where OLD is empty (revision 0), or an older copy or another store was put in place of the
 * file: then every object of OLD and of the new model is listed with revision 0, and no rrset.
 */
struct model *store_refresh(struct store *store, const struct model *old, struct moved **moved,
			    size_t *count, struct error *error);
void moved_free(struct moved *moved, size_t count);

/*
 * Calls VISIT for each record set of ZONE, or of NAME in ZONE where NAME is not NULL, ordered by
 * name and type. The object lives during the call only, unless VISIT references it. DATA
 * (presentation) is left out unless WITH_DATA. VISIT returns false to stop. False with ERROR.
 */
typedef bool store_visit(void *context, const struct object *rrset);
bool store_rrsets(struct store *store, const char *zone, const char *name, bool with_data,
		  store_visit *visit, void *context, struct error *error)
	__attribute__((warn_unused_result));

/* The revision that last wrote or removed ZONE or anything in it; 0 where there never was one; -1
 * with ERROR. */
int64_t store_zone_revision(struct store *store, const char *zone, struct error *error);

/* One object of any kind, referenced, or NULL where there is none (ERROR empty) or reading failed
 * (ERROR set). */
struct object *store_get(struct store *store, enum kind kind, const char *id, struct error *error);

struct author {
	const char *name;    /* "ops", "cli:root" */
	const char *comment; /* why; may be NULL */
	/* Prefixes that may lose a site by this write, "prefix/P" comma-separated; may be NULL. */
	const char *confirmed;
};

enum commit_result {
	COMMIT_DONE,
	COMMIT_NOTHING,
	COMMIT_INVALID,
	COMMIT_BLOCKED,
	COMMIT_STALE,
	COMMIT_FAILED
};

/* What must still hold when the transaction begins: the object's revision (0: it does not exist).
 * For If-Match. */
struct expect {
	enum kind kind;
	const char *id;
	int64_t revision;
};

/*
 * Checks and writes CHANGES in one transaction. Objects that say what they said before are left
 * out; nothing left is COMMIT_NOTHING. DRY_RUN does all but the commit. *REVISION is the new (or
 * the present) one. FINDINGS are filled for INVALID and BLOCKED, ERROR for FAILED and STALE. EXPECT
 * may be NULL. On return CHANGES hold `before` and only what really changes. A zone is removed with
 * its services and records, each a change of its own. A dry run does not need a store open for
 * writing.
 */
enum commit_result store_commit(struct store *store, struct changes *changes,
				const struct author *author, const struct expect *expect,
				bool dry_run, int64_t *revision, struct findings *findings,
				struct error *error);

struct revision {
	int64_t number;
	int64_t time_ms;
	char *author, *comment;
	size_t changes;
};

/* Up to LIMIT revisions below BEFORE (0: from the newest), newest first. The caller frees with
 * revisions_free(). */
bool store_history(struct store *store, int64_t before, size_t limit, struct revision **revisions,
		   size_t *count, struct error *error) __attribute__((warn_unused_result));
/* {"revision", "time", "author", "comment", "changes"}; the caller owns the reference. */
json_t *revision_json(const struct revision *revision);
void revisions_free(struct revision *revisions, size_t count);

/* What turns revision FROM into TO (either way), one change an object that differs, with before and
 * after. */
bool store_diff(struct store *store, int64_t from, int64_t to, struct changes *changes,
		struct error *error) __attribute__((warn_unused_result));

/* What a rollback to TO would change: as store_diff() from the newest revision, but overrides stay.
 */
bool store_rollback_changes(struct store *store, int64_t to, struct changes *changes,
			    struct error *error) __attribute__((warn_unused_result));

/* A new revision that makes everything as it was at TO; overrides stay. Same results as
 * store_commit. */
enum commit_result store_rollback(struct store *store, int64_t to, const struct author *author,
				  bool dry_run, int64_t *revision, struct findings *findings,
				  struct error *error);

/*
 * A file descriptor that becomes readable when the store may have changed (inotify on the folder
 * and the WAL; it needs read permission only); -1 where the folder cannot be watched. Poll it, call
 * store_watch_drain, then store_refresh. As a net below it, call store_refresh once a second
 * whatever it says: it costs one PRAGMA data_version when nothing changed.
 */
int store_watch_open(const char *path);
void store_watch_drain(int fd);

#endif
