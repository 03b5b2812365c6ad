/*
 * places_watch: follows the place table and what the compiler refused, and tells of both.
 */
#ifndef MERIDIAN_GEODNS_PLACES_WATCH_H
#define MERIDIAN_GEODNS_PLACES_WATCH_H

#include "db/journal.h"
#include "geodns/atlas.h"
#include "geodns/refusal.h"

struct places_watch {
	char *path;		 /* of the place table */
	int fd;			 /* readable when a step is due; -1: not to be had, or not yet */
	struct journal *journal; /* borrowed; NULL: events go nowhere */
	bool tried;		 /* a missing file is told once, too */
	struct file_stamp stamp; /* of the table last tried */
	struct error problem;	 /* "": the table last tried was good */
	struct refusal refusal;	 /* of the compiler's */
};

/* PATH is taken. */
void places_watch_init(struct places_watch *watch, char *path, struct journal *journal);
void places_watch_fini(struct places_watch *watch);

/*
 * To be called when FD is readable and, as a net below it, now and then. Looks at the files, and
 * tells of what is new in the log and as events. Returns the atlas with a new table over what
 * CURRENT holds, the caller's; NULL where there is none, or it cannot be used.
 */
struct atlas *places_watch_step(struct places_watch *watch, const struct atlas *current);

#endif
