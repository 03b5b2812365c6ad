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

/* Called now and then with what is being done and how many records it is done with. */
typedef void zone_import_progress(void *context, const char *what, size_t count);

/*
 * Called with a sentence on what is no fault but may surprise: records below a delegation or a
 * DNAME, which are taken and never answered with, glue apart (RFC 1034 section 4.2.1, RFC 6672
 * section 2.4), because a cut is often made above names that are there already.
 */
typedef void zone_import_remark(void *context, const char *sentence);

struct zone_source {
	const char *zone; /* canonical, without final dot */
	const char *text;
	size_t len;
	zone_import_progress *progress; /* may be NULL */
	zone_import_remark *remark;	/* may be NULL */
	void *context;
};

enum zone_import_result {
	ZONE_IMPORT_DONE,
	ZONE_IMPORT_MALFORMED, /* ERROR: "line 3, column 7: ..." */
	ZONE_IMPORT_INVALID,   /* FINDINGS: a record set ("/line/3", where it begins) or setting
				  ("/zone") means nothing */
	ZONE_IMPORT_UNREAD     /* ERROR: the store cannot be read */
};

/* Reads SOURCE into CHANGES, compared with what STORE has; costs what the file and the zone hold.
 */
enum zone_import_result zone_import(struct store *store, const struct zone_source *source,
				    struct changes *changes, struct findings *findings,
				    struct error *error) __attribute__((warn_unused_result));

/* Writes ZONE (with its SOA first) to FILE. False with ERROR; ERROR's text is "" where there is no
 * such zone. */
bool zone_export(struct store *store, const char *zone, FILE *file, struct error *error)
	__attribute__((warn_unused_result));

#endif
