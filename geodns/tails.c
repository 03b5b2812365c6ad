/* Knows how large the filter has to be, and when it must be made anew. */
#include "geodns/tails.h"

#include "base/mem.h"

#include <assert.h>
#include <stdlib.h>

enum { SLOTS_AN_APEX = 16, ROOM_FIRST = 64 };

/* The last octets, the name's end in the uppermost; zeros below where APEX is short. */
static uint64_t tail_of(const uint8_t *apex, size_t len)
{
	uint8_t octets[TAIL_OCTETS] = {0};
	size_t count = len < TAIL_OCTETS ? len : TAIL_OCTETS;
	memcpy(octets + TAIL_OCTETS - count, apex + len - count, count);
	return name_fold_load(octets);
}

static void count(struct tails_filter *filter, uint64_t tail, uint32_t more)
{
	_Atomic uint32_t *apexes = &filter->apexes[tails_slot(filter, tail)];
	uint32_t before = atomic_load_explicit(apexes, memory_order_relaxed);
	atomic_store_explicit(apexes, before + more, memory_order_release);
}

static struct tails_filter *filter_new(const struct tails *tails)
{
	unsigned bits = 0;
	while ((size_t)1 << bits < SLOTS_AN_APEX * tails->room)
		bits++;
	struct tails_filter *filter =
		mem_array(1, sizeof *filter + ((size_t)1 << bits) * sizeof filter->apexes[0]);
	filter->skip = 8 * (TAIL_OCTETS - tails->octets);
	filter->shift = 64 - bits;
	for (size_t i = 0; i < tails->count; i++)
		count(filter, tails->of[i], 1);
	return filter;
}

void tails_init(struct tails *tails, struct quiesce *quiesce)
{
	*tails = (struct tails){.quiesce = quiesce, .room = ROOM_FIRST, .octets = TAIL_OCTETS};
	tails->of = mem_array(tails->room, sizeof *tails->of);
	atomic_init(&tails->filter, filter_new(tails));
}

void tails_fini(struct tails *tails)
{
	free(atomic_load(&tails->filter));
	free(tails->of);
}

static void make_anew(struct tails *tails)
{
	struct tails_filter *old = atomic_load(&tails->filter);
	atomic_store_explicit(&tails->filter, filter_new(tails), memory_order_release);
	quiesce_retire(tails->quiesce, old, free);
}

void tails_put(struct tails *tails, const uint8_t *apex, size_t len)
{
	uint64_t tail = tail_of(apex, len);
	bool shorter = len < tails->octets, full = tails->count == tails->room;
	if (full) {
		tails->room *= 2;
		tails->of = mem_resize(tails->of, tails->room, sizeof *tails->of);
	}
	tails->of[tails->count++] = tail;
	if (shorter)
		tails->octets = (unsigned)len;
	if (shorter || full)
		make_anew(tails);
	else
		count(atomic_load_explicit(&tails->filter, memory_order_relaxed), tail, 1);
}

void tails_remove(struct tails *tails, const uint8_t *apex, size_t len)
{
	uint64_t tail = tail_of(apex, len);
	size_t i = 0;
	while (i < tails->count && tails->of[i] != tail)
		i++;
	assert(i < tails->count);
	tails->of[i] = tails->of[--tails->count];
	count(atomic_load_explicit(&tails->filter, memory_order_relaxed), tail, (uint32_t)-1);
}
