/*
 * Knows how a steering map is compiled: four layers of ranges (places, ASNs, the operator's
 * prefixes, areas with a meaning of their own) are swept from the lowest address to the highest,
 * the value of each stretch is asked for once, and stretches of equal value are joined.
 */
#include "geodns/geomap.h"

#include "base/mem.h"
#include "geodns/geomap_pack.h"
#include "geodns/geomap_prefixes.h"
#include "geodns/unroutable.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* Areas: where no prefix of the operator says otherwise, what an address there means. */
enum area { AREA_PLAIN, AREA_UNROUTABLE, AREA_EMBEDDED };

/* IPv6 ranges that embed IPv4, as upper 64 bits. ::ffff:0:0/96 and 64:ff9b::/96 take their whole
 * /64, so that a map needs no longer starts; what embeds nothing there is of no place. */
static const struct unroutable_range embedding[] = {
	{0, 0},
	{UINT64_C(0x0064ff9b00000000), UINT64_C(0x0064ff9b00000000)},
	{UINT64_C(0x2001000000000000), UINT64_C(0x20010000ffffffff)}, /* Teredo */
	{UINT64_C(0x2002000000000000), UINT64_C(0x2002ffffffffffff)}, /* 6to4 */
};

enum { AREAS_MAX = 64, LAYERS = 4 };

struct areas {
	unsigned __int128 start[AREAS_MAX];
	uint32_t area[AREAS_MAX];
	size_t count;
};

enum layer_kind { LAYER_PLACE, LAYER_ASN, LAYER_PREFIX, LAYER_AREA };

/* One sorted sequence of starts under the sweep. NEXT is the start behind the current range. */
struct layer {
	struct ranges4 ranges4;
	struct ranges6 ranges6;
	const unsigned __int128 *start;
	const uint32_t *value;
	size_t count, at;
	uint32_t current;
	bool more;
	unsigned __int128 next;
};

/* A client's value, remembered. An unused slot has place UINT32_MAX. */
struct memo_slot {
	uint32_t state, place, asn, value;
};

struct build {
	const struct geomap_input *input;
	struct geomap_prefixes prefixes;
	uint32_t *by_place; /* values where neither ASN nor prefix matters; UINT32_MAX: not yet */
	struct memo_slot *memo;
	size_t memo_capacity, memo_count;
};

static const struct place nowhere = {0};

static uint32_t ask(const struct build *build, uint32_t state, uint32_t place_id, uint32_t asn)
{
	const struct geomap_input *input = build->input;
	struct place place = input->table != NULL ? input->table->places[place_id] : nowhere;
	int32_t tag = geomap_prefixes_apply(&build->prefixes, state, &place, &asn);
	const struct geomap_client client = {
		.place = &place, .asn = input->by_asn ? asn : 0, .tag = tag};
	uint32_t value = input->rank(input->context, &client);
	assert(value < GEOMAP_VALUES);
	return value;
}

static struct memo_slot *memo_slot(struct build *build, uint32_t state, uint32_t place,
				   uint32_t asn)
{
	uint64_t hash = (uint64_t)state * UINT64_C(0x9e3779b97f4a7c15) ^
			(uint64_t)place * UINT64_C(0xbf58476d1ce4e5b9) ^
			(uint64_t)asn * UINT64_C(0x94d049bb133111eb);
	size_t i = (hash ^ hash >> 32) & (build->memo_capacity - 1);
	for (;; i = (i + 1) & (build->memo_capacity - 1)) {
		struct memo_slot *slot = &build->memo[i];
		if (slot->place == UINT32_MAX ||
		    (slot->place == place && slot->state == state && slot->asn == asn))
			return slot;
	}
}

static void memo_grow(struct build *build)
{
	struct memo_slot *old = build->memo;
	size_t old_capacity = build->memo_capacity;
	build->memo_capacity = old_capacity > 0 ? 2 * old_capacity : 1024;
	build->memo = mem_array(build->memo_capacity, sizeof *build->memo);
	for (size_t i = 0; i < build->memo_capacity; i++)
		build->memo[i].place = UINT32_MAX;
	for (size_t i = 0; i < old_capacity; i++) {
		if (old[i].place != UINT32_MAX)
			*memo_slot(build, old[i].state, old[i].place, old[i].asn) = old[i];
	}
	free(old);
}

static uint32_t value_of_client(struct build *build, uint32_t state, uint32_t place, uint32_t asn)
{
	if (state == 0 && asn == 0) {
		uint32_t *value = &build->by_place[place];
		if (*value == UINT32_MAX)
			*value = ask(build, 0, place, 0);
		return *value;
	}
	if (2 * build->memo_count >= build->memo_capacity)
		memo_grow(build);
	struct memo_slot *slot = memo_slot(build, state, place, asn);
	if (slot->place == UINT32_MAX) {
		*slot = (struct memo_slot){state, place, asn, ask(build, state, place, asn)};
		build->memo_count++;
	}
	return slot->value;
}

static uint32_t value_of(struct build *build, const struct layer layers[LAYERS])
{
	uint32_t state = layers[LAYER_PREFIX].current;
	enum area area = layers[LAYER_AREA].current;
	bool named = state != 0 && build->prefixes.prefixes[state - 1].names_embedded;
	if (area == AREA_EMBEDDED && !named)
		return GEOMAP_EMBEDDED;
	if (area == AREA_UNROUTABLE && state == 0)
		return GEOMAP_NO_PLACE;
	return value_of_client(build, state, layers[LAYER_PLACE].current,
			       layers[LAYER_ASN].current);
}

static unsigned __int128 layer_start(const struct layer *layer, size_t i)
{
	if (layer->start != NULL)
		return layer->start[i];
	return layer->ranges4.start != NULL ? layer->ranges4.start[i]
					    : ranges_start6(&layer->ranges6, i);
}

/* Steps over every range that begins at KEY. */
static void layer_advance(struct layer *layer, unsigned __int128 key)
{
	while (layer->more && layer->next == key) {
		layer->current = layer->value[layer->at++];
		layer->more = layer->at < layer->count;
		if (layer->more)
			layer->next = layer_start(layer, layer->at);
	}
}

static void layer_begin(struct layer *layer, const uint32_t *value, size_t count)
{
	layer->value = value;
	layer->count = count;
	layer->more = count > 0;
	if (layer->more)
		layer->next = layer_start(layer, 0);
}

static void begin_tables(struct layer layers[LAYERS], const struct build *build,
			 enum addr_family family)
{
	const struct place_table *table = build->input->table;
	if (table == NULL)
		return;
	struct layer *place = &layers[LAYER_PLACE], *asn = &layers[LAYER_ASN];
	if (family == ADDR_IPV4) {
		place->ranges4 = table->place4;
		asn->ranges4 = table->asn4;
		layer_begin(place, table->place4.value, table->place4.count);
		if (build->input->by_asn)
			layer_begin(asn, table->asn4.value, table->asn4.count);
		return;
	}
	place->ranges6 = table->place6;
	asn->ranges6 = table->asn6;
	layer_begin(place, table->place6.value, table->place6.count);
	if (build->input->by_asn)
		layer_begin(asn, table->asn6.value, table->asn6.count);
}

/* Adds an area given in units of 2^SHIFT addresses; areas come in ascending order. */
static void add_area(struct areas *areas, struct unroutable_range range, unsigned shift,
		     enum area area)
{
	assert(areas->count + 2 <= AREAS_MAX);
	unsigned __int128 first = (unsigned __int128)range.first << shift;
	unsigned __int128 behind = ((unsigned __int128)range.last + 1) << shift;
	if (areas->start[areas->count - 1] == first)
		areas->count--;
	areas->start[areas->count] = first;
	areas->area[areas->count++] = area;
	if (range.last == UINT64_MAX || behind == (unsigned __int128)1 << 32)
		return; /* the end of the address space */
	areas->start[areas->count] = behind;
	areas->area[areas->count++] = AREA_PLAIN;
}

static void begin_areas(struct areas *areas, enum addr_family family)
{
	size_t count,
		embedding_count = family == ADDR_IPV6 ? sizeof embedding / sizeof *embedding : 0;
	const struct unroutable_range *ranges = unroutable_ranges(family, &count);
	unsigned shift = family == ADDR_IPV6 ? 64 : 0;
	*areas = (struct areas){.count = 1};
	for (size_t i = 0, e = 0; i < count || e < embedding_count;) {
		if (e < embedding_count && (i == count || embedding[e].first < ranges[i].first))
			add_area(areas, embedding[e++], shift, AREA_EMBEDDED);
		else
			add_area(areas, ranges[i++], shift, AREA_UNROUTABLE);
	}
}

/* Every layer begins at address 0, so the map does. */
static void sweep(struct build *build, struct layer layers[LAYERS], enum addr_family family,
		  struct geomap_ranges *to)
{
	for (;;) {
		const struct layer *nearest = NULL;
		for (int i = 0; i < LAYERS; i++) {
			if (layers[i].more && (nearest == NULL || layers[i].next < nearest->next))
				nearest = &layers[i];
		}
		if (nearest == NULL)
			return;
		unsigned __int128 key = nearest->next;
		for (int i = 0; i < LAYERS; i++)
			layer_advance(&layers[i], key);
		unsigned shift = family == ADDR_IPV4 ? 96 : 0;
		geomap_ranges_append(to, key << shift, value_of(build, layers));
	}
}

/* Remembered values hold for one family: states are numbered anew. */
static void forget_states(struct build *build)
{
	free(build->memo);
	build->memo = NULL;
	build->memo_capacity = build->memo_count = 0;
}

static struct geomap_tree build_family(struct build *build, enum addr_family family,
				       struct geomap_scratch *scratch)
{
	struct layer layers[LAYERS] = {0};
	struct areas areas;
	geomap_prefixes_init(&build->prefixes, build->input, family);
	begin_tables(layers, build, family);
	layers[LAYER_PREFIX].start = build->prefixes.start;
	layer_begin(&layers[LAYER_PREFIX], build->prefixes.state, build->prefixes.count);
	begin_areas(&areas, family);
	layers[LAYER_AREA].start = areas.start;
	layer_begin(&layers[LAYER_AREA], areas.area, areas.count);
	sweep(build, layers, family, geomap_scratch_ranges(scratch));
	geomap_prefixes_fini(&build->prefixes);
	forget_states(build);
	return geomap_pack(scratch);
}

struct geomap *geomap_new(const struct geomap_input *input)
{
	struct build build = {.input = input};
	struct geomap *map = mem_new(struct geomap);
	struct geomap_scratch *own = input->scratch == NULL ? geomap_scratch_new() : NULL;
	struct geomap_scratch *scratch = own != NULL ? own : input->scratch;
	size_t places = input->table != NULL ? input->table->place_count : 1;
	build.by_place = mem_array(places, sizeof *build.by_place);
	memset(build.by_place, 0xff, places * sizeof *build.by_place);
	map->unknown = value_of_client(&build, 0, 0, 0);
	map->tree4 = build_family(&build, ADDR_IPV4, scratch);
	map->tree6 = build_family(&build, ADDR_IPV6, scratch);
	geomap_scratch_free(own);
	free(build.by_place);
	return map;
}
