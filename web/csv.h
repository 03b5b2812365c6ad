/*
 * csv: a list as RFC 4180 text, for a caller who asks for it (pure).
 *
 * Text that came from a probe or a packet is hostile: a spreadsheet takes a cell that begins with
 * "=", "+", "-" or "@" for a formula, so such a cell of a column marked FOREIGN gets a "'" before
 * it.
 */
#ifndef MERIDIAN_WEB_CSV_H
#define MERIDIAN_WEB_CSV_H

#include "web/response.h"

#include <stdbool.h>

struct csv_column {
	const char *key; /* the member of an item, and the column's head; NULL ends a table */
	bool foreign;
};

/* True where REQUEST says ?format=csv, or its Accept names text/csv and not JSON before it. */
bool csv_wanted(const struct request *request);

/* ITEMS is an array of objects. A member that is an array gives one row an element; null and what
 * is absent are empty. */
struct response *csv_response(const json_t *items, const struct csv_column *columns);

#endif
