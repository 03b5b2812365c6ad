/* Knows which rows a change becomes: the object as it is, and the line of history. */
#include "base/wall.h"
#include "db/store_private.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static const char *zone_of(const struct object *object)
{
	return object->kind == KIND_RRSET     ? object->rrset.zone
	       : object->kind == KIND_SERVICE ? object->service.zone
					      : NULL;
}

static char *body_of(const struct object *object)
{
	if (object == NULL)
		return NULL;
	json_t *json = codec_encode(object);
	char *body = json_dumps(json, JSON_COMPACT);
	json_decref(json);
	return body;
}

static char *data_of(const struct rrset *rrset)
{
	json_t *json = json_array();
	for (size_t i = 0; i < rrset->data.count; i++)
		json_array_append_new(json, json_string(rrset->data.at[i]));
	char *text = json_dumps(json, JSON_COMPACT);
	json_decref(json);
	return text;
}

static bool write_rrset(struct sql *sql, const struct change *change, int64_t revision)
{
	const struct rrset *rrset =
		&(change->after != NULL ? change->after : change->before)->rrset;
	struct sql_query *query =
		change->after != NULL
			? sql_query(sql, "INSERT OR REPLACE INTO rrset"
					 " (zone, name, type, ttl, revision, rdata, data)"
					 " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")
			: sql_query(sql, "DELETE FROM rrset"
					 " WHERE zone = ?1 AND name = ?2 AND type = ?3");
	sql_bind_text(query, 1, rrset->zone);
	sql_bind_text(query, 2, rrset->name);
	sql_bind_int(query, 3, rrset->type);
	if (change->after == NULL)
		return sql_execute(query);
	char *data = data_of(rrset);
	sql_bind_int(query, 4, rrset->ttl);
	sql_bind_int(query, 5, revision);
	sql_bind_blob(query, 6, rrset->rdata, rrset->rdata_len);
	sql_bind_text(query, 7, data);
	bool done = sql_execute(query);
	free(data);
	return done;
}

static bool write_object(struct sql *sql, const struct change *change, const char *body,
			 int64_t revision)
{
	struct sql_query *query =
		change->after != NULL
			? sql_query(sql, "INSERT OR REPLACE INTO object"
					 " (kind, id, zone, body, revision)"
					 " VALUES (?1, ?2, ?3, ?4, ?5)")
			: sql_query(sql, "DELETE FROM object WHERE kind = ?1 AND id = ?2");
	sql_bind_text(query, 1, kind_name(change->kind));
	sql_bind_text(query, 2, change->id);
	if (change->after != NULL) {
		sql_bind_text(query, 3, zone_of(change->after));
		sql_bind_text(query, 4, body);
		sql_bind_int(query, 5, revision);
	}
	return sql_execute(query);
}

static bool write_history(struct sql *sql, const struct change *change, const char *after,
			  int64_t revision, size_t seq)
{
	char *before = body_of(change->before);
	struct sql_query *query =
		sql_query(sql, "INSERT INTO change (revision, seq, kind, id, zone, before, after)"
			       " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)");
	sql_bind_int(query, 1, revision);
	sql_bind_int(query, 2, (int64_t)seq);
	sql_bind_text(query, 3, kind_name(change->kind));
	sql_bind_text(query, 4, change->id);
	sql_bind_text(query, 5, zone_of(change->after != NULL ? change->after : change->before));
	sql_bind_text(query, 6, before);
	sql_bind_text(query, 7, after);
	bool done = sql_execute(query);
	free(before);
	return done;
}

static bool write_revision(struct commit *commit, int64_t revision, int64_t token)
{
	struct sql_query *query =
		sql_query(commit->store->sql,
			  "INSERT INTO revision (n, time, token, author, comment, changes)"
			  " VALUES (?1, ?2, ?3, ?4, ?5, ?6)");
	sql_bind_int(query, 1, revision);
	sql_bind_int(query, 2, wall_now_ms());
	sql_bind_int(query, 3, token);
	sql_bind_text(query, 4, commit->author->name);
	sql_bind_text(query, 5, commit->author->comment);
	sql_bind_int(query, 6, (int64_t)commit->changes->count);
	return sql_execute(query);
}

/* Changes come zone by zone; *LAST spares all but the first of a run. */
static bool write_touched(struct sql *sql, const struct change *change, int64_t revision,
			  const char **last)
{
	const char *zone =
		change->kind == KIND_ZONE
			? change->id
			: zone_of(change->after != NULL ? change->after : change->before);
	if (zone == NULL || (*last != NULL && strcmp(zone, *last) == 0))
		return true;
	*last = zone;
	struct sql_query *query = sql_query(
		sql, "INSERT OR REPLACE INTO zone_touched (zone, revision) VALUES (?1, ?2)");
	sql_bind_text(query, 1, zone);
	sql_bind_int(query, 2, revision);
	return sql_execute(query);
}

bool commit_write(struct commit *commit, int64_t revision, int64_t token)
{
	struct sql *sql = commit->store->sql;
	const char *touched = NULL;
	bool done = write_revision(commit, revision, token);
	for (size_t i = 0; done && i < commit->changes->count; i++) {
		const struct change *change = &commit->changes->at[i];
		char *body = body_of(change->after);
		done = write_history(sql, change, body, revision, i) &&
		       write_touched(sql, change, revision, &touched) &&
		       (change->kind == KIND_RRSET ? write_rrset(sql, change, revision)
						   : write_object(sql, change, body, revision));
		free(body);
	}
	done = done && store_prune(commit->store, revision);
	return done || store_failed(commit->store, commit->error);
}
