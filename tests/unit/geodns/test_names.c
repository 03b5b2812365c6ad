/*
 * The table of names against a reference that is a list: puts and removals in random order, with
 * empty non-terminals, and the same names in nested zones. Readers run meanwhile.
 */
#include "geodns/lookup.h"
#include "geodns/wire/name_text.h"

#include "base/mem.h"
#include "base/rng.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { NAMES = 120, TURNS = 20000 };

static struct object *zone_config(const char *name)
{
	struct object *config = object_new(KIND_ZONE);
	config->id = mem_strdup(name);
	config->zone = (struct zone){.name = mem_strdup(name),
				     .ttl = 300,
				     .primary = mem_strdup("a."),
				     .contact = mem_strdup("b.")};
	return config;
}

static struct zone_live *add_zone(struct zones *zones, const char *name)
{
	struct error error = {""};
	struct object *config = zone_config(name);
	struct zone_live *zone = zones_put(zones, config, &error);
	assert_non_null(zone);
	zone_set_failed(zone, false);
	object_unref(config);
	return zone;
}

/* An address record whose last octet is VALUE. */
static void put(struct zones *zones, struct zone_live *zone, const char *name, int value)
{
	uint8_t rdata[] = {0, 4, 192, 0, 2, (uint8_t)value};
	struct error error;
	struct object *object = object_new(KIND_RRSET);
	object->rrset.type = 1;
	object->rrset.rdata = mem_dup(rdata, sizeof rdata);
	object->rrset.rdata_len = sizeof rdata;
	const struct object *const rrsets[] = {object};
	assert_true(zone_put_name(zones, zone, name, rrsets, value > 0, NULL, &error));
	object_unref(object);
}

static struct lookup look(const struct zones *zones, const char *text)
{
	uint8_t name[NAME_WIRE_MAX], lower[256];
	size_t len = name_text_parse(text, name);
	assert_true(len > 0);
	uint64_t hash = name_lower(name, len, lower);
	return lookup_name(zones->names, hash, lower, len, 1);
}

/* The octet that PUT left at a name; 0 for an empty non-terminal; -1 for NXDOMAIN. */
static int value_at(const struct zones *zones, const char *name)
{
	struct lookup lookup = look(zones, name);
	if (lookup.kind == LOOKUP_NXDOMAIN)
		return -1;
	assert_int_equal(lookup.kind, LOOKUP_FOUND);
	const struct node_rrset *rrset = node_find(lookup.node, 1);
	return rrset != NULL ? node_records(lookup.node, rrset)[15] : 0;
}

/* Three levels of few labels, so that names lie below one another. */
static void make_name(char text[32], int at)
{
	static const char letters[] = "abcde";
	int depth = at % 3;
	if (depth == 0)
		snprintf(text, 32, "%c", letters[at / 3 % 5]);
	else if (depth == 1)
		snprintf(text, 32, "%c.%c", letters[at / 3 % 5], letters[at / 15 % 5]);
	else
		snprintf(text, 32, "%c.%c.%c", letters[at / 3 % 5], letters[at / 15 % 5],
			 letters[at / 24 % 5]);
}

struct reference {
	char names[NAMES][32];
	int values[NAMES];
};

static bool is_below(const char *name, const char *above)
{
	size_t name_len = strlen(name), above_len = strlen(above);
	return name_len > above_len + 1 && name[name_len - above_len - 1] == '.' &&
	       strcmp(name + name_len - above_len, above) == 0;
}

static int expected(const struct reference *reference, const char *name)
{
	int value = -1;
	for (int i = 0; i < NAMES; i++) {
		if (reference->values[i] > 0 && strcmp(reference->names[i], name) == 0)
			return reference->values[i];
		if (reference->values[i] > 0 && is_below(reference->names[i], name))
			value = 0;
	}
	return value;
}

static void put_everywhere(struct reference *reference, const char *name, int value)
{
	for (int i = 0; i < NAMES; i++) {
		if (strcmp(reference->names[i], name) == 0)
			reference->values[i] = value;
	}
}

static void test_names_come_and_go_as_a_list_of_them_says(void **state)
{
	(void)state;
	static struct reference reference;
	struct quiesce *quiesce = quiesce_new(0);
	struct zones zones;
	struct rng rng;
	zones_init(&zones, quiesce);
	struct zone_live *zone = add_zone(&zones, "x.test");
	rng_init(&rng, 4592);
	for (int i = 0; i < NAMES; i++)
		make_name(reference.names[i], i);
	for (int turn = 0; turn < TURNS; turn++) {
		const char *name = reference.names[rng_below(&rng, NAMES)];
		int value = rng_below(&rng, 2) == 0 ? 0 : 1 + (int)rng_below(&rng, 255);
		char full[64];
		put(&zones, zone, name, value);
		put_everywhere(&reference, name, value);
		name = reference.names[rng_below(&rng, NAMES)];
		snprintf(full, sizeof full, "%s.x.test", name);
		assert_int_equal(value_at(&zones, full), expected(&reference, name));
		(void)quiesce_reclaim(quiesce);
	}
	for (int i = 0; i < NAMES; i++)
		put(&zones, zone, reference.names[i], 0);
	assert_int_equal(names_count(zones.names), 1);
	zones_fini(&zones);
	quiesce_free(quiesce);
}

static void test_a_load_of_a_zone_removes_what_it_does_not_name(void **state)
{
	(void)state;
	struct quiesce *quiesce = quiesce_new(0);
	struct zones zones;
	zones_init(&zones, quiesce);
	struct zone_live *zone = add_zone(&zones, "x.test");
	put(&zones, zone, "a", 1);
	put(&zones, zone, "a.b.c", 2);
	put(&zones, zone, "d.b.c", 3);
	put(&zones, zone, "e.f", 4);
	zone_load_begin(zone);
	put(&zones, zone, "a", 9);
	put(&zones, zone, "d.b.c", 3);
	zone_load_end(&zones, zone);
	assert_int_equal(value_at(&zones, "a.x.test"), 9);
	assert_int_equal(value_at(&zones, "a.b.c.x.test"), -1);
	assert_int_equal(value_at(&zones, "b.c.x.test"), 0);
	assert_int_equal(value_at(&zones, "f.x.test"), -1);
	assert_int_equal(names_count(zones.names), 5);
	zones_fini(&zones);
	quiesce_free(quiesce);
}

/* Whichever of the two zones comes first. */
static void test_the_deepest_zone_answers_in_any_order(void **state)
{
	(void)state;
	for (int order = 0; order < 2; order++) {
		struct quiesce *quiesce = quiesce_new(0);
		struct zones zones;
		zones_init(&zones, quiesce);
		struct zone_live *first = add_zone(&zones, order == 0 ? "test" : "x.test");
		struct zone_live *second = add_zone(&zones, order == 0 ? "x.test" : "test");
		struct zone_live *outer = order == 0 ? first : second;
		struct zone_live *inner = order == 0 ? second : first;
		put(&zones, outer, "a.x", 1);
		put(&zones, outer, "only.x", 2);
		put(&zones, inner, "a", 3);
		assert_int_equal(value_at(&zones, "a.x.test"), 3);
		assert_int_equal(value_at(&zones, "only.x.test"), -1);
		zones_remove(&zones, inner);
		assert_int_equal(value_at(&zones, "a.x.test"), 1);
		assert_int_equal(value_at(&zones, "only.x.test"), 2);
		zones_remove(&zones, outer);
		assert_int_equal(look(&zones, "a.x.test").kind, LOOKUP_OUTSIDE);
		assert_int_equal(names_count(zones.names), 0);
		zones_fini(&zones);
		quiesce_free(quiesce);
	}
}

/* What a reader sees is what stood at the name at some moment: never half, never freed. */
struct reading {
	struct zones *zones;
	struct quiesce *quiesce;
	unsigned worker;
	_Atomic bool ending;
	_Atomic unsigned long found;
};

static void *read_all(void *context)
{
	struct reading *reading = context;
	struct rng rng;
	rng_init(&rng, reading->worker);
	while (!atomic_load(&reading->ending)) {
		char text[64], name[32];
		for (int i = 0; i < 32; i++) {
			make_name(name, (int)rng_below(&rng, NAMES));
			snprintf(text, sizeof text, "%s.x.test", name);
			int value = value_at(reading->zones, text);
			assert_in_range(value + 1, 0, 201);
			atomic_fetch_add(&reading->found, value > 0);
		}
		quiesce_pass(reading->quiesce, reading->worker);
	}
	quiesce_leave(reading->quiesce, reading->worker);
	return NULL;
}

static void test_readers_see_whole_names_while_they_change(void **state)
{
	(void)state;
	enum { READERS = 2 };
	struct quiesce *quiesce = quiesce_new(READERS);
	struct zones zones;
	struct rng rng;
	pthread_t threads[READERS];
	static struct reading readings[READERS];
	zones_init(&zones, quiesce);
	struct zone_live *zone = add_zone(&zones, "x.test");
	rng_init(&rng, 1);
	for (unsigned i = 0; i < READERS; i++) {
		readings[i] = (struct reading){.zones = &zones, .quiesce = quiesce, .worker = i};
		assert_int_equal(pthread_create(&threads[i], NULL, read_all, &readings[i]), 0);
	}
	for (int turn = 0; turn < TURNS; turn++) {
		char name[32];
		make_name(name, (int)rng_below(&rng, NAMES));
		put(&zones, zone, name, (int)rng_below(&rng, 201));
		/* Enough names to make the table grow under its readers. */
		if (turn % 8 == 0) {
			snprintf(name, sizeof name, "n%d", turn);
			put(&zones, zone, name, 1);
		}
		(void)quiesce_reclaim(quiesce);
	}
	for (unsigned i = 0; i < READERS; i++) {
		atomic_store(&readings[i].ending, true);
		pthread_join(threads[i], NULL);
		assert_int_not_equal(atomic_load(&readings[i].found), 0);
	}
	assert_int_equal(quiesce_reclaim(quiesce), 0);
	zones_fini(&zones);
	quiesce_free(quiesce);
}

static unsigned released;

static void release(void *what)
{
	(void)what;
	released++;
}

static void test_nothing_is_released_before_every_worker_has_passed(void **state)
{
	(void)state;
	int thing;
	struct quiesce *quiesce = quiesce_new(2);
	released = 0;
	quiesce_retire(quiesce, &thing, release);
	assert_int_equal(quiesce_reclaim(quiesce), 1);
	quiesce_pass(quiesce, 0);
	assert_int_equal(quiesce_reclaim(quiesce), 1);
	quiesce_pass(quiesce, 1);
	assert_int_equal(released, 0);
	assert_int_equal(quiesce_reclaim(quiesce), 0);
	assert_int_equal(released, 1);
	/* Of two retired, one before and one after a worker passed, the first goes. */
	quiesce_retire(quiesce, &thing, release);
	quiesce_pass(quiesce, 0);
	quiesce_pass(quiesce, 1);
	quiesce_retire(quiesce, &thing, release);
	assert_int_equal(quiesce_reclaim(quiesce), 1);
	assert_int_equal(released, 2);
	/* Who has left is not waited for. */
	quiesce_leave(quiesce, 0);
	quiesce_pass(quiesce, 1);
	assert_int_equal(quiesce_reclaim(quiesce), 0);
	quiesce_retire(quiesce, &thing, release);
	quiesce_retire(quiesce, NULL, release);
	quiesce_free(quiesce);
	assert_int_equal(released, 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names_come_and_go_as_a_list_of_them_says),
		cmocka_unit_test(test_a_load_of_a_zone_removes_what_it_does_not_name),
		cmocka_unit_test(test_the_deepest_zone_answers_in_any_order),
		cmocka_unit_test(test_readers_see_whole_names_while_they_change),
		cmocka_unit_test(test_nothing_is_released_before_every_worker_has_passed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
