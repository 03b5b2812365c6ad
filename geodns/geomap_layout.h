/*
 * geomap_layout: how a steering map lies in memory; for geomap.c and those that inline a look-up,
 * which read it, and geomap_pack.c, which makes it.
 *
 * A tree of one shape for both families, four octets to a range. It takes 16 bits of the address a
 * level. The root has a code for each value of the first 16 bits; a node has one for each stretch
 * of values, found by the 16 bits at which the stretch starts. A code is a client's value, or the
 * number of a node where the next 16 bits decide.
 *
 * The addresses of a node differ in value, so that a prefix in which all are alike is longer than
 * the node's own: its other end lies among the stretches of the node. What lies beside the node is
 * never looked at for a scope, and starts need no more than their own 16 bits.
 */
#ifndef MERIDIAN_GEODNS_GEOMAP_LAYOUT_H
#define MERIDIAN_GEODNS_GEOMAP_LAYOUT_H

#include "geodns/geomap.h"
#include "geodns/ranges.h"

enum { GEOMAP_LEVEL_BITS = 16, GEOMAP_ROOT = 1 << GEOMAP_LEVEL_BITS };

/* The value of a range whose addresses embed IPv4: look there. */
#define GEOMAP_EMBEDDED (UINT32_MAX - 1)

/* Code = value + 2, so that both values that are no ranking have the first two codes. */
enum { GEOMAP_CODE_OFFSET = 2 };

/*
 * ENTRY is its first stretch, which starts at 0. The 16 bits are cut into buckets of 1 << SHIFT:
 * of bucket B, index[INDEX + B] is the stretch at its first value, counted from ENTRY; behind the
 * last bucket stands the last stretch.
 */
struct geomap_node {
	uint32_t entry, index, shift;
};

/*
 * The codes of the root, then those of all stretches: in 16 bits, or all in 32 where there are more
 * of them. Codes from FIRST_NODE on are nodes. start[i] is of the stretch i; behind a node's last
 * one comes a 0, the start of another node or the end's.
 */
struct geomap_tree {
	const uint16_t *code16; /* NULL where code32 is not */
	const uint32_t *code32;
	const uint8_t *scope; /* of each code of the root that is a value */
	const struct geomap_node *nodes;
	const uint16_t *start, *index;
	uint32_t first_node;
	void *block; /* holds all of these */
	size_t size, ranges;
};

struct geomap {
	struct geomap_tree tree4, tree6;
	uint32_t unknown;
};

/* Code I of the root; behind GEOMAP_ROOT come the stretches. */
static inline uint32_t geomap_code(const struct geomap_tree *tree, size_t i)
{
	return tree->code16 != NULL ? tree->code16[i] : tree->code32[i];
}

/* The stretch of NODE that holds WORD. Branch-free within a bucket. */
static inline size_t geomap_stretch(const struct geomap_tree *tree, const struct geomap_node *node,
				    uint32_t word)
{
	const uint16_t *index = tree->index + node->index + (word >> node->shift);
	const uint16_t *base = tree->start + node->entry + index[0];
	for (size_t n = (size_t)index[1] - index[0] + 1; n > 1;) {
		size_t half = n / 2;
		base += base[half] <= word ? half : 0;
		n -= half;
	}
	return (size_t)(base - tree->start);
}

/* Bits of the level, 1 to 16, that the widest prefix around WORD within the stretch I takes: one
 * more than WORD shares with the nearer of the words before and behind it. */
static inline unsigned geomap_stretch_bits(const struct geomap_tree *tree, size_t i, uint32_t word)
{
	/* Where the node ends, a word that differs in a bit above all: below 0 all of them, and 0,
	 * which ends a node, becomes 0x10000. At one end at least there is another stretch. */
	uint32_t below = word ^ ((uint32_t)tree->start[i] - 1);
	uint32_t above = word ^ ((uint16_t)(tree->start[i + 1] - 1) + 1u);
	return (unsigned)__builtin_clz(below < above ? below : above) - 15;
}

/* geomap_find() of an IPv4 address, for the caller to inline. */
static inline struct geomap_found geomap_find4(const struct geomap *map, uint32_t key)
{
	const struct geomap_tree *tree = &map->tree4;
	uint32_t word = key >> GEOMAP_LEVEL_BITS;
	uint32_t code = geomap_code(tree, word);
	unsigned scope = tree->scope[word];
	if (code >= tree->first_node) {
		word = key & (GEOMAP_ROOT - 1);
		size_t i = geomap_stretch(tree, &tree->nodes[code - tree->first_node], word);
		code = geomap_code(tree, GEOMAP_ROOT + i);
		scope = GEOMAP_LEVEL_BITS + geomap_stretch_bits(tree, i, word);
	}
	return (struct geomap_found){code - GEOMAP_CODE_OFFSET, (uint8_t)scope};
}

/* geomap_find() of an IPv6 address. */
struct geomap_found geomap_find6(const struct geomap *map, const struct addr *addr);

#endif
