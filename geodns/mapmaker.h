/*
 * mapmaker: a thread that compiles steering maps aside, so that health and configuration are
 * followed meanwhile.
 */
#ifndef MERIDIAN_GEODNS_MAPMAKER_H
#define MERIDIAN_GEODNS_MAPMAKER_H

#include "geodns/atlas.h"
#include "geodns/planner.h"

struct mapmaker;

/* Starts the thread; NULL with ERROR. */
struct mapmaker *mapmaker_new(struct error *error);
/* Ends it after the map it is at; what was not taken is freed. NULL is allowed. */
void mapmaker_free(struct mapmaker *mapmaker);

/* Readable when a map is done. */
int mapmaker_fd(const struct mapmaker *mapmaker);

/* Has STEER compiled over ATLAS. STEER must live until the job, which OWNER names, was taken. */
void mapmaker_ask(struct mapmaker *mapmaker, void *owner, const struct steer *steer,
		  struct atlas *atlas);

/* The next one that is done: its owner, the map (the caller's) and the atlas it was made from
 * (referenced for the caller). False where there is none. */
bool mapmaker_take(struct mapmaker *mapmaker, void **owner, struct compiled **compiled,
		   struct atlas **atlas);

#endif
