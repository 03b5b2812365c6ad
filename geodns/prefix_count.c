/* Knows which clients count as one, and keeps their numbers in a table that never grows. */
#include "geodns/prefix_count.h"

#include "base/mem.h"

#include <assert.h>
#include <stdlib.h>

enum { IPV4_BITS = 24, IPV6_BITS = 56 };

struct slot {
	uint64_t key; /* 0: free */
	unsigned count;
};

/* Open addressing with linear probing, at most half full. */
struct prefix_count {
	size_t mask; /* slots - 1, a power of two less one */
	struct slot *slots;
};

struct prefix_count *prefix_count_new(unsigned most)
{
	size_t capacity = 16;
	while (capacity < 2 * (size_t)most)
		capacity *= 2;
	struct prefix_count *counts = mem_new(struct prefix_count);
	counts->mask = capacity - 1;
	counts->slots = mem_array(capacity, sizeof *counts->slots);
	return counts;
}

void prefix_count_free(struct prefix_count *counts)
{
	if (counts == NULL)
		return;
	free(counts->slots);
	free(counts);
}

uint64_t prefix_count_key(const struct addr *addr)
{
	unsigned bits = addr->family == ADDR_IPV6 ? IPV6_BITS : IPV4_BITS;
	uint64_t key = addr->family;
	for (unsigned i = 0; i < bits / 8; i++)
		key = key << 8 | addr->bytes[i];
	return key;
}

static size_t home(const struct prefix_count *counts, uint64_t key)
{
	return (size_t)((key * 0x9e3779b97f4a7c15) >> 32) & counts->mask;
}

/* The slot of KEY, or the free one where it would go. */
static size_t find(const struct prefix_count *counts, uint64_t key)
{
	size_t at = home(counts, key);
	while (counts->slots[at].key != 0 && counts->slots[at].key != key)
		at = (at + 1) & counts->mask;
	return at;
}

unsigned prefix_count_get(const struct prefix_count *counts, uint64_t key)
{
	return counts->slots[find(counts, key)].count;
}

void prefix_count_add(struct prefix_count *counts, uint64_t key)
{
	struct slot *slot = &counts->slots[find(counts, key)];
	slot->key = key;
	slot->count++;
}

/* Frees the slot AT and moves up what was put behind it for want of room, so that nothing is lost
 * behind a gap. */
static void vacate(struct prefix_count *counts, size_t at)
{
	size_t next = at;
	for (;;) {
		next = (next + 1) & counts->mask;
		if (counts->slots[next].key == 0)
			break;
		size_t wanted = home(counts, counts->slots[next].key);
		if (((next - wanted) & counts->mask) >= ((next - at) & counts->mask)) {
			counts->slots[at] = counts->slots[next];
			at = next;
		}
	}
	counts->slots[at] = (struct slot){0};
}

void prefix_count_remove(struct prefix_count *counts, uint64_t key)
{
	size_t at = find(counts, key);
	assert(counts->slots[at].count > 0);
	if (--counts->slots[at].count == 0)
		vacate(counts, at);
}
