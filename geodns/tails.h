/*
 * tails: a filter over the last octets of the zones that are served: most names that are somebody
 * else's are told by one look, before any of their labels is looked up.
 *
 * One writer (the control thread); readers take no lock. A filter that says "may be ours" may be
 * wrong; one that says "is not" never is, for a zone's tail is put before its apex.
 */
#ifndef MERIDIAN_GEODNS_TAILS_H
#define MERIDIAN_GEODNS_TAILS_H

#include "geodns/quiesce.h"
#include "geodns/wire/name_fold.h"

#include <stdatomic.h>

enum { TAIL_OCTETS = 8 /* the most that are looked at */ };

/* How many apexes fall on each slot. */
struct tails_filter {
	unsigned skip;	/* bits of a tail that are not looked at: the shortest apex has no more */
	unsigned shift; /* of the product that numbers a slot */
	_Atomic uint32_t apexes[];
};

struct tails {
	struct quiesce *quiesce;
	_Atomic(struct tails_filter *) filter;
	uint64_t *of; /* the tail of each apex, the control thread's alone */
	size_t count, room;
	unsigned octets; /* of the shortest apex there was, at most TAIL_OCTETS */
};

void tails_init(struct tails *tails, struct quiesce *quiesce);
void tails_fini(struct tails *tails); /* no reader may be left */

/* APEX is in lower-case wire form, LEN octets. Each put is undone by one remove. */
void tails_put(struct tails *tails, const uint8_t *apex, size_t len);
void tails_remove(struct tails *tails, const uint8_t *apex, size_t len);

static inline size_t tails_slot(const struct tails_filter *filter, uint64_t tail)
{
	return (size_t)((tail >> filter->skip) * NAME_FOLD_FACTOR >> filter->shift);
}

/* Any thread. False where no zone that is served ends as the lower-case NAME of LEN octets does. */
static inline bool tails_may_hold(const struct tails *tails, const uint8_t *name, size_t len)
{
	const struct tails_filter *filter =
		atomic_load_explicit(&tails->filter, memory_order_acquire);
	if (len < TAIL_OCTETS)
		return true;
	size_t slot = tails_slot(filter, name_fold_load(name + len - TAIL_OCTETS));
	return atomic_load_explicit(&filter->apexes[slot], memory_order_relaxed) != 0;
}

#endif
