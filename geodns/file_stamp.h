/*
 * file_stamp: whether a file is another than the one last looked at, by inode, size and time.
 */
#ifndef MERIDIAN_GEODNS_FILE_STAMP_H
#define MERIDIAN_GEODNS_FILE_STAMP_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

/* All zeros: no file. */
struct file_stamp {
	uint64_t inode;
	int64_t size, time_ns;
};

/* Whether the file at PATH is another than *STAMP says; remembers it. */
static inline bool file_stamp_moved(struct file_stamp *stamp, const char *path)
{
	struct stat status;
	struct file_stamp now = {0};
	if (stat(path, &status) == 0)
		now = (struct file_stamp){.inode = status.st_ino,
					  .size = status.st_size,
					  .time_ns = status.st_mtim.tv_sec * INT64_C(1000000000) +
						     status.st_mtim.tv_nsec};
	bool moved = now.inode != stamp->inode || now.size != stamp->size ||
		     now.time_ns != stamp->time_ns;
	*stamp = now;
	return moved;
}

#endif
