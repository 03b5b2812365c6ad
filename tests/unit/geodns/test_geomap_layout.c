/*
 * Holds steering maps of every size that their layout tells apart to the ranges that they are made
 * of: from nodes of two stretches to full ones, codes of 16 bits and of 32, a city database.
 */
#include "geodns/geomap_layout.h"

#include "base/mem.h"
#include "base/rng.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { ASKED = 100000, FIXED_SIZE = 512 * 1024 };

/* A place table that lies in memory; the number of a place is written into its latitude. */
struct world {
	struct place_table table;
	uint32_t *start4, *value4;
	uint64_t *hi6;
	uint32_t *value6;
};

static struct world world_new(size_t places, size_t count4, size_t count6)
{
	struct world world = {.start4 = mem_array(count4, sizeof(uint32_t)),
			      .value4 = mem_array(count4, sizeof(uint32_t)),
			      .hi6 = mem_array(count6, sizeof(uint64_t)),
			      .value6 = mem_array(count6, sizeof(uint32_t))};
	struct place *all = mem_array(places, sizeof *all);
	for (size_t i = 0; i < places; i++)
		all[i].lat = (float)i;
	world.table.places = all;
	world.table.place_count = places;
	return world;
}

static void world_seal(struct world *world, size_t count4, size_t count6)
{
	world->table.place4 = (struct ranges4){world->start4, world->value4, count4};
	world->table.place6 = (struct ranges6){world->hi6, NULL, world->value6, count6};
}

static void world_free(struct world *world)
{
	union {
		const struct place *borrowed;
		struct place *owned;
	} places = {.borrowed = world->table.places};
	free(places.owned);
	free(world->start4);
	free(world->value4);
	free(world->hi6);
	free(world->value6);
}

/* Values are places, or what is left of their number: CONTEXT says how many there are. */
static uint32_t by_place(void *context, const struct geomap_client *client)
{
	const uint32_t *values = context;
	return (uint32_t)client->place->lat % *values;
}

static uint32_t reference(const struct place_table *table, const struct addr *addr, uint32_t values)
{
	struct place_found found;
	place_table_find(table, addr, &found);
	return (uint32_t)found.place.lat % values;
}

static struct addr addr4(uint32_t key)
{
	struct addr addr = {.family = ADDR_IPV4};
	key = __builtin_bswap32(key);
	memcpy(addr.bytes, &key, sizeof key);
	return addr;
}

static struct addr addr6(uint64_t hi)
{
	struct addr addr = {.family = ADDR_IPV6};
	hi = __builtin_bswap64(hi);
	memcpy(addr.bytes, &hi, sizeof hi);
	return addr;
}

/* The last address of the prefix of LEN bits around ADDR. */
static struct addr last_of(const struct addr *addr, unsigned len)
{
	struct addr last = *addr;
	for (unsigned bit = len; bit < addr_bits(addr); bit++)
		last.bytes[bit / 8] |= (uint8_t)(0x80 >> bit % 8);
	return last;
}

/* Whether all of the prefix of LEN bits around ADDR has one value, range by range. */
static bool is_of_one_value(const struct place_table *table, const struct addr *addr, unsigned len,
			    uint32_t values)
{
	struct addr at = *addr, last = last_of(addr, len);
	addr_mask(&at, len);
	uint32_t value = reference(table, &at, values);
	bool ipv4 = addr->family == ADDR_IPV4;
	size_t count = ipv4 ? table->place4.count : table->place6.count, i = 0;
	unsigned __int128 first = ipv4 ? ranges_key4(&at) : ranges_key6(&at);
	unsigned __int128 end = ipv4 ? ranges_key4(&last) : ranges_key6(&last);
	i = ipv4 ? ranges_search4(table->place4.start, 0, count - 1, (uint32_t)first)
		 : ranges_search6(&table->place6, 0, count - 1, first);
	for (i++; i < count; i++) {
		unsigned __int128 start =
			ipv4 ? table->place4.start[i] : ranges_start6(&table->place6, i);
		uint32_t place = ipv4 ? table->place4.value[i] : table->place6.value[i];
		if (start > end)
			return true;
		if ((uint32_t)table->places[place].lat % values != value)
			return false;
	}
	return true;
}

static void compare(const struct geomap *map, const struct place_table *table,
		    const struct addr *addr, uint32_t values)
{
	struct geomap_found found = geomap_find(map, addr);
	char text[ADDR_TEXT_MAX];
	addr_format(addr, text);
	if (found.value != reference(table, addr, values))
		fail_msg("%s: value %u, wanted %u", text, found.value,
			 reference(table, addr, values));
	if (!is_of_one_value(table, addr, found.scope, values))
		fail_msg("%s/%u holds another value", text, found.scope);
	if (found.scope > 0 && is_of_one_value(table, addr, found.scope - 1u, values))
		fail_msg("%s/%u could be wider", text, found.scope);
}

/* Addresses at both sides of starts, far from the areas of no place. */
static void compare_all(const struct geomap *map, const struct place_table *table, uint32_t values)
{
	struct rng rng;
	rng_init(&rng, 11);
	for (int i = 0; i < ASKED; i++) {
		uint32_t start4 = table->place4.start[rng_below(&rng, table->place4.count)];
		uint64_t hi6 = table->place6.hi[rng_below(&rng, table->place6.count)];
		struct addr ipv4 = addr4(start4 - (uint32_t)rng_below(&rng, 2));
		struct addr ipv6 = addr6(hi6 - rng_below(&rng, 2));
		if (ipv4.bytes[0] >= 16 && ipv4.bytes[0] < 96)
			compare(map, table, &ipv4, values);
		if (ipv6.bytes[0] == 0x2a)
			compare(map, table, &ipv6, values);
	}
}

/* The next multiple of 2^BITS behind AT. */
static uint64_t next_prefix(uint64_t at, uint64_t bits)
{
	return ((at >> bits) + 1) << bits;
}

/* Prefixes of very different lengths, as registries and providers give them out, long ones side by
 * side. PLACES are given in turn, so that neighbours differ. */
static struct world city_world(size_t places, size_t ranges)
{
	struct world world = world_new(places, ranges, ranges);
	struct rng rng;
	rng_init(&rng, 5);
	uint64_t at4 = UINT64_C(16) << 24, at6 = UINT64_C(0x2a00) << 48, long4 = 8, long6 = 8;
	size_t count4 = 1, count6 = 1;
	for (; count4 < ranges && at4 < UINT64_C(96) << 24; count4++) {
		world.start4[count4] = (uint32_t)at4;
		world.value4[count4] = (uint32_t)(count4 % places);
		if (count4 % 256 == 0)
			long4 = 4 + rng_below(&rng, 7);
		at4 = next_prefix(at4, long4 + rng_below(&rng, 4));
	}
	for (; count6 < ranges; count6++) {
		world.hi6[count6] = at6;
		world.value6[count6] = (uint32_t)(count6 % places);
		if (count6 % 256 == 0)
			long6 = rng_below(&rng, 8) == 0 ? rng_below(&rng, 16) : 16;
		at6 = next_prefix(at6, long6 + rng_below(&rng, 6));
	}
	world_seal(&world, count4, count6);
	return world;
}

static void check_city(const struct world *world, uint32_t values, bool wide, double octets_a_range)
{
	const struct geomap_input input = {
		.table = &world->table, .rank = by_place, .context = &values};
	struct geomap *map = geomap_new(&input);
	assert_int_equal(map->tree4.code32 != NULL, wide);
	assert_int_equal(map->tree6.code32 != NULL, wide);
	compare_all(map, &world->table, values);
	size_t ranges = geomap_ranges(map, ADDR_IPV4) + geomap_ranges(map, ADDR_IPV6);
	assert_true(ranges > 2000000);
	assert_true((double)geomap_size(map) < FIXED_SIZE + octets_a_range * (double)ranges);
	geomap_free(map);
}

static void test_a_city_database_of_more_than_65536_places_and_rankings_takes_seven(void **state)
{
	(void)state;
	struct world world = city_world(150000, 1500000);
	check_city(&world, 150000, true, 7);
	world_free(&world);
}

static void test_a_city_database_of_few_rankings_takes_five_octets_a_range(void **state)
{
	(void)state;
	struct world world = city_world(150000, 1500000);
	check_city(&world, 1000, false, 5);
	world_free(&world);
}

/* COUNT ranges STEP apart in 20.0.0.0/16 and in 2a00:1::/32, of three places in turn, and what is
 * behind them of the first. */
static struct world block_world(size_t count, uint32_t step)
{
	struct world world = world_new(4, count + 2, count + 2);
	for (size_t i = 1; i <= count; i++) {
		world.start4[i] = (UINT32_C(20) << 24) + (uint32_t)(i - 1) * step;
		world.hi6[i] = (UINT64_C(0x2a000001) << 32) + ((uint64_t)(i - 1) * step << 16);
		world.value4[i] = world.value6[i] = 1 + (uint32_t)(i % 3);
	}
	world.start4[count + 1] = world.start4[count] + step;
	world.hi6[count + 1] = world.hi6[count] + ((uint64_t)step << 16);
	world_seal(&world, count + 2, count + 2);
	return world;
}

static void test_nodes_of_every_number_of_stretches(void **state)
{
	(void)state;
	static const struct {
		size_t count;
		uint32_t step;
	} cases[] = {{1, 1},	{1, 65535}, {2, 3},	{3, 16384}, {4, 16384}, {5, 13107},
		     {8, 8192}, {9, 1},	    {1000, 65}, {32768, 2}, {65535, 1}, {65536, 1}};
	uint32_t values = 4;
	/* Each map is built where larger and smaller ones were before. */
	struct geomap_scratch *scratch = geomap_scratch_new();
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct world world = block_world(cases[i].count, cases[i].step);
		const struct geomap_input input = {.scratch = scratch,
						   .table = &world.table,
						   .rank = by_place,
						   .context = &values};
		struct geomap *map = geomap_new(&input);
		for (uint32_t word = 0; word < GEOMAP_ROOT; word++) {
			struct addr ipv4 = addr4((UINT32_C(20) << 24) + word);
			struct addr ipv6 =
				addr6((UINT64_C(0x2a000001) << 32) + ((uint64_t)word << 16));
			compare(map, &world.table, &ipv4, values);
			compare(map, &world.table, &ipv6, values);
		}
		geomap_free(map);
		world_free(&world);
	}
	geomap_scratch_free(scratch);
}

/* 0 for the first place, for any other what CONTEXT says. */
static uint32_t as_told(void *context, const struct geomap_client *client)
{
	const uint32_t *value = context;
	return client->place->lat > 0 ? *value : 0;
}

/* Nodes below the root of a tree of IPv4, where there are no others. */
static uint32_t count_nodes4(const struct geomap_tree *tree)
{
	uint32_t behind = tree->first_node;
	for (size_t i = 0; i < GEOMAP_ROOT; i++) {
		if (geomap_code(tree, i) >= behind)
			behind = geomap_code(tree, i) + 1;
	}
	return behind - tree->first_node;
}

static void check_codes(const struct world *world, uint32_t value, bool wide, uint32_t *nodes)
{
	const struct geomap_input input = {
		.table = &world->table, .rank = as_told, .context = &value};
	struct geomap *map = geomap_new(&input);
	const struct addr inside = addr4(UINT32_C(20) << 24 | 7),
			  behind = addr4(UINT32_C(21) << 24);
	assert_int_equal(map->tree4.code32 != NULL, wide);
	assert_int_equal(geomap_find(map, &inside).value, value);
	assert_int_equal(geomap_find(map, &inside).scope, 31);
	assert_int_equal(geomap_find(map, &behind).value, 0);
	*nodes = count_nodes4(&map->tree4);
	geomap_free(map);
}

/* Codes are two that are no ranking, the values up to the highest, and the nodes. */
static void test_codes_are_wide_from_the_first_that_16_bits_do_not_hold(void **state)
{
	(void)state;
	struct world world = world_new(2, 3, 1);
	memcpy(world.start4, (uint32_t[]){0, UINT32_C(20) << 24 | 6, UINT32_C(20) << 24 | 8}, 12);
	memcpy(world.value4, (uint32_t[]){0, 1, 0}, 12);
	world_seal(&world, 3, 1);
	uint32_t nodes, again;
	check_codes(&world, 1, false, &nodes);
	assert_true(nodes > 1);
	check_codes(&world, 65536 - 3 - nodes, false, &again);
	assert_int_equal(again, nodes);
	check_codes(&world, 65536 - 3 - nodes + 1, true, &again);
	assert_int_equal(again, nodes);
	check_codes(&world, GEOMAP_VALUES - 1, true, &again);
	assert_int_equal(again, nodes);
	world_free(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_a_city_database_of_more_than_65536_places_and_rankings_takes_seven),
		cmocka_unit_test(test_a_city_database_of_few_rankings_takes_five_octets_a_range),
		cmocka_unit_test(test_nodes_of_every_number_of_stretches),
		cmocka_unit_test(test_codes_are_wide_from_the_first_that_16_bits_do_not_hold),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
