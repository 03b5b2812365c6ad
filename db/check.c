/* Knows what a complete check is made of. */
#include "db/check.h"

#include "base/mem.h"
#include "db/check_parts.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

const struct change *check_find(const struct check *check, enum kind kind, const char *id)
{
	return strmap_find(&check->by_id[kind], id);
}

void check_finding(const struct check *check, const struct change *change, const char *suffix,
		   const char *format, ...)
{
	va_list args;
	char *message, *pointer = NULL;
	va_start(args, format);
	if (vasprintf(&message, format, args) < 0)
		message = NULL;
	va_end(args);
	if (change->pointer != NULL)
		pointer = mem_printf("%s%s", change->pointer, suffix);
	findings_add(check->findings, pointer, "%s %s: %s", kind_name(change->kind), change->id,
		     message != NULL ? message : "is refused");
	free(message);
	free(pointer);
}

static void index_changes(struct check *check)
{
	for (size_t i = 0; i < check->changes->count; i++) {
		struct change *change = &check->changes->at[i];
		if (strmap_put(&check->by_id[change->kind], change->id, change) != NULL)
			check_finding(check, change, "", "stands here twice; leave one out");
	}
}

static bool touches_model(const struct changes *changes)
{
	for (size_t i = 0; i < changes->count; i++) {
		if (changes->at[i].kind != KIND_RRSET)
			return true;
	}
	return false;
}

void check_changes(const struct model *after, const struct changes *changes,
		   const struct check_records *records, struct findings *findings, bool *blocked)
{
	struct check check = {.after = after,
			      .changes = changes,
			      .records = records,
			      .findings = findings,
			      .blocked = blocked};
	*blocked = false;
	index_changes(&check);
	if (touches_model(changes)) {
		check_references(&check);
		check_pools(&check);
	}
	check_names(&check);
	for (unsigned kind = 0; kind < KIND_COUNT; kind++)
		strmap_fini(&check.by_id[kind]);
}
