/*
 * Measures places: how long a place table takes to open, a steering map to compile, and one address
 * to be looked up in it.
 *
 *     geomap PLACES.TBL
 *
 * IPv4 addresses are drawn evenly, IPv6 addresses evenly over the ranges of the table (the worst
 * case: most ranges lie crowded in few allocations).
 */
#include "geodns/geomap.h"
#include "base/mem.h"
#include "base/mono.h"
#include "base/rng.h"
#include "geodns/distance.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ADDRESSES = 65536, ROUNDS = 100, BUILDS = 5, POOLS = 8 };

static const double pools[POOLS][2] = {{50.1, 8.7},   {39.0, -77.5},  {37.4, -122.0}, {1.3, 103.8},
				       {35.7, 139.7}, {-23.5, -46.6}, {-33.9, 151.2}, {19.1, 72.9}};

static uint32_t by_rules(void *context, const struct geomap_client *client)
{
	(void)context;
	const char *continent = client->place->continent;
	if (strcmp(continent, "EU") == 0 || strcmp(continent, "AF") == 0)
		return 1;
	return strcmp(client->place->country, "CN") == 0 ? 2 : 0;
}

static uint32_t by_distance(void *context, const struct geomap_client *client)
{
	(void)context;
	const struct place *place = client->place;
	uint32_t nearest = POOLS;
	double least_km = 1e9;
	for (uint32_t i = 0; i < POOLS && (place->flags & PLACE_LOCATED) != 0; i++) {
		double km = distance_km((double)place->lat, (double)place->lon, pools[i][0],
					pools[i][1]);
		if (km < least_km) {
			least_km = km;
			nearest = i;
		}
	}
	return nearest;
}

static uint32_t by_country(void *context, const struct geomap_client *client)
{
	(void)context;
	return (uint32_t)client->place->country[0] << 8 | (uint32_t)client->place->country[1];
}

static void draw_addresses(const struct place_table *table, struct addr *ipv4, struct addr *ipv6)
{
	struct rng rng;
	rng_init(&rng, 1);
	for (size_t i = 0; i < ADDRESSES; i++) {
		uint64_t octets[2] = {rng_next(&rng), rng_next(&rng)};
		ipv4[i].family = ADDR_IPV4;
		memcpy(ipv4[i].bytes, octets, 4);
		ipv6[i].family = ADDR_IPV6;
		if (table->place6.count > 0)
			octets[0] = __builtin_bswap64(
				table->place6.hi[rng_below(&rng, table->place6.count)]);
		memcpy(ipv6[i].bytes, octets, sizeof octets);
	}
}

/* Nanoseconds a look-up. */
static double time_finds(const struct geomap *map, const struct addr *addresses)
{
	uint64_t sum = 0;
	struct mono before = mono_now();
	for (int round = 0; round < ROUNDS; round++) {
		for (size_t i = 0; i < ADDRESSES; i++) {
			struct geomap_found found = geomap_find(map, &addresses[i]);
			sum += found.value + found.scope;
		}
	}
	double ns = (double)(mono_now().ns - before.ns) / (ROUNDS * (double)ADDRESSES);
	return sum > 0 ? ns : -ns;
}

static struct geomap *time_build(const struct geomap_input *input, double *least_ms)
{
	struct geomap *map = NULL;
	*least_ms = 1e9;
	for (int i = 0; i < BUILDS; i++) {
		geomap_free(map);
		struct mono before = mono_now();
		map = geomap_new(input);
		double ms = (double)(mono_now().ns - before.ns) / 1e6;
		*least_ms = ms < *least_ms ? ms : *least_ms;
	}
	return map;
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		uint32_t (*rank)(void *context, const struct geomap_client *client);
	} maps[] = {{"rules", by_rules}, {"nearest of 8", by_distance}, {"by country", by_country}};
	struct error error = {""};
	struct mono before = mono_now();
	struct place_table *table = argc == 2 ? place_table_open(argv[1], &error) : NULL;
	if (table == NULL) {
		fprintf(stderr, "usage: geomap PLACES.TBL\n%s\n", error.text);
		return 1;
	}
	printf("place table: %.1f MB, %zu IPv4 and %zu IPv6 ranges, opened and checked in %.1f "
	       "ms\n",
	       (double)table->len / 1e6, table->place4.count, table->place6.count,
	       (double)(mono_now().ns - before.ns) / 1e6);
	struct addr *ipv4 = mem_array(ADDRESSES, sizeof *ipv4);
	struct addr *ipv6 = mem_array(ADDRESSES, sizeof *ipv6);
	draw_addresses(table, ipv4, ipv6);
	for (size_t i = 0; i < sizeof maps / sizeof *maps; i++) {
		const struct geomap_input input = {.table = table, .rank = maps[i].rank};
		double ms;
		struct geomap *map = time_build(&input, &ms);
		printf("%-13s built in %5.1f ms, %6zu + %6zu ranges, %5.2f MB; IPv4 %5.1f ns, "
		       "IPv6 %5.1f ns\n",
		       maps[i].name, ms, geomap_ranges(map, ADDR_IPV4),
		       geomap_ranges(map, ADDR_IPV6), (double)geomap_size(map) / 1e6,
		       time_finds(map, ipv4), time_finds(map, ipv6));
		geomap_free(map);
	}
	free(ipv4);
	free(ipv6);
	place_table_close(table);
	return 0;
}
