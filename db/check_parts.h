/*
 * check_parts: the halves of check_changes. Each judges its own question over the same values.
 */
#ifndef MERIDIAN_DB_CHECK_PARTS_H
#define MERIDIAN_DB_CHECK_PARTS_H

#include "base/strmap.h"
#include "db/check.h"

struct check {
	const struct model *after;
	const struct changes *changes;
	const struct check_records *records;
	struct findings *findings;
	bool *blocked;
	struct strmap by_id[KIND_COUNT]; /* id -> struct change */
};

/* The change of (KIND, ID), or NULL. */
const struct change *check_find(const struct check *check, enum kind kind, const char *id);

/* A finding at SUFFIX ("/rules/0/pool", or "") of where CHANGE was written. */
void check_finding(const struct check *check, const struct change *change, const char *suffix,
		   const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Whatever an object names is there, and nothing that is named goes away. */
void check_references(const struct check *check);
/* What pools ask of each other and services of pools. */
void check_pools(const struct check *check);
/* What may stand beside what at one name of a zone. */
void check_names(const struct check *check);

#endif
