/*
 * conf_watch: whether BIRD's configuration is still the one that was accepted.
 *
 * The first one that BIRD was seen to load is accepted; another one only when a person confirms it.
 * Until then announcing waits, because whatever this daemon has BIRD load next would load that
 * change too. What was accepted is kept beside the include file, over restarts of this daemon but
 * not over a boot.
 */
#ifndef MERIDIAN_BGPCTL_CONF_WATCH_H
#define MERIDIAN_BGPCTL_CONF_WATCH_H

#include "bgpctl/digest.h"
#include "db/instance.h"

enum { CONF_WATCH_TEXT_MAX = 240, CONF_WATCH_ID_MAX = 13 };

struct conf_watch {
	char *record;		/* path of what is kept */
	char *accepted, *found; /* listings of bird_conf; NULL: none yet */
	bool changed;
	char files[CONF_WATCH_TEXT_MAX]; /* which differ, with commas */
	char id[CONF_WATCH_ID_MAX];	 /* names what was found */
};

void conf_watch_init(struct conf_watch *watch, const struct instance *instance);
void conf_watch_fini(struct conf_watch *watch);

/* The file that BIRD's configuration begins with, by what was accepted (heap), or NULL. */
char *conf_watch_begins(const struct conf_watch *watch);

/* Takes LISTING (heap, taken; NULL: not known now, nothing changes). True where it is now changed
 * and was not, or is changed otherwise, or is as accepted again. */
bool conf_watch_take(struct conf_watch *watch, char *listing);

/* A person has looked at what ID names. False where that is not what was found last. */
bool conf_watch_confirm(struct conf_watch *watch, const char *id)
	__attribute__((warn_unused_result));

/* Pure: the names of the files that differ between two listings, cut where they are too many. */
void conf_watch_compare(const char *accepted, const char *found, char files[CONF_WATCH_TEXT_MAX]);

#endif
