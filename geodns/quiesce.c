/* Knows how far each worker has come, and so when a retired object has no reader left. */
#include "geodns/quiesce.h"

#include "base/mem.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>

struct retired {
	struct retired *next;
	uint64_t epoch;
	void *what;
	void (*release)(void *what);
};

/* A cache line each: workers write their own only. */
struct reader {
	_Alignas(64) _Atomic uint64_t seen;
};

struct quiesce {
	_Alignas(64) _Atomic uint64_t epoch; /* written by the control thread alone */
	struct retired *first, **last;	     /* oldest first */
	size_t waiting;
	unsigned workers;
	struct reader readers[];
};

struct quiesce *quiesce_new(unsigned workers)
{
	size_t size = sizeof(struct quiesce) + workers * sizeof(struct reader);
	struct quiesce *quiesce = aligned_alloc(64, (size + 63) / 64 * 64);
	if (quiesce == NULL)
		abort();
	atomic_init(&quiesce->epoch, 1);
	quiesce->first = NULL;
	quiesce->last = &quiesce->first;
	quiesce->waiting = 0;
	quiesce->workers = workers;
	for (unsigned i = 0; i < workers; i++)
		atomic_init(&quiesce->readers[i].seen, 1);
	return quiesce;
}

static void release_first(struct quiesce *quiesce)
{
	struct retired *retired = quiesce->first;
	quiesce->first = retired->next;
	if (quiesce->first == NULL)
		quiesce->last = &quiesce->first;
	quiesce->waiting--;
	retired->release(retired->what);
	free(retired);
}

void quiesce_free(struct quiesce *quiesce)
{
	if (quiesce == NULL)
		return;
	while (quiesce->first != NULL)
		release_first(quiesce);
	free(quiesce);
}

/*
 * The acquire load pairs with the release increment of quiesce_retire: a worker that has seen the
 * epoch sees the pointers replaced before it. The release store pairs with the acquire load of
 * quiesce_reclaim: whatever the worker read before lies before the free.
 */
void quiesce_pass(struct quiesce *quiesce, unsigned worker)
{
	uint64_t epoch = atomic_load_explicit(&quiesce->epoch, memory_order_acquire);
	atomic_store_explicit(&quiesce->readers[worker].seen, epoch, memory_order_release);
}

void quiesce_leave(struct quiesce *quiesce, unsigned worker)
{
	assert(worker < quiesce->workers);
	atomic_store_explicit(&quiesce->readers[worker].seen, UINT64_MAX, memory_order_release);
}

void quiesce_retire(struct quiesce *quiesce, void *what, void (*release)(void *what))
{
	if (what == NULL)
		return;
	struct retired *retired = mem_new(struct retired);
	retired->what = what;
	retired->release = release;
	retired->epoch = atomic_fetch_add_explicit(&quiesce->epoch, 1, memory_order_acq_rel) + 1;
	*quiesce->last = retired;
	quiesce->last = &retired->next;
	quiesce->waiting++;
}

size_t quiesce_reclaim(struct quiesce *quiesce)
{
	uint64_t oldest = UINT64_MAX;
	for (unsigned i = 0; i < quiesce->workers; i++) {
		uint64_t seen =
			atomic_load_explicit(&quiesce->readers[i].seen, memory_order_acquire);
		oldest = seen < oldest ? seen : oldest;
	}
	while (quiesce->first != NULL && quiesce->first->epoch <= oldest)
		release_first(quiesce);
	return quiesce->waiting;
}
