/* Knows the order in which what lies above a name is asked: served zone, DNAME, cut, wildcard. */
#include "geodns/lookup.h"

#include "geodns/names_layout.h"
#include "geodns/wire/name.h"

#include <string.h>

enum { TYPE_NS = 2, TYPE_DNAME = 39, TYPE_DS = 43, LABELS_MAX = 128 };

static struct lookup found_in(const struct zone_live *zone, enum lookup_kind kind,
			      const struct node *node)
{
	return (struct lookup){.kind = kind, .zone = zone, .node = node};
}

static bool has_failed(const struct zone_live *zone)
{
	return atomic_load_explicit(&zone->failed, memory_order_relaxed);
}

/* The labels of a name from the left: where each suffix begins. */
struct suffixes {
	unsigned count; /* without the root */
	uint8_t at[LABELS_MAX];
};

static void split(const uint8_t *name, struct suffixes *suffixes)
{
	unsigned at = 0, count = 0;
	for (; name[at] != 0; at += name[at] + 1u)
		suffixes->at[count++] = (uint8_t)at;
	suffixes->at[count] = (uint8_t)at;
	suffixes->count = count;
}

/* The deepest served zone that holds the name, looking from suffix FIRST upwards; NULL where there
 * is none. */
static const struct zone_live *zone_of(const struct names *names, const uint8_t *name, size_t len,
				       const struct suffixes *suffixes, unsigned first)
{
	unsigned most = names_max_labels(names);
	if (suffixes->count > most && first < suffixes->count - most)
		first = suffixes->count - most;
	for (unsigned i = first; i <= suffixes->count; i++) {
		const uint8_t *suffix = name + suffixes->at[i];
		size_t suffix_len = len - suffixes->at[i];
		const struct node *node =
			names_find(names, name_hash(suffix, suffix_len), suffix, suffix_len);
		/* A name of an outer zone may be met before the apex of an inner one. */
		if (node != NULL && node->name_len == node->zone->name_len)
			return node->zone;
	}
	return NULL;
}

const struct node *lookup_wildcard(const struct names *names, const struct node *encloser)
{
	uint8_t name[2 + NODE_NAME_MAX];
	size_t len = 2 + (size_t)encloser->name_len;
	name[0] = 1;
	name[1] = '*';
	memcpy(name + 2, node_name(encloser), encloser->name_len);
	return names_find_in(names, encloser->zone, name_hash(name, len), name, len);
}

static struct lookup wildcard_below(const struct names *names, const struct node *encloser)
{
	const struct node *node = lookup_wildcard(names, encloser);
	return found_in(encloser->zone, node != NULL ? LOOKUP_WILDCARD : LOOKUP_NXDOMAIN, node);
}

/*
 * Walks down from the apex of ZONE. Every name between the apex and a name that exists does exist
 * (empty non-terminals have nodes), so the first gap is the closest encloser's lower edge.
 */
static struct lookup walk_down(const struct names *names, const struct zone_live *zone,
			       const uint8_t *name, size_t len, const struct suffixes *suffixes,
			       uint16_t type)
{
	unsigned apex = suffixes->count - zone->labels;
	const struct node *node = NULL;
	for (unsigned i = apex + 1; i-- > 0;) {
		const uint8_t *suffix = name + suffixes->at[i];
		size_t suffix_len = len - suffixes->at[i];
		const struct node *above = node;
		node = names_find_in(names, zone, name_hash(suffix, suffix_len), suffix,
				     suffix_len);
		if (node == NULL && i == apex)
			return found_in(zone, LOOKUP_FAILED, NULL); /* it is just being removed */
		if (node == NULL)
			return wildcard_below(names, above);
		if (i < apex && node_find(node, TYPE_NS) != NULL && !(i == 0 && type == TYPE_DS))
			return found_in(zone, LOOKUP_DELEGATION, node);
		/* RFC 6672 section 2.3: a DNAME redirects what is below it, not itself. */
		if (i > 0 && node_find(node, TYPE_DNAME) != NULL)
			return found_in(zone, LOOKUP_DNAME, node);
	}
	return found_in(zone, LOOKUP_FOUND, node);
}

static __attribute__((noinline)) struct lookup walk(const struct names *names, const uint8_t *name,
						    size_t len, uint16_t type)
{
	struct suffixes suffixes;
	split(name, &suffixes);
	const struct zone_live *zone = NULL;
	/* RFC 4035 section 3.1.4.1: DS is answered by the parent, where that is served here. */
	if (type == TYPE_DS && suffixes.count > 0)
		zone = zone_of(names, name, len, &suffixes, 1);
	if (zone == NULL)
		zone = zone_of(names, name, len, &suffixes, 0);
	if (zone == NULL)
		return (struct lookup){.kind = LOOKUP_OUTSIDE};
	if (has_failed(zone))
		return found_in(zone, LOOKUP_FAILED, NULL);
	return walk_down(names, zone, name, len, &suffixes, type);
}

struct lookup lookup_name(const struct names *names, uint64_t hash, const uint8_t *name, size_t len,
			  uint16_t type)
{
	const struct node *node = names_probe(names, hash, name, len, names_is);
	if (node == NULL || type == TYPE_DS)
		return walk(names, name, len, type);
	const struct zone_live *zone = node->zone;
	if (has_failed(zone))
		return found_in(zone, LOOKUP_FAILED, NULL);
	if (zone_is_irregular(zone) && node->name_len != zone->name_len)
		return walk(names, name, len, type);
	return found_in(zone, LOOKUP_FOUND, node);
}

const struct node *lookup_encloser(const struct names *names, const uint8_t *name, size_t len)
{
	unsigned most = names_max_labels(names), labels = name_labels(name);
	while (labels-- > 0) {
		len -= 1 + (size_t)*name;
		name += 1 + *name;
		if (labels > most)
			continue;
		const struct node *node =
			names_probe(names, name_fold_hash(name, len), name, len, names_is);
		if (node != NULL)
			return node;
	}
	return NULL;
}

const struct node *lookup_glue(const struct names *names, const struct zone_live *zone,
			       const uint8_t *name, size_t len)
{
	return names_find_in(names, zone, name_hash(name, len), name, len);
}
