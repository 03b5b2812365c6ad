/* Knows how stored rows become objects, and how a reader finds single ones. */
#include "base/mem.h"
#include "db/rdata.h"
#include "db/store_private.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

struct object *store_decode(const struct store *store, enum kind kind, const char *zone,
			    const char *body, struct error *error)
{
	json_error_t where;
	json_t *json = json_loads(body, 0, &where);
	if (json == NULL) {
		error_set(error, "%s holds a %s that is no JSON: %s", store->path, kind_name(kind),
			  where.text);
		return NULL;
	}
	struct findings findings = {0};
	struct object *object = codec_decode(kind, json, zone, "", &findings);
	if (object == NULL)
		error_set(error, "%s holds a %s that cannot be understood: %s %s", store->path,
			  kind_name(kind), findings.count > 0 ? findings.at[0].pointer : "",
			  findings.count > 0 ? findings.at[0].message : "");
	findings_fini(&findings);
	json_decref(json);
	return object;
}

int64_t store_zone_revision(struct store *store, const char *zone, struct error *error)
{
	if (!store_ready(store, error))
		return -1;
	struct sql_query *query =
		sql_query(store->sql, "SELECT revision FROM zone_touched WHERE zone = ?1");
	sql_bind_text(query, 1, zone);
	enum sql_step step = sql_step(query);
	int64_t revision = step == SQL_ROW ? sql_int(query, 0) : 0;
	sql_finish(query);
	if (step != SQL_FAILED)
		return revision;
	store_failed(store, error);
	return -1;
}

static const char object_query[] =
	"SELECT zone, body, revision FROM object WHERE kind = ?1 AND id = ?2";

static struct object *get_object(struct store *store, enum kind kind, const char *id,
				 struct error *error)
{
	struct object *object = NULL;
	struct sql_query *query = sql_query(store->sql, object_query);
	sql_bind_text(query, 1, kind_name(kind));
	sql_bind_text(query, 2, id);
	enum sql_step step = sql_step(query);
	if (step == SQL_ROW) {
		object = store_decode(store, kind, sql_text(query, 0), sql_text(query, 1), error);
		if (object != NULL)
			object->revision = sql_int(query, 2);
	}
	sql_finish(query);
	if (step == SQL_FAILED)
		store_failed(store, error);
	return object;
}

static struct texts texts_from_json(const char *text)
{
	struct texts texts = {0};
	json_t *json = json_loads(text, 0, NULL);
	texts.count = json_array_size(json);
	texts.at = mem_array(texts.count, sizeof *texts.at);
	for (size_t i = 0; i < texts.count; i++) {
		const char *item = json_string_value(json_array_get(json, i));
		texts.at[i] = mem_strdup(item != NULL ? item : "");
	}
	json_decref(json);
	return texts;
}

/* The column lists of all queries over record sets begin so. */
#define RRSET_COLUMNS "zone, name, type, ttl, revision, rdata"

/* No JSON, no printf: a responder that starts reads a million of these. */
static struct object *rrset_from_row(struct sql_query *row, bool with_data)
{
	struct object *object = object_new(KIND_RRSET);
	struct rrset *rrset = &object->rrset;
	rrset->zone = mem_strdup(sql_text(row, 0));
	rrset->name = mem_strdup(sql_text(row, 1));
	rrset->type = (uint16_t)sql_int(row, 2);
	rrset->ttl = (uint32_t)sql_int(row, 3);
	object->revision = sql_int(row, 4);
	const void *rdata = sql_blob(row, 5, &rrset->rdata_len);
	rrset->rdata = mem_dup(rdata, rrset->rdata_len);
	char type[16];
	rdata_type_format(rrset->type, type);
	rrset->type_text = mem_strdup(type);

	size_t zone_len = strlen(rrset->zone), name_len = strlen(rrset->name);
	object->id = mem_array(zone_len + name_len + sizeof type + 2, 1);
	char *end = stpcpy(object->id, rrset->zone);
	*end++ = '/';
	end = stpcpy(end, rrset->name);
	*end++ = '/';
	stpcpy(end, type);
	if (with_data)
		rrset->data = texts_from_json(sql_text(row, 6));
	return object;
}

static const char *rrsets_query(const char *name, bool with_data)
{
	if (name == NULL)
		return with_data ? "SELECT " RRSET_COLUMNS ", data FROM rrset WHERE zone = ?1"
				   " ORDER BY name, type"
				 : "SELECT " RRSET_COLUMNS " FROM rrset WHERE zone = ?1"
				   " ORDER BY name, type";
	return with_data ? "SELECT " RRSET_COLUMNS ", data FROM rrset"
			   " WHERE zone = ?1 AND name = ?2 ORDER BY type"
			 : "SELECT " RRSET_COLUMNS " FROM rrset"
			   " WHERE zone = ?1 AND name = ?2 ORDER BY type";
}

bool store_rrsets_now(struct store *store, const char *zone, const char *name, bool with_data,
		      store_visit *visit, void *context, struct error *error)
{
	struct sql_query *query = sql_query(store->sql, rrsets_query(name, with_data));
	sql_bind_text(query, 1, zone);
	if (name != NULL)
		sql_bind_text(query, 2, name);
	enum sql_step step = SQL_DONE;
	bool more = true;
	store->busy++;
	while (more && (step = sql_step(query)) == SQL_ROW) {
		struct object *rrset = rrset_from_row(query, with_data);
		more = visit(context, rrset);
		object_unref(rrset);
	}
	sql_finish(query);
	store->busy--;
	return !more || step == SQL_DONE || store_failed(store, error);
}

bool store_rrsets(struct store *store, const char *zone, const char *name, bool with_data,
		  store_visit *visit, void *context, struct error *error)
{
	return store_ready(store, error) &&
	       store_rrsets_now(store, zone, name, with_data, visit, context, error);
}

struct object *store_get_rrset(struct store *store, const struct rrset *key, struct error *error)
{
	struct object *object = NULL;
	struct sql_query *query =
		sql_query(store->sql, "SELECT " RRSET_COLUMNS ", data FROM rrset"
				      " WHERE zone = ?1 AND name = ?2 AND type = ?3");
	sql_bind_text(query, 1, key->zone);
	sql_bind_text(query, 2, key->name);
	sql_bind_int(query, 3, key->type);
	enum sql_step step = sql_step(query);
	if (step == SQL_ROW)
		object = rrset_from_row(query, true);
	sql_finish(query);
	if (step == SQL_FAILED)
		store_failed(store, error);
	return object;
}

/* "example.com/www/A": no zone and no type holds a slash, an owner may (RFC 2317 section 4). */
static struct object *get_rrset_by_id(struct store *store, const char *id, struct error *error)
{
	char *zone = mem_strdup(id), *name = strchr(zone, '/'), *type = strrchr(zone, '/');
	struct object *found = NULL;
	struct rrset key = {.zone = zone, .name = name != NULL ? name + 1 : NULL};
	if (name != type && rdata_type_parse(type + 1, &key.type)) {
		*name = '\0';
		*type = '\0';
		found = store_get_rrset(store, &key, error);
	}
	free(zone);
	return found;
}

struct object *store_get_now(struct store *store, enum kind kind, const char *id,
			     struct error *error)
{
	return kind == KIND_RRSET ? get_rrset_by_id(store, id, error)
				  : get_object(store, kind, id, error);
}

struct object *store_get(struct store *store, enum kind kind, const char *id, struct error *error)
{
	error_set(error, "%s", "");
	return store_ready(store, error) ? store_get_now(store, kind, id, error) : NULL;
}
