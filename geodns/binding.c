/* Knows when the health table's file is another than the one that is mapped. */
#include "geodns/binding.h"

#include "base/mem.h"
#include "db/mapping_guard.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

/* What comes within COALESCE_MS of a change that was told of is told of together: the first at
 * once, so that one verdict waits for nothing, a thousand a second as two hundred. */
enum { WAIT_MS = 500, ABSENT_MS = 100, COALESCE_MS = 5 };

/* A mapping of the file; the control thread and the waiting one have theirs. */
struct mapping {
	struct health_table *table;
	dev_t device;
	ino_t inode;
};

struct binding {
	const char *path;
	struct mapping control;
	struct error problem;
	pthread_t thread;
	int fd;
	_Atomic bool ending;
};

static bool is_current(const struct mapping *mapping, const char *path)
{
	struct stat status;
	return mapping->table != NULL && !health_lost(mapping->table) && stat(path, &status) == 0 &&
	       status.st_dev == mapping->device && status.st_ino == mapping->inode;
}

/* Keeps a mapping whose file is gone: its words are the last that is known. */
static void refresh(struct mapping *mapping, const char *path, struct error *error)
{
	struct stat status;
	if (is_current(mapping, path)) {
		error->text[0] = '\0';
		return;
	}
	struct health_table *table = health_open_reader(path, error);
	if (table == NULL)
		return;
	health_close(mapping->table);
	*mapping = (struct mapping){.table = table};
	error->text[0] = '\0';
	if (stat(path, &status) == 0) {
		mapping->device = status.st_dev;
		mapping->inode = status.st_ino;
	}
}

static void tell(const struct binding *binding)
{
	uint64_t one = 1;
	ssize_t written = write(binding->fd, &one, sizeof one);
	(void)written; /* full means that it is readable already */
}

/* SEEN outlives a turn of the loop, so that no change falls between two of them: it is from before
 * the telling, and what comes after is told of by the next turn. */
static void *wait_for_changes(void *context)
{
	struct binding *binding = context;
	struct mapping mapping = {.table = NULL};
	struct error ignored = {""};
	uint32_t seen = 0;
	while (!atomic_load(&binding->ending)) {
		const struct health_table *before = mapping.table;
		refresh(&mapping, binding->path, &ignored);
		if (mapping.table == NULL) {
			usleep(1000 * ABSENT_MS);
			continue;
		}
		uint32_t now = health_sequence(mapping.table);
		if (now == seen && mapping.table == before)
			health_wait(mapping.table, seen, WAIT_MS);
		now = health_sequence(mapping.table);
		if (now != seen || mapping.table != before) {
			tell(binding);
			usleep(1000 * COALESCE_MS);
		}
		seen = now;
	}
	health_close(mapping.table);
	return NULL;
}

static int start_thread(struct binding *binding)
{
	sigset_t all, before;
	sigfillset(&all);
	mapping_guard_unblock(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	int failed = pthread_create(&binding->thread, NULL, wait_for_changes, binding);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return failed;
}

struct binding *binding_open(const char *path, struct error *error)
{
	struct binding *binding = mem_new(struct binding);
	binding->path = path;
	binding->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (binding->fd >= 0 && start_thread(binding) == 0)
		return binding;
	error_set_errno(error, "the thread that waits for health cannot be started");
	if (binding->fd >= 0)
		close(binding->fd);
	free(binding);
	return NULL;
}

void binding_close(struct binding *binding)
{
	if (binding == NULL)
		return;
	atomic_store(&binding->ending, true);
	pthread_join(binding->thread, NULL);
	health_close(binding->control.table);
	close(binding->fd);
	free(binding);
}

int binding_fd(const struct binding *binding)
{
	return binding->fd;
}

void binding_drain(struct binding *binding)
{
	uint64_t count;
	ssize_t got = read(binding->fd, &count, sizeof count);
	(void)got;
}

const struct health_table *binding_table(struct binding *binding)
{
	refresh(&binding->control, binding->path, &binding->problem);
	return binding->control.table;
}

const char *binding_problem(const struct binding *binding)
{
	return binding->problem.text;
}
