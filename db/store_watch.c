/* Knows which file system events mean that a store may have changed. */
#include "db/store.h"

#include "base/mem.h"

#include <libgen.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

/*
 * A commit is visible only after the WAL was written and synced, so an event for the write would
 * come too early; the writer therefore touches the file once the commit holds (IN_ATTRIB). The rest
 * is the file being put in place, replaced, overwritten or made unreadable.
 */
static const uint32_t watched =
	IN_ATTRIB | IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_CLOSE_WRITE;

static bool watch_folder(int fd, const char *path)
{
	char *copy = mem_strdup(path);
	bool done = inotify_add_watch(fd, dirname(copy), watched | IN_ONLYDIR) >= 0;
	free(copy);
	return done;
}

int store_watch_open(const char *path)
{
	int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (fd < 0)
		return -1;
	/* A folder that may be passed but not listed cannot be watched; the file itself can. */
	if (watch_folder(fd, path) ||
	    inotify_add_watch(fd, path, watched | IN_MOVE_SELF | IN_DELETE_SELF) >= 0)
		return fd;
	close(fd);
	return -1;
}

void store_watch_drain(int fd)
{
	char events[16 * (sizeof(struct inotify_event) + NAME_MAX + 1)]
		__attribute__((aligned(__alignof__(struct inotify_event))));
	while (read(fd, events, sizeof events) > 0)
		continue;
}
