/* Knows that a file made by root falls to whose folder it is in. */
#include "base/owner.h"

#include "base/mem.h"

#include <libgen.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

bool owner_from_folder(int fd, const char *path, struct error *error)
{
	struct stat folder;
	if (geteuid() != 0)
		return true;
	char *copy = mem_strdup(path);
	bool done = stat(dirname(copy), &folder) == 0 &&
		    (folder.st_uid == 0 || fchown(fd, folder.st_uid, (gid_t)-1) == 0);
	free(copy);
	if (!done)
		error_set_errno(error, "%s cannot be given to the owner of its folder", path);
	return done;
}
