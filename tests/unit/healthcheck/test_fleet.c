/* The fleet: pools by their members, and targets that follow the configuration and nothing else. */
#include "healthcheck/fleet.h"

#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void test_a_pool_is_what_its_members_make_it(void **state)
{
	(void)state;
	static const struct {
		size_t unknown, up, degraded, down;
		uint32_t min_healthy;
		enum pool_state state;
	} table[] = {
		{0, 0, 0, 0, 1, POOL_UNKNOWN},	{3, 0, 0, 0, 1, POOL_UNKNOWN},
		{0, 2, 0, 0, 1, POOL_HEALTHY},	{1, 1, 0, 0, 1, POOL_HEALTHY},
		{0, 1, 1, 0, 1, POOL_DEGRADED}, {0, 1, 0, 1, 1, POOL_DEGRADED},
		{0, 1, 0, 1, 2, POOL_DOWN},	{0, 0, 0, 2, 1, POOL_DOWN},
		{0, 0, 0, 2, 0, POOL_DOWN},	{1, 0, 0, 1, 1, POOL_DEGRADED},
		{0, 0, 2, 0, 2, POOL_DEGRADED}, {1, 1, 0, 1, 2, POOL_DEGRADED},
	};
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		size_t counts[VERDICT_DOWN + 1] = {[VERDICT_UNKNOWN] = table[i].unknown,
						   [VERDICT_UP] = table[i].up,
						   [VERDICT_DEGRADED] = table[i].degraded,
						   [VERDICT_DOWN] = table[i].down};
		assert_int_equal(fleet_judge(counts, table[i].min_healthy), table[i].state);
	}
}

/* A fleet on a loop that is never run: nothing is sent. */
static struct {
	uv_loop_t loop;
	struct rng rng;
	struct tally tally;
	struct fleet fleet;
	unsigned words, removed;
} world;

static void on_word(void *context, struct member *member, enum verdict before)
{
	(void)context;
	(void)member;
	(void)before;
	world.words++;
}

static void on_removed(void *context, const char *id)
{
	(void)context;
	(void)id;
	world.removed++;
}

static void on_pool(void *context, const struct fleet_pool *pool, enum pool_state before)
{
	(void)context;
	(void)pool;
	(void)before;
}

static struct health_state on_held(void *context, const char *id)
{
	(void)context;
	bool dead = strcmp(id, "endpoint/eu/b") == 0;
	return (struct health_state){.verdict = dead ? VERDICT_DOWN : VERDICT_UP};
}

static int setup(void **state)
{
	(void)state;
	memset(&world, 0, sizeof world);
	uv_loop_init(&world.loop);
	struct target_services services = {.env = probe_env_new(&world.loop),
					   .runner =
						   runner_new(&world.loop, 10, target_begin, NULL),
					   .stall = stall_new(&world.loop),
					   .rng = &world.rng,
					   .tally = &world.tally};
	struct fleet_listener listener = {
		.word = on_word, .removed = on_removed, .pool = on_pool, .held = on_held};
	rng_init(&world.rng, 1);
	fleet_init(&world.fleet, &services, &listener);
	return 0;
}

static void free_stall(const struct stall *stall)
{
	union {
		const struct stall *borrowed;
		struct stall *owned;
	} both = {.borrowed = stall};
	stall_free(both.owned);
}

static int teardown(void **state)
{
	(void)state;
	struct target_services services = world.fleet.services;
	fleet_fini(&world.fleet);
	runner_free(services.runner);
	free_stall(services.stall);
	probe_env_free(services.env);
	uv_run(&world.loop, UV_RUN_DEFAULT);
	return uv_loop_close(&world.loop);
}

static struct object *tcp_monitor(uint16_t port)
{
	struct object *object = object_new(KIND_MONITOR);
	object->id = mem_strdup("web");
	object->monitor.name = mem_strdup("web");
	object->monitor.type = MONITOR_TCP;
	object->monitor.port = port;
	object->monitor.interval_ms = 1000;
	return object;
}

/* "a=192.0.2.1 b=192.0.2.2 -c=192.0.2.3": names with addresses, "-" for not enabled. */
static struct object *pool_of(const char *name, const char *endpoints)
{
	struct object *object = object_new(KIND_POOL);
	object->id = mem_strdup(name);
	object->pool.name = mem_strdup(name);
	object->pool.monitor = mem_strdup("web");
	object->pool.endpoints = mem_array(8, sizeof(struct endpoint));
	char *text = mem_strdup(endpoints), *rest = text, *word;
	while ((word = strsep(&rest, " ")) != NULL) {
		char *address = strchr(word, '=');
		*address++ = '\0';
		struct endpoint *endpoint = &object->pool.endpoints[object->pool.endpoint_count++];
		endpoint->enabled = word[0] != '-';
		endpoint->name = mem_strdup(endpoint->enabled ? word : word + 1);
		endpoint->address = mem_strdup(address);
		assert_true(addr_parse(address, &endpoint->ip));
	}
	free(text);
	return object;
}

/* The model BEFORE (taken, may be NULL) with OBJECT (taken) put in. */
static struct model *with(struct model *before, struct object *object)
{
	struct model *base = before != NULL ? before : model_new();
	struct model_change change = {.kind = object->kind, .id = object->id, .put = object};
	struct model *model = model_with(base, base->revision + 1, &change, 1);
	model_unref(base);
	object_unref(object);
	return model;
}

static void apply_moved(const struct model *model, enum kind kind, const char *id)
{
	struct moved moved = {.kind = kind, .id = mem_strdup(id)};
	fleet_apply(&world.fleet, model, &moved, 1);
	free(moved.id);
}

static const struct member *member(const char *id)
{
	return strmap_find(&world.fleet.members, id);
}

static void test_targets_follow_the_configuration(void **state)
{
	(void)state;
	struct model *model = with(NULL, tcp_monitor(80));
	model = with(model, pool_of("eu", "a=192.0.2.1 b=192.0.2.2 -c=192.0.2.3"));
	model = with(model, pool_of("us", "x=192.0.2.1"));
	fleet_apply(&world.fleet, model, NULL, 0);
	assert_int_equal(world.fleet.members.count, 3);
	assert_int_equal(world.fleet.targets.count, 2); /* a and x are the same */
	assert_ptr_equal(member("endpoint/eu/a")->target, member("endpoint/us/x")->target);
	assert_null(member("endpoint/eu/c"));
	assert_int_equal(member("endpoint/eu/b")->target->memory.verdict, VERDICT_DOWN);

	const struct target *kept = member("endpoint/eu/a")->target;
	model = with(model, pool_of("eu", "a=192.0.2.1 b=192.0.2.4"));
	apply_moved(model, KIND_POOL, "eu");
	assert_ptr_equal(member("endpoint/eu/a")->target, kept);
	assert_int_equal(member("endpoint/eu/b")->target->memory.verdict, VERDICT_UNKNOWN);
	assert_true(member("endpoint/eu/b")->target->memory.pending);
	assert_int_equal(world.removed, 1); /* b's old word is not the new address's */

	model = with(model, tcp_monitor(81));
	apply_moved(model, KIND_MONITOR, "web");
	assert_ptr_equal(member("endpoint/eu/a")->target, kept);
	assert_int_equal(kept->monitor->monitor.port, 81);
	assert_int_equal(kept->memory.verdict, VERDICT_UP);

	struct model_change gone = {.kind = KIND_POOL, .id = "eu"};
	struct model *without = model_with(model, model->revision + 1, &gone, 1);
	apply_moved(without, KIND_POOL, "eu");
	assert_int_equal(world.fleet.members.count, 1);
	assert_int_equal(world.fleet.targets.count, 1);
	assert_ptr_equal(member("endpoint/us/x")->target, kept);
	model_unref(without);
	model_unref(model);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_pool_is_what_its_members_make_it),
		cmocka_unit_test_setup_teardown(test_targets_follow_the_configuration, setup,
						teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
