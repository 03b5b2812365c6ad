/* print: results for people (tables, findings, changes) and for scripts (JSON). */
#ifndef MERIDIAN_CLI_PRINT_H
#define MERIDIAN_CLI_PRINT_H

#include "db/check.h"

#include <jansson.h>

enum { TABLE_COLUMNS_MAX = 10 };

/* Collects rows, then prints them with columns as wide as needed. Cells are copied; control
 * characters become "?". */
struct table {
	size_t columns;
	char **cells;
	size_t count; /* of cells */
};

void table_init(struct table *table, size_t columns, const char *const *heads);
/* Takes the next cell; NULL prints as "-". */
void table_cell(struct table *table, const char *text);
void table_print(struct table *table); /* prints on stdout, then frees */

/* One line a finding on stderr: "FILE#/pools/0/name: sentence". */
void print_findings(const char *file, const struct findings *findings);

/* One line a change on stdout: "+ pool eu", "~ service example.com/www", "- site fra", with what
 * differs below "~". */
void print_changes(const struct changes *changes);

void print_json(const json_t *json); /* indented, with a newline */

/* The member as text: a string itself, else its JSON; "" where it is missing or null. Static buffer
 * of 4 turns. */
const char *member_text(const json_t *object, const char *key);

/* "3 min ago" from an RFC 3339 time at NOW_MS. Static buffer of 4 turns. */
const char *ago_text(const char *rfc3339, int64_t now_ms);

#endif
