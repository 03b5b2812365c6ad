/* Knows how the operator's statements about prefixes change what the databases say. */
#include "geodns/place_override.h"

#include "geodns/place_pattern.h"
#include "geodns/unroutable.h"

#include <string.h>

void place_override_init(struct place_override *override, const struct geo_override *geo)
{
	*override = (struct place_override){.prefix = geo->cidr, .asn = geo->asn};
	if (geo->place != NULL)
		override->says_place = place_pattern_read(geo->place, &override->place);
	if (geo->position.known)
		override->says_position =
			place_set_position(&override->place, geo->position.lat, geo->position.lon);
}

void place_override_apply(const struct place_override *override, struct place *place, uint32_t *asn)
{
	const struct place before = *place;
	if (override->says_place) {
		*place = override->place;
		if (!override->says_position && before.country[0] != '\0' &&
		    strcmp(before.country, place->country) == 0) {
			place->flags = before.flags;
			place->lat = before.lat;
			place->lon = before.lon;
		}
	} else if (override->says_position) {
		place->flags = override->place.flags;
		place->lat = override->place.lat;
		place->lon = override->place.lon;
	}
	if (override->asn != 0)
		*asn = override->asn;
}

const char *place_source_name(enum place_source source)
{
	static const char *const names[] = {"none", "database", "override"};
	return names[source];
}

/* The covering overrides from the widest to the narrowest; returns how many. There are at most as
 * many as prefix lengths, for the configuration names a prefix once. */
static size_t covering(const struct place_override *overrides, size_t count,
		       const struct addr *addr, const struct place_override *chain[129])
{
	const struct place_override *by_len[129] = {0};
	size_t found = 0;
	for (size_t i = 0; i < count; i++) {
		if (prefix_contains(&overrides[i].prefix, addr))
			by_len[overrides[i].prefix.len] = &overrides[i];
	}
	for (size_t len = 0; len <= 128; len++) {
		if (by_len[len] != NULL)
			chain[found++] = by_len[len];
	}
	return found;
}

static unsigned shared_bits(const struct addr *a, const struct addr *b)
{
	unsigned bits = addr_bits(a);
	for (unsigned octet = 0; octet < bits / 8; octet++) {
		unsigned differing = a->bytes[octet] ^ b->bytes[octet];
		if (differing != 0)
			return 8 * octet + (unsigned)__builtin_clz(differing) - 24;
	}
	return bits;
}

/* The least length, LEN or more, at which the prefix around ADDR holds no override but those that
 * cover all of it. */
static unsigned clear_of_overrides(const struct place_override *overrides, size_t count,
				   const struct addr *addr, unsigned len)
{
	for (size_t i = 0; i < count; i++) {
		const struct prefix *prefix = &overrides[i].prefix;
		if (prefix->addr.family != addr->family)
			continue;
		unsigned least = prefix_contains(prefix, addr)
					 ? prefix->len
					 : shared_bits(&prefix->addr, addr) + 1;
		if (least > len)
			len = least;
	}
	return len;
}

/* How long the prefix is in which an IPv6 form embeds IPv4 (geomap.h keeps the same bounds). */
static unsigned embedding_len(const struct addr *addr, unsigned prefix_bits)
{
	if (prefix_bits == 16)
		return 16;			 /* 6to4 */
	return addr->bytes[0] == 0x20 ? 32 : 64; /* Teredo; IPv4-mapped and 64:ff9b:: */
}

/* An IPv6 form stands for its IPv4 address, unless an override names the form itself. */
static void resolve(const struct place_override *overrides, size_t count, const struct addr *addr,
		    struct addr *looked_up)
{
	unsigned prefix_bits;
	*looked_up = *addr;
	if (!addr_embedded_ipv4(addr, looked_up, &prefix_bits))
		return;
	for (size_t i = 0; i < count; i++) {
		if (overrides[i].prefix.len >= embedding_len(addr, prefix_bits) &&
		    prefix_contains(&overrides[i].prefix, addr))
			*looked_up = *addr;
	}
}

void place_explain(const struct place_table *table, const struct place_override *overrides,
		   size_t count, const struct addr *addr, struct place_explanation *explanation)
{
	const struct place_override *chain[129];
	struct place_found found;
	memset(explanation, 0, sizeof *explanation);
	resolve(overrides, count, addr, &explanation->looked_up);
	const struct addr *looked_up = &explanation->looked_up;
	size_t depth = covering(overrides, count, looked_up, chain);
	place_table_find(table, looked_up, &found);
	explanation->unroutable = depth == 0 && unroutable_contains(looked_up);
	if (!explanation->unroutable) {
		explanation->place = found.place;
		explanation->asn = found.asn;
	}
	for (size_t i = 0; i < depth; i++)
		place_override_apply(chain[i], &explanation->place, &explanation->asn);
	if (depth > 0) {
		explanation->override = chain[depth - 1];
		explanation->source = PLACE_SOURCE_OVERRIDE;
	} else if (place_is_known(&explanation->place) || explanation->asn != 0) {
		explanation->source = PLACE_SOURCE_DATABASE;
	}
	explanation->prefix = (struct prefix){
		.addr = *looked_up,
		.len = (uint8_t)clear_of_overrides(overrides, count, looked_up, found.prefix_len)};
	addr_mask(&explanation->prefix.addr, explanation->prefix.len);
}
