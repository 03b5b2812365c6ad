/* Any octets as a zone file: places lie in order and within the text, an entry written out on one
 * line reads as the same entry, and data that is taken stays the same through its text. */
#include "db/rdata.h"
#include "db/zonefile.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ENTRIES_MAX = 20 }; /* each is read again, which costs more than the reading */

struct seen {
	struct zonefile_place last;
	const struct zonefile_entry *wanted;
	unsigned count;
};

static bool stands_before(struct zonefile_place a, struct zonefile_place b)
{
	return a.line < b.line || (a.line == b.line && a.column <= b.column);
}

static bool take_again(void *context, const struct zonefile_entry *entry,
		       struct zonefile_error *error)
{
	struct seen *seen = context;
	const struct zonefile_entry *wanted = seen->wanted;
	(void)error;
	assert(seen->count++ == 0);
	assert(strcmp(entry->owner, wanted->owner) == 0 && strcmp(entry->type, wanted->type) == 0);
	assert(strcmp(entry->data, wanted->data) == 0 && entry->has_ttl);
	assert(entry->ttl == (wanted->has_ttl ? wanted->ttl : 60));
	return true;
}

static void read_again(const struct zonefile_entry *entry)
{
	struct seen seen = {.wanted = entry};
	struct zonefile_error error;
	size_t size = strlen(entry->owner) + strlen(entry->data) + 64;
	char *line = malloc(size);
	assert(line != NULL);
	const char *dot = strcmp(entry->owner, ".") == 0 ? "" : ".";
	/* Not on the first line: an owner may begin with octets that are a mark before a text. */
	int len = snprintf(line, size, "\n%s%s\t%u\tIN\t%s\t%s\n", entry->owner, dot,
			   entry->has_ttl ? (unsigned)entry->ttl : 60U, entry->type, entry->data);
	/* An owner that begins like a directive is one. */
	if (line[1] != '$')
		assert(zonefile_read(line, (size_t)len, entry->origin, take_again, &seen, &error) &&
		       seen.count == 1);
	free(line);
}

static void check_data(const struct zonefile_entry *entry)
{
	static uint8_t wire[65535], again[65535];
	struct error why = {0};
	uint16_t type;
	size_t len, again_len;
	if (!rdata_type_parse(entry->type, &type))
		return;
	if (!rdata_parse(type, entry->data, entry->origin, wire, &len, &why)) {
		assert(why.text[0] != '\0');
		return;
	}
	char *text = rdata_format(type, wire, len);
	assert(text != NULL);
	assert(rdata_parse(type, text, ".", again, &again_len, &why));
	assert(again_len == len && memcmp(wire, again, len) == 0);
	free(text);
}

static bool take(void *context, const struct zonefile_entry *entry, struct zonefile_error *error)
{
	struct seen *seen = context;
	(void)error;
	assert(stands_before(seen->last, entry->at) && stands_before(entry->at, entry->type_at) &&
	       stands_before(entry->type_at, entry->data_at));
	assert(entry->owner[0] != '\0' && entry->type[0] != '\0');
	seen->last = entry->data_at;
	if (++seen->count > ENTRIES_MAX)
		return false;
	read_again(entry);
	check_data(entry);
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct seen seen = {.last = {1, 1}};
	struct zonefile_error error;
	bool good = zonefile_read((const char *)data, size, "example.com", take, &seen, &error);
	if (!good && seen.count <= ENTRIES_MAX)
		assert(error.text[0] != '\0' && error.at.line >= 1 && error.at.column >= 1);
	return 0;
}
