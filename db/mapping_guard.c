/*
 * Knows what to do when a mapped page has no file behind it any more.
 *
 * The handler runs between any two instructions, so it reads nothing but atomics and calls nothing
 * but mmap, which is a system call without state, and is called as such: what stands in for the C
 * library's own, as a sanitizer does, is not made for a handler. A slot's length is stored last
 * (release) and cleared first; the handler loads it first (acquire).
 */
#include "db/mapping_guard.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

struct range {
	_Atomic unsigned mends;
	_Atomic uintptr_t start;
	_Atomic size_t len; /* 0: the slot is free */
	_Atomic bool writable;
	_Atomic unsigned faults, mended; /* torn where they differ */
	_Atomic int busy;		 /* handlers between the fault and the page */
};

static struct range ranges[MAPPING_GUARD_MAX];
static _Atomic int used; /* slots that were ever taken; they are taken from the lowest */
static _Atomic uintptr_t page_size;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER; /* of taking and giving back slots */

static struct range *range_of(uintptr_t address)
{
	int count = atomic_load_explicit(&used, memory_order_acquire);
	for (int i = 0; i < count; i++) {
		size_t len = atomic_load_explicit(&ranges[i].len, memory_order_acquire);
		uintptr_t start = atomic_load_explicit(&ranges[i].start, memory_order_relaxed);
		if (len > 0 && address >= start && address - start < len)
			return &ranges[i];
	}
	return NULL;
}

static bool replace_page(struct range *range, uintptr_t address)
{
	uintptr_t page = address & ~(atomic_load(&page_size) - 1);
	int protection = PROT_READ | (atomic_load(&range->writable) ? PROT_WRITE : 0);
	/* Counted before the page is there: nobody reads a zero and then finds the range whole. */
	atomic_fetch_add(&range->busy, 1);
	atomic_fetch_add(&range->faults, 1);
	long got = syscall(SYS_mmap, page, atomic_load(&page_size), protection,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0L);
	atomic_fetch_sub(&range->busy, 1);
	return got != -1;
}

static void on_bus_error(int number, siginfo_t *info, void *context)
{
	(void)context;
	int saved = errno;
	uintptr_t address = (uintptr_t)info->si_addr;
	struct range *range = info->si_code == BUS_ADRERR ? range_of(address) : NULL;
	if (range == NULL || !replace_page(range, address)) {
		signal(number, SIG_DFL);
		if (info->si_code <= 0) /* sent by somebody: it does not come again by itself */
			raise(number);
	}
	errno = saved;
}

/* Each time anew: a library may have taken the signal since. */
static void install(void)
{
	struct sigaction action = {.sa_sigaction = on_bus_error, .sa_flags = SA_SIGINFO};
	sigemptyset(&action.sa_mask);
	atomic_store(&page_size, (uintptr_t)sysconf(_SC_PAGESIZE));
	int installed = sigaction(SIGBUS, &action, NULL);
	assert(installed == 0);
	(void)installed;
}

static int take_slot(void)
{
	for (int i = 0; i < MAPPING_GUARD_MAX; i++)
		if (atomic_load_explicit(&ranges[i].len, memory_order_relaxed) == 0)
			return i;
	return MAPPING_GUARD_NONE;
}

int mapping_guard_add(void *start, size_t len, bool writable)
{
	assert(len > 0);
	pthread_mutex_lock(&mutex);
	install();
	int token = take_slot();
	if (token != MAPPING_GUARD_NONE) {
		struct range *range = &ranges[token];
		atomic_store_explicit(&range->start, (uintptr_t)start, memory_order_relaxed);
		atomic_store_explicit(&range->writable, writable, memory_order_relaxed);
		atomic_store(&range->mended, atomic_load(&range->faults));
		atomic_store_explicit(&range->len, len, memory_order_release);
		if (token >= atomic_load(&used))
			atomic_store_explicit(&used, token + 1, memory_order_release);
	}
	pthread_mutex_unlock(&mutex);
	return token;
}

void mapping_guard_remove(int token)
{
	if (token == MAPPING_GUARD_NONE)
		return;
	pthread_mutex_lock(&mutex);
	atomic_store_explicit(&ranges[token].len, 0, memory_order_release);
	pthread_mutex_unlock(&mutex);
}

bool mapping_guard_torn(int token)
{
	if (token == MAPPING_GUARD_NONE)
		return false;
	/* The reads of the range stand before the look at the flag, whatever the compiler likes. */
	atomic_signal_fence(memory_order_seq_cst);
	atomic_thread_fence(memory_order_acquire);
	return atomic_load(&ranges[token].faults) != atomic_load(&ranges[token].mended);
}

unsigned mapping_guard_mends(int token)
{
	return token == MAPPING_GUARD_NONE ? 0 : atomic_load(&ranges[token].mends);
}

/* A handler that counted its fault before FAULTS was read has put its page there before the new
 * mapping comes, or it is busy; one that counts later leaves the range torn. */
bool mapping_guard_mend(int token, void *fresh)
{
	if (token == MAPPING_GUARD_NONE)
		return false;
	struct range *range = &ranges[token];
	unsigned faults = atomic_load(&range->faults);
	if (atomic_load(&range->busy) != 0)
		return false;
	size_t len = atomic_load(&range->len);
	void *start = (void *)atomic_load(&range->start);
	if (mremap(fresh, len, len, MREMAP_MAYMOVE | MREMAP_FIXED, start) == MAP_FAILED)
		return false;
	atomic_fetch_add(&range->mends, 1);
	atomic_store(&range->mended, faults);
	return true;
}

void mapping_guard_unblock(sigset_t *set)
{
	sigdelset(set, SIGBUS);
}
