/* The schema of each kind says what the reader of that kind takes. */
#include "db/codec_schema.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const struct {
	enum kind kind;
	const char *form; /* the value of the key that tells the forms apart, or NULL */
	const char *text;
} objects[] = {
	{KIND_SITE, NULL, "{'name':'fra','lat':50,'lon':8}"},
	{KIND_REGION, NULL,
	 "{'name':'dach','places':['EU-DE'],'cidrs':['192.0.2.0/24'],'asns':[1]}"},
	{KIND_GEO, NULL,
	 "{'cidr':'192.0.2.0/24','place':'EU-DE','lat':1,'lon':2,'asn':3,'note':'x'}"},
	{KIND_MONITOR, "https", "{'name':'web','type':'https'}"},
	{KIND_MONITOR, "http", "{'name':'web','type':'http'}"},
	{KIND_MONITOR, "tcp", "{'name':'web','type':'tcp','port':9}"},
	{KIND_MONITOR, "tls", "{'name':'web','type':'tls'}"},
	{KIND_MONITOR, "dns", "{'name':'web','type':'dns','host':'www.example.com'}"},
	{KIND_MONITOR, "icmp", "{'name':'web','type':'icmp'}"},
	{KIND_POOL, NULL,
	 "{'name':'eu','lat':1,'lon':2,'endpoints':[{'name':'a','address':'192.0.2.1'}]}"},
	{KIND_ZONE, NULL,
	 "{'name':'example.com','primary':'ns1.example.com.','contact':'h.example.com.'}"},
	{KIND_SERVICE, "rules",
	 "{'name':'www','steering':'rules','default':'us','rules':[{'match':['EU'],'pool':'eu'}]}"},
	{KIND_SERVICE, "nearest", "{'name':'www','steering':'nearest','pools':['eu']}"},
	{KIND_SERVICE, "failover", "{'name':'www','steering':'failover','pools':['eu']}"},
	{KIND_SERVICE, "weighted",
	 "{'name':'www','steering':'weighted','pools':[{'pool':'eu','weight':9}]}"},
	{KIND_SERVICE, "hash",
	 "{'name':'www','steering':'hash','pools':[{'pool':'eu','weight':9}]}"},
	{KIND_PREFIX, NULL, "{'prefix':'192.0.2.0/24','address':'192.0.2.53','sites':['fra']}"},
	{KIND_SAFETY, NULL, "{}"},
	{KIND_ALERT, "webhook", "{'name':'ops','type':'webhook','url':'https://example.com/'}"},
	{KIND_ALERT, "email",
	 "{'name':'ops','type':'email','to':'a@example.com','smtp':'smtp://127.0.0.1:25'}"},
	{KIND_OVERRIDE, NULL,
	 "{'object':'pool/eu','action':'down','reason':'x','author':'ops','starts':"
	 "'2026-01-01T00:00:00Z','ends':'2026-02-01T00:00:00Z'}"},
	{KIND_RRSET, NULL, "{'name':'www','type':'A','ttl':30,'data':['192.0.2.1']}"},
};
enum { OBJECTS = sizeof objects / sizeof *objects };

static struct object *object_of(size_t i)
{
	char text[512];
	struct findings findings = {0};
	snprintf(text, sizeof text, "%s", objects[i].text);
	for (char *at = text; (at = strchr(at, '\'')) != NULL;)
		*at = '"';
	json_t *json = json_loads(text, 0, NULL);
	assert_non_null(json);
	bool in_zone = objects[i].kind == KIND_RRSET || objects[i].kind == KIND_SERVICE;
	struct object *object =
		codec_decode(objects[i].kind, json, in_zone ? "example.com" : NULL, "", &findings);
	if (object == NULL)
		fail_msg("%s: %s %s", objects[i].text, findings.at[0].pointer,
			 findings.at[0].message);
	json_decref(json);
	return object;
}

/* The form of SCHEMA whose properties hold FORM as a constant. */
static const json_t *form_of(const json_t *schema, const char *form)
{
	const json_t *forms = json_object_get(schema, "oneOf");
	if (form == NULL)
		return schema;
	for (size_t i = 0; i < json_array_size(forms); i++) {
		const char *key;
		json_t *value;
		json_object_foreach(json_object_get(json_array_get(forms, i), "properties"), key,
				    value)
		{
			const char *told = json_string_value(json_object_get(value, "const"));
			if (told != NULL && strcmp(told, form) == 0)
				return json_array_get(forms, i);
		}
	}
	fail_msg("no schema of the form %s", form);
	return NULL;
}

static void check(const json_t *json, const json_t *schema, const char *text)
{
	const json_t *properties = json_object_get(schema, "properties");
	const json_t *required = json_object_get(schema, "required");
	const char *key;
	json_t *value;
	if (json_is_array(json) && json_array_size(json) > 0)
		check(json_array_get(json, 0), json_object_get(schema, "items"), text);
	if (!json_is_object(json) || properties == NULL)
		return;
	json_object_foreach((json_t *)(uintptr_t)json, key, value)
	{
		const json_t *property = json_object_get(properties, key);
		if (property == NULL)
			fail_msg("%s: the schema lacks %s", text, key);
		check(value, property, text);
	}
	for (size_t i = 0; i < json_array_size(required); i++)
		assert_non_null(
			json_object_get(json, json_string_value(json_array_get(required, i))));
	assert_true(json_is_false(json_object_get(schema, "additionalProperties")));
}

static void test_schema_holds_every_key_that_is_written(void **state)
{
	(void)state;
	for (size_t i = 0; i < OBJECTS; i++) {
		struct object *object = object_of(i);
		json_t *schema = codec_schema(objects[i].kind), *json = codec_encode(object);
		check(json, form_of(schema, objects[i].form), objects[i].text);
		json_decref(json);
		json_decref(schema);
		object_unref(object);
	}
}

static void test_schema_says_range_words_and_default(void **state)
{
	(void)state;
	json_t *schema = codec_schema(KIND_POOL);
	const json_t *properties = json_object_get(schema, "properties");
	const json_t *weight = json_object_get(
		json_object_get(json_object_get(json_object_get(properties, "endpoints"), "items"),
				"properties"),
		"weight");
	assert_string_equal(json_string_value(json_object_get(weight, "type")), "integer");
	assert_int_equal(json_integer_value(json_object_get(weight, "minimum")), 0);
	assert_int_equal(json_integer_value(json_object_get(weight, "default")), 1);
	const json_t *answers = json_object_get(properties, "answers");
	assert_int_equal(json_array_size(json_object_get(answers, "enum")), 4);
	assert_string_equal(json_string_value(json_object_get(answers, "default")), "all");
	json_decref(schema);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_schema_holds_every_key_that_is_written),
		cmocka_unit_test(test_schema_says_range_words_and_default),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
