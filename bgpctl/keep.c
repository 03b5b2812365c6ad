/* Knows where the mark of an upgrade lies, and how long it counts. */
#include "bgpctl/keep.h"

#include "base/mem.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

bool keep_in_force(const struct instance *instance)
{
	struct stat about;
	char *path = mem_printf("%s/keep", instance->bird_dir);
	bool there = stat(path, &about) == 0;
	free(path);
	time_t now = time(NULL);
	return there && about.st_mtime <= now && now - about.st_mtime < KEEP_MAX_S;
}
