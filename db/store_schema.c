/* Knows the tables of config.db and how an older file becomes a present one. */
#include "db/store_private.h"

#include "base/mem.h"

#include <inttypes.h>
#include <stdlib.h>

/*
 * A body is the object's JSON (codec.h). Record sets have a table of their own, in the order in
 * which a zone is loaded, with the wire form before the presentation so that loading a million of
 * them reads no JSON. `change` is history and feed at once.
 */
static const char schema_1[] =
	"CREATE TABLE revision(n INTEGER PRIMARY KEY, time INTEGER NOT NULL, token INTEGER NOT "
	"NULL,"
	" author TEXT NOT NULL, comment TEXT, changes INTEGER NOT NULL);"
	"CREATE TABLE object(kind TEXT NOT NULL, id TEXT NOT NULL, zone TEXT, body TEXT NOT NULL,"
	" revision INTEGER NOT NULL, PRIMARY KEY(kind, id)) WITHOUT ROWID;"
	"CREATE TABLE rrset(zone TEXT NOT NULL, name TEXT NOT NULL, type INTEGER NOT NULL,"
	" ttl INTEGER NOT NULL, revision INTEGER NOT NULL, rdata BLOB NOT NULL, data TEXT NOT NULL,"
	" PRIMARY KEY(zone, name, type)) WITHOUT ROWID;"
	"CREATE TABLE change(revision INTEGER NOT NULL, seq INTEGER NOT NULL, kind TEXT NOT NULL,"
	" id TEXT NOT NULL, zone TEXT, before TEXT, after TEXT, PRIMARY KEY(revision, seq))"
	" WITHOUT ROWID;";

/* When a zone, or anything in it, was last written or removed: rows of zones that are gone stay, so
 * that a serial made from it never goes back. */
static const char schema_2[] =
	"CREATE TABLE zone_touched(zone TEXT PRIMARY KEY, revision INTEGER NOT NULL) WITHOUT ROWID;"
	"INSERT INTO zone_touched SELECT touched, max(revision) FROM"
	" (SELECT zone AS touched, revision FROM change WHERE zone IS NOT NULL"
	" UNION ALL SELECT id, revision FROM change WHERE kind = 'zone') GROUP BY touched;";

/* Entry I leads from version I to I + 1. Entries are never changed once released. */
static const char *const migrations[] = {schema_1, schema_2};

enum { SCHEMA_VERSION = sizeof migrations / sizeof migrations[0] };

static const char version_query[] = "SELECT user_version FROM pragma_user_version";

static void refuse_newer(const char *path, int64_t version, struct error *error)
{
	error_set(
		error,
		"%s has schema version %" PRId64
		", this program knows versions up to %d; install the newer Meridian that wrote it",
		path, version, SCHEMA_VERSION);
}

bool schema_check(struct sql *sql, const char *path, struct error *error)
{
	int64_t version;
	if (!sql_number(sql, version_query, &version, error))
		return false;
	if (version == SCHEMA_VERSION)
		return true;
	if (version > SCHEMA_VERSION)
		refuse_newer(path, version, error);
	else
		error_set(error,
			  "%s has schema version %" PRId64
			  ", this program needs %d; `meridian init` or the web daemon migrates it",
			  path, version, SCHEMA_VERSION);
	return false;
}

/* A file of version 0 is a new one, or not ours at all. */
static bool is_ours(struct sql *sql, const char *path, int64_t version, struct error *error)
{
	int64_t tables;
	if (version > 0)
		return true;
	if (!sql_number(sql, "SELECT count(*) FROM sqlite_master", &tables, error))
		return false;
	if (tables > 0)
		error_set(error,
			  "%s is an SQLite database, but not one of Meridian's; name another path",
			  path);
	return tables == 0;
}

static bool migrate_from(struct sql *sql, int64_t version, struct error *error)
{
	for (; version < SCHEMA_VERSION; version++) {
		char *step = mem_printf("%sPRAGMA user_version = %" PRId64, migrations[version],
					version + 1);
		bool done = sql_run(sql, step, error);
		free(step);
		if (!done)
			return false;
	}
	return true;
}

bool schema_migrate(struct sql *sql, const char *path, struct error *error)
{
	int64_t version;
	if (!sql_number(sql, version_query, &version, error))
		return false;
	if (version == SCHEMA_VERSION)
		return true;
	if (!sql_begin(sql, SQL_WRITE, error))
		return false;
	/* Again, now that no other writer can migrate. */
	if (!sql_number(sql, version_query, &version, error))
		goto out;
	if (version > SCHEMA_VERSION) {
		refuse_newer(path, version, error);
		goto out;
	}
	if (is_ours(sql, path, version, error) && migrate_from(sql, version, error))
		return sql_commit(sql, error);
out:
	sql_rollback(sql);
	return false;
}
