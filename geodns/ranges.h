/*
 * ranges: sorted starts of adjoining ranges of addresses, each range with a number; and the widest
 * prefix around an address that stays inside its range.
 *
 * Range I runs from its start to the one before the next start, the last one to the end of the
 * address space. COUNT is 0, or the first start is 0; starts ascend strictly.
 */
#ifndef MERIDIAN_GEODNS_RANGES_H
#define MERIDIAN_GEODNS_RANGES_H

#include "base/addr.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct ranges4 {
	const uint32_t *start;
	const uint32_t *value;
	size_t count;
};

/* The start of a range is hi[i] and lo[i]; LO is NULL where every start is on a /64. */
struct ranges6 {
	const uint64_t *hi, *lo;
	const uint32_t *value;
	size_t count;
};

static inline uint32_t ranges_key4(const struct addr *addr)
{
	uint32_t key_be;
	memcpy(&key_be, addr->bytes, sizeof key_be);
	return __builtin_bswap32(key_be);
}

static inline unsigned __int128 ranges_key6(const struct addr *addr)
{
	uint64_t hi_be, lo_be;
	memcpy(&hi_be, addr->bytes, sizeof hi_be);
	memcpy(&lo_be, addr->bytes + 8, sizeof lo_be);
	return (unsigned __int128)__builtin_bswap64(hi_be) << 64 | __builtin_bswap64(lo_be);
}

/* The greatest I of LOW..HIGH with start[I] <= KEY, where start[LOW] <= KEY. Branch-free inside. */
static inline size_t ranges_search4(const uint32_t *start, size_t low, size_t high, uint32_t key)
{
	const uint32_t *base = start + low;
	for (size_t n = high - low + 1; n > 1;) {
		size_t half = n / 2;
		base += base[half] <= key ? half : 0;
		n -= half;
	}
	return (size_t)(base - start);
}

static inline unsigned __int128 ranges_start6(const struct ranges6 *ranges, size_t i)
{
	return (unsigned __int128)ranges->hi[i] << 64 | (ranges->lo != NULL ? ranges->lo[i] : 0);
}

static inline size_t ranges_search6(const struct ranges6 *ranges, size_t low, size_t high,
				    unsigned __int128 key)
{
	if (ranges->lo == NULL) {
		const uint64_t *base = ranges->hi + low;
		for (size_t n = high - low + 1; n > 1;) {
			size_t half = n / 2;
			base += base[half] <= (uint64_t)(key >> 64) ? half : 0;
			n -= half;
		}
		return (size_t)(base - ranges->hi);
	}
	while (low < high) {
		size_t middle = low + (high - low + 1) / 2;
		if (ranges_start6(ranges, middle) <= key)
			low = middle;
		else
			high = middle - 1;
	}
	return low;
}

/* Leading bits that A and B share; A != B. */
static inline unsigned ranges_shared6(unsigned __int128 a, unsigned __int128 b)
{
	uint64_t high = (uint64_t)((a ^ b) >> 64);
	return high != 0 ? (unsigned)__builtin_clzll(high)
			 : 64 + (unsigned)__builtin_clzll((uint64_t)(a ^ b));
}

/*
 * The length of the widest prefix that holds KEY and neither the address before range I nor the one
 * behind it: one bit more than KEY shares with the nearer of them.
 */
static inline unsigned ranges_scope4(const uint32_t *start, size_t count, size_t i, uint32_t key)
{
	/* What differs from KEY in a lower bit is the nearer; beyond the ends lies what differs in
	 * a bit above all. */
	const uint64_t beyond = UINT64_C(1) << 32;
	uint64_t below = start[i] > 0 ? key ^ (start[i] - 1) : beyond;
	uint64_t above = i + 1 < count ? key ^ start[i + 1] : beyond;
	return (unsigned)__builtin_clzll(below < above ? below : above) - 31;
}

static inline unsigned ranges_scope6(const struct ranges6 *ranges, size_t i, unsigned __int128 key)
{
	unsigned __int128 first = ranges_start6(ranges, i);
	unsigned below = first > 0 ? ranges_shared6(key, first - 1) + 1 : 0;
	unsigned above =
		i + 1 < ranges->count ? ranges_shared6(key, ranges_start6(ranges, i + 1)) + 1 : 0;
	return below > above ? below : above;
}

#endif
