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
	const struct geomap_tree *tree = &map->tree6;
	const uint8_t *bytes = addr->bytes;
	uint32_t word = (uint32_t)bytes[0] << 8 | bytes[1];
	uint32_t code = geomap_code(tree, word);
	unsigned depth = 0, scope = tree->scope[word];
	while (code >= tree->first_node) {
		depth += GEOMAP_LEVEL_BITS;
		word = (uint32_t)bytes[depth / 8] << 8 | bytes[depth / 8 + 1];
		size_t i = geomap_stretch(tree, &tree->nodes[code - tree->first_node], word);
		code = geomap_code(tree, GEOMAP_ROOT + i);
		scope = depth + geomap_stretch_bits(tree, i, word);
	}
	uint32_t value = code - GEOMAP_CODE_OFFSET;
	if (value == GEOMAP_EMBEDDED)
		return find_embedded(map, addr, scope);
	return (struct geomap_found){value, (uint8_t)scope};
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
	return family == ADDR_IPV4 ? map->tree4.ranges : map->tree6.ranges;
}

size_t geomap_size(const struct geomap *map)
{
	return sizeof *map + map->tree4.size + map->tree6.size;
}

void geomap_free(struct geomap *map)
{
	if (map == NULL)
		return;
	free(map->tree4.block);
	free(map->tree6.block);
	free(map);
}
