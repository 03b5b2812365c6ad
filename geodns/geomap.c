/* Knows how an IPv6 address is looked up in a steering map, and the IPv4 address inside it. */
#include "geodns/geomap.h"

#include "geodns/geomap_layout.h"

#include <stdlib.h>

/*
 * The address lies in a range that embeds IPv4. All forms keep the bits of the IPv4 address
 * together and in order (Teredo inverts each, which keeps prefixes prefixes), so a prefix of N bits
 * there is one of N bits behind the leading ones here.
 */
static struct geomap_found find_embedded(const struct geomap *map, const struct addr *addr,
					 unsigned scope)
{
	struct addr inside;
	unsigned leading;
	if (!addr_embedded_ipv4(addr, &inside, &leading))
		return (struct geomap_found){GEOMAP_NO_PLACE, 128};
	struct geomap_found found = geomap_find4(map, ranges_key4(&inside));
	found.scope = (uint8_t)(found.scope + leading);
	if (scope > found.scope)
		found.scope = (uint8_t)scope;
	return found;
}

struct geomap_found geomap_find6(const struct geomap *map, const struct addr *addr)
{
	const struct ranges6 ranges = {map->hi6, map->lo6, map->value6, map->count6};
	unsigned __int128 key = ranges_key6(addr);
	size_t slot = geomap_slot6(map, (uint64_t)(key >> 64));
	size_t i = ranges_search6(&ranges, map->slot6[slot], map->slot6[slot + 1], key);
	unsigned scope = ranges_scope6(&ranges, i, key);
	if (map->value6[i] == GEOMAP_EMBEDDED)
		return find_embedded(map, addr, scope);
	return (struct geomap_found){map->value6[i], (uint8_t)scope};
}

struct geomap_found geomap_find(const struct geomap *map, const struct addr *addr)
{
	return addr->family == ADDR_IPV4 ? geomap_find4(map, ranges_key4(addr))
					 : geomap_find6(map, addr);
}

uint32_t geomap_unknown(const struct geomap *map)
{
	return map->unknown;
}

size_t geomap_ranges(const struct geomap *map, enum addr_family family)
{
	return family == ADDR_IPV4 ? map->count4 : map->count6;
}

size_t geomap_size(const struct geomap *map)
{
	size_t per_range6 = sizeof *map->hi6 + sizeof *map->value6;
	if (map->lo6 != NULL)
		per_range6 += sizeof *map->lo6;
	return sizeof *map + (GEOMAP_SLOTS4 + 1) * sizeof *map->slot4 +
	       GEOMAP_BLOCKS6 * sizeof *map->block6 + (map->slots6 + 1) * sizeof *map->slot6 +
	       map->count4 * (sizeof *map->start4 + sizeof *map->value4) + map->count6 * per_range6;
}

void geomap_free(struct geomap *map)
{
	if (map == NULL)
		return;
	free(map->slot4);
	free(map->start4);
	free(map->value4);
	free(map->block6);
	free(map->slot6);
	free(map->hi6);
	free(map->lo6);
	free(map->value6);
	free(map);
}
