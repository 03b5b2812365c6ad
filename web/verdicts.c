/* Knows how the health table is found again. */
#include "web/verdicts.h"

#include "base/mem.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

enum {
	TABLES_MAX = 64, /* a table is replaced by a new layout only: with an upgrade */
	LOOK_MS = 100	 /* how often a table is looked for that is not there yet */
};

struct verdicts {
	const char *path;
	pthread_mutex_t mutex; /* of opening */
	/* The newest, or NULL. Released after it is mapped, acquired by readers. Old mappings stay
	 * until the end, so that nobody needs a reference. */
	struct health_table *_Atomic table;
	struct health_table *all[TABLES_MAX];
	size_t count;
	dev_t device;
	ino_t inode;
	struct mono looked;
};

/* Under the mutex. */
static void look(struct verdicts *verdicts)
{
	struct stat now;
	if (stat(verdicts->path, &now) != 0)
		return;
	if (verdicts->count > 0 && health_lost(verdicts->table)) {
		/* Where it cannot be mended yet, the next look tries again. */
		if (!health_mend(verdicts->table, verdicts->path))
			return;
		verdicts->device = now.st_dev;
		verdicts->inode = now.st_ino;
		return;
	}
	if (verdicts->count > 0 && now.st_dev == verdicts->device && now.st_ino == verdicts->inode)
		return;
	if (verdicts->count == TABLES_MAX)
		return;
	struct health_table *table = health_open_reader(verdicts->path, NULL);
	if (table == NULL)
		return;
	verdicts->all[verdicts->count++] = table;
	verdicts->device = now.st_dev;
	verdicts->inode = now.st_ino;
	atomic_store_explicit(&verdicts->table, table, memory_order_release);
}

static struct health_table *table_of(struct verdicts *verdicts)
{
	pthread_mutex_lock(&verdicts->mutex);
	struct mono now = mono_now();
	if (verdicts->count == 0 || mono_ms_between(verdicts->looked, now) > 500) {
		look(verdicts);
		verdicts->looked = now;
	}
	pthread_mutex_unlock(&verdicts->mutex);
	return atomic_load_explicit(&verdicts->table, memory_order_acquire);
}

struct verdicts *verdicts_open(const char *path)
{
	struct verdicts *verdicts = mem_new(struct verdicts);
	verdicts->path = path;
	pthread_mutex_init(&verdicts->mutex, NULL);
	return verdicts;
}

void verdicts_close(struct verdicts *verdicts)
{
	for (size_t i = 0; i < verdicts->count; i++)
		health_close(verdicts->all[i]);
	pthread_mutex_destroy(&verdicts->mutex);
	free(verdicts);
}

bool verdicts_fresh(struct verdicts *verdicts)
{
	const struct health_table *table = table_of(verdicts);
	return table != NULL && health_fresh(table, mono_now());
}

struct health_state verdicts_get(struct verdicts *verdicts, const char *target)
{
	const struct health_table *table = table_of(verdicts);
	return table != NULL ? health_get(table, health_key(target)) : (struct health_state){0};
}

bool verdicts_wait(struct verdicts *verdicts, uint32_t *seen, int timeout_ms)
{
	const struct health_table *table = table_of(verdicts);
	if (table == NULL) {
		int ms = timeout_ms < LOOK_MS ? timeout_ms : LOOK_MS;
		struct timespec pause = {0, ms * 1000000L};
		nanosleep(&pause, NULL);
		return false;
	}
	health_wait(table, *seen, timeout_ms);
	uint32_t now = health_sequence(table);
	bool changed = now != *seen;
	*seen = now;
	return changed;
}
