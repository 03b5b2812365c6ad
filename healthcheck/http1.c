/* Knows where an HTTP/1.1 message begins and ends. */
#include "healthcheck/http1.h"

#include "base/mem.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { LENGTH_DIGITS_MAX = 18, CHUNK_DIGITS_MAX = 15 };

void http1_begin(struct http1 *http1, struct answer *answer, bool head_request)
{
	http1_fini(http1);
	*http1 = (struct http1){.answer = answer, .head_request = head_request};
	answer_begin(answer);
}

void http1_fini(struct http1 *http1)
{
	free(http1->line);
	http1->line = NULL;
	http1->line_len = 0;
}

/* The value of LINE where its field is NAME (lower case), else NULL; *LEN without blanks. */
static const char *value_of(const char *line, size_t line_len, const char *name, size_t *len)
{
	size_t name_len = strlen(name);
	if (line_len <= name_len || line[name_len] != ':' || strncasecmp(line, name, name_len) != 0)
		return NULL;
	const char *value = line + name_len + 1, *end = line + line_len;
	while (value < end && isspace((unsigned char)*value))
		value++;
	while (end > value && isspace((unsigned char)end[-1]))
		end--;
	*len = (size_t)(end - value);
	return value;
}

/* Whether the list VALUE holds TOKEN (lower case). */
static bool lists(const char *value, size_t len, const char *token)
{
	size_t token_len = strlen(token);
	for (size_t at = 0; at + token_len <= len; at++) {
		bool begins = at == 0 || value[at - 1] == ',' || value[at - 1] == ' ';
		bool ends = at + token_len == len || value[at + token_len] == ',' ||
			    value[at + token_len] == ' ';
		if (begins && ends && strncasecmp(value + at, token, token_len) == 0)
			return true;
	}
	return false;
}

/* RFC 9112 section 6.3: a length that is no number, or two that differ, cannot be recovered from.
 */
static bool take_length(struct http1 *http1, const char *value, size_t len)
{
	uint64_t length = 0;
	if (len == 0 || len > LENGTH_DIGITS_MAX)
		return false;
	for (size_t i = 0; i < len; i++) {
		if (!isdigit((unsigned char)value[i]))
			return false;
		length = 10 * length + (uint64_t)(value[i] - '0');
	}
	bool same = !http1->has_length || http1->left == length;
	http1->has_length = true;
	http1->left = length;
	return same;
}

static enum http1_result take_status_line(struct http1 *http1, const char *line, size_t len)
{
	http1->begun = true;
	http1->has_length = http1->chunked = false;
	http1->keep_alive = len > 8 && line[7] == '1';
	if (!answer_line(http1->answer, line, len))
		return HTTP1_HEAD_TOO_LONG;
	if (len >= 12 && memcmp(line, "HTTP/1.", 7) == 0 && http1->answer->status >= 100)
		return HTTP1_MORE;
	size_t shown = len < sizeof http1->begin - 1 ? len : sizeof http1->begin - 1;
	for (size_t i = 0; i < shown; i++)
		http1->begin[i] = line[i] >= ' ' && line[i] < 0x7f ? line[i] : '?';
	http1->begin[shown] = '\0';
	return HTTP1_NOT_HTTP;
}

/* The head is over: what follows? */
static enum http1_result end_head(struct http1 *http1)
{
	unsigned status = http1->answer->status;
	if (status < 200 && status != 101) { /* interim: the answer itself is yet to come */
		http1->begun = false;
		return HTTP1_MORE;
	}
	http1->may_keep_alive = http1->keep_alive;
	if (http1->head_request || status == 204 || status == 304 || status == 101)
		return HTTP1_DONE;
	if (http1->chunked) {
		http1->state = HTTP1_CHUNK_SIZE;
	} else if (http1->has_length) {
		http1->state = HTTP1_LENGTH;
		return http1->left > 0 ? HTTP1_MORE : HTTP1_DONE;
	} else {
		http1->state = HTTP1_UNTIL_CLOSE;
		http1->may_keep_alive = false;
	}
	return HTTP1_MORE;
}

static enum http1_result take_head_line(struct http1 *http1, const char *line, size_t len)
{
	size_t value_len;
	const char *value;
	if (!http1->begun)
		return take_status_line(http1, line, len);
	if (len == 0)
		return end_head(http1);
	if (!answer_line(http1->answer, line, len))
		return HTTP1_HEAD_TOO_LONG;
	if ((value = value_of(line, len, "content-length", &value_len)) != NULL)
		return take_length(http1, value, value_len) ? HTTP1_MORE : HTTP1_MALFORMED;
	if ((value = value_of(line, len, "transfer-encoding", &value_len)) != NULL)
		http1->chunked = lists(value, value_len, "chunked");
	else if ((value = value_of(line, len, "connection", &value_len)) != NULL)
		http1->keep_alive = http1->keep_alive && !lists(value, value_len, "close");
	return HTTP1_MORE;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)tolower((unsigned char)c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static enum http1_result take_chunk_size(struct http1 *http1, const char *line, size_t len)
{
	size_t digits = 0;
	http1->left = 0;
	while (digits < len && digits <= CHUNK_DIGITS_MAX && hex_digit(line[digits]) >= 0)
		http1->left = 16 * http1->left + (uint64_t)hex_digit(line[digits++]);
	if (digits == 0 || digits > CHUNK_DIGITS_MAX)
		return HTTP1_MALFORMED;
	http1->state = http1->left > 0 ? HTTP1_CHUNK : HTTP1_TRAILER;
	return HTTP1_MORE;
}

/* LINE is without its end. */
static enum http1_result take_line(struct http1 *http1, const char *line, size_t len)
{
	switch (http1->state) {
	case HTTP1_HEAD:
		return take_head_line(http1, line, len);
	case HTTP1_CHUNK_SIZE:
		return take_chunk_size(http1, line, len);
	case HTTP1_CHUNK_END:
		http1->state = HTTP1_CHUNK_SIZE;
		return len == 0 ? HTTP1_MORE : HTTP1_MALFORMED;
	case HTTP1_TRAILER:
		if (len == 0)
			return HTTP1_DONE;
		return answer_line(http1->answer, line, len) ? HTTP1_MORE : HTTP1_HEAD_TOO_LONG;
	case HTTP1_LENGTH:
	case HTTP1_CHUNK:
	case HTTP1_UNTIL_CLOSE:
		break;
	}
	return HTTP1_MALFORMED;
}

/* Takes octets up to a line's end, or keeps them until it comes. Returns how many. */
static size_t take_until_line_end(struct http1 *http1, const char *octets, size_t len,
				  enum http1_result *result)
{
	const char *end = memchr(octets, '\n', len);
	size_t taken = end != NULL ? (size_t)(end - octets) + 1 : len;
	const char *line = octets;
	size_t line_len = end != NULL ? taken - 1 : taken;
	if (end == NULL || http1->line != NULL) {
		if (http1->line_len + line_len > ANSWER_HEADERS_MAX) {
			*result = http1->begun ? HTTP1_HEAD_TOO_LONG : HTTP1_NOT_HTTP;
			return taken;
		}
		http1->line = mem_resize(http1->line, http1->line_len + line_len + 1, 1);
		memcpy(http1->line + http1->line_len, octets, line_len);
		http1->line_len += line_len;
		line = http1->line;
		line_len = http1->line_len;
	}
	*result = HTTP1_MORE;
	if (end == NULL)
		return taken;
	if (line_len > 0 && line[line_len - 1] == '\r')
		line_len--;
	*result = take_line(http1, line, line_len);
	http1_fini(http1);
	return taken;
}

static size_t take_body(struct http1 *http1, const char *octets, size_t len,
			enum http1_result *result)
{
	bool bounded = http1->state != HTTP1_UNTIL_CLOSE;
	size_t taken = bounded && http1->left < len ? (size_t)http1->left : len;
	*result = HTTP1_MORE;
	if (!answer_body(http1->answer, octets, taken)) {
		http1->may_keep_alive = false; /* the rest is never read */
		*result = HTTP1_DONE;
		return taken;
	}
	if (!bounded)
		return taken;
	http1->left -= taken;
	if (http1->left == 0 && http1->state == HTTP1_LENGTH)
		*result = HTTP1_DONE;
	else if (http1->left == 0)
		http1->state = HTTP1_CHUNK_END;
	return taken;
}

enum http1_result http1_take(struct http1 *http1, const char *octets, size_t len)
{
	enum http1_result result = HTTP1_MORE;
	while (len > 0 && result == HTTP1_MORE) {
		bool body = http1->state == HTTP1_LENGTH || http1->state == HTTP1_CHUNK ||
			    http1->state == HTTP1_UNTIL_CLOSE;
		size_t taken = body ? take_body(http1, octets, len, &result)
				    : take_until_line_end(http1, octets, len, &result);
		octets += taken;
		len -= taken;
	}
	/* More than the answer is nothing that another answer could follow. */
	if (result == HTTP1_DONE && len > 0)
		http1->may_keep_alive = false;
	return result;
}

enum http1_result http1_closed(const struct http1 *http1)
{
	return http1->state == HTTP1_UNTIL_CLOSE ? HTTP1_DONE : HTTP1_CUT;
}

bool http1_keeps_alive(const struct http1 *http1)
{
	return http1->may_keep_alive;
}
