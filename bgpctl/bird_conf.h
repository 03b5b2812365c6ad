/*
 * bird_conf: the files that make up BIRD's configuration, and what is in them by digest.
 *
 * Any "configure" reads all of them again, an operator's half-finished edit included. So it is
 * known which file BIRD began with (it says so itself), which others that one includes, and when
 * one of them changes. The file that this daemon writes is left out.
 */
#ifndef MERIDIAN_BGPCTL_BIRD_CONF_H
#define MERIDIAN_BGPCTL_BIRD_CONF_H

#include "base/error.h"
#include "bgpctl/digest.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { BIRD_CONF_FILES_MAX = 1024, BIRD_CONF_DEPTH_MAX = 8 };

/* What tells without reading that a file is still the same. */
struct bird_conf_key {
	uint64_t device, inode;
	int64_t size, modified_ns, changed_ns;
};

struct bird_conf_file {
	char *path;
	struct bird_conf_key key;
	char digest[DIGEST_TEXT_MAX];
	char **includes; /* patterns, absolute */
	size_t include_count;
};

struct bird_conf {
	char *path; /* where it begins; NULL: not known yet */
	struct bird_conf_file *at;
	size_t count;
};

/* All zeros is one that knows nothing. */
void bird_conf_fini(struct bird_conf *conf);

/* Begins anew with PATH, unless it is that already. */
void bird_conf_begin(struct bird_conf *conf, const char *path);

/* Reads again what has changed. OWN is left out, by whatever name it is included. False with ERROR
 * where a file cannot be read: then nothing is known of any. */
bool bird_conf_refresh(struct bird_conf *conf, const char *own, struct error *error)
	__attribute__((warn_unused_result));

/* "DIGEST PATH\n" for each file, the first one first (heap). */
char *bird_conf_listing(const struct bird_conf *conf);

/* The pattern that LINE of a file in FOLDER includes (heap), or NULL. */
char *bird_conf_included(const char *line, const char *folder);

#endif
