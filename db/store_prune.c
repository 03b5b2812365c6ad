/* Knows how much of the past is kept, and how the rest goes away a little with each write. */
#include "db/store_private.h"

/* So many lines of history are removed by one commit at most, so that none takes long. */
enum { CHANGES_REMOVED = 2000 };

bool store_prune(struct store *store, int64_t newest)
{
	int64_t last = newest - store->revisions_kept; /* the last that goes */
	if (last <= 0)
		return true;
	struct sql_query *revisions = sql_query(store->sql, "DELETE FROM revision WHERE n <= ?1");
	sql_bind_int(revisions, 1, last);
	if (!sql_execute(revisions))
		return false;
	/* The lines of a zone of a million records take many commits; nobody reads them once their
	 * revision is gone. */
	struct sql_query *lines =
		sql_query(store->sql, "DELETE FROM change WHERE (revision, seq) IN"
				      " (SELECT revision, seq FROM change WHERE revision <= ?1"
				      " ORDER BY revision, seq LIMIT ?2)");
	sql_bind_int(lines, 1, last);
	sql_bind_int(lines, 2, CHANGES_REMOVED);
	return sql_execute(lines);
}

bool store_oldest(struct store *store, int64_t *oldest, struct error *error)
{
	if (!sql_number(store->sql, "SELECT min(n) FROM revision", oldest, error))
		return store_failed(store, error);
	/* What was before the oldest that is kept can be told from what it changed. */
	*oldest = *oldest > 0 ? *oldest - 1 : 0;
	return true;
}
