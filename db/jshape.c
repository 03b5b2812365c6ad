/* Knows how what a reader asks for is said in JSON Schema. */
#include "db/jshape.h"

#include <stdarg.h>
#include <string.h>

/* The member KEY of JSON, made an empty object where it is absent. */
static json_t *member(json_t *json, const char *key)
{
	json_t *value = json_object_get(json, key);
	if (value != NULL)
		return value;
	value = json_object();
	json_object_set_new(json, key, value);
	return value;
}

/* The schema of the value at PATH. */
static json_t *schema_at(json_t *shape, const struct jpath *path)
{
	if (path->up == NULL)
		return shape;
	json_t *up = schema_at(shape, path->up);
	return path->text != NULL ? member(member(up, "properties"), path->text)
				  : member(up, "items");
}

static json_t *schema_of(const struct jread *reader, const char *key)
{
	struct jpath path = jpath_key(reader->path, key);
	return schema_at(reader->findings->shape, &path);
}

void jshape_object(struct findings *findings, const struct jpath *path)
{
	if (findings->shape == NULL)
		return;
	json_t *schema = schema_at(findings->shape, path);
	json_object_set_new(schema, "type", json_string("object"));
	json_object_set_new(schema, "additionalProperties", json_false());
}

void jshape_key(const struct jread *reader, const char *key, enum jread_need need)
{
	if (reader->findings->shape == NULL)
		return;
	(void)schema_of(reader, key);
	if (need == OPTIONAL)
		return;
	json_t *object = schema_at(reader->findings->shape, reader->path);
	json_t *required = json_object_get(object, "required");
	if (required == NULL) {
		required = json_array();
		json_object_set_new(object, "required", required);
	}
	json_array_append_new(required, json_string(key));
}

void jshape_says(const struct jread *reader, const char *key, const char *format, ...)
{
	if (reader->findings->shape == NULL)
		return;
	va_list args;
	va_start(args, format);
	json_t *says = json_vpack_ex(NULL, 0, format, args);
	va_end(args);
	json_object_update(schema_of(reader, key), says);
	json_decref(says);
}

void jshape_text(const struct jread *reader, const char *key, enum jread_need need, size_t max)
{
	if (need == OPTIONAL)
		jshape_says(reader, key, "{s:[s, s], s:i, s:I}", "type", "string", "null",
			    "minLength", 1, "maxLength", (json_int_t)max);
	else
		jshape_says(reader, key, "{s:s, s:i, s:I}", "type", "string", "minLength", 1,
			    "maxLength", (json_int_t)max);
}

void jshape_uint(const struct jread *reader, const char *key, uint32_t low, uint32_t high,
		 uint32_t fallback)
{
	jshape_says(reader, key, "{s:s, s:I, s:I}", "type", "integer", "minimum", (json_int_t)low,
		    "maximum", (json_int_t)high);
	if (fallback >= low && fallback <= high)
		jshape_says(reader, key, "{s:I}", "default", (json_int_t)fallback);
}

void jshape_real(const struct jread *reader, const char *key, double low, double high,
		 double fallback)
{
	jshape_says(reader, key, "{s:[s, s], s:f, s:f}", "type", "number", "null", "minimum", low,
		    "maximum", high);
	if (fallback >= low && fallback <= high) /* not NaN: none */
		jshape_says(reader, key, "{s:f}", "default", fallback);
}

void jshape_words(const struct jread *reader, const char *key, const char *const *words,
		  unsigned count, unsigned fallback)
{
	if (reader->findings->shape == NULL)
		return;
	json_t *list = json_array();
	for (unsigned i = 0; i < count; i++)
		json_array_append_new(list, json_string(words[i]));
	jshape_says(reader, key, "{s:s, s:o}", "type", "string", "enum", list);
	if (fallback < count)
		jshape_says(reader, key, "{s:s}", "default", words[fallback]);
}

void jshape_element(struct findings *findings, const struct jpath *path, size_t max)
{
	if (findings->shape == NULL)
		return;
	json_t *schema = schema_at(findings->shape, path);
	json_object_set_new(schema, "type", json_string("string"));
	json_object_set_new(schema, "maxLength", json_integer((json_int_t)max));
}
