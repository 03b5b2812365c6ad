/* Models share what did not change, and objects live as long as a model holds them. */
#include "base/mem.h"
#include "db/model.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants the four above first */
#include <cmocka.h>

static struct object *site(const char *name)
{
	struct object *object = object_new(KIND_SITE);
	object->id = mem_strdup(name);
	object->site.name = mem_strdup(name);
	return object;
}

static struct object * override(const char *id, int64_t starts_ms, int64_t ends_ms)
{
	struct object *object = object_new(KIND_OVERRIDE);
	object->id = mem_strdup(id);
	object->override.object = mem_strdup(id);
	object->override.starts_ms = starts_ms;
	object->override.ends_ms = ends_ms;
	return object;
}

static struct model *put(struct model *model, struct object *object)
{
	struct model_change change = {object->kind, object->id, object};
	struct model *with = model_with(model, model->revision + 1, &change, 1);
	model_unref(model);
	object_unref(object);
	return with;
}

static void test_an_empty_model_finds_nothing(void **state)
{
	(void)state;
	struct model *model = model_new();
	assert_null(model_find(model, KIND_SITE, "a"));
	assert_int_equal(model_safety(model).max_withdraw_per_10min, 3);
	assert_true(model_safety(model).panic_fraction == 0.5);
	assert_int_equal(model_next_override_change(model, 0), INT64_MAX);
	model_unref(model);
	model_unref(NULL);
	object_unref(NULL);
}

static void test_changes_are_merged_in_order_whatever_theirs(void **state)
{
	(void)state;
	struct model *model = model_new();
	static const char *const names[] = {"m", "c", "x", "a", "k"};
	for (size_t i = 0; i < 5; i++)
		model = put(model, site(names[i]));
	struct object *b = site("b"), *z = site("z"), *c = site("c");
	struct model_change changes[] = {
		{KIND_SITE, "z", z},	   {KIND_SITE, "m", NULL}, {KIND_SITE, "b", b},
		{KIND_SITE, "nope", NULL}, {KIND_SITE, "c", NULL}, {KIND_SITE, "c", c},
	};
	struct model *with = model_with(model, 9, changes, 6);
	static const char *const wanted[] = {"a", "b", "c", "k", "x", "z"};
	assert_int_equal(with->revision, 9);
	assert_int_equal(with->of[KIND_SITE].count, 6);
	for (size_t i = 0; i < 6; i++)
		assert_string_equal(with->of[KIND_SITE].at[i]->id, wanted[i]);
	assert_ptr_equal(model_find(with, KIND_SITE, "c"), c);
	assert_null(model_find(with, KIND_SITE, "m"));
	assert_non_null(model_find(model, KIND_SITE, "m"));
	assert_int_equal(model->of[KIND_SITE].count, 5);
	object_unref(b);
	object_unref(z);
	object_unref(c);
	model_unref(model);
	assert_string_equal(model_find(with, KIND_SITE, "a")->site.name, "a");
	model_unref(with);
}

static void test_kinds_that_did_not_change_are_shared(void **state)
{
	(void)state;
	struct model *model = put(model_new(), site("a"));
	struct model *kept = model_ref(model);
	struct model *with = put(model, override("pool/eu", 5, 10));
	assert_ptr_equal(with->of[KIND_SITE].at, kept->of[KIND_SITE].at);
	assert_int_equal(with->of[KIND_SITE].at[0]->refs, 1);
	model_unref(kept);
	assert_string_equal(with->of[KIND_SITE].at[0]->id, "a");
	model_unref(with);
}

static void test_record_sets_never_enter_a_model(void **state)
{
	(void)state;
	struct object *rrset = object_new(KIND_RRSET);
	rrset->id = mem_strdup("example.com/@/NS");
	struct model *model = put(model_new(), rrset);
	assert_int_equal(model->of[KIND_RRSET].count, 0);
	model_unref(model);
}

static void test_an_override_holds_from_its_start_up_to_its_end(void **state)
{
	(void)state;
	struct model *model = put(model_new(), override("pool/eu", 100, 200));
	model = put(model, override("pool/us", 150, 300));
	static const struct {
		int64_t now_ms;
		bool holds;
		int64_t next_ms;
	} table[] = {
		{0, false, 100},   {99, false, 100},  {100, true, 150},
		{149, true, 150},  {150, true, 200},  {199, true, 200},
		{200, false, 300}, {299, false, 300}, {300, false, INT64_MAX},
	};
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		assert_int_equal(model_override(model, "pool/eu", table[i].now_ms) != NULL,
				 table[i].holds);
		assert_int_equal(model_next_override_change(model, table[i].now_ms),
				 table[i].next_ms);
	}
	assert_null(model_override(model, "pool/asia", 150));
	model_unref(model);
}

static void test_kinds_have_names_and_back(void **state)
{
	(void)state;
	for (unsigned i = 0; i < KIND_COUNT; i++) {
		enum kind kind;
		assert_true(kind_parse(kind_name((enum kind)i), &kind));
		assert_int_equal(kind, i);
	}
	enum kind kind;
	assert_false(kind_parse("origin", &kind));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_an_empty_model_finds_nothing),
		cmocka_unit_test(test_changes_are_merged_in_order_whatever_theirs),
		cmocka_unit_test(test_kinds_that_did_not_change_are_shared),
		cmocka_unit_test(test_record_sets_never_enter_a_model),
		cmocka_unit_test(test_an_override_holds_from_its_start_up_to_its_end),
		cmocka_unit_test(test_kinds_have_names_and_back),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
