/*
 * Knows the layout of the health table: a header, then open-addressed slots of (key, word). Slots
 * are never moved while the table lives, so that a reader's probe sequence stays valid; a removed
 * slot keeps its place as a tombstone and is taken again by the next new key that passes it.
 *
 * Memory order: a slot's word is stored before its key is published (release), readers load the key
 * first (acquire). A slot that is given to another target has its key taken away before its new
 * word is stored (release), and readers look at the key once more after they loaded the word
 * (acquire): the word is of the target that was asked for, or there is none. The sequence is
 * advanced (release) after the word, so whoever sees the new sequence sees the word.
 */
#include "db/health.h"

#include "base/mem.h"
#include "db/mapping_guard.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/futex.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { LAYOUT = 1, KEY_FREE = 0, KEY_TOMBSTONE = 1, PROBES_MAX = 512 };

struct slot {
	_Atomic uint64_t key;
	_Atomic uint64_t word;
};

struct shared {
	char magic[8];
	uint32_t layout, capacity;
	_Atomic int64_t beat_ns; /* CLOCK_MONOTONIC is one clock for all processes of a machine */
	_Atomic uint32_t sequence;
	uint32_t reserved[9];
	struct slot slots[HEALTH_CAPACITY];
};

struct health_table {
	struct shared *shared;
	int guard;
	bool writer;
	uint32_t used; /* writer: slots that are not KEY_FREE */
};

static const char magic[8] = "MDNHLTH";

const char *verdict_name(enum verdict verdict)
{
	static const char *const names[] = {"none", "unknown", "up", "degraded", "down"};
	return (size_t)verdict < sizeof names / sizeof *names ? names[verdict] : "none";
}

/* verdict 3 bits, pending 1, 12 free, flip_after_s 16, since_s 32. */
uint64_t health_pack(struct health_state state)
{
	return (uint64_t)state.verdict | (uint64_t)state.pending << 3 |
	       (uint64_t)state.flip_after_s << 16 | (uint64_t)state.since_s << 32;
}

struct health_state health_unpack(uint64_t word)
{
	struct health_state state = {
		.verdict = (enum verdict)(word & 7),
		.pending = (word >> 3 & 1) != 0,
		.flip_after_s = (uint16_t)(word >> 16),
		.since_s = (uint32_t)(word >> 32),
	};
	if (state.verdict > VERDICT_DOWN)
		state.verdict = VERDICT_NONE;
	return state;
}

uint64_t health_key(const char *target)
{
	uint64_t key = UINT64_C(0xcbf29ce484222325); /* FNV-1a */
	for (; *target != '\0'; target++)
		key = (key ^ (unsigned char)*target) * UINT64_C(0x100000001b3);
	key ^= key >> 29;
	key *= UINT64_C(0xbf58476d1ce4e5b9);
	key ^= key >> 32;
	return key > KEY_TOMBSTONE ? key : key + 2;
}

static struct health_table *map_table(int fd, bool writer, const char *path, struct error *error)
{
	int protection = writer ? PROT_READ | PROT_WRITE : PROT_READ;
	void *shared = mmap(NULL, sizeof(struct shared), protection, MAP_SHARED, fd, 0);
	close(fd);
	if (shared == MAP_FAILED) {
		error_set_errno(error, "cannot map the health table %s", path);
		return NULL;
	}
	struct health_table *table = mem_new(struct health_table);
	table->shared = shared;
	table->writer = writer;
	table->guard = mapping_guard_add(shared, sizeof(struct shared), writer);
	return table;
}

static bool is_ours(const struct shared *shared)
{
	return memcmp(shared->magic, magic, sizeof magic) == 0 && shared->layout == LAYOUT &&
	       shared->capacity == HEALTH_CAPACITY;
}

static uint32_t count_used(const struct shared *shared)
{
	uint32_t used = 0;
	for (uint32_t i = 0; i < HEALTH_CAPACITY; i++)
		used += atomic_load_explicit(&shared->slots[i].key, memory_order_relaxed) !=
			KEY_FREE;
	return used;
}

struct health_table *health_open_writer(const char *path, struct error *error)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640);
	if (fd < 0) {
		error_set_errno(error, "cannot open the health table %s", path);
		return NULL;
	}
	int fault = posix_fallocate(fd, 0, sizeof(struct shared)); /* errno is left alone */
	if (fault != 0 || ftruncate(fd, sizeof(struct shared)) != 0) {
		errno = fault != 0 ? fault : errno;
		error_set_errno(error, "cannot make room for the health table %s", path);
		close(fd);
		return NULL;
	}
	struct health_table *table = map_table(fd, true, path, error);
	if (table == NULL)
		return NULL;
	if (!is_ours(table->shared)) {
		memset(table->shared, 0, sizeof *table->shared);
		table->shared->layout = LAYOUT;
		table->shared->capacity = HEALTH_CAPACITY;
		atomic_thread_fence(memory_order_release);
		memcpy(table->shared->magic, magic, sizeof magic);
	}
	table->used = count_used(table->shared);
	return table;
}

struct health_table *health_open_reader(const char *path, struct error *error)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		error_set_errno(error, "cannot open the health table %s", path);
		return NULL;
	}
	struct stat info;
	if (fstat(fd, &info) != 0 || info.st_size < (off_t)sizeof(struct shared)) {
		error_set(error, "the health table %s is not complete yet", path);
		close(fd);
		return NULL;
	}
	struct health_table *table = map_table(fd, false, path, error);
	if (table != NULL && !is_ours(table->shared)) {
		error_set(error,
			  "the health table %s is of another version; restart meridian-healthcheck",
			  path);
		health_close(table);
		return NULL;
	}
	return table;
}

bool health_lost(const struct health_table *table)
{
	return !is_ours(table->shared) || mapping_guard_torn(table->guard);
}

bool health_mend(struct health_table *table, const char *path)
{
	struct error error;
	struct health_table *now = health_open_reader(path, &error);
	if (now == NULL)
		return false;
	mapping_guard_remove(now->guard);
	bool mended = mapping_guard_mend(table->guard, now->shared);
	if (!mended)
		munmap(now->shared, sizeof *now->shared);
	free(now);
	return mended;
}

void health_close(struct health_table *table)
{
	if (table == NULL)
		return;
	mapping_guard_remove(table->guard);
	munmap(table->shared, sizeof *table->shared);
	free(table);
}

static struct slot *find_slot(const struct health_table *table, uint64_t key)
{
	uint64_t i = key & (HEALTH_CAPACITY - 1);
	for (unsigned probes = 0; probes < PROBES_MAX;
	     probes++, i = (i + 1) & (HEALTH_CAPACITY - 1)) {
		struct slot *slot = &table->shared->slots[i];
		uint64_t found = atomic_load_explicit(&slot->key, memory_order_acquire);
		if (found == key)
			return slot;
		if (found == KEY_FREE)
			return NULL;
	}
	return NULL;
}

static struct slot *claim_slot(struct health_table *table, uint64_t key)
{
	uint64_t i = key & (HEALTH_CAPACITY - 1);
	for (unsigned probes = 0; probes < PROBES_MAX;
	     probes++, i = (i + 1) & (HEALTH_CAPACITY - 1)) {
		struct slot *slot = &table->shared->slots[i];
		uint64_t found = atomic_load_explicit(&slot->key, memory_order_relaxed);
		if (found == KEY_TOMBSTONE)
			return slot;
		if (found == KEY_FREE && table->used < HEALTH_CAPACITY / 4 * 3) {
			table->used++;
			return slot;
		}
		if (found == KEY_FREE)
			return NULL;
	}
	return NULL;
}

static void announce(struct health_table *table)
{
	atomic_fetch_add_explicit(&table->shared->sequence, 1, memory_order_release);
	syscall(SYS_futex, &table->shared->sequence, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}

bool health_set(struct health_table *table, const char *target, struct health_state state)
{
	uint64_t key = health_key(target), word = health_pack(state);
	struct slot *slot = find_slot(table, key);
	if (slot != NULL) {
		if (atomic_exchange_explicit(&slot->word, word, memory_order_release) != word)
			announce(table);
		return true;
	}
	slot = claim_slot(table, key);
	if (slot == NULL)
		return false;
	atomic_store_explicit(&slot->word, word, memory_order_release);
	atomic_store_explicit(&slot->key, key, memory_order_release);
	announce(table);
	return true;
}

/*
 * A slot in the middle of a probe sequence must stay a tombstone; one at the end of it becomes free
 * again, and with it the tombstones before it, which keeps sequences short however many targets
 * come and go.
 */
static void free_slot(struct health_table *table, struct slot *slot)
{
	struct slot *slots = table->shared->slots;
	size_t i = (size_t)(slot - slots);
	atomic_store_explicit(&slot->key, KEY_TOMBSTONE, memory_order_relaxed);
	atomic_store_explicit(&slot->word, 0, memory_order_release);
	uint64_t next =
		atomic_load_explicit(&slots[(i + 1) % HEALTH_CAPACITY].key, memory_order_relaxed);
	if (next != KEY_FREE)
		return;
	while (atomic_load_explicit(&slots[i].key, memory_order_relaxed) == KEY_TOMBSTONE) {
		atomic_store_explicit(&slots[i].key, KEY_FREE, memory_order_release);
		table->used--;
		i = (i + HEALTH_CAPACITY - 1) % HEALTH_CAPACITY;
	}
}

void health_remove(struct health_table *table, const char *target)
{
	struct slot *slot = find_slot(table, health_key(target));
	if (slot == NULL)
		return;
	free_slot(table, slot);
	announce(table);
}

void health_retain(struct health_table *table, bool (*keep)(void *context, uint64_t key),
		   void *context)
{
	bool changed = false;
	for (uint32_t i = 0; i < HEALTH_CAPACITY; i++) {
		struct slot *slot = &table->shared->slots[i];
		uint64_t key = atomic_load_explicit(&slot->key, memory_order_relaxed);
		if (key > KEY_TOMBSTONE && !keep(context, key)) {
			free_slot(table, slot);
			changed = true;
		}
	}
	if (changed)
		announce(table);
}

void health_beat(struct health_table *table, struct mono now)
{
	atomic_store_explicit(&table->shared->beat_ns, now.ns, memory_order_release);
}

struct health_state health_get(const struct health_table *table, uint64_t key)
{
	uint64_t word = 0;
	unsigned mends = mapping_guard_mends(table->guard);
	const struct slot *slot = find_slot(table, key);
	if (slot != NULL) {
		word = atomic_load_explicit(&slot->word, memory_order_acquire);
		if (atomic_load_explicit(&slot->key, memory_order_relaxed) != key)
			word = 0;
	}
	/* A page of zeroes says nothing of a target, least of all that there is none. */
	if (word == 0 && (health_lost(table) || mapping_guard_mends(table->guard) != mends))
		return (struct health_state){.verdict = VERDICT_UNKNOWN};
	return health_unpack(word);
}

bool health_fresh(const struct health_table *table, struct mono now)
{
	int64_t beat = atomic_load_explicit(&table->shared->beat_ns, memory_order_acquire);
	int64_t age_ms = (now.ns - beat) / 1000000;
	/* A beat from the future is of a table that outlived a reboot: stale until the writer beats
	 * again. */
	return beat != 0 && age_ms >= -1 && age_ms <= HEALTH_STALE_MS && !health_lost(table);
}

uint32_t health_sequence(const struct health_table *table)
{
	return atomic_load_explicit(&table->shared->sequence, memory_order_acquire);
}

void health_wait(const struct health_table *table, uint32_t seen, int timeout_ms)
{
	struct timespec timeout = {.tv_sec = timeout_ms / 1000,
				   .tv_nsec = (long)(timeout_ms % 1000) * 1000000};
	syscall(SYS_futex, &table->shared->sequence, FUTEX_WAIT, seen, &timeout, NULL, 0);
}
