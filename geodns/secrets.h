/*
 * secrets: the file that holds the cookie secrets of this site, or of all sites together.
 *
 * Made with a fresh secret where there is none; read again when it changes. A file that cannot be
 * used leaves in force what was read last, or a secret that lives as long as the process.
 */
#ifndef MERIDIAN_GEODNS_SECRETS_H
#define MERIDIAN_GEODNS_SECRETS_H

#include "base/error.h"
#include "geodns/cookie.h"

struct secrets {
	const char *path; /* borrowed */
	int64_t stamp[3]; /* inode, size, time of the file last read */
	struct error problem;
};

/* Makes the file where there is none. Returns the secrets to begin with, never NULL; the caller
 * frees with free(). */
struct cookie_secrets *secrets_open(struct secrets *secrets, const char *path);

/* New secrets where the file changed and can be used, else NULL. The caller frees with free(). */
struct cookie_secrets *secrets_follow(struct secrets *secrets);

#endif
