/* Knows the letter rules of names, ours and the DNS's. */
#include "db/names.h"

#include "base/addr.h"

#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static bool is_lower_alnum(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

bool name_valid(const char *text)
{
	size_t len = strlen(text);
	if (len < 1 || len > 63 || !is_lower_alnum(text[0]))
		return false;
	return strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789._-") == len;
}

/* One octet of a label from presentation form (RFC 1035 section 5.1); NULL where an escape is
 * broken. */
static const char *take_octet(const char *text, uint8_t *octet)
{
	if (*text != '\\') {
		*octet = (uint8_t)*text;
		return text + 1;
	}
	if (!isdigit((unsigned char)text[1])) {
		*octet = (uint8_t)text[1];
		return text[1] != '\0' ? text + 2 : NULL;
	}
	if (!isdigit((unsigned char)text[2]) || !isdigit((unsigned char)text[3]))
		return NULL;
	int value = (text[1] - '0') * 100 + (text[2] - '0') * 10 + (text[3] - '0');
	*octet = (uint8_t)value;
	return value <= 255 ? text + 4 : NULL;
}

/* Writes OCTET as canonical text and returns the octets used, at most 4. */
static size_t put_octet(char *out, uint8_t octet)
{
	octet = (uint8_t)(octet >= 'A' && octet <= 'Z' ? octet + 32 : octet);
	if (octet <= ' ' || octet >= 127) {
		static const char digits[] = "0123456789";
		out[0] = '\\';
		out[1] = digits[octet / 100];
		out[2] = digits[octet / 10 % 10];
		out[3] = digits[octet % 10];
		return 4;
	}
	size_t used = 0;
	if (strchr(".\\\"();@$", octet) != NULL)
		out[used++] = '\\';
	out[used++] = (char)octet;
	return used;
}

const char *dns_name_canonical(const char *text, char out[DNS_NAME_TEXT_MAX])
{
	size_t used = 0, label = 0, wire = 1; /* the root's octet */
	if (strcmp(text, ".") == 0) {
		memcpy(out, ".", 2);
		return NULL;
	}
	if (*text == '\0')
		return "is empty";
	while (*text != '\0') {
		uint8_t octet;
		if (*text == '.') {
			if (label == 0)
				return "has an empty label";
			label = 0;
			if (*++text != '\0')
				out[used++] = '.';
			continue;
		}
		if ((unsigned char)*text <= ' ' || (unsigned char)*text >= 127)
			return "holds a blank or a character outside ASCII; write international "
			       "names in Punycode (xn--...)";
		text = take_octet(text, &octet);
		if (text == NULL)
			return "has a broken \\ escape";
		wire += label == 0 ? 2 : 1;
		if (++label > 63)
			return "has a label longer than 63 octets";
		if (wire > 255)
			return "is longer than 255 octets";
		used += put_octet(out + used, octet);
	}
	out[used] = '\0';
	return NULL;
}

bool dns_name_within(const char *name, const char *zone, size_t *prefix_len)
{
	size_t name_len = strlen(name), zone_len = strlen(zone), rest = 0;
	bool root = strcmp(zone, ".") == 0;
	if (strcmp(name, zone) == 0)
		rest = 0;
	else if (root)
		rest = name_len;
	else if (name_len > zone_len + 1 && strcmp(name + name_len - zone_len, zone) == 0 &&
		 name[name_len - zone_len - 1] == '.' &&
		 (name_len < zone_len + 2 || name[name_len - zone_len - 2] != '\\'))
		rest = name_len - zone_len - 1;
	else
		return false;
	if (prefix_len != NULL)
		*prefix_len = rest;
	return true;
}

const char *dns_owner_canonical(const char *text, const char *zone, char out[DNS_NAME_TEXT_MAX])
{
	size_t len = strlen(text);
	if (strcmp(text, "@") == 0) {
		memcpy(out, "@", 2);
		return NULL;
	}
	const char *wrong = dns_name_canonical(text, out);
	if (wrong != NULL)
		return wrong;
	if (text[len - 1] == '.' && (len < 2 || text[len - 2] != '\\')) {
		size_t prefix;
		if (!dns_name_within(out, zone, &prefix))
			return "lies outside of the zone";
		memcpy(prefix > 0 ? out + prefix : out, prefix > 0 ? "" : "@", prefix > 0 ? 1 : 2);
		return NULL;
	}
	char whole[2 * DNS_NAME_TEXT_MAX], again[DNS_NAME_TEXT_MAX];
	if (strcmp(zone, ".") == 0)
		return NULL;
	snprintf(whole, sizeof whole, "%s.%s", out, zone);
	wrong = dns_name_canonical(whole, again);
	return wrong != NULL ? "is longer than 255 octets together with its zone" : NULL;
}

bool host_name_valid(const char *text)
{
	char canonical[DNS_NAME_TEXT_MAX];
	struct addr addr;
	size_t len = strlen(text);
	if (len == 0 || addr_parse(text, &addr) || dns_name_canonical(text, canonical) != NULL)
		return false;
	for (size_t i = 0; i < len; i++) {
		bool edge =
			i == 0 || text[i - 1] == '.' || text[i + 1] == '.' || text[i + 1] == '\0';
		if (text[i] != '.' && !isalnum((unsigned char)text[i]) &&
		    !(text[i] == '-' && !edge) && text[i] != '_')
			return false;
	}
	return strcmp(canonical, ".") != 0;
}
