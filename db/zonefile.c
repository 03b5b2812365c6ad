/* Knows the grammar of master files: what is a token, what continues a line, what an entry may
 * leave out. */
#include "db/zonefile.h"

#include "base/mem.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum token_kind { TOKEN_WORD, TOKEN_BLANK, TOKEN_END_OF_LINE, TOKEN_END };

struct reader {
	const char *text;
	size_t len, at;
	size_t line, line_start;
	unsigned depth; /* open parentheses */
	struct zonefile_error *error;
	bool failed;
	/* the last word */
	const char *word;
	size_t word_len;
	struct zonefile_place word_at;
	/* what entries inherit */
	char origin[ZONEFILE_NAME_MAX], owner[ZONEFILE_NAME_MAX];
	bool has_owner, has_default_ttl, has_last_ttl;
	uint32_t default_ttl, last_ttl;
	char *data;
	size_t data_len;
};

static bool fail(struct reader *reader, struct zonefile_place at, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static bool fail(struct reader *reader, struct zonefile_place at, const char *format, ...)
{
	va_list args;
	if (reader->failed)
		return false;
	reader->failed = true;
	reader->error->at = at;
	va_start(args, format);
	vsnprintf(reader->error->text, sizeof reader->error->text, format, args);
	va_end(args);
	return false;
}

#define FAIL_AT_WORD(reader, ...) fail(reader, (reader)->word_at, __VA_ARGS__)

static struct zonefile_place here(const struct reader *reader)
{
	return (struct zonefile_place){reader->line, reader->at - reader->line_start + 1};
}

static void next_line(struct reader *reader)
{
	reader->line++;
	reader->line_start = reader->at;
}

/* Passes over a backslash and the octet that it protects, which is no line end. */
static bool skip_escape(struct reader *reader)
{
	if (reader->at + 1 >= reader->len || reader->text[reader->at + 1] == '\n')
		return fail(reader, here(reader), "a \"\\\" with nothing behind it on its line");
	reader->at += 2;
	return true;
}

/* Passes over a quoted text; the first quote is at READER->at. */
static bool skip_quoted(struct reader *reader)
{
	struct zonefile_place opened = here(reader);
	reader->at++;
	while (reader->at < reader->len && reader->text[reader->at] != '\n') {
		char c = reader->text[reader->at];
		if (c == '\\' && !skip_escape(reader))
			return false;
		if (c == '"')
			return reader->at++, true;
		reader->at += c != '\\';
	}
	return fail(reader, opened, "the quoted text is not closed on its line");
}

static bool ends_word(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == ';' || c == '(' || c == ')';
}

static enum token_kind read_word(struct reader *reader)
{
	size_t start = reader->at;
	reader->word = reader->text + start;
	reader->word_at = here(reader);
	while (reader->at < reader->len && !ends_word(reader->text[reader->at])) {
		char c = reader->text[reader->at];
		if (c == '"' && !skip_quoted(reader))
			return TOKEN_END;
		if (c == '\\' && !skip_escape(reader))
			return TOKEN_END;
		reader->at += c != '"' && c != '\\';
	}
	reader->word_len = reader->at - start;
	return TOKEN_WORD;
}

/* A comment runs to the end of its line, which stays. */
static void skip_comment(struct reader *reader)
{
	const char *end = memchr(reader->text + reader->at, '\n', reader->len - reader->at);
	reader->at = end != NULL ? (size_t)(end - reader->text) : reader->len;
}

static bool take_parenthesis(struct reader *reader, char c)
{
	if (c == ')' && reader->depth == 0)
		return fail(reader, here(reader), "\")\" without \"(\"");
	reader->depth = c == '(' ? reader->depth + 1 : reader->depth - 1;
	reader->at++;
	return true;
}

/* The next token; blanks are told only where AT_START, for there they mean "the owner before". */
static enum token_kind next_token(struct reader *reader, bool at_start)
{
	while (reader->at < reader->len && !reader->failed) {
		char c = reader->text[reader->at];
		if (c == '\n') {
			reader->at++;
			next_line(reader);
			if (reader->depth == 0)
				return TOKEN_END_OF_LINE;
		} else if (c == ' ' || c == '\t' || c == '\r') {
			reader->at++;
			if (at_start)
				return TOKEN_BLANK;
		} else if (c == ';') {
			skip_comment(reader);
		} else if (c == '(' || c == ')') {
			if (!take_parenthesis(reader, c))
				return TOKEN_END;
		} else {
			return read_word(reader);
		}
	}
	if (reader->depth > 0)
		fail(reader, here(reader), "the file ends inside parentheses");
	return TOKEN_END;
}

static bool word_is(const struct reader *reader, const char *text)
{
	return strlen(text) == reader->word_len &&
	       strncasecmp(reader->word, text, reader->word_len) == 0;
}

/* How much of the word a sentence shows. */
static int shown_len(const struct reader *reader)
{
	return reader->word_len < 40 ? (int)reader->word_len : 40;
}

/* WORD "." ORIGIN; the caller has measured that they fit. */
static void join_name(char *name, const char *word, size_t len, const char *origin)
{
	memcpy(name, word, len);
	name[len] = '.';
	memcpy(name + len + 1, origin, strlen(origin) + 1);
}

/* The word as an absolute lower-case name without final dot. */
static bool take_name(struct reader *reader, char name[ZONEFILE_NAME_MAX])
{
	char absolute[ZONEFILE_NAME_MAX];
	size_t len = reader->word_len;
	bool escaped = len > 1 && reader->word[len - 2] == '\\';
	if (len + strlen(reader->origin) + 2 > sizeof absolute)
		return FAIL_AT_WORD(reader, "the name is longer than 255 octets");
	if (word_is(reader, "@"))
		snprintf(absolute, sizeof absolute, "%s", reader->origin);
	else if (word_is(reader, "."))
		snprintf(absolute, sizeof absolute, ".");
	else if (reader->word[len - 1] == '.' && !escaped)
		snprintf(absolute, sizeof absolute, "%.*s", (int)len - 1, reader->word);
	else if (strcmp(reader->origin, ".") == 0)
		snprintf(absolute, sizeof absolute, "%.*s", (int)len, reader->word);
	else
		join_name(absolute, reader->word, len, reader->origin);
	for (char *c = absolute; *c != '\0'; c++)
		*c = (char)tolower((unsigned char)*c);
	memcpy(name, absolute, strlen(absolute) + 1);
	return true;
}

bool zonefile_ttl_parse(const char *text, uint32_t *ttl)
{
	uint64_t total = 0;
	if (*text == '\0')
		return false;
	while (*text != '\0') {
		uint64_t number = 0, unit = 1;
		size_t digits = strspn(text, "0123456789");
		if (digits == 0 || digits > 10)
			return false;
		for (; digits > 0; digits--, text++)
			number = number * 10 + (uint64_t)(*text - '0');
		switch (tolower((unsigned char)*text)) {
		case 'w':
			unit = 604800;
			break;
		case 'd':
			unit = 86400;
			break;
		case 'h':
			unit = 3600;
			break;
		case 'm':
			unit = 60;
			break;
		case 's':
		case '\0':
			break;
		default:
			return false;
		}
		text += *text != '\0';
		total += number * unit;
		if (total > INT32_MAX)
			return false;
	}
	*ttl = (uint32_t)total;
	return true;
}

static bool word_ttl(const struct reader *reader, uint32_t *ttl)
{
	char text[32];
	if (reader->word_len >= sizeof text || !isdigit((unsigned char)reader->word[0]))
		return false;
	memcpy(text, reader->word, reader->word_len);
	text[reader->word_len] = '\0';
	return zonefile_ttl_parse(text, ttl);
}

static bool end_directive(struct reader *reader, const char *name)
{
	enum token_kind kind = next_token(reader, false);
	if (kind == TOKEN_WORD)
		return FAIL_AT_WORD(reader, "%s takes one value", name);
	return !reader->failed;
}

static bool read_directive(struct reader *reader)
{
	if (word_is(reader, "$INCLUDE") || word_is(reader, "$GENERATE"))
		return FAIL_AT_WORD(reader,
				    "%.*s is not taken; put the records themselves into the file",
				    (int)reader->word_len, reader->word);
	bool is_origin = word_is(reader, "$ORIGIN");
	if (!is_origin && !word_is(reader, "$TTL"))
		return FAIL_AT_WORD(reader, "there is no directive %.*s", shown_len(reader),
				    reader->word);
	if (next_token(reader, false) != TOKEN_WORD)
		return fail(reader, here(reader), "the directive's value is missing");
	if (is_origin)
		return take_name(reader, reader->origin) && end_directive(reader, "$ORIGIN");
	if (!word_ttl(reader, &reader->default_ttl))
		return FAIL_AT_WORD(reader, "\"%.*s\" is not a TTL", shown_len(reader),
				    reader->word);
	reader->has_default_ttl = true;
	return end_directive(reader, "$TTL");
}

/* Appends the word, one blank before it unless it is the first. */
static bool append_data(struct reader *reader)
{
	size_t blank = reader->data_len > 0;
	if (reader->data_len + blank + reader->word_len + 1 > ZONEFILE_DATA_MAX)
		return FAIL_AT_WORD(reader, "the record's data are longer than %d octets",
				    ZONEFILE_DATA_MAX);
	if (blank)
		reader->data[reader->data_len++] = ' ';
	memcpy(reader->data + reader->data_len, reader->word, reader->word_len);
	reader->data_len += reader->word_len;
	reader->data[reader->data_len] = '\0';
	return true;
}

/* RFC 3597 section 5: CLASS1 is another name of IN. */
static bool word_is_class_in(const struct reader *reader)
{
	return word_is(reader, "IN") || word_is(reader, "CLASS1");
}

/* The word that stands where a type, or what may be before it, is to be. */
static bool take_type(struct reader *reader, struct zonefile_entry *entry, char type[32])
{
	if (word_is(reader, "CH") || word_is(reader, "HS") || word_is(reader, "CS") ||
	    (reader->word_len > 5 && strncasecmp(reader->word, "CLASS", 5) == 0))
		return FAIL_AT_WORD(reader, "only records of class IN are served");
	if (word_is_class_in(reader))
		return FAIL_AT_WORD(reader, "the class stands here a second time");
	if (isdigit((unsigned char)reader->word[0]))
		return FAIL_AT_WORD(reader,
				    "\"%.*s\" stands where a type must, and is no TTL, or the "
				    "second; a TTL is at most 2147483647 seconds, as in 3600 or "
				    "1h30m",
				    shown_len(reader), reader->word);
	if (reader->word_len >= 32)
		return FAIL_AT_WORD(reader, "this is not a record type");
	memcpy(type, reader->word, reader->word_len);
	type[reader->word_len] = '\0';
	entry->type = type;
	entry->type_at = reader->word_at;
	return true;
}

/* Reads TTL and class, in either order, up to the type, which becomes TYPE; the first word is there
 * already. */
static bool read_to_type(struct reader *reader, struct zonefile_entry *entry, char type[32])
{
	bool has_class = false;
	do {
		if (!entry->has_ttl && word_ttl(reader, &entry->ttl))
			entry->has_ttl = true;
		else if (!has_class && word_is_class_in(reader))
			has_class = true;
		else
			return take_type(reader, entry, type);
	} while (next_token(reader, false) == TOKEN_WORD);
	return fail(reader, entry->at, "the record's type is missing");
}

static bool read_data(struct reader *reader, struct zonefile_entry *entry)
{
	reader->data_len = 0;
	reader->data[0] = '\0';
	entry->data = reader->data;
	entry->data_at = here(reader);
	while (next_token(reader, false) == TOKEN_WORD) {
		if (reader->data_len == 0)
			entry->data_at = reader->word_at;
		if (!append_data(reader))
			return false;
	}
	return !reader->failed;
}

/* What the entry leaves out: the TTL of $TTL (RFC 2308 section 4), or the last stated one (RFC 1035
 * section 5.1). */
static void inherit_ttl(struct reader *reader, struct zonefile_entry *entry)
{
	if (entry->has_ttl) {
		reader->last_ttl = entry->ttl;
		reader->has_last_ttl = true;
	} else if (reader->has_default_ttl) {
		entry->ttl = reader->default_ttl;
		entry->has_ttl = true;
	} else if (reader->has_last_ttl) {
		entry->ttl = reader->last_ttl;
		entry->has_ttl = true;
	}
}

/* An entry from the word behind its owner on. */
static bool read_entry(struct reader *reader, zonefile_visit *visit, void *context,
		       struct zonefile_place at)
{
	char type[32];
	struct zonefile_entry entry = {.owner = reader->owner, .origin = reader->origin, .at = at};
	if (!read_to_type(reader, &entry, type) || !read_data(reader, &entry))
		return false;
	inherit_ttl(reader, &entry);
	if (!visit(context, &entry, reader->error))
		reader->failed = true;
	return !reader->failed;
}

static bool read_owner(struct reader *reader, zonefile_visit *visit, void *context)
{
	struct zonefile_place at = reader->word_at;
	reader->has_owner = take_name(reader, reader->owner);
	if (!reader->has_owner)
		return false;
	if (next_token(reader, false) != TOKEN_WORD)
		return fail(reader, at, "the record's type is missing");
	return read_entry(reader, visit, context, at);
}

/* One line with what continues it. False at the end of the text or after a failure. */
static bool read_line(struct reader *reader, zonefile_visit *visit, void *context)
{
	struct zonefile_place at = here(reader);
	switch (next_token(reader, true)) {
	case TOKEN_WORD:
		return reader->word[0] == '$' ? read_directive(reader)
					      : read_owner(reader, visit, context);
	case TOKEN_END_OF_LINE:
		return true;
	case TOKEN_BLANK: /* the owner before, or nothing at all */
		break;
	case TOKEN_END:
		return false;
	}
	enum token_kind kind = next_token(reader, false);
	if (kind != TOKEN_WORD)
		return kind == TOKEN_END_OF_LINE;
	if (!reader->has_owner)
		return fail(reader, at, "the first record has no owner name");
	return read_entry(reader, visit, context, at);
}

/* A zero octet would end every text that holds it before its end. */
static bool is_text(struct reader *reader)
{
	const char *zero = memchr(reader->text, '\0', reader->len);
	struct zonefile_place at = {1, 1};
	for (const char *c = reader->text; zero != NULL && c < zero; c++) {
		at.line += *c == '\n';
		at.column = *c == '\n' ? 1 : at.column + 1;
	}
	return zero == NULL || fail(reader, at, "a zero octet; this is not a text file");
}

bool zonefile_read(const char *text, size_t len, const char *origin, zonefile_visit *visit,
		   void *context, struct zonefile_error *error)
{
	struct reader *reader = mem_new(struct reader);
	*error = (struct zonefile_error){0};
	/* The mark that some editors put before UTF-8 is no part of the text. */
	size_t mark = len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
	reader->text = text + mark;
	reader->len = len - mark;
	reader->line = 1;
	reader->error = error;
	reader->data = mem_array(ZONEFILE_DATA_MAX, 1);
	snprintf(reader->origin, sizeof reader->origin, "%s", origin);
	if (is_text(reader)) {
		while (read_line(reader, visit, context))
			continue;
	}
	bool good = !reader->failed;
	free(reader->data);
	free(reader);
	return good;
}
