/*
 * Holds geomap to a reference that knows nothing of sweeps, indices or searches: the value of each
 * address is worked out from the lists themselves, the scope by trying every prefix length.
 */
#include "geodns/geomap.h"

#include "base/mem.h"
#include "base/rng.h"
#include "geodns/ranges.h"
#include "geodns/unroutable.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { PLACES = 6, RANGES = 40, PREFIXES = 12, POINTS = 4 * (RANGES + PREFIXES) + 64 };

/* A small random world. */
struct world {
	struct place places[PLACES];
	uint32_t place4_start[RANGES], place4_value[RANGES], asn4_start[RANGES], asn4_value[RANGES];
	uint64_t hi[2][RANGES], lo[2][RANGES];
	uint32_t value6[2][RANGES];
	struct place_table table;
	struct place_override overrides[PREFIXES];
	struct geomap_cidr cidrs[PREFIXES];
	struct geomap_input input;
	uint32_t least; /* all values are this much higher */
};

/* Depends on everything a client has, and takes few values, so that neighbours are often equal. */
static uint32_t rank(void *context, const struct geomap_client *client)
{
	const uint32_t *least = context;
	uint32_t value = (uint32_t)(client->place->country[1] & 3) + client->asn;
	bool tagged = client->tag != GEOMAP_NO_TAG;
	return *least + (tagged ? (value + 2 + (uint32_t)client->tag) % 5 : value % 4);
}

/* Low, or about where codes, which values and nodes share, need more than 16 bits, or the last. */
static uint32_t odd_value(struct rng *rng)
{
	const uint32_t odd[] = {0, 65531 - (uint32_t)rng_below(rng, 64), GEOMAP_VALUES - 5};
	return odd[rng_below(rng, 3)];
}

static struct addr addr_of(enum addr_family family, unsigned __int128 key)
{
	struct addr addr = {.family = (uint8_t)family};
	for (int i = 15; i >= 0; i--) {
		unsigned at = family == ADDR_IPV4 ? (unsigned)i - 12 : (unsigned)i;
		if (at < 16)
			addr.bytes[at] = (uint8_t)key;
		key >>= 8;
	}
	return addr;
}

static struct addr parsed(const char *text)
{
	struct addr addr;
	assert_true(addr_parse(text, &addr));
	return addr;
}

static struct prefix prefixed(const char *text)
{
	struct prefix prefix;
	assert_true(prefix_parse(text, &prefix, NULL));
	return prefix;
}

/* Few bits set, so that boundaries fall together, next to each other and at the ends. */
static uint32_t odd_number(struct rng *rng)
{
	uint32_t number = (uint32_t)(rng_below(rng, 256) << 24 | rng_below(rng, 4) << 14 |
				     rng_below(rng, 3) << 1);
	return rng_below(rng, 8) == 0 ? (uint32_t)(UINT32_MAX - rng_below(rng, 3)) : number;
}

static unsigned __int128 odd_key6(struct rng *rng, bool deep)
{
	static const uint64_t tops[] = {UINT64_C(0x2001000000000000), UINT64_C(0x2002000000000000),
					UINT64_C(0x20010db800000000), UINT64_C(0x2a00000000000000),
					UINT64_C(0x0064ff9b00000000), 0,
					UINT64_C(0xfe80000000000000), UINT64_MAX};
	uint64_t hi = tops[rng_below(rng, 8)] + (rng_below(rng, 4) << 32) + rng_below(rng, 3);
	uint64_t lo =
		deep ? rng_below(rng, 3) | rng_below(rng, 3) << 33 | rng_below(rng, 2) << 63 : 0;
	return (unsigned __int128)hi << 64 | lo;
}

static int by_number(const void *a, const void *b)
{
	uint32_t left, right;
	memcpy(&left, a, sizeof left);
	memcpy(&right, b, sizeof right);
	return (left > right) - (left < right);
}

static size_t random_ranges4(struct rng *rng, uint32_t *start, uint32_t *value, uint32_t limit)
{
	size_t kept = 0;
	for (size_t i = 0; i < RANGES; i++)
		start[i] = i == 0 ? 0 : odd_number(rng);
	qsort(start, RANGES, sizeof *start, by_number);
	for (size_t i = 0; i < RANGES; i++) {
		if (kept > 0 && start[kept - 1] == start[i])
			continue;
		start[kept] = start[i];
		value[kept++] = (uint32_t)rng_below(rng, limit);
	}
	return kept;
}

static int by_key(const void *a, const void *b)
{
	unsigned __int128 left, right;
	memcpy(&left, a, sizeof left);
	memcpy(&right, b, sizeof right);
	return (left > right) - (left < right);
}

static struct ranges6 random_ranges6(struct rng *rng, struct world *world, int which, bool deep,
				     uint32_t limit)
{
	unsigned __int128 keys[RANGES] = {0};
	size_t kept = 0;
	for (size_t i = 1; i < RANGES; i++)
		keys[i] = odd_key6(rng, deep);
	qsort(keys, RANGES, sizeof *keys, by_key);
	for (size_t i = 0; i < RANGES; i++) {
		if (i > 0 && keys[i] == keys[i - 1])
			continue;
		world->hi[which][kept] = (uint64_t)(keys[i] >> 64);
		world->lo[which][kept] = (uint64_t)keys[i];
		world->value6[which][kept++] = (uint32_t)rng_below(rng, limit);
	}
	return (struct ranges6){world->hi[which], deep ? world->lo[which] : NULL,
				world->value6[which], kept};
}

static struct prefix random_prefix(struct rng *rng, bool deep)
{
	struct prefix prefix;
	if (rng_below(rng, 2) == 0) {
		prefix.addr = addr_of(ADDR_IPV4, odd_number(rng));
		prefix.len = (uint8_t)rng_below(rng, 33);
	} else {
		prefix.addr = addr_of(ADDR_IPV6, odd_key6(rng, deep));
		prefix.len = (uint8_t)rng_below(rng, deep ? 129 : 65);
	}
	addr_mask(&prefix.addr, prefix.len);
	return prefix;
}

static bool prefix_is_new(const struct world *world, size_t count, const struct prefix *prefix)
{
	for (size_t i = 0; i < count; i++) {
		if (prefix_compare(&world->overrides[i].prefix, prefix) == 0)
			return false;
	}
	return true;
}

static void random_world(struct world *world, struct rng *rng)
{
	static const char *const countries[PLACES] = {"", "DE", "FR", "US", "CN", "BR"};
	bool deep = rng_below(rng, 2) == 0;
	memset(world, 0, sizeof *world);
	for (size_t i = 1; i < PLACES; i++)
		place_set_country(&world->places[i], countries[i]);
	struct place_table *table = &world->table;
	table->places = world->places;
	table->place_count = PLACES;
	table->place4 = (struct ranges4){
		world->place4_start, world->place4_value,
		random_ranges4(rng, world->place4_start, world->place4_value, PLACES)};
	table->asn4 =
		(struct ranges4){world->asn4_start, world->asn4_value,
				 random_ranges4(rng, world->asn4_start, world->asn4_value, 3)};
	table->place6 = random_ranges6(rng, world, 0, deep, PLACES);
	table->asn6 = random_ranges6(rng, world, 1, deep, 3);
	struct geomap_input *input = &world->input;
	*input = (struct geomap_input){.table = table,
				       .overrides = world->overrides,
				       .cidrs = world->cidrs,
				       .by_asn = rng_below(rng, 2) == 0,
				       .rank = rank,
				       .context = &world->least};
	world->least = odd_value(rng);
	for (size_t i = rng_below(rng, PREFIXES); i > 0; i--) {
		struct place_override *override = &world->overrides[input->override_count];
		override->prefix = random_prefix(rng, deep);
		override->says_place = rng_below(rng, 3) > 0;
		place_set_country(&override->place, countries[1 + rng_below(rng, PLACES - 1)]);
		override->asn = (uint32_t)rng_below(rng, 3);
		if (prefix_is_new(world, input->override_count, &override->prefix))
			input->override_count++;
		else
			memset(override, 0, sizeof *override);
	}
	for (size_t i = rng_below(rng, PREFIXES); i > 0; i--) {
		struct geomap_cidr *cidr = &world->cidrs[input->cidr_count++];
		cidr->prefix = random_prefix(rng, deep);
		cidr->tag = (int32_t)rng_below(rng, 4);
	}
}

/* The reference: what it works out of the lists. */
static uint32_t linear4(const struct ranges4 *ranges, uint32_t key)
{
	uint32_t value = 0;
	for (size_t i = 0; i < ranges->count && ranges->start[i] <= key; i++)
		value = ranges->value[i];
	return value;
}

static uint32_t linear6(const struct ranges6 *ranges, unsigned __int128 key)
{
	uint32_t value = 0;
	for (size_t i = 0; i < ranges->count && ranges_start6(ranges, i) <= key; i++)
		value = ranges->value[i];
	return value;
}

/* Whether an area that embeds IPv4 holds all of a prefix. */
static bool names_embedded(const struct prefix *prefix)
{
	static const char *const areas[] = {"::/64", "64:ff9b::/64", "2001::/32", "2002::/16"};
	for (size_t i = 0; i < 4; i++) {
		struct prefix area = prefixed(areas[i]);
		if (prefix->len >= area.len && prefix_contains(&area, &prefix->addr))
			return true;
	}
	return false;
}

/* In such an area, and no prefix of the operator within it covers the address. */
static bool asks_ipv4(const struct world *world, const struct addr *addr)
{
	const struct geomap_input *input = &world->input;
	if (addr->family != ADDR_IPV6 ||
	    !names_embedded(&(struct prefix){.addr = *addr, .len = 128}))
		return false;
	for (size_t i = 0; i < input->cidr_count; i++) {
		if (prefix_contains(&world->cidrs[i].prefix, addr) &&
		    names_embedded(&world->cidrs[i].prefix))
			return false;
	}
	for (size_t i = 0; i < input->override_count; i++) {
		if (prefix_contains(&world->overrides[i].prefix, addr) &&
		    names_embedded(&world->overrides[i].prefix))
			return false;
	}
	return true;
}

static uint32_t reference_value(const struct world *world, const struct addr *addr)
{
	const struct geomap_input *input = &world->input;
	const struct place_table *table = &world->table;
	struct addr inside;
	bool covered = false;
	int32_t tag = GEOMAP_NO_TAG;
	if (asks_ipv4(world, addr))
		return addr_embedded_ipv4(addr, &inside, NULL) ? reference_value(world, &inside)
							       : GEOMAP_NO_PLACE;
	for (size_t i = 0; i < input->cidr_count; i++) {
		const struct geomap_cidr *cidr = &world->cidrs[i];
		if (!prefix_contains(&cidr->prefix, addr))
			continue;
		covered = true;
		if (tag == GEOMAP_NO_TAG || cidr->tag < tag)
			tag = cidr->tag;
	}
	for (size_t i = 0; i < input->override_count; i++)
		covered |= prefix_contains(&world->overrides[i].prefix, addr);
	if (unroutable_contains(addr) && !covered)
		return GEOMAP_NO_PLACE;
	uint32_t place_id = addr->family == ADDR_IPV4 ? linear4(&table->place4, ranges_key4(addr))
						      : linear6(&table->place6, ranges_key6(addr));
	uint32_t asn = addr->family == ADDR_IPV4 ? linear4(&table->asn4, ranges_key4(addr))
						 : linear6(&table->asn6, ranges_key6(addr));
	struct place place = world->places[place_id];
	for (unsigned len = 0; len <= 128; len++) {
		for (size_t i = 0; i < input->override_count; i++) {
			const struct place_override *override = &world->overrides[i];
			if (override->prefix.len == len && prefix_contains(&override->prefix, addr))
				place_override_apply(override, &place, &asn);
		}
	}
	const struct geomap_client client = {&place, input->by_asn ? asn : 0, tag};
	return rank(input->context, &client);
}

/* Every address at which anything may begin, sorted, with its value. */
struct points {
	unsigned __int128 at[POINTS];
	uint32_t value[POINTS];
	size_t count;
};

static void add_prefix_points(struct points *points, const struct prefix *prefix)
{
	bool ipv4 = prefix->addr.family == ADDR_IPV4;
	unsigned __int128 first = ipv4 ? ranges_key4(&prefix->addr) : ranges_key6(&prefix->addr);
	unsigned host_bits = addr_bits(&prefix->addr) - prefix->len;
	points->at[points->count++] = first;
	if (host_bits == 128)
		return;
	unsigned __int128 behind = first + ((unsigned __int128)1 << host_bits);
	if (behind != 0 && (!ipv4 || behind <= UINT32_MAX))
		points->at[points->count++] = behind;
}

static void collect_points(const struct world *world, enum addr_family family,
			   struct points *points)
{
	static const char *const areas[] = {"::/64", "64:ff9b::/64", "2001::/32", "2002::/16"};
	const struct place_table *table = &world->table;
	size_t count;
	const struct unroutable_range *unroutable = unroutable_ranges(family, &count);
	bool ipv4 = family == ADDR_IPV4;
	points->count = 0;
	for (size_t i = 0; i < (ipv4 ? table->place4.count : table->place6.count); i++)
		points->at[points->count++] =
			ipv4 ? table->place4.start[i] : ranges_start6(&table->place6, i);
	for (size_t i = 0; i < (ipv4 ? table->asn4.count : table->asn6.count); i++)
		points->at[points->count++] =
			ipv4 ? table->asn4.start[i] : ranges_start6(&table->asn6, i);
	for (size_t i = 0; i < world->input.override_count; i++) {
		if (world->overrides[i].prefix.addr.family == family)
			add_prefix_points(points, &world->overrides[i].prefix);
	}
	for (size_t i = 0; i < world->input.cidr_count; i++) {
		if (world->cidrs[i].prefix.addr.family == family)
			add_prefix_points(points, &world->cidrs[i].prefix);
	}
	for (size_t i = 0; i < count; i++) {
		unsigned shift = ipv4 ? 0 : 64;
		points->at[points->count++] = (unsigned __int128)unroutable[i].first << shift;
		if (unroutable[i].last != (ipv4 ? UINT32_MAX : UINT64_MAX))
			points->at[points->count++] = ((unsigned __int128)unroutable[i].last + 1)
						      << shift;
	}
	for (size_t i = 0; !ipv4 && i < 4; i++) {
		struct prefix area = prefixed(areas[i]);
		add_prefix_points(points, &area);
	}
	assert_true(points->count <= POINTS);
	qsort(points->at, points->count, sizeof *points->at, by_key);
	for (size_t i = 0; i < points->count; i++) {
		struct addr addr = addr_of(family, points->at[i]);
		/* Where the IPv4 address inside decides, values change between points: such a
		 * stretch is like no other, and its scopes are compared apart. */
		points->value[i] = asks_ipv4(world, &addr) ? GEOMAP_VALUES + (uint32_t)i
							   : reference_value(world, &addr);
	}
}

/* The least length at which the prefix around KEY stays where the value is the same. */
static unsigned reference_scope(const struct points *points, unsigned bits, unsigned __int128 key)
{
	size_t i = points->count - 1;
	while (points->at[i] > key)
		i--;
	size_t from = i, to = i;
	while (from > 0 && (points->value[from - 1] == points->value[i] ||
			    points->at[from - 1] == points->at[from]))
		from--;
	while (to + 1 < points->count && points->value[to + 1] == points->value[i])
		to++;
	unsigned __int128 all = ~(unsigned __int128)0;
	unsigned __int128 end = bits == 32 ? UINT32_MAX : all;
	unsigned __int128 first = points->at[from];
	unsigned __int128 last = to + 1 < points->count ? points->at[to + 1] - 1 : end;
	for (unsigned len = 0; len < bits; len++) {
		unsigned __int128 hosts = bits - len == 128 ? all : ~(all << (bits - len));
		if ((key & ~hosts) >= first && ((key & ~hosts) | hosts) <= last)
			return len;
	}
	return bits;
}

/* Near a point more often than not. */
static unsigned __int128 random_key(struct rng *rng, const struct points *points, bool ipv4)
{
	unsigned __int128 key = (unsigned __int128)rng_next(rng) << 64 | rng_next(rng);
	if (rng_below(rng, 4) > 0)
		key = points->at[rng_below(rng, points->count)] + rng_below(rng, 3) - 1;
	return ipv4 ? (uint32_t)key : key;
}

static struct addr random_inside(struct rng *rng, const struct addr *addr, unsigned scope)
{
	struct addr head = *addr, other = *addr;
	addr_mask(&head, scope);
	for (unsigned i = 0; i < addr_bits(addr) / 8; i++)
		other.bytes[i] = (uint8_t)rng_next(rng);
	struct addr other_head = other;
	addr_mask(&other_head, scope);
	for (unsigned i = 0; i < 16; i++)
		other.bytes[i] = (uint8_t)(other.bytes[i] ^ other_head.bytes[i] ^ head.bytes[i]);
	return other;
}

static void compare_at(const struct world *world, const struct geomap *map,
		       const struct points *points, const struct addr *addr, struct rng *rng)
{
	struct geomap_found found = geomap_find(map, addr);
	bool ipv4 = addr->family == ADDR_IPV4;
	char text[ADDR_TEXT_MAX];
	addr_format(addr, text);
	if (found.value != reference_value(world, addr))
		fail_msg("value of %s: %u, wanted %u", text, found.value,
			 reference_value(world, addr));
	if (!asks_ipv4(world, addr)) {
		unsigned wanted = reference_scope(points, ipv4 ? 32 : 128,
						  ipv4 ? ranges_key4(addr) : ranges_key6(addr));
		if (found.scope != wanted)
			fail_msg("scope of %s: %u, wanted %u", text, found.scope, wanted);
	}
	struct addr other = random_inside(rng, addr, found.scope);
	struct geomap_found same = geomap_find(map, &other);
	if (same.value != found.value || same.scope > found.scope) {
		char inside[ADDR_TEXT_MAX];
		addr_format(&other, inside);
		fail_msg("%s/%u has value %u, %s in it %u/%u", text, found.scope, found.value,
			 inside, same.value, same.scope);
	}
}

static void test_a_million_addresses_agree_with_a_linear_reference(void **state)
{
	(void)state;
	struct rng rng;
	rng_init(&rng, 20260101);
	struct world *world = mem_new(struct world);
	struct points *points = mem_new(struct points);
	for (int round = 0; round < 500; round++) {
		random_world(world, &rng);
		struct geomap *map = geomap_new(&world->input);
		for (int family = ADDR_IPV4; family <= ADDR_IPV6; family += 2) {
			collect_points(world, (enum addr_family)family, points);
			for (int i = 0; i < 1000; i++) {
				struct addr addr =
					addr_of((enum addr_family)family,
						random_key(&rng, points, family == ADDR_IPV4));
				compare_at(world, map, points, &addr, &rng);
			}
		}
		geomap_free(map);
	}
	free(points);
	free(world);
}

/* A map of one rule list: 1 for tag 0, 2 for tag 1, 10 + last letter of the country. */
static uint32_t plain_rank(void *context, const struct geomap_client *client)
{
	if (context != NULL)
		++*(unsigned *)context;
	if (client->tag != GEOMAP_NO_TAG)
		return (uint32_t)client->tag + 1;
	return client->place->country[0] != '\0' ? 10 + (uint32_t)client->place->country[1] - 'A'
						 : 0;
}

static void test_a_map_of_nothing_has_scope_zero_up_to_unroutable_areas(void **state)
{
	(void)state;
	const struct geomap_input input = {.rank = plain_rank};
	struct geomap *map = geomap_new(&input);
	static const struct {
		const char *addr;
		uint32_t value;
		uint8_t scope;
	} cases[] = {
		{"8.8.8.8", 0, 7}, /* 10.0.0.0/8 is near */
		{"10.1.2.3", GEOMAP_NO_PLACE, 8},
		{"9.255.255.255", 0, 7},
		{"11.0.0.0", 0, 8},
		{"0.0.0.0", GEOMAP_NO_PLACE, 8},
		{"255.255.255.255", GEOMAP_NO_PLACE, 3},
		{"203.0.113.9", GEOMAP_NO_PLACE, 24},
		{"2600::1", 0, 6},
		{"2001:db8::1", GEOMAP_NO_PLACE, 32},
		{"fe80::1", GEOMAP_NO_PLACE, 1},
		{"::1", GEOMAP_NO_PLACE, 128},
		{"::ffff:8.8.8.8", 0, 103},
		{"64:ff9b::808:808", 0, 103},
		{"2002:808:808::1", 0, 23},
		{"2002:a01:203::1", GEOMAP_NO_PLACE, 24},
		/* Teredo: the client is 8.8.8.8, each bit inverted (RFC 4380 section 4). */
		{"2001:0:4136:e378:8000:63bf:f7f7:f7f7", 0, 103},
	};
	assert_int_equal(geomap_unknown(map), 0);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct addr addr = parsed(cases[i].addr);
		struct geomap_found found = geomap_find(map, &addr);
		if (found.value != cases[i].value || found.scope != cases[i].scope)
			fail_msg("%s: %u/%u", cases[i].addr, found.value, found.scope);
	}
	geomap_free(map);
}

static void test_an_operators_prefix_gives_private_addresses_a_place(void **state)
{
	(void)state;
	struct place_override office = {.prefix = prefixed("10.1.0.0/16"), .says_place = true};
	place_set_country(&office.place, "DE");
	const struct geomap_cidr cidrs[] = {{prefixed("192.168.7.0/24"), 0},
					    {prefixed("2002:a00::/24"), 1}};
	const struct geomap_input input = {.overrides = &office,
					   .override_count = 1,
					   .cidrs = cidrs,
					   .cidr_count = 2,
					   .rank = plain_rank};
	struct geomap *map = geomap_new(&input);
	static const struct {
		const char *addr;
		uint32_t value;
		uint8_t scope;
	} cases[] = {
		{"10.1.2.3", 14, 16},	      {"10.2.2.3", GEOMAP_NO_PLACE, 15},
		{"192.168.7.1", 1, 24},	      {"192.168.6.1", GEOMAP_NO_PLACE, 24},
		{"::ffff:10.1.2.3", 14, 112}, {"2002:a01:203::1", 2, 24},
		{"2002:c0a8:701::1", 1, 40},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct addr addr = parsed(cases[i].addr);
		struct geomap_found found = geomap_find(map, &addr);
		if (found.value != cases[i].value || found.scope != cases[i].scope)
			fail_msg("%s: %u/%u", cases[i].addr, found.value, found.scope);
	}
	geomap_free(map);
}

/* The specification's own example: a /25 of its own makes its sibling a /25 too. */
static void test_a_longer_rule_narrows_the_scope_of_its_neighbour(void **state)
{
	(void)state;
	const struct geomap_cidr cidrs[] = {{prefixed("198.18.0.0/15"), 0},
					    {prefixed("5.0.2.0/24"), 1},
					    {prefixed("5.0.2.0/25"), 0}};
	const struct geomap_input input = {.cidrs = cidrs, .cidr_count = 3, .rank = plain_rank};
	struct geomap *map = geomap_new(&input);
	struct addr addr = parsed("5.0.2.200");
	struct geomap_found found = geomap_find(map, &addr);
	assert_int_equal(found.value, 2);
	assert_int_equal(found.scope, 25);
	geomap_free(map);
}

static void test_equal_neighbours_are_one_range(void **state)
{
	(void)state;
	/* Two halves of a /23 that rank the same as each other, not as the world. */
	const struct geomap_cidr cidrs[] = {{prefixed("5.0.2.0/24"), 1},
					    {prefixed("5.0.3.0/24"), 1}};
	const struct geomap_input input = {.cidrs = cidrs, .cidr_count = 2, .rank = plain_rank};
	struct geomap *map = geomap_new(&input);
	struct addr addr = parsed("5.0.3.7");
	assert_int_equal(geomap_find(map, &addr).scope, 23);
	geomap_free(map);
}

static void test_the_rank_is_asked_once_for_each_distinct_client(void **state)
{
	(void)state;
	struct rng rng;
	rng_init(&rng, 7);
	struct world *world = mem_new(struct world);
	random_world(world, &rng);
	unsigned asked = 0;
	struct geomap_input input = {.table = &world->table, .rank = plain_rank, .context = &asked};
	struct geomap *map = geomap_new(&input);
	assert_true(asked <= PLACES);
	geomap_free(map);
	free(world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_million_addresses_agree_with_a_linear_reference),
		cmocka_unit_test(test_a_map_of_nothing_has_scope_zero_up_to_unroutable_areas),
		cmocka_unit_test(test_an_operators_prefix_gives_private_addresses_a_place),
		cmocka_unit_test(test_a_longer_rule_narrows_the_scope_of_its_neighbour),
		cmocka_unit_test(test_equal_neighbours_are_one_range),
		cmocka_unit_test(test_the_rank_is_asked_once_for_each_distinct_client),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
