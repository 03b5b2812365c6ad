/* Knows how a JSON value is refused: with where it stands, what it is and what it must be. */
#include "db/jread.h"

#include "base/mem.h"
#include "base/strmap.h"
#include "db/jshape.h"
#include "db/names.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct jpath jpath_root(const char *pointer)
{
	return (struct jpath){.text = pointer != NULL ? pointer : ""};
}

struct jpath jpath_key(const struct jpath *up, const char *key)
{
	return (struct jpath){.up = up, .text = key};
}

struct jpath jpath_index(const struct jpath *up, size_t index)
{
	return (struct jpath){.up = up, .index = index};
}

/* KEY as a reference token: "~" and "/" are written "~0" and "~1" (RFC 6901 section 3). */
static char *join(char *up, const char *key)
{
	size_t len = strlen(up);
	char *text = mem_array(len + 2 * strlen(key) + 2, 1), *at = text + len;
	memcpy(text, up, len);
	free(up);
	*at++ = '/';
	for (; *key != '\0'; key++) {
		if (*key != '~' && *key != '/') {
			*at++ = *key;
			continue;
		}
		*at++ = '~';
		*at++ = *key == '~' ? '0' : '1';
	}
	return text;
}

char *jpath_text(const struct jpath *path)
{
	if (path->up == NULL)
		return mem_strdup(path->text);
	char index[24];
	snprintf(index, sizeof index, "%zu", path->index);
	return join(jpath_text(path->up), path->text != NULL ? path->text : index);
}

static const char *type_text(const json_t *json)
{
	static const char *const names[] = {"an object", "an array", "text",  "an integer",
					    "a number",	 "true",     "false", "null"};
	return names[json_typeof(json)];
}

void jread_open(struct jread *reader, const json_t *json, const struct jpath *path,
		const char *what, struct findings *findings)
{
	*reader = (struct jread){.path = path, .what = what, .findings = findings};
	jshape_object(findings, path);
	if (json_is_object(json))
		reader->json = json;
	else
		jpath_finding(path, findings, "a %s must be an object, not %s", what,
			      json != NULL ? type_text(json) : "nothing");
}

static bool is_known(const struct jread *reader, const char *key)
{
	for (size_t i = 0; i < reader->known_count; i++) {
		if (strcmp(reader->known[i], key) == 0)
			return true;
	}
	return false;
}

void jread_close(struct jread *reader)
{
	if (reader->json == NULL || json_object_size(reader->json) == reader->present)
		return;
	char list[512] = "";
	for (size_t i = 0, used = 0; i < reader->known_count && used < sizeof list; i++)
		used += (size_t)snprintf(list + used, sizeof list - used, "%s%s", i > 0 ? ", " : "",
					 reader->known[i]);
	const char *key;
	json_t *value;
	json_object_foreach((json_t *)(uintptr_t)reader->json, key, value)
	{
		if (!is_known(reader, key))
			jread_wrong(reader, key, "is not a key of this %s; its keys are: %s",
				    reader->what, list);
	}
}

const json_t *jread_value(struct jread *reader, const char *key, enum jread_need need)
{
	if (reader->json == NULL)
		return NULL;
	jshape_key(reader, key, need);
	if (reader->known_count < JREAD_KEYS)
		reader->known[reader->known_count++] = key;
	const json_t *value = json_object_get(reader->json, key);
	if (value != NULL)
		reader->present++;
	else if (need == REQUIRED)
		jpath_finding(reader->path, reader->findings, "this %s lacks \"%s\"", reader->what,
			      key);
	return value;
}

void jread_wrong(struct jread *reader, const char *key, const char *format, ...)
{
	struct jpath path = jpath_key(reader->path, key);
	char message[1024];
	va_list args;
	va_start(args, format);
	vsnprintf(message, sizeof message, format, args);
	va_end(args);
	jpath_finding(&path, reader->findings, "%s", message);
}

static const char *checked_text(const json_t *json, const struct jpath *path, size_t max,
				struct findings *findings)
{
	if (!json_is_string(json)) {
		jpath_finding(path, findings, "must be text, not %s", type_text(json));
		return NULL;
	}
	const char *text = json_string_value(json);
	size_t len = json_string_length(json);
	if (len == 0 || len > max) {
		jpath_finding(path, findings, "must be text of 1 to %zu octets; it has %zu", max,
			      len);
		return NULL;
	}
	for (size_t i = 0; i < len; i++) {
		if ((unsigned char)text[i] < ' ' || text[i] == 0x7f) {
			jpath_finding(path, findings, "holds a control character");
			return NULL;
		}
	}
	return text;
}

const char *jread_text(struct jread *reader, const char *key, enum jread_need need, size_t max)
{
	const json_t *value = jread_value(reader, key, need);
	struct jpath path = jpath_key(reader->path, key);
	jshape_text(reader, key, need, max);
	if (value == NULL || (need == OPTIONAL && json_is_null(value)))
		return NULL;
	return checked_text(value, &path, max, reader->findings);
}

const char *jread_element_text(const json_t *json, const struct jpath *path, size_t max,
			       struct findings *findings)
{
	jshape_element(findings, path, max);
	return checked_text(json, path, max, findings);
}

char *jread_name(struct jread *reader, const char *key, enum jread_need need)
{
	const char *text = jread_text(reader, key, need, 255);
	jshape_says(reader, key, "{s:s, s:i}", "pattern", NAME_PATTERN, "maxLength", 63);
	if (text == NULL)
		return NULL;
	if (name_valid(text))
		return mem_strdup(text);
	jread_wrong(reader, key, "is not a name: \"%.80s\"; a name " NAME_RULE, text);
	return NULL;
}

uint32_t jread_uint(struct jread *reader, const char *key, uint32_t low, uint32_t high,
		    uint32_t fallback)
{
	const json_t *value = jread_value(reader, key, OPTIONAL);
	jshape_uint(reader, key, low, high, fallback);
	if (value == NULL)
		return fallback;
	if (!json_is_integer(value)) {
		jread_wrong(reader, key, "must be an integer of %u to %u, not %s", low, high,
			    type_text(value));
		return fallback;
	}
	json_int_t number = json_integer_value(value);
	if (number < (json_int_t)low || number > (json_int_t)high) {
		jread_wrong(reader, key,
			    "must be an integer of %u to %u; it is %" JSON_INTEGER_FORMAT, low,
			    high, number);
		return fallback;
	}
	return (uint32_t)number;
}

double jread_real(struct jread *reader, const char *key, double low, double high, double fallback)
{
	const json_t *value = jread_value(reader, key, OPTIONAL);
	jshape_real(reader, key, low, high, fallback);
	if (value == NULL || json_is_null(value))
		return fallback;
	if (!json_is_number(value)) {
		jread_wrong(reader, key, "must be a number, not %s", type_text(value));
		return fallback;
	}
	double number = json_number_value(value);
	if (!(number >= low && number <= high)) {
		jread_wrong(reader, key, "must be a number of %g to %g; it is %g", low, high,
			    number);
		return fallback;
	}
	/* Six digits, a tenth of a metre on the ground, survive every printing; + 0.0 turns -0 to
	 * 0. */
	return round(number * 1e6) / 1e6 + 0.0;
}

bool jread_bool(struct jread *reader, const char *key, bool fallback)
{
	const json_t *value = jread_value(reader, key, OPTIONAL);
	jshape_says(reader, key, "{s:s, s:b}", "type", "boolean", "default", (int)fallback);
	if (value == NULL)
		return fallback;
	if (!json_is_boolean(value)) {
		jread_wrong(reader, key, "must be true or false, not %s", type_text(value));
		return fallback;
	}
	return json_is_true(value);
}

unsigned jread_word(struct jread *reader, const char *key, const char *const *words, unsigned count,
		    unsigned fallback)
{
	const json_t *value = jread_value(reader, key, fallback == count ? REQUIRED : OPTIONAL);
	jshape_words(reader, key, words, count, fallback);
	if (value == NULL)
		return fallback == count ? 0 : fallback;
	const char *text = json_is_string(value) ? json_string_value(value) : type_text(value);
	for (unsigned i = 0; json_is_string(value) && i < count; i++) {
		if (strcmp(text, words[i]) == 0)
			return i;
	}
	char list[256] = "";
	for (size_t i = 0, used = 0; i < count && used < sizeof list; i++)
		used += (size_t)snprintf(list + used, sizeof list - used, "%s\"%s\"",
					 i > 0 ? ", " : "", words[i]);
	jread_wrong(reader, key, "must be one of %s; it is %s%.80s%s", list,
		    json_is_string(value) ? "\"" : "", text, json_is_string(value) ? "\"" : "");
	return 0;
}

const json_t *jread_array(struct jread *reader, const char *key, enum jread_need need)
{
	const json_t *value = jread_value(reader, key, need);
	jshape_says(reader, key, "{s:s}", "type", "array");
	if (value == NULL)
		return NULL;
	if (json_is_array(value))
		return value;
	jread_wrong(reader, key, "must be an array, not %s", type_text(value));
	return NULL;
}

struct texts jread_names(struct jread *reader, const char *key, enum jread_need need)
{
	const json_t *array = jread_array(reader, key, need);
	struct jpath path = jpath_key(reader->path, key);
	jshape_says(reader, key, "{s:{s:s, s:s}, s:b}", "items", "type", "string", "pattern",
		    NAME_PATTERN, "uniqueItems", 1);
	struct texts texts = {.at = mem_array(json_array_size(array), sizeof(char *))};
	struct strmap seen = {0};
	for (size_t i = 0; i < json_array_size(array); i++) {
		struct jpath element = jpath_index(&path, i);
		const char *text =
			checked_text(json_array_get(array, i), &element, 255, reader->findings);
		if (text == NULL)
			continue;
		if (!name_valid(text))
			jpath_finding(&element, reader->findings,
				      "is not a name: \"%.80s\"; a name " NAME_RULE, text);
		else if (strmap_put(&seen, text, &seen) != NULL)
			jpath_finding(&element, reader->findings, "names \"%s\" twice", text);
		else
			texts.at[texts.count++] = mem_strdup(text);
	}
	strmap_fini(&seen);
	return texts;
}

struct position jread_position(struct jread *reader)
{
	double lat = jread_real(reader, "lat", -90, 90, NAN);
	double lon = jread_real(reader, "lon", -180, 180, NAN);
	bool has_lat = reader->json != NULL &&
		       !json_is_null(json_object_get(reader->json, "lat")) &&
		       json_object_get(reader->json, "lat") != NULL;
	bool has_lon = reader->json != NULL &&
		       !json_is_null(json_object_get(reader->json, "lon")) &&
		       json_object_get(reader->json, "lon") != NULL;
	if (has_lat != has_lon)
		jread_wrong(reader, has_lat ? "lat" : "lon",
			    "stands alone; give both \"lat\" and \"lon\", or none");
	if (isnan(lat) || isnan(lon))
		return (struct position){0};
	return (struct position){.lat = lat, .lon = lon, .known = true};
}
