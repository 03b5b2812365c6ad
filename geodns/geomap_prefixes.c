/* Knows how nested prefixes are flattened into segments. */
#include "geodns/geomap_prefixes.h"

#include "base/mem.h"
#include "geodns/ranges.h"

#include <stdlib.h>

enum { DEPTH_MAX = 129 }; /* distinct prefixes around one address */

/* As the areas of geomap_build.c: an IPv6 prefix within one names the form, not the IPv4 in it. */
static bool lies_in_embedding(const struct prefix *prefix)
{
	struct addr inside;
	unsigned leading;
	if (prefix->addr.family != ADDR_IPV6)
		return false;
	uint64_t hi = (uint64_t)(ranges_key6(&prefix->addr) >> 64);
	if (prefix->len >= 64 && (hi == 0 || hi == UINT64_C(0x0064ff9b00000000)))
		return true;
	return addr_embedded_ipv4(&prefix->addr, &inside, &leading) &&
	       prefix->len >= (leading == 16 ? 16 : 32) && prefix->addr.bytes[0] == 0x20;
}

static struct geomap_prefix prefix_of(const struct prefix *prefix,
				      const struct place_override *override, int32_t tag)
{
	bool ipv4 = prefix->addr.family == ADDR_IPV4;
	unsigned host_bits = addr_bits(&prefix->addr) - prefix->len;
	unsigned __int128 all = ~(unsigned __int128)0;
	unsigned __int128 first = ipv4 ? ranges_key4(&prefix->addr) : ranges_key6(&prefix->addr);
	unsigned __int128 hosts = host_bits == 128 ? all : ~(all << host_bits);
	return (struct geomap_prefix){.first = first,
				      .last = first | hosts,
				      .override = override,
				      .tag = tag,
				      .names_embedded = lies_in_embedding(prefix)};
}

/* The wider first; of equal prefixes the one with the lesser tag. */
static int in_order(const void *a, const void *b)
{
	const struct geomap_prefix *left = a, *right = b;
	if (left->first != right->first)
		return left->first < right->first ? -1 : 1;
	if (left->last != right->last)
		return left->last > right->last ? -1 : 1;
	return (left->tag > right->tag) - (left->tag < right->tag);
}

static int32_t lesser_tag(int32_t a, int32_t b)
{
	if (a == GEOMAP_NO_TAG || b == GEOMAP_NO_TAG)
		return a == GEOMAP_NO_TAG ? b : a;
	return a < b ? a : b;
}

/* Makes one of equal prefixes. */
static void merge_equal(struct geomap_prefixes *set)
{
	size_t kept = 0;
	for (size_t i = 0; i < set->prefix_count; i++) {
		struct geomap_prefix *from = &set->prefixes[i];
		struct geomap_prefix *to = kept > 0 ? &set->prefixes[kept - 1] : NULL;
		if (to == NULL || to->first != from->first || to->last != from->last) {
			set->prefixes[kept++] = *from;
			continue;
		}
		to->tag = lesser_tag(to->tag, from->tag);
		if (from->override != NULL)
			to->override = from->override;
	}
	set->prefix_count = kept;
}

static void collect(struct geomap_prefixes *set, const struct geomap_input *input,
		    enum addr_family family)
{
	set->prefixes = mem_array(input->override_count + input->cidr_count, sizeof *set->prefixes);
	for (size_t i = 0; i < input->override_count; i++) {
		const struct place_override *override = &input->overrides[i];
		if (override->prefix.addr.family == family)
			set->prefixes[set->prefix_count++] =
				prefix_of(&override->prefix, override, GEOMAP_NO_TAG);
	}
	for (size_t i = 0; i < input->cidr_count; i++) {
		const struct geomap_cidr *cidr = &input->cidrs[i];
		if (cidr->prefix.addr.family == family)
			set->prefixes[set->prefix_count++] =
				prefix_of(&cidr->prefix, NULL, cidr->tag);
	}
	qsort(set->prefixes, set->prefix_count, sizeof *set->prefixes, in_order);
	merge_equal(set);
}

/* A segment that begins where the one before does replaces it. */
static void begin_segment(struct geomap_prefixes *set, unsigned __int128 start, uint32_t state)
{
	if (set->count > 0 && set->start[set->count - 1] == start)
		set->count--;
	set->start[set->count] = start;
	set->state[set->count++] = state;
}

/* Ends every open prefix that stops before KEY; returns the state that is then open. */
static uint32_t close_before(struct geomap_prefixes *set, uint32_t open, unsigned __int128 key)
{
	while (open != 0 && set->prefixes[open - 1].last < key) {
		const struct geomap_prefix *ending = &set->prefixes[open - 1];
		open = ending->parent;
		begin_segment(set, ending->last + 1, open);
	}
	return open;
}

void geomap_prefixes_init(struct geomap_prefixes *set, const struct geomap_input *input,
			  enum addr_family family)
{
	*set = (struct geomap_prefixes){0};
	collect(set, input, family);
	unsigned __int128 end = family == ADDR_IPV4 ? UINT32_MAX : ~(unsigned __int128)0;
	uint32_t open = 0;
	set->start = mem_array(2 * set->prefix_count + 1, sizeof *set->start);
	set->state = mem_array(2 * set->prefix_count + 1, sizeof *set->state);
	begin_segment(set, 0, 0);
	for (size_t i = 0; i < set->prefix_count; i++) {
		struct geomap_prefix *prefix = &set->prefixes[i];
		open = close_before(set, open, prefix->first);
		prefix->parent = open;
		if (open != 0) {
			prefix->tag = lesser_tag(prefix->tag, set->prefixes[open - 1].tag);
			prefix->names_embedded |= set->prefixes[open - 1].names_embedded;
		}
		open = (uint32_t)i + 1;
		begin_segment(set, prefix->first, open);
	}
	/* What reaches the end of the address space has nothing behind it. */
	close_before(set, open, end);
}

void geomap_prefixes_fini(struct geomap_prefixes *set)
{
	free(set->prefixes);
	free(set->start);
	free(set->state);
	*set = (struct geomap_prefixes){0};
}

int32_t geomap_prefixes_apply(const struct geomap_prefixes *set, uint32_t state,
			      struct place *place, uint32_t *asn)
{
	const struct place_override *chain[DEPTH_MAX];
	size_t depth = 0;
	for (uint32_t at = state; at != 0; at = set->prefixes[at - 1].parent) {
		if (set->prefixes[at - 1].override != NULL)
			chain[depth++] = set->prefixes[at - 1].override;
	}
	while (depth > 0)
		place_override_apply(chain[--depth], place, asn);
	return state != 0 ? set->prefixes[state - 1].tag : GEOMAP_NO_TAG;
}
