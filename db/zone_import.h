/*
 * zone_import: a zone as an RFC 1035 master file, on its way into changes and back out again.
 *
 * What the file holds becomes the zone's records: record sets that the zone has and the file has
 * not are removed, services stay. The SOA is not stored; its primary, contact and minimum become
 * the zone's settings (the serial is the revision).
 */
#ifndef MERIDIAN_DB_ZONE_IMPORT_H
#define MERIDIAN_DB_ZONE_IMPORT_H

#include "db/store.h"

#include <stdio.h>

/* Called now and then with the number of records read. */
typedef void zone_import_progress(void *context, size_t records);

struct zone_source {
	const char *zone; /* canonical, without final dot */
	const char *text;
	size_t len;
	zone_import_progress *progress; /* may be NULL */
	void *context;
};

enum zone_import_result {
	ZONE_IMPORT_DONE,
	ZONE_IMPORT_MALFORMED, /* ERROR: "line 3, column 7: ..." */
	ZONE_IMPORT_INVALID, /* FINDINGS: a record or setting means nothing ("/NAME/TYPE", "/zone")
			      */
	ZONE_IMPORT_UNREAD   /* ERROR: the store cannot be read */
};

/* Reads SOURCE into CHANGES, compared with what STORE has. */
enum zone_import_result zone_import(struct store *store, const struct zone_source *source,
				    struct changes *changes, struct findings *findings,
				    struct error *error) __attribute__((warn_unused_result));

/* Writes ZONE (with its SOA first) to FILE. False with ERROR; ERROR's text is "" where there is no
 * such zone. */
bool zone_export(struct store *store, const char *zone, FILE *file, struct error *error)
	__attribute__((warn_unused_result));

#endif
