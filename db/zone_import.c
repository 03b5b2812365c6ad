/* Knows how the entries of a master file become a zone, and a zone the entries of a file. */
#include "db/zone_import.h"

#include "base/mem.h"
#include "base/strmap.h"
#include "db/rdata.h"
#include "db/zonefile.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { PROGRESS_EVERY = 50000, WIRE_MAX = 65535 };

/* A file on its way into changes. */
struct import {
	const struct zone_source *source;
	const char *zone;
	struct strmap rrsets; /* "www/A" -> json_t *, the rrset as the codec reads it */
	json_t *settings;     /* the zone's, from its SOA; NULL before one was seen */
	uint8_t *wire;
	size_t records, line;
	bool lacks_soa; /* and needs one, because the zone is new */
	struct error error;
};

/* OWNER as the document names it: relative to the zone, "@" the apex. NULL where it is outside. */
static char *relative_name(const char *owner, const char *zone)
{
	size_t owner_len = strlen(owner), zone_len = strlen(zone);
	if (strcmp(owner, zone) == 0)
		return mem_strdup("@");
	if (strcmp(zone, ".") == 0)
		return mem_strdup(owner);
	if (owner_len <= zone_len + 1 || strcmp(owner + owner_len - zone_len, zone) != 0 ||
	    owner[owner_len - zone_len - 1] != '.')
		return NULL;
	return mem_printf("%.*s", (int)(owner_len - zone_len - 1), owner);
}

/* The SOA is not stored: its primary, contact and minimum become the zone's settings (the serial is
 * ours). */
static bool take_soa(struct import *import, const struct zonefile_entry *entry,
		     const char *canonical)
{
	char primary[1024], contact[1024];
	unsigned long serial, refresh, retry, expire, minimum;
	if (sscanf(canonical, "%1023s %1023s %lu %lu %lu %lu %lu", primary, contact, &serial,
		   &refresh, &retry, &expire, &minimum) != 7) {
		error_set(&import->error, "the SOA record cannot be read");
		return false;
	}
	json_decref(import->settings);
	import->settings =
		json_pack("{s:s, s:s, s:s, s:I}", "name", import->zone, "primary", primary,
			  "contact", contact, "negative_ttl", (json_int_t)minimum);
	if (entry->has_ttl)
		json_object_set_new(import->settings, "ttl", json_integer(entry->ttl));
	return true;
}

static bool add_record(struct import *import, const char *name, const char *type,
		       const struct zonefile_entry *entry, const char *canonical)
{
	char *key = mem_printf("%s/%s", name, type);
	json_t *rrset = strmap_find(&import->rrsets, key);
	if (rrset == NULL) {
		rrset = json_pack("{s:s, s:s, s:[]}", "name", name, "type", type, "data");
		if (entry->has_ttl)
			json_object_set_new(rrset, "ttl", json_integer(entry->ttl));
		strmap_put(&import->rrsets, key, rrset);
	} else if (entry->has_ttl &&
		   json_integer_value(json_object_get(rrset, "ttl")) > entry->ttl) {
		json_object_set_new(rrset, "ttl",
				    json_integer(entry->ttl)); /* RFC 2181 section 5.2 */
	}
	json_array_append_new(json_object_get(rrset, "data"), json_string(canonical));
	free(key);
	return true;
}

static bool take_entry(void *context, const struct zonefile_entry *entry)
{
	struct import *import = context;
	uint16_t type;
	char type_text[16];
	size_t len;
	import->line = entry->line;
	if (++import->records % PROGRESS_EVERY == 0 && import->source->progress != NULL)
		import->source->progress(import->source->context, import->records);
	char *name = relative_name(entry->owner, import->zone);
	if (name == NULL) {
		error_set(&import->error, "%s is outside the zone %s", entry->owner, import->zone);
		return false;
	}
	char *canonical = NULL;
	if (!rdata_type_parse(entry->type, &type))
		error_set(&import->error, "\"%s\" is not a record type", entry->type);
	else if (rdata_parse(type, entry->data, entry->origin, import->wire, &len, &import->error))
		canonical = rdata_format(type, import->wire, len);
	bool good = canonical != NULL;
	if (good) {
		rdata_type_format(type, type_text);
		good = strcmp(type_text, "SOA") == 0 && strcmp(name, "@") == 0
			       ? take_soa(import, entry, canonical)
			       : add_record(import, name, type_text, entry, canonical);
	}
	free(canonical);
	free(name);
	return good;
}

/* What STORE has of the zone and the file does not is removed. */
struct removal {
	struct import *import;
	struct changes *changes;
};

static bool remove_if_gone(void *context, const struct object *object)
{
	struct removal *removal = context;
	const char *key = object->id + strlen(removal->import->zone) + 1;
	if (strmap_find(&removal->import->rrsets, key) == NULL)
		changes_remove(removal->changes, KIND_RRSET, object->id, NULL);
	return true;
}

/* Keeps what the zone has been set to beside its SOA. */
static bool put_zone(struct import *import, struct store *store, struct changes *changes,
		     struct findings *findings)
{
	struct object *present = store_get(store, KIND_ZONE, import->zone, &import->error);
	if (import->error.text[0] != '\0')
		return false;
	if (import->settings == NULL && present == NULL) {
		import->lacks_soa = true;
		error_set(&import->error,
			  "the zone %s is new, so the file must hold its SOA record", import->zone);
		return false;
	}
	if (import->settings != NULL) {
		json_t *zone = present != NULL ? codec_encode(present) : json_object();
		json_object_update(zone, import->settings);
		struct object *object = codec_decode(KIND_ZONE, zone, NULL, "/zone", findings);
		if (object != NULL)
			changes_put(changes, object, "/zone");
		json_decref(zone);
	}
	object_unref(present);
	return findings->count == 0;
}

static bool build_changes(struct import *import, struct store *store, struct changes *changes,
			  struct findings *findings)
{
	size_t cursor = 0;
	const char *key;
	void *rrset;
	if (!put_zone(import, store, changes, findings))
		return false;
	while (strmap_next(&import->rrsets, &cursor, &key, &rrset)) {
		char *pointer = mem_printf("/%s", key);
		struct object *object =
			codec_decode(KIND_RRSET, rrset, import->zone, pointer, findings);
		if (object != NULL)
			changes_put(changes, object, pointer);
		free(pointer);
	}
	struct removal removal = {.import = import, .changes = changes};
	return store_rrsets(store, import->zone, NULL, false, remove_if_gone, &removal,
			    &import->error) &&
	       findings->count == 0;
}

static bool read_entries(struct import *import, struct error *error)
{
	const struct zone_source *source = import->source;
	struct zonefile_error where;
	if (zonefile_read(source->text, source->len, import->zone, take_entry, import, &where))
		return true;
	if (where.text[0] != '\0')
		error_set(error, "line %zu, column %zu: %s", where.line, where.column, where.text);
	else
		error_set(error, "line %zu: %s", import->line, import->error.text);
	return false;
}

static void free_import(struct import *import)
{
	size_t cursor = 0;
	const char *key;
	void *rrset;
	while (strmap_next(&import->rrsets, &cursor, &key, &rrset))
		json_decref(rrset);
	strmap_fini(&import->rrsets);
	json_decref(import->settings);
	free(import->wire);
}

enum zone_import_result zone_import(struct store *store, const struct zone_source *source,
				    struct changes *changes, struct findings *findings,
				    struct error *error)
{
	struct import import = {.source = source, .zone = source->zone};
	enum zone_import_result result = ZONE_IMPORT_DONE;
	import.wire = mem_array(WIRE_MAX, 1);
	if (!read_entries(&import, error)) {
		result = ZONE_IMPORT_MALFORMED;
	} else if (!build_changes(&import, store, changes, findings)) {
		result = findings->count > 0 ? ZONE_IMPORT_INVALID
			 : import.lacks_soa  ? ZONE_IMPORT_MALFORMED
					     : ZONE_IMPORT_UNREAD;
		error_set(error, "%s", import.error.text);
	}
	free_import(&import);
	return result;
}

static bool write_rrset(void *context, const struct object *object)
{
	FILE *file = context;
	const struct rrset *rrset = &object->rrset;
	for (size_t i = 0; i < rrset->data.count; i++)
		fprintf(file, "%s\t%" PRIu32 "\tIN\t%s\t%s\n", rrset->name, rrset->ttl,
			rrset->type_text, rrset->data.at[i]);
	return true;
}

static void write_head(const struct zone *zone, int64_t serial, FILE *file)
{
	fprintf(file, "$ORIGIN %s%s\n$TTL %" PRIu32 "\n", zone->name,
		strcmp(zone->name, ".") == 0 ? "" : ".", zone->ttl);
	fprintf(file, "@\t%" PRIu32 "\tIN\tSOA\t%s %s %" PRId64 " 3600 600 1209600 %" PRIu32 "\n",
		zone->ttl, zone->primary, zone->contact, serial, zone->negative_ttl);
}

bool zone_export(struct store *store, const char *zone, FILE *file, struct error *error)
{
	*error = (struct error){0};
	struct object *object = store_get(store, KIND_ZONE, zone, error);
	if (object == NULL)
		return false;
	write_head(&object->zone, object->revision, file);
	bool done = store_rrsets(store, zone, NULL, true, write_rrset, file, error);
	object_unref(object);
	if (done && ferror(file) != 0) {
		error_set(error, "the zone %s cannot be written", zone);
		done = false;
	}
	return done;
}
