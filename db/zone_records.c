/* Knows what a record of a zone file is to the store: its set, the zone's settings, or a fault. */
#include "db/zone_records.h"

#include "base/mem.h"
#include "db/rdata.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	WIRE_MAX = 65535,
	BLOCK_SIZE = 1 << 20,
	PROGRESS_EVERY = 50000,
	/* No set of more records fits a message: each costs 12 octets and some data. */
	SET_RECORDS_MAX = 65535 / 13,
	TYPE_SOA = 6
};

/* Memory that is freed as a whole. */
struct record_block {
	struct record_block *before;
	size_t used, size;
	uint64_t bytes[];
};

struct record {
	struct record *next;
	uint32_t hash;
	uint16_t len;
	uint8_t wire[];
};

void zone_records_init(struct zone_records *records, const struct zone_source *source)
{
	*records = (struct zone_records){.zone = source->zone, .source = source};
	records->wire = mem_array(WIRE_MAX, 1);
}

void zone_records_fini(struct zone_records *records)
{
	while (records->block != NULL) {
		struct record_block *before = records->block->before;
		free(records->block);
		records->block = before;
	}
	strmap_fini(&records->sets);
	free(records->primary);
	free(records->contact);
	free(records->wire);
	*records = (struct zone_records){0};
}

static void *take(struct zone_records *records, size_t size)
{
	struct record_block *block = records->block;
	size = (size + 7) & ~(size_t)7;
	if (block == NULL || block->size - block->used < size) {
		size_t room = size > BLOCK_SIZE ? size : BLOCK_SIZE;
		block = mem_array(1, sizeof *block + room);
		block->size = room;
		block->before = records->block;
		records->block = block;
	}
	void *taken = (uint8_t *)block->bytes + block->used;
	block->used += size;
	return taken;
}

static void tell(const struct zone_records *records, const char *what, size_t count)
{
	const struct zone_source *source = records->source;
	if (source->progress != NULL && count % PROGRESS_EVERY == 0)
		source->progress(source->context, what, count);
}

static bool refuse(struct zonefile_error *error, struct zonefile_place at, const char *what,
		   const char *why)
{
	error->at = at;
	snprintf(error->text, sizeof error->text, "%s%s%s", what, *what != '\0' ? " " : "", why);
	return false;
}

/* The entry's owner as the document names it, relative to the zone, "@" the apex, as
 * records->name. */
static bool take_name(struct zone_records *records, const struct zonefile_entry *entry,
		      struct zonefile_error *error)
{
	char canonical[DNS_NAME_TEXT_MAX], shown[100];
	size_t prefix;
	if (strcmp(entry->owner, records->owner) == 0)
		return true;
	snprintf(shown, sizeof shown, "\"%.80s\"", entry->owner);
	const char *wrong = dns_name_canonical(entry->owner, canonical);
	if (wrong != NULL)
		return refuse(error, entry->at, shown, wrong);
	if (!dns_name_within(canonical, records->zone, &prefix))
		return refuse(error, entry->at, shown, "is outside of the zone");
	canonical[prefix] = '\0';
	memcpy(records->name, prefix > 0 ? canonical : "@", prefix > 0 ? prefix + 1 : 2);
	memcpy(records->owner, entry->owner, strlen(entry->owner) + 1);
	return true;
}

/* The SOA is not stored: its names, minimum and TTL become the zone's settings; the serial is
 * ours. */
static bool take_soa(struct zone_records *records, const struct zonefile_entry *entry, size_t len,
		     struct zonefile_error *error)
{
	char primary[DNS_NAME_TEXT_MAX + 1], contact[DNS_NAME_TEXT_MAX + 1];
	unsigned long minimum;
	if (records->has_soa)
		return refuse(error, entry->type_at, "", "the zone has an SOA record already");
	char *text = rdata_format(TYPE_SOA, records->wire, len);
	bool good = text != NULL && sscanf(text, "%1024s %1024s %*u %*u %*u %*u %lu", primary,
					   contact, &minimum) == 3;
	free(text);
	if (!good)
		return refuse(error, entry->data_at, "", "the SOA record cannot be read");
	records->has_soa = true;
	records->has_soa_ttl = entry->has_ttl;
	records->soa_ttl = entry->ttl;
	records->minimum = (uint32_t)minimum;
	records->primary = mem_strdup(primary);
	records->contact = mem_strdup(contact);
	return true;
}

static const char *key_of(const char *name, uint16_t type, char key[DNS_NAME_TEXT_MAX + 16])
{
	size_t len = strlen(name);
	memcpy(key, name, len);
	key[len] = '/';
	rdata_type_format(type, key + len + 1);
	return key;
}

static struct record_set *set_of(struct zone_records *records, uint16_t type, size_t line)
{
	char key[DNS_NAME_TEXT_MAX + 16];
	struct record_set *set = strmap_find(&records->sets, key_of(records->name, type, key));
	if (set != NULL)
		return set;
	size_t name_size = strlen(records->name) + 1;
	set = take(records, sizeof *set);
	char *name = take(records, name_size);
	memcpy(name, records->name, name_size);
	*set = (struct record_set){.name = name, .type = type, .line = line};
	strmap_put(&records->sets, key, set);
	if (records->last != NULL)
		records->last->next = set;
	else
		records->first = set;
	records->last = set;
	return set;
}

/* FNV-1a. */
static uint32_t hash_octets(const uint8_t *octets, size_t len)
{
	uint32_t hash = 2166136261U;
	for (size_t i = 0; i < len; i++)
		hash = (hash ^ octets[i]) * 16777619U;
	return hash;
}

static bool holds(const struct record_set *set, uint32_t hash, const uint8_t *wire, size_t len)
{
	for (const struct record *record = set->first; record != NULL; record = record->next) {
		if (record->hash == hash && record->len == len &&
		    memcmp(record->wire, wire, len) == 0)
			return true;
	}
	return false;
}

static bool add_record(struct zone_records *records, uint16_t type, size_t len,
		       const struct zonefile_entry *entry, struct zonefile_error *error)
{
	struct record_set *set = set_of(records, type, entry->at.line);
	uint32_t hash = hash_octets(records->wire, len);
	/* RFC 2181 section 5.2: one TTL a set; of several the lowest is safe. */
	if (entry->has_ttl && (!set->has_ttl || entry->ttl < set->ttl)) {
		set->ttl = entry->ttl;
		set->has_ttl = true;
	}
	if (holds(set, hash, records->wire, len))
		return true;
	if (set->count == SET_RECORDS_MAX)
		return refuse(error, entry->at, "",
			      "the set holds more records than a DNS message of 65,535 octets");
	struct record *record = take(records, sizeof *record + len);
	record->hash = hash;
	record->len = (uint16_t)len;
	memcpy(record->wire, records->wire, len);
	if (set->last != NULL)
		set->last->next = record;
	else
		set->first = record;
	set->last = record;
	set->count++;
	return true;
}

static bool take_entry(void *context, const struct zonefile_entry *entry,
		       struct zonefile_error *error)
{
	struct zone_records *records = context;
	struct error why = {0};
	uint16_t type;
	size_t len;
	if (!take_name(records, entry, error))
		return false;
	if (!rdata_type_parse(entry->type, &type)) {
		char shown[48];
		snprintf(shown, sizeof shown, "\"%s\"", entry->type);
		return refuse(error, entry->type_at, shown, "is not a type of record");
	}
	if (!rdata_parse(type, entry->data, entry->origin, records->wire, &len, &why))
		return refuse(error, entry->data_at, entry->type, why.text);
	tell(records, "records read", ++records->count);
	if (type == TYPE_SOA && strcmp(records->name, "@") == 0)
		return take_soa(records, entry, len, error);
	if (type == TYPE_SOA)
		return refuse(error, entry->type_at, "",
			      "an SOA record stands at the zone's own name alone");
	return add_record(records, type, len, entry, error);
}

bool zone_records_read(struct zone_records *records, struct zonefile_error *error)
{
	return zonefile_read(records->source->text, records->source->len, records->zone, take_entry,
			     records, error);
}

/* Keeps what the zone has been set to beside its SOA. */
static bool put_zone(const struct zone_records *records, const struct object *present,
		     struct changes *changes, struct findings *findings)
{
	if (!records->has_soa)
		return true;
	json_t *zone = present != NULL ? codec_encode(present) : json_object();
	json_object_set_new(zone, "name", json_string(records->zone));
	json_object_set_new(zone, "primary", json_string(records->primary));
	json_object_set_new(zone, "contact", json_string(records->contact));
	json_object_set_new(zone, "negative_ttl", json_integer(records->minimum));
	if (records->has_soa_ttl)
		json_object_set_new(zone, "ttl", json_integer(records->soa_ttl));
	struct object *object = codec_decode(KIND_ZONE, zone, NULL, "/zone", findings);
	if (object != NULL)
		changes_put(changes, object, "/zone");
	json_decref(zone);
	return object != NULL;
}

struct comparison {
	struct zone_records *records;
	struct changes *changes;
	uint32_t ttl;
};

static bool is_same(const struct record_set *set, const struct rrset *rrset, uint32_t ttl)
{
	size_t at = 0;
	if ((set->has_ttl ? set->ttl : ttl) != rrset->ttl)
		return false;
	for (const struct record *record = set->first; record != NULL; record = record->next) {
		if (rrset->rdata_len - at < 2u + record->len ||
		    (rrset->rdata[at] << 8 | rrset->rdata[at + 1]) != record->len ||
		    memcmp(rrset->rdata + at + 2, record->wire, record->len) != 0)
			return false;
		at += 2u + record->len;
	}
	return at == rrset->rdata_len;
}

/* What the store has of the zone and the file has not is removed. */
static bool compare(void *context, const struct object *object)
{
	const struct comparison *comparison = context;
	char key[DNS_NAME_TEXT_MAX + 16];
	struct record_set *set = strmap_find(&comparison->records->sets,
					     key_of(object->rrset.name, object->rrset.type, key));
	if (set == NULL)
		changes_remove(comparison->changes, KIND_RRSET, object->id, NULL);
	else
		set->stored = is_same(set, &object->rrset, comparison->ttl);
	return true;
}

static json_t *set_json(const struct record_set *set, uint32_t ttl)
{
	char type[16];
	json_t *data = json_array();
	rdata_type_format(set->type, type);
	for (const struct record *record = set->first; record != NULL; record = record->next) {
		char *text = rdata_format(set->type, record->wire, record->len);
		json_array_append_new(data, json_string(text != NULL ? text : ""));
		free(text);
	}
	return json_pack("{s:s, s:s, s:I, s:o}", "name", set->name, "type", type, "ttl",
			 (json_int_t)(set->has_ttl ? set->ttl : ttl), "data", data);
}

static void put_set(const struct zone_records *records, const struct record_set *set, uint32_t ttl,
		    struct changes *changes, struct findings *findings)
{
	char pointer[32];
	snprintf(pointer, sizeof pointer, "/line/%zu", set->line);
	json_t *json = set_json(set, ttl);
	struct object *object = codec_decode(KIND_RRSET, json, records->zone, pointer, findings);
	if (object != NULL)
		changes_put(changes, object, pointer);
	json_decref(json);
}

bool zone_records_changes(struct zone_records *records, const struct object *present,
			  struct store *store, struct changes *changes, struct findings *findings,
			  struct error *error)
{
	/* Records without a TTL get the minimum (RFC 1035 section 3.3.13), or else the zone's. */
	struct comparison comparison = {.records = records,
					.changes = changes,
					.ttl = records->has_soa ? records->minimum
								: present->zone.ttl};
	size_t count = 0;
	if (!put_zone(records, present, changes, findings) ||
	    !store_rrsets(store, records->zone, NULL, false, compare, &comparison, error))
		return false;
	for (const struct record_set *set = records->first; set != NULL; set = set->next) {
		if (!set->stored)
			put_set(records, set, comparison.ttl, changes, findings);
		tell(records, "record sets prepared", ++count);
	}
	return findings->count == 0;
}
