/* Knows how a request target, its query and a Cookie header are taken apart. */
#include "web/request.h"

#include "base/mem.h"

#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char *const method_names[] = {
	[METHOD_GET] = "GET",	  [METHOD_HEAD] = "HEAD",   [METHOD_POST] = "POST",
	[METHOD_PUT] = "PUT",	  [METHOD_PATCH] = "PATCH", [METHOD_DELETE] = "DELETE",
	[METHOD_OTHER] = "OTHER",
};

enum method method_parse(const char *text)
{
	for (int i = 0; i < METHOD_OTHER; i++) {
		if (strcmp(text, method_names[i]) == 0)
			return (enum method)i;
	}
	return METHOD_OTHER;
}

const char *method_name(enum method method)
{
	return method_names[method];
}

static void fields_fini(struct fields *fields)
{
	for (size_t i = 0; i < fields->count; i++) {
		free(fields->at[i].name);
		free(fields->at[i].value);
	}
	fields->count = 0;
}

void request_fini(struct request *request)
{
	free(request->path);
	free(request->body);
	fields_fini(&request->query);
	fields_fini(&request->headers);
	*request = (struct request){0};
}

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* RFC 3629 section 4, without the finer limits of second octets that only hide overlong forms:
 * those are refused by value. */
static bool utf8_is_valid(const char *text)
{
	const unsigned char *at = (const unsigned char *)text;
	while (*at != 0) {
		unsigned follow = *at < 0x80 ? 0 : *at >= 0xf0 ? 3 : *at >= 0xe0 ? 2 : 1;
		uint32_t value = follow == 0 ? *at : *at & (0x3fU >> follow);
		if ((*at >= 0x80 && *at < 0xc2) || *at > 0xf4)
			return false;
		at++;
		for (unsigned i = 0; i < follow; i++, at++) {
			if ((*at & 0xc0) != 0x80)
				return false;
			value = value << 6 | (*at & 0x3fU);
		}
		if ((follow == 2 && value < 0x800) || (follow == 3 && value < 0x10000) ||
		    value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff))
			return false;
	}
	return true;
}

char *percent_decode(const char *text, size_t len, bool plus)
{
	char *out = mem_array(len + 1, 1);
	size_t used = 0;
	for (size_t i = 0; i < len; i++) {
		int octet = (unsigned char)text[i];
		if (octet == '%') {
			int high = i + 2 < len ? hex_value(text[i + 1]) : -1;
			int low = high >= 0 ? hex_value(text[i + 2]) : -1;
			if (low < 0)
				goto malformed;
			octet = high << 4 | low;
			i += 2;
		} else if (plus && octet == '+') {
			octet = ' ';
		}
		if (octet < 0x20 || octet == 0x7f)
			goto malformed;
		out[used++] = (char)octet;
	}
	if (utf8_is_valid(out))
		return out;
malformed:
	free(out);
	return NULL;
}

char *percent_encode(const char *text)
{
	static const char hex[] = "0123456789ABCDEF";
	char *out = mem_array(3 * strlen(text) + 1, 1);
	size_t used = 0;
	for (; *text != '\0'; text++) {
		unsigned char octet = (unsigned char)*text;
		if (isalnum(octet) || strchr("-._~@:", octet) != NULL) {
			out[used++] = (char)octet;
			continue;
		}
		out[used++] = '%';
		out[used++] = hex[octet >> 4];
		out[used++] = hex[octet & 15];
	}
	return out;
}

static bool add_query(struct request *request, const char *text, size_t len)
{
	if (len == 0)
		return true;
	if (request->query.count == REQUEST_FIELDS_MAX)
		return false;
	const char *equals = memchr(text, '=', len);
	size_t name_len = equals != NULL ? (size_t)(equals - text) : len;
	char *name = percent_decode(text, name_len, true);
	char *value = equals != NULL ? percent_decode(equals + 1, len - name_len - 1, true)
				     : mem_strdup("");
	if (name == NULL || value == NULL) {
		free(name);
		free(value);
		return false;
	}
	request->query.at[request->query.count++] = (struct field){name, value};
	return true;
}

bool request_set_target(struct request *request, const char *target)
{
	size_t path_len = strcspn(target, "?#");
	if (target[0] != '/' || strlen(target) > REQUEST_TARGET_MAX || target[path_len] == '#')
		return false;
	char *decoded = percent_decode(target, path_len, false);
	if (decoded == NULL)
		return false;
	free(decoded);
	request->path = mem_dup(target, path_len + 1);
	request->path[path_len] = '\0';
	if (target[path_len] == '\0')
		return true;
	const char *at = target + path_len + 1;
	for (;;) {
		size_t len = strcspn(at, "&");
		if (!add_query(request, at, len))
			return false;
		if (at[len] == '\0')
			return true;
		at += len + 1;
	}
}

static bool is_token(const char *text)
{
	if (*text == '\0')
		return false;
	for (; *text != '\0'; text++) {
		unsigned char octet = (unsigned char)*text;
		if (octet >= 0x80 || (!isalnum(octet) && strchr("!#$%&'*+-.^_`|~", octet) == NULL))
			return false;
	}
	return true;
}

bool request_add_header(struct request *request, const char *name, const char *value)
{
	if (request->headers.count == REQUEST_FIELDS_MAX || !is_token(name))
		return false;
	for (const char *at = value; *at != '\0'; at++) {
		unsigned char octet = (unsigned char)*at;
		if ((octet < 0x20 && octet != '\t') || octet == 0x7f)
			return false;
	}
	request->headers.at[request->headers.count++] =
		(struct field){mem_strdup(name), mem_strdup(value)};
	return true;
}

const char *request_header(const struct request *request, const char *name)
{
	for (size_t i = 0; i < request->headers.count; i++) {
		if (strcasecmp(request->headers.at[i].name, name) == 0)
			return request->headers.at[i].value;
	}
	return NULL;
}

size_t request_header_count(const struct request *request, const char *name)
{
	size_t count = 0;
	for (size_t i = 0; i < request->headers.count; i++)
		count += strcasecmp(request->headers.at[i].name, name) == 0;
	return count;
}

const char *request_query(const struct request *request, const char *name)
{
	for (size_t i = 0; i < request->query.count; i++) {
		if (strcmp(request->query.at[i].name, name) == 0)
			return request->query.at[i].value;
	}
	return NULL;
}

bool request_flag(const struct request *request, const char *name)
{
	const char *value = request_query(request, name);
	return value != NULL &&
	       (*value == '\0' || strcmp(value, "true") == 0 || strcmp(value, "1") == 0);
}

static bool cookie_in(const char *header, const char *name, char *value, size_t size)
{
	size_t name_len = strlen(name);
	while (*header != '\0') {
		header += strspn(header, "; \t");
		size_t len = strcspn(header, ";");
		if (len > name_len && header[name_len] == '=' &&
		    memcmp(header, name, name_len) == 0) {
			size_t value_len = len - name_len - 1;
			if (value_len >= size)
				return false;
			memcpy(value, header + name_len + 1, value_len);
			value[value_len] = '\0';
			return true;
		}
		header += len;
	}
	return false;
}

bool request_cookie(const struct request *request, const char *name, char *value, size_t size)
{
	for (size_t i = 0; i < request->headers.count; i++) {
		if (strcasecmp(request->headers.at[i].name, "Cookie") == 0 &&
		    cookie_in(request->headers.at[i].value, name, value, size))
			return true;
	}
	return false;
}
