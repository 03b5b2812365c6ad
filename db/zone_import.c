/* Knows what can become of reading a zone's file, and how a zone is written as one. */
#include "db/zone_import.h"

#include "db/zone_records.h"

#include <inttypes.h>
#include <string.h>

static bool read_records(struct zone_records *records, struct error *error)
{
	struct zonefile_error wrong;
	if (zone_records_read(records, &wrong))
		return true;
	error_set(error, "line %zu, column %zu: %s", wrong.at.line, wrong.at.column, wrong.text);
	return false;
}

static enum zone_import_result compare(struct zone_records *records, struct store *store,
				       struct changes *changes, struct findings *findings,
				       struct error *error)
{
	*error = (struct error){0};
	struct object *present = store_get(store, KIND_ZONE, records->zone, error);
	enum zone_import_result result = ZONE_IMPORT_DONE;
	if (error->text[0] != '\0') {
		result = ZONE_IMPORT_UNREAD;
	} else if (present == NULL && !records->has_soa) {
		error_set(error, "the zone %s is new, so the file must hold its SOA record",
			  records->zone);
		result = ZONE_IMPORT_MALFORMED;
	} else if (!zone_records_changes(records, present, store, changes, findings, error)) {
		result = findings->count > 0 ? ZONE_IMPORT_INVALID : ZONE_IMPORT_UNREAD;
	}
	object_unref(present);
	return result;
}

enum zone_import_result zone_import(struct store *store, const struct zone_source *source,
				    struct changes *changes, struct findings *findings,
				    struct error *error)
{
	struct zone_records records;
	enum zone_import_result result = ZONE_IMPORT_MALFORMED;
	zone_records_init(&records, source);
	if (read_records(&records, error)) {
		zone_records_tell_hidden(&records);
		result = compare(&records, store, changes, findings, error);
	}
	zone_records_fini(&records);
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
