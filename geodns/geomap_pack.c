/* Knows how ranges are cut at every 16 bits into the nodes of a tree. */
#include "geodns/geomap_pack.h"

#include "base/mem.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_CAPACITY = 4096, STRETCHES_A_BUCKET = 4 };

/* In a code while a node is packed: not packed yet, the rest is the range at its first address. */
#define PENDING (UINT32_C(1) << 31)

static void ranges_grow(struct geomap_ranges *ranges)
{
	ranges->capacity = ranges->capacity > 0 ? 2 * ranges->capacity : FIRST_CAPACITY;
	ranges->hi = mem_resize(ranges->hi, ranges->capacity, sizeof *ranges->hi);
	ranges->value = mem_resize(ranges->value, ranges->capacity, sizeof *ranges->value);
	if (ranges->lo != NULL)
		ranges->lo = mem_resize(ranges->lo, ranges->capacity, sizeof *ranges->lo);
}

void geomap_ranges_append(struct geomap_ranges *ranges, unsigned __int128 start, uint32_t value)
{
	size_t at = ranges->count;
	if (at > 0 && ranges->value[at - 1] == value)
		return;
	if (at == ranges->capacity)
		ranges_grow(ranges);
	if (ranges->lo == NULL && (uint64_t)start != 0)
		ranges->lo = mem_array(ranges->capacity, sizeof *ranges->lo);
	ranges->hi[at] = (uint64_t)(start >> 64);
	if (ranges->lo != NULL)
		ranges->lo[at] = (uint64_t)start;
	ranges->value[at] = value;
	ranges->count++;
}

/* Stretches: of the root, which is spread out later, or of all nodes. */
struct stretches {
	uint16_t *start;
	uint32_t *code;
	size_t count, capacity;
};

struct packing {
	const struct geomap_ranges *ranges;
	struct stretches root, inner;
	struct geomap_node *nodes;
	size_t node_count, node_capacity;
	uint16_t *index;
	size_t index_count, index_capacity;
	uint32_t first_node;
};

struct geomap_scratch {
	struct geomap_ranges ranges;
	struct packing packing; /* of the last one: what it holds is of no more use, but its room */
};

struct geomap_scratch *geomap_scratch_new(void)
{
	return mem_new(struct geomap_scratch);
}

struct geomap_ranges *geomap_scratch_ranges(struct geomap_scratch *scratch)
{
	struct geomap_ranges *ranges = &scratch->ranges;
	free(ranges->lo); /* few maps have one */
	ranges->lo = NULL;
	ranges->count = 0;
	return ranges;
}

static void add_stretch(struct stretches *to, uint32_t word, uint32_t code)
{
	if (to->count == to->capacity) {
		to->capacity = to->capacity > 0 ? 2 * to->capacity : FIRST_CAPACITY;
		to->start = mem_resize(to->start, to->capacity, sizeof *to->start);
		to->code = mem_resize(to->code, to->capacity, sizeof *to->code);
	}
	to->start[to->count] = (uint16_t)word;
	to->code[to->count++] = code;
}

static void stretches_fini(struct stretches *stretches)
{
	free(stretches->start);
	free(stretches->code);
}

void geomap_scratch_free(struct geomap_scratch *scratch)
{
	if (scratch == NULL)
		return;
	free(scratch->ranges.hi);
	free(scratch->ranges.lo);
	free(scratch->ranges.value);
	stretches_fini(&scratch->packing.root);
	stretches_fini(&scratch->packing.inner);
	free(scratch->packing.nodes);
	free(scratch->packing.index);
	free(scratch);
}

static uint32_t leaf(const struct packing *packing, size_t range)
{
	return packing->ranges->value[range] + GEOMAP_CODE_OFFSET;
}

/* The 16 bits of a range's start behind the first DEPTH. */
static uint32_t word_at(const struct geomap_ranges *ranges, size_t range, unsigned depth)
{
	if (depth < 64)
		return ranges->hi[range] >> (48 - depth) & 0xffff;
	return ranges->lo != NULL ? (uint32_t)(ranges->lo[range] >> (112 - depth) & 0xffff) : 0;
}

/* Whether the start has no bit behind the first DEPTH. */
static bool ends_by(const struct geomap_ranges *ranges, size_t range, unsigned depth)
{
	uint64_t lo = ranges->lo != NULL ? ranges->lo[range] : 0;
	if (depth >= 64)
		return depth == 128 || (lo & UINT64_MAX >> (depth - 64)) == 0;
	return lo == 0 && (ranges->hi[range] & UINT64_MAX >> depth) == 0;
}

/* The last of the ranges RANGE..LAST that starts in the same word as RANGE. */
static size_t last_in_word(const struct geomap_ranges *ranges, size_t range, size_t last,
			   unsigned depth)
{
	uint32_t word = word_at(ranges, range, depth);
	while (range < last && word_at(ranges, range + 1, depth) == word)
		range++;
	return range;
}

/*
 * Appends the stretches of a block of which FIRST holds the first address and the ranges behind it
 * up to LAST start inside. A word in which a range starts is a stretch: of one value, or pending.
 */
static void cut(struct packing *packing, struct stretches *to, size_t first, size_t last,
		unsigned depth)
{
	const struct geomap_ranges *ranges = packing->ranges;
	uint32_t next = 0; /* the first word of no stretch yet */
	for (size_t at = first + 1; at <= last; at++) {
		uint32_t word = word_at(ranges, at, depth);
		if (next < word)
			add_stretch(to, next, leaf(packing, at - 1));
		size_t begin = ends_by(ranges, at, depth + GEOMAP_LEVEL_BITS) ? at : at - 1;
		at = last_in_word(ranges, at, last, depth);
		add_stretch(to, word, begin == at ? leaf(packing, at) : PENDING | (uint32_t)begin);
		next = begin == at ? GEOMAP_ROOT : word + 1;
	}
	if (next < GEOMAP_ROOT)
		add_stretch(to, next, leaf(packing, last));
}

static void add_index(struct packing *packing, size_t stretch)
{
	if (packing->index_count == packing->index_capacity) {
		packing->index_capacity =
			packing->index_capacity > 0 ? 2 * packing->index_capacity : FIRST_CAPACITY;
		packing->index =
			mem_resize(packing->index, packing->index_capacity, sizeof *packing->index);
	}
	packing->index[packing->index_count++] = (uint16_t)stretch;
}

/* The node whose stretches are the last COUNT. */
static struct geomap_node index_node(struct packing *packing, size_t count)
{
	size_t entry = packing->inner.count - count, stretch = 0;
	const uint16_t *start = packing->inner.start + entry;
	struct geomap_node node = {.entry = (uint32_t)entry,
				   .index = (uint32_t)packing->index_count,
				   .shift = GEOMAP_LEVEL_BITS};
	while (count >> (GEOMAP_LEVEL_BITS - node.shift) > STRETCHES_A_BUCKET)
		node.shift--;
	for (uint32_t word = 0; word < GEOMAP_ROOT; word += UINT32_C(1) << node.shift) {
		while (stretch + 1 < count && start[stretch + 1] <= word)
			stretch++;
		add_index(packing, stretch);
	}
	add_index(packing, count - 1);
	return node;
}

static size_t add_node(struct packing *packing)
{
	if (packing->node_count == packing->node_capacity) {
		packing->node_capacity =
			packing->node_capacity > 0 ? 2 * packing->node_capacity : FIRST_CAPACITY;
		packing->nodes =
			mem_resize(packing->nodes, packing->node_capacity, sizeof *packing->nodes);
	}
	return packing->node_count++;
}

/* Makes nodes of the stretches FROM..END-1 of TO that are pending; the last range of all is LAST.
 * Seven levels deep at most. */
static void pack_pending(struct packing *packing, struct stretches *to, size_t from, size_t last,
			 unsigned depth)
{
	for (size_t i = from, end = to->count; i < end; i++) {
		if ((to->code[i] & PENDING) == 0)
			continue;
		size_t first = to->code[i] & ~PENDING, entry = packing->inner.count;
		size_t until = last_in_word(packing->ranges, first + 1, last, depth);
		size_t number = add_node(packing);
		cut(packing, &packing->inner, first, until, depth + GEOMAP_LEVEL_BITS);
		packing->nodes[number] = index_node(packing, packing->inner.count - entry);
		pack_pending(packing, &packing->inner, entry, until, depth + GEOMAP_LEVEL_BITS);
		to->code[i] = packing->first_node + (uint32_t)number;
	}
}

/* The length of the widest prefix around WORD within FIRST..LAST, both words of the root. */
static uint8_t root_scope(uint32_t word, uint32_t first, uint32_t last)
{
	uint32_t below = first > 0 ? word ^ (first - 1) : GEOMAP_ROOT;
	uint32_t above = last + 1 < GEOMAP_ROOT ? word ^ (last + 1) : GEOMAP_ROOT;
	return (uint8_t)(__builtin_clz(below < above ? below : above) - 15);
}

/* Writes code I of the tree whose codes lie at CODES. */
static void put_code(void *codes, size_t i, uint32_t code, bool wide)
{
	if (wide)
		((uint32_t *)codes)[i] = code;
	else
		((uint16_t *)codes)[i] = (uint16_t)code;
}

static void spread_root(const struct stretches *root, void *codes, uint8_t *scope, bool wide)
{
	for (size_t i = 0; i < root->count; i++) {
		uint32_t first = root->start[i];
		uint32_t last = i + 1 < root->count ? root->start[i + 1] - 1u : GEOMAP_ROOT - 1;
		for (uint32_t word = first; word <= last; word++) {
			put_code(codes, word, root->code[i], wide);
			scope[word] = root_scope(word, first, last);
		}
	}
}

/* Nothing may be a null pointer, of which memcpy() may not even copy nothing. */
static void copy(void *to, const void *from, size_t len)
{
	if (len > 0)
		memcpy(to, from, len);
}

/* Lays everything out in one block, the largest elements first. */
static struct geomap_tree lay_out(const struct packing *packing)
{
	const struct stretches *inner = &packing->inner;
	bool wide = packing->first_node + packing->node_count > UINT16_MAX + 1u;
	size_t codes_len =
		(GEOMAP_ROOT + inner->count) * (wide ? sizeof(uint32_t) : sizeof(uint16_t));
	size_t nodes_len = packing->node_count * sizeof *packing->nodes;
	size_t starts_len = (inner->count + 1) * sizeof *inner->start;
	size_t index_len = packing->index_count * sizeof *packing->index;
	struct geomap_tree tree = {.first_node = packing->first_node,
				   .size = nodes_len + codes_len + starts_len + index_len +
					   GEOMAP_ROOT,
				   .ranges = packing->ranges->count};
	char *at = tree.block = mem_array(tree.size, 1);
	void *nodes = at, *codes = at + nodes_len, *starts = at + nodes_len + codes_len;
	void *index = (char *)starts + starts_len, *scope = (char *)index + index_len;
	copy(nodes, packing->nodes, nodes_len);
	copy(starts, inner->start, starts_len - sizeof *inner->start);
	copy(index, packing->index, index_len);
	spread_root(&packing->root, codes, scope, wide);
	for (size_t i = 0; i < inner->count; i++)
		put_code(codes, GEOMAP_ROOT + i, inner->code[i], wide);
	if (wide)
		tree.code32 = codes;
	else
		tree.code16 = codes;
	tree.nodes = nodes;
	tree.start = starts;
	tree.index = index;
	tree.scope = scope;
	return tree;
}

struct geomap_tree geomap_pack(struct geomap_scratch *scratch)
{
	const struct geomap_ranges *ranges = &scratch->ranges;
	struct packing packing = scratch->packing;
	packing.ranges = ranges;
	packing.root.count = packing.inner.count = packing.node_count = packing.index_count = 0;
	packing.first_node = 0;
	assert(ranges->count > 0 && ranges->count < PENDING);
	for (size_t i = 0; i < ranges->count; i++) {
		if (leaf(&packing, i) >= packing.first_node)
			packing.first_node = leaf(&packing, i) + 1;
	}
	cut(&packing, &packing.root, 0, ranges->count - 1, 0);
	pack_pending(&packing, &packing.root, 0, ranges->count - 1, 0);
	scratch->packing = packing;
	return lay_out(&packing);
}
