/* Knows how results look on a terminal. */
#include "cli/print.h"

#include "base/mem.h"
#include "base/wall.h"
#include "db/codec.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void table_init(struct table *table, size_t columns, const char *const *heads)
{
	*table = (struct table){.columns = columns};
	for (size_t i = 0; i < columns; i++)
		table_cell(table, heads[i]);
}

/* What came from a probe or a packet is hostile text: nothing of it may move a cursor. */
static char *printable_copy(const char *text)
{
	char *copy = mem_strdup(text != NULL && *text != '\0' ? text : "-");
	for (char *c = copy; *c != '\0'; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			*c = '?';
	return copy;
}

void table_cell(struct table *table, const char *text)
{
	if ((table->count & (table->count + 1)) == 0)
		table->cells = mem_resize(table->cells, 2 * table->count + 2, sizeof *table->cells);
	table->cells[table->count++] = printable_copy(text);
}

/* Columns are counted in characters, not octets: UTF-8 continuation octets have no width. */
static int width_of(const char *text)
{
	int width = 0;
	for (; *text != '\0'; text++)
		width += ((unsigned char)*text & 0xc0) != 0x80;
	return width;
}

void table_print(struct table *table)
{
	int widths[TABLE_COLUMNS_MAX] = {0};
	for (size_t i = 0; i < table->count; i++) {
		int width = width_of(table->cells[i]);
		if (width > widths[i % table->columns])
			widths[i % table->columns] = width;
	}
	for (size_t i = 0; i < table->count; i++) {
		size_t column = i % table->columns;
		bool last = column + 1 == table->columns;
		int pad = last ? 0 : widths[column] - width_of(table->cells[i]) + 2;
		printf("%s%*s%s", table->cells[i], pad, "", last ? "\n" : "");
		free(table->cells[i]);
	}
	free(table->cells);
	*table = (struct table){0};
}

void print_findings(const char *file, const struct findings *findings)
{
	for (size_t i = 0; i < findings->count; i++)
		fprintf(stderr, "%s#%s: %s\n", file, findings->at[i].pointer,
			findings->at[i].message);
	if (findings->dropped > 0)
		fprintf(stderr, "%s: and %zu more\n", file, findings->dropped);
}

static void print_member(char sign, const char *key, const json_t *value)
{
	char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
	printf("    %c %s: %.400s\n", sign, key, text);
	free(text);
}

static void print_differences(const struct object *before, const struct object *after)
{
	json_t *old = codec_encode(before), *new = codec_encode(after), *value;
	const char *key;
	json_object_foreach(old, key, value)
	{
		if (!json_equal(value, json_object_get(new, key)))
			print_member('-', key, value);
	}
	json_object_foreach(new, key, value)
	{
		if (!json_equal(value, json_object_get(old, key)))
			print_member('+', key, value);
	}
	json_decref(old);
	json_decref(new);
}

void print_changes(const struct changes *changes)
{
	for (size_t i = 0; i < changes->count; i++) {
		const struct change *change = &changes->at[i];
		char sign = change->before == NULL ? '+' : change->after == NULL ? '-' : '~';
		printf("%c %s %s\n", sign, kind_name(change->kind), change->id);
		if (sign == '~')
			print_differences(change->before, change->after);
	}
}

void print_json(const json_t *json)
{
	char *text = json_dumps(json, JSON_INDENT(2) | CODEC_DUMP_FLAGS);
	puts(text);
	free(text);
}

const char *member_text(const json_t *object, const char *key)
{
	static char texts[4][1024];
	static unsigned turn;
	const json_t *value = json_object_get(object, key);
	char *text = texts[turn++ % 4];
	if (value == NULL || json_is_null(value))
		return "";
	if (json_is_string(value)) {
		snprintf(text, sizeof texts[0], "%s", json_string_value(value));
		return text;
	}
	char *dumped = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(6));
	snprintf(text, sizeof texts[0], "%s", dumped);
	free(dumped);
	return text;
}

const char *ago_text(const char *rfc3339, int64_t now_ms)
{
	static char texts[4][32];
	static unsigned turn;
	static const struct {
		int64_t ms;
		const char *unit;
	} units[] = {{86400000, "d"}, {3600000, "h"}, {60000, "min"}, {1000, "s"}};
	char *text = texts[turn++ % 4];
	int64_t then_ms;
	if (!wall_parse(rfc3339, &then_ms))
		return "";
	if (then_ms > now_ms)
		then_ms = now_ms; /* the clock was set back */
	for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
		if (now_ms - then_ms >= units[i].ms || i + 1 == sizeof units / sizeof *units) {
			snprintf(text, sizeof texts[0], "%lld %s ago",
				 (long long)((now_ms - then_ms) / units[i].ms), units[i].unit);
			break;
		}
	}
	return text;
}
