/* Knows the commands that move zones as RFC 1035 files: zone import, zone export. */
#include "base/mem.h"
#include "base/strmap.h"
#include "cli/options.h"
#include "cli/store_access.h"
#include "db/rdata.h"
#include "db/zonefile.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ZONE_FILE_MAX = 1 << 30, PROGRESS_EVERY = 50000, WIRE_MAX = 65535 };

/* A file on its way into changes. */
struct import {
	const char *zone;
	struct strmap rrsets; /* "www/A" -> json_t *, the rrset as the codec reads it */
	json_t *settings;     /* the zone's, from its SOA; NULL before one was seen */
	uint8_t *wire;
	size_t records;
	bool progress;
	size_t line;
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
static bool take_soa(struct import *import, uint32_t ttl, const char *canonical)
{
	char primary[1024], contact[1024];
	unsigned long serial, refresh, retry, expire, minimum;
	if (sscanf(canonical, "%1023s %1023s %lu %lu %lu %lu %lu", primary, contact, &serial,
		   &refresh, &retry, &expire, &minimum) != 7) {
		error_set(&import->error, "the SOA record cannot be read");
		return false;
	}
	json_decref(import->settings);
	import->settings = json_pack("{s:s, s:I, s:s, s:s, s:I}", "name", import->zone, "ttl",
				     (json_int_t)ttl, "primary", primary, "contact", contact,
				     "negative_ttl", (json_int_t)minimum);
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
	if (import->progress && ++import->records % PROGRESS_EVERY == 0)
		fprintf(stderr, "\r%zu records read", import->records);
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
			       ? take_soa(import, entry->ttl, canonical)
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
	if (import->settings == NULL && present == NULL) {
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

static bool read_file(struct import *import, const char *file, struct error *error)
{
	size_t len;
	struct zonefile_error where;
	char *text = read_whole(file, ZONE_FILE_MAX, &len, error);
	if (text == NULL)
		return false;
	bool good = zonefile_read(text, len, import->zone, take_entry, import, &where);
	if (import->progress && import->records >= PROGRESS_EVERY)
		fprintf(stderr, "\r%zu records read\n", import->records);
	if (!good && where.text[0] != '\0')
		error_set(error, "%s: line %zu, column %zu: %s; nothing is imported", file,
			  where.line, where.column, where.text);
	else if (!good)
		error_set(error, "%s: line %zu: %s; nothing is imported", file, import->line,
			  import->error.text);
	free(text);
	return good;
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

int cmd_zone_import(const struct command *command, int argc, char **argv)
{
	bool dry_run = false;
	const char *comment = NULL;
	struct error error = {0};
	struct operands operands;
	struct instance instance;
	struct changes changes = {0};
	struct findings findings = {0};
	int64_t revision = 0;
	const struct option_spec specs[] = {{.name = "dry-run", .flag = &dry_run},
					    {.name = "comment", .value = &comment},
					    {.name = NULL}};
	int status = options_read(command, argc, argv, specs, 2, 2, &operands, &instance);
	if (status >= 0)
		return status;
	struct import import = {.zone = operands.at[0], .progress = isatty(STDERR_FILENO) == 1};
	import.wire = mem_array(WIRE_MAX, 1);
	status = EXIT_FAILED;
	struct store *store = store_access(command, &instance, STORE_WRITE);
	if (store != NULL && !read_file(&import, operands.at[1], &error)) {
		command_failed(command, &error);
	} else if (store != NULL) {
		char *name = command_author();
		const struct author author = {.name = name,
					      .comment = comment != NULL ? comment : "zone import"};
		enum commit_result result = COMMIT_INVALID;
		if (build_changes(&import, store, &changes, &findings))
			result = store_commit(store, &changes, &author, NULL, dry_run, &revision,
					      &findings, &error);
		else if (findings.count == 0)
			result = COMMIT_FAILED, error = import.error;
		status = store_report(command, result, operands.at[1], dry_run, revision, &changes,
				      &findings, &error);
		free(name);
	}
	free_import(&import);
	changes_fini(&changes);
	findings_fini(&findings);
	store_close(store);
	instance_fini(&instance);
	return status;
}

static bool print_rrset(void *context, const struct object *object)
{
	(void)context;
	const struct rrset *rrset = &object->rrset;
	for (size_t i = 0; i < rrset->data.count; i++)
		printf("%s\t%" PRIu32 "\tIN\t%s\t%s\n", rrset->name, rrset->ttl, rrset->type_text,
		       rrset->data.at[i]);
	return true;
}

int cmd_zone_export(const struct command *command, int argc, char **argv)
{
	struct error error = {0};
	struct operands operands;
	struct instance instance;
	const struct option_spec specs[] = {{.name = NULL}};
	int status = options_read(command, argc, argv, specs, 1, 1, &operands, &instance);
	if (status >= 0)
		return status;
	status = EXIT_FAILED;
	struct store *store = store_access(command, &instance, STORE_READ);
	struct object *object =
		store != NULL ? store_get(store, KIND_ZONE, operands.at[0], &error) : NULL;
	if (object != NULL) {
		const struct zone *zone = &object->zone;
		printf("$ORIGIN %s%s\n$TTL %" PRIu32 "\n", zone->name,
		       strcmp(zone->name, ".") == 0 ? "" : ".", zone->ttl);
		printf("@\t%" PRIu32 "\tIN\tSOA\t%s %s %" PRId64 " 3600 600 1209600 %" PRIu32 "\n",
		       zone->ttl, zone->primary, zone->contact, object->revision,
		       zone->negative_ttl);
		if (store_rrsets(store, zone->name, NULL, true, print_rrset, NULL, &error))
			status = EXIT_DONE;
	} else if (store != NULL && error.text[0] == '\0') {
		error_set(&error, "there is no zone %s", operands.at[0]);
	}
	if (store != NULL && status != EXIT_DONE)
		command_failed(command, &error);
	object_unref(object);
	store_close(store);
	instance_fini(&instance);
	return status;
}
