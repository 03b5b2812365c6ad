/*
 * owner: to whom a file belongs that root makes.
 *
 * Each daemon is a user of its own with folders of its own. An operator is root: what is made for a
 * daemon must be that daemon's, or it could not write it the next time.
 */
#ifndef MERIDIAN_BASE_OWNER_H
#define MERIDIAN_BASE_OWNER_H

#include "base/error.h"

#include <stdbool.h>

/* Gives the open file FD at PATH to the owner of the folder of PATH, where this process is root and
   that folder is not root's; does nothing otherwise. False with ERROR where that fails. */
bool owner_from_folder(int fd, const char *path, struct error *error)
	__attribute__((warn_unused_result));

#endif
