/* document: the whole configuration as one JSON text, in and out. */
#ifndef MERIDIAN_DB_DOCUMENT_H
#define MERIDIAN_DB_DOCUMENT_H

#include "base/error.h"
#include "db/check.h"

struct store;

enum { DOCUMENT_MAX = 512 << 20 }; /* octets of text */

/*
 * Reads TEXT into changes that put every object it names. PRUNE: objects of kinds of the document
 * that it does not name are removed (overrides stay). A syntax error is a finding with pointer ""
 * that gives line and column. Needs the store to know what is there already (for prune, and for
 * zones named without "records" or "services": those keep theirs). Returns false when there was any
 * finding.
 */
bool document_read(const char *text, size_t len, bool prune, struct store *store,
		   struct changes *changes, struct findings *findings)
	__attribute__((warn_unused_result));

/* The whole store at REVISION (0: newest) as the document; export then apply changes nothing. NULL
 * with ERROR. */
json_t *document_export(struct store *store, int64_t revision, struct error *error);

#endif
