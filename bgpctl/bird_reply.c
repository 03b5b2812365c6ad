/* Knows how BIRD's control protocol is cut into lines and lines into replies. */
#include "bgpctl/bird_reply.h"

#include "base/mem.h"

#include <assert.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

void bird_reply_fini(struct bird_reply *reply)
{
	free(reply->text);
	free(reply->lines);
	memset(reply, 0, sizeof *reply);
}

void bird_reply_reset(struct bird_reply *reply)
{
	reply->text_len = 0;
	reply->count = 0;
	reply->code = 0;
	reply->complete = false;
	reply->partial_len = 0;
}

static bool add_line(struct bird_reply *reply, uint16_t code, const char *text, size_t len)
{
	if (reply->text_len + len + 1 > BIRD_REPLY_MAX)
		return false;
	if (reply->text_len + len + 1 > reply->text_capacity) {
		reply->text_capacity = 2 * reply->text_capacity + BIRD_LINE_MAX;
		reply->text = mem_resize(reply->text, reply->text_capacity, 1);
	}
	if (reply->count == reply->capacity) {
		reply->capacity = 2 * reply->capacity + 16;
		reply->lines = mem_resize(reply->lines, reply->capacity, sizeof *reply->lines);
	}
	reply->lines[reply->count++] =
		(struct bird_line){.code = code, .at = (uint32_t)reply->text_len};
	memcpy(reply->text + reply->text_len, text, len);
	reply->text[reply->text_len + len] = '\0';
	reply->text_len += len + 1;
	return true;
}

static bool has_code(const char *line, size_t len)
{
	if (len < 5 || (line[4] != ' ' && line[4] != '-'))
		return false;
	for (size_t i = 0; i < 4; i++)
		if (!isdigit((unsigned char)line[i]))
			return false;
	return true;
}

static enum bird_feed take_line(struct bird_reply *reply)
{
	const char *line = reply->partial;
	size_t len = reply->partial_len;
	reply->partial_len = 0;
	if (len > 0 && line[0] == '+')
		return BIRD_FEED_MORE;
	if (len > 0 && line[0] == ' ' && reply->count > 0) {
		uint16_t code = reply->lines[reply->count - 1].code;
		return add_line(reply, code, line + 1, len - 1) ? BIRD_FEED_MORE
								: BIRD_FEED_MALFORMED;
	}
	if (!has_code(line, len))
		return BIRD_FEED_MALFORMED;
	uint16_t code = (uint16_t)((line[0] - '0') * 1000 + (line[1] - '0') * 100 +
				   (line[2] - '0') * 10 + (line[3] - '0'));
	if (!add_line(reply, code, line + 5, len - 5))
		return BIRD_FEED_MALFORMED;
	if (line[4] == '-')
		return BIRD_FEED_MORE;
	reply->code = code;
	reply->complete = true;
	return BIRD_FEED_COMPLETE;
}

enum bird_feed bird_reply_feed(struct bird_reply *reply, const char *octets, size_t len,
			       size_t *used)
{
	*used = 0;
	while (*used < len) {
		char octet = octets[(*used)++];
		if (octet == '\n') {
			enum bird_feed result = take_line(reply);
			if (result != BIRD_FEED_MORE)
				return result;
			continue;
		}
		if (octet == '\0' || reply->partial_len == sizeof reply->partial)
			return BIRD_FEED_MALFORMED;
		reply->partial[reply->partial_len++] = octet;
	}
	return BIRD_FEED_MORE;
}

const char *bird_reply_text(const struct bird_reply *reply, size_t i)
{
	assert(i < reply->count);
	return reply->text + reply->lines[i].at;
}

const char *bird_reply_last(const struct bird_reply *reply)
{
	return reply->count > 0 ? bird_reply_text(reply, reply->count - 1) : "";
}
