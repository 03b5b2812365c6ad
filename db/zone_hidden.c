/* Knows which records of a zone file lie where the zone does not speak: below its cuts and DNAMEs.
 */
#include "base/mem.h"
#include "db/rdata.h"
#include "db/zone_records.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TYPE_A = 1, TYPE_NS = 2, TYPE_AAAA = 28, TYPE_DNAME = 39, TYPE_DS = 43, SHOWN_MAX = 5 };

/* The name above NAME, "@" at last; NULL above that. */
static const char *name_above(const char *name)
{
	if (strcmp(name, "@") == 0)
		return NULL;
	for (; *name != '\0' && *name != '.'; name++)
		name += *name == '\\' && name[1] != '\0';
	return *name == '.' ? name + 1 : "@";
}

static bool has(const struct zone_records *records, const char *name, const char *type)
{
	char key[DNS_NAME_TEXT_MAX + 16];
	snprintf(key, sizeof key, "%s/%s", name, type);
	return strmap_find(&records->sets, key) != NULL;
}

/* The name of the cut or DNAME that hides SET; NULL where it is seen. */
static const char *hidden_by(const struct zone_records *records, const struct record_set *set)
{
	bool glue = set->type == TYPE_A || set->type == TYPE_AAAA;
	bool of_cut = set->type == TYPE_NS || set->type == TYPE_DS;
	if (!of_cut && strcmp(set->name, "@") != 0 && has(records, set->name, "NS"))
		return set->name;
	for (const char *above = name_above(set->name); above != NULL; above = name_above(above)) {
		if (has(records, above, "DNAME"))
			return above;
		if (!glue && strcmp(above, "@") != 0 && has(records, above, "NS"))
			return above;
	}
	return NULL;
}

static bool may_hide(const struct zone_records *records)
{
	for (const struct record_set *set = records->first; set != NULL; set = set->next) {
		if (set->type == TYPE_DNAME ||
		    (set->type == TYPE_NS && strcmp(set->name, "@") != 0))
			return true;
	}
	return false;
}

static void remark(const struct zone_source *source, char *sentence)
{
	source->remark(source->context, sentence);
	free(sentence);
}

static void remark_hidden(const struct zone_source *source, const struct record_set *set,
			  const char *above)
{
	char type[16];
	rdata_type_format(set->type, type);
	remark(source, mem_printf("line %zu: %s %s is never answered with: it lies below %s",
				  set->line, set->name, type, above));
}

void zone_records_tell_hidden(const struct zone_records *records)
{
	const struct zone_source *source = records->source;
	size_t count = 0;
	if (source->remark == NULL || !may_hide(records))
		return;
	for (const struct record_set *set = records->first; set != NULL; set = set->next) {
		const char *above = hidden_by(records, set);
		if (above != NULL && ++count <= SHOWN_MAX)
			remark_hidden(source, set, above);
	}
	if (count > SHOWN_MAX)
		remark(source, mem_printf("and %zu more such record sets", count - SHOWN_MAX));
}
