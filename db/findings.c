/* Knows that a text quoted from a user may be anything, and that a list of findings has an end. */
#include "base/mem.h"
#include "db/codec.h"
#include "db/jread.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The length of the UTF-8 sequence at TEXT (RFC 3629), 0 where there is none. */
static size_t utf8_len(const unsigned char *text)
{
	size_t len = text[0] < 0x80			  ? 1
		     : text[0] >= 0xc2 && text[0] <= 0xdf ? 2
		     : text[0] >= 0xe0 && text[0] <= 0xef ? 3
		     : text[0] >= 0xf0 && text[0] <= 0xf4 ? 4
							  : 0;
	for (size_t i = 1; i < len; i++) {
		if ((text[i] & 0xc0) != 0x80)
			return 0;
	}
	if ((text[0] == 0xe0 && text[1] < 0xa0) || (text[0] == 0xed && text[1] > 0x9f) ||
	    (text[0] == 0xf0 && text[1] < 0x90) || (text[0] == 0xf4 && text[1] > 0x8f))
		return 0;
	return len;
}

/* Makes TEXT fit for a terminal and for JSON: no control characters, no broken UTF-8 (a quotation
 * may have been cut in the middle of a character). */
static void clean(char *text)
{
	unsigned char *at = (unsigned char *)text;
	while (*at != '\0') {
		size_t len = utf8_len(at);
		if (len == 0 || *at < ' ' || *at == 0x7f) {
			*at = '?';
			len = 1;
		}
		at += len;
	}
}

static char *format_heap(const char *format, va_list args)
{
	char *text = NULL;
	if (vasprintf(&text, format, args) < 0)
		return mem_strdup("is refused");
	clean(text);
	return text;
}

void findings_add(struct findings *findings, const char *pointer, const char *format, ...)
{
	if (findings->count == FINDINGS_MAX) {
		findings->dropped++;
		return;
	}
	struct finding *finding = &findings->at[findings->count++];
	va_list args;
	va_start(args, format);
	finding->message = format_heap(format, args);
	va_end(args);
	finding->pointer = mem_strdup(pointer != NULL ? pointer : "");
	finding->confirm = NULL;
}

void findings_ask(struct findings *findings, const char *id)
{
	if (findings->dropped > 0 || findings->count == 0)
		return;
	struct finding *finding = &findings->at[findings->count - 1];
	free(finding->confirm);
	finding->confirm = mem_strdup(id);
}

void jpath_finding(const struct jpath *path, struct findings *findings, const char *format, ...)
{
	if (findings->count == FINDINGS_MAX) {
		findings->dropped++;
		return;
	}
	struct finding *finding = &findings->at[findings->count++];
	va_list args;
	va_start(args, format);
	finding->message = format_heap(format, args);
	va_end(args);
	finding->pointer = jpath_text(path);
	finding->confirm = NULL;
}

size_t findings_total(const struct findings *findings)
{
	return findings->count + findings->dropped;
}

void findings_fini(struct findings *findings)
{
	for (size_t i = 0; i < findings->count; i++) {
		free(findings->at[i].pointer);
		free(findings->at[i].message);
		free(findings->at[i].confirm);
	}
	findings->count = 0;
	findings->dropped = 0;
}

json_t *findings_json(const struct findings *findings)
{
	json_t *list = json_array();
	for (size_t i = 0; i < findings->count; i++)
		json_array_append_new(list, json_pack("{s:s, s:s, s:s*}", "pointer",
						      findings->at[i].pointer, "message",
						      findings->at[i].message, "confirm",
						      findings->at[i].confirm));
	return list;
}
