/* Which objects name an object. */
#include "web/users.h"

#include "db/codec.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static struct model *model_of(void)
{
	static const struct {
		enum kind kind;
		const char *zone, *json;
	} objects[] = {
		{KIND_MONITOR, NULL, "{\"name\":\"web\",\"type\":\"tcp\",\"port\":443}"},
		{KIND_POOL, NULL,
		 "{\"name\":\"eu\",\"monitor\":\"web\",\"fallback\":\"us\",\"endpoints\":[]}"},
		{KIND_POOL, NULL, "{\"name\":\"us\",\"endpoints\":[]}"},
		{KIND_REGION, NULL, "{\"name\":\"dach\",\"places\":[\"EU-DE\"]}"},
		{KIND_SERVICE, "example.com",
		 "{\"name\":\"www\",\"steering\":\"rules\",\"default\":\"us\",\"rules\":[{"
		 "\"match\":[\"region:dach\"],"
		 "\"pool\":\"eu\"}]}"},
	};
	struct model *model = model_new();
	for (size_t i = 0; i < sizeof objects / sizeof objects[0]; i++) {
		struct findings findings = {0};
		json_t *json = json_loads(objects[i].json, 0, NULL);
		struct object *object =
			codec_decode(objects[i].kind, json, objects[i].zone, "", &findings);
		assert_non_null(object);
		struct model_change change = {object->kind, object->id, object};
		struct model *next = model_with(model, model->revision + 1, &change, 1);
		model_unref(model);
		object_unref(object);
		json_decref(json);
		findings_fini(&findings);
		model = next;
	}
	return model;
}

static void expect_users(const struct model *model, enum kind kind, const char *id,
			 const char *json)
{
	json_t *wanted = json_loads(json, 0, NULL);
	json_t *users = users_of(model, kind, id);
	if (!json_equal(users, wanted))
		fail_msg("users of %s %s", kind_name(kind), id);
	json_decref(users);
	json_decref(wanted);
}

static void test_users_are_found_wherever_an_object_is_named(void **state)
{
	(void)state;
	struct model *model = model_of();
	expect_users(model, KIND_MONITOR, "web", "[\"pool/eu\"]");
	expect_users(model, KIND_POOL, "us", "[\"pool/eu\", \"service/example.com/www\"]");
	expect_users(model, KIND_POOL, "eu", "[\"service/example.com/www\"]");
	expect_users(model, KIND_REGION, "dach", "[\"service/example.com/www\"]");
	expect_users(model, KIND_REGION, "other", "[]");
	model_unref(model);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_users_are_found_wherever_an_object_is_named),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
