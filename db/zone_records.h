/*
 * zone_records: the record sets of one zone file, read and judged record by record, on their way
 * into changes of the store.
 *
 * Held in wire form in blocks, some 100 octets a record: files have a million of them. What is
 * wrong with a single record is told with its line and column; what can only be judged with a whole
 * set or the store at hand is told with the line where the set begins.
 */
#ifndef MERIDIAN_DB_ZONE_RECORDS_H
#define MERIDIAN_DB_ZONE_RECORDS_H

#include "base/strmap.h"
#include "db/names.h"
#include "db/zone_import.h"
#include "db/zonefile.h"

struct record_set {
	struct record_set *next; /* in the order of the file */
	struct record *first, *last;
	const char *name; /* relative to the zone, "@" the apex */
	size_t line;	  /* of its first record */
	uint32_t ttl;
	uint16_t type, count;
	bool has_ttl, stored; /* stored: the store holds just this */
};

struct zone_records {
	const char *zone; /* the source's */
	const struct zone_source *source;

	struct strmap sets; /* "www/A" -> struct record_set */
	struct record_set *first, *last;
	struct record_block *block;
	size_t count;

	/* Of the SOA record: the zone's settings. */
	bool has_soa, has_soa_ttl;
	uint32_t soa_ttl, minimum;
	char *primary, *contact;

	/* The owner before, which most records share. */
	char owner[ZONEFILE_NAME_MAX], name[DNS_NAME_TEXT_MAX];
	uint8_t *wire;
};

void zone_records_init(struct zone_records *records, const struct zone_source *source);
/* Frees what was read; a second time does nothing. */
void zone_records_fini(struct zone_records *records);

/* Reads the whole source; the same record given twice is taken once (RFC 2181 section 5). */
bool zone_records_read(struct zone_records *records, struct zonefile_error *error)
	__attribute__((warn_unused_result));

/* Tells the source what of it is never answered with. */
void zone_records_tell_hidden(const struct zone_records *records);

/*
 * What must change for STORE to hold just these records, and the settings of their SOA, in the
 * zone, of which PRESENT is what the store has (NULL: nothing; then there is a SOA). Record sets
 * that are there already with the same data and TTL are left out. False with FINDINGS ("/line/N"),
 * or with ERROR where the store cannot be read.
 */
bool zone_records_changes(struct zone_records *records, const struct object *present,
			  struct store *store, struct changes *changes, struct findings *findings,
			  struct error *error) __attribute__((warn_unused_result));

#endif
