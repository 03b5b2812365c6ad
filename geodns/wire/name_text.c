/* Knows how a name is written by people: dots, and the escapes for what is not plain. */
#include "geodns/wire/name_text.h"

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Reads one octet of a label at *TEXT and moves behind it. False where an escape is bad. */
static bool read_octet(const char **text, uint8_t *octet)
{
	const char *at = *text;
	if (at[0] != '\\') {
		*octet = (uint8_t)at[0];
		*text = at + 1;
		return true;
	}
	if (is_digit(at[1])) { /* RFC 1035 section 5.1: \DDD */
		if (!is_digit(at[2]) || !is_digit(at[3]))
			return false;
		int value = (at[1] - '0') * 100 + (at[2] - '0') * 10 + (at[3] - '0');
		*octet = (uint8_t)value;
		*text = at + 4;
		return value <= 255;
	}
	*octet = (uint8_t)at[1];
	*text = at + 2;
	return at[1] != '\0';
}

/* Reads the label at *TEXT up to a dot or the end, and writes it at NAME[LEN]. Returns the new
 * length, or 0. */
static size_t read_label(const char **text, uint8_t name[NAME_WIRE_MAX], size_t len)
{
	size_t start = len++;
	while (**text != '\0' && **text != '.') {
		uint8_t octet;
		/* One octet stays free for the root. */
		if (len - start > NAME_LABEL_MAX || len >= NAME_WIRE_MAX - 1 ||
		    !read_octet(text, &octet))
			return 0;
		name[len++] = octet;
	}
	if (len == start + 1)
		return 0;
	name[start] = (uint8_t)(len - start - 1);
	return len;
}

/* Reads the labels of TEXT without the root. *ABSOLUTE: a final dot was there. Returns 0 where it
 * is no name. */
static size_t read_labels(const char *text, uint8_t name[NAME_WIRE_MAX], bool *absolute)
{
	size_t len = 0;
	*absolute = false;
	while (*text != '\0') {
		if (len >= NAME_WIRE_MAX - 1)
			return 0;
		len = read_label(&text, name, len);
		if (len == 0)
			return 0;
		*absolute = *text == '.';
		if (*absolute)
			text++;
	}
	return len;
}

size_t name_text_parse(const char *text, uint8_t name[NAME_WIRE_MAX])
{
	static const uint8_t root[1] = {0};
	return name_text_parse_below(text, root, name);
}

size_t name_text_parse_below(const char *text, const uint8_t *origin, uint8_t name[NAME_WIRE_MAX])
{
	size_t origin_len = name_len(origin);
	if (strcmp(text, ".") == 0) {
		name[0] = 0;
		return 1;
	}
	if (strcmp(text, "@") == 0 && origin_len > 1) {
		memcpy(name, origin, origin_len);
		return origin_len;
	}
	bool absolute;
	size_t len = read_labels(text, name, &absolute);
	if (len == 0)
		return 0;
	if (absolute) {
		name[len] = 0;
		return len + 1;
	}
	if (len + origin_len > NAME_WIRE_MAX)
		return 0;
	memcpy(name + len, origin, origin_len);
	return len + origin_len;
}

/* Writes OCTET as text and returns where the next goes. */
static char *write_octet(char *to, uint8_t octet)
{
	if (octet <= 0x20 || octet >= 0x7f) {
		*to++ = '\\';
		*to++ = (char)('0' + octet / 100);
		*to++ = (char)('0' + octet / 10 % 10);
		*to++ = (char)('0' + octet % 10);
		return to;
	}
	/* What a master file would read as something else (RFC 1035 section 5.1). */
	if (strchr(".\\\"();@$", octet) != NULL)
		*to++ = '\\';
	*to++ = (char)octet;
	return to;
}

void name_text_format(const uint8_t *name, char text[NAME_TEXT_MAX])
{
	char *to = text;
	if (*name == 0)
		*to++ = '.';
	while (*name != 0) {
		uint8_t len = *name++;
		for (uint8_t i = 0; i < len; i++)
			to = write_octet(to, name[i]);
		name += len;
		*to++ = '.';
	}
	*to = '\0';
}
