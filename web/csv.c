/* Knows how a list becomes comma-separated text. */
#include "web/csv.h"

#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

bool csv_wanted(const struct request *request)
{
	const char *format = request_query(request, "format");
	if (format != NULL)
		return strcasecmp(format, "csv") == 0;
	const char *accept = request_header(request, "Accept");
	const char *csv = accept != NULL ? strcasestr(accept, "text/csv") : NULL;
	const char *json = accept != NULL ? strcasestr(accept, "application/json") : NULL;
	return csv != NULL && (json == NULL || csv < json);
}

/* RFC 4180 section 2: quotes around what holds a quote, a comma or a line end. */
static void put_text(FILE *out, const char *text, bool foreign)
{
	bool formula = foreign && text[0] != '\0' && strchr("=+-@\t\r", text[0]) != NULL;
	if (!formula && strpbrk(text, "\",\r\n") == NULL) {
		fputs(text, out);
		return;
	}
	fputs(formula ? "\"'" : "\"", out);
	for (; *text != '\0'; text++) {
		if (*text == '"')
			fputc('"', out);
		fputc(*text, out);
	}
	fputc('"', out);
}

static void put_value(FILE *out, const json_t *value, bool foreign)
{
	if (value == NULL || json_is_null(value))
		return;
	if (json_is_string(value)) {
		put_text(out, json_string_value(value), foreign);
		return;
	}
	char *text = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT | JSON_REAL_PRECISION(15));
	put_text(out, text != NULL ? text : "", false);
	free(text);
}

/* ROW: which element of a member that is an array. */
static void put_row(FILE *out, const json_t *item, const struct csv_column *columns, size_t row)
{
	for (size_t i = 0; columns[i].key != NULL; i++) {
		const json_t *value = json_object_get(item, columns[i].key);
		if (json_is_array(value))
			value = json_array_get(value, row);
		if (i > 0)
			fputc(',', out);
		put_value(out, value, columns[i].foreign);
	}
	fputs("\r\n", out);
}

static size_t rows_of(const json_t *item, const struct csv_column *columns)
{
	size_t rows = 1;
	for (; columns->key != NULL; columns++) {
		size_t elements = json_array_size(json_object_get(item, columns->key));
		rows = elements > rows ? elements : rows;
	}
	return rows;
}

struct response *csv_response(const json_t *items, const struct csv_column *columns)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);
	for (size_t i = 0; out != NULL && columns[i].key != NULL; i++)
		fprintf(out, "%s%s", i > 0 ? "," : "", columns[i].key);
	if (out != NULL)
		fputs("\r\n", out);
	for (size_t i = 0; out != NULL && i < json_array_size(items); i++) {
		const json_t *item = json_array_get(items, i);
		for (size_t row = 0; row < rows_of(item, columns); row++)
			put_row(out, item, columns, row);
	}
	if (out != NULL)
		fclose(out);
	return response_text(200, "text/csv; charset=utf-8; header=present",
			     text != NULL ? text : mem_strdup(""));
}
