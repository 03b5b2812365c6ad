/*
 * content: what is served, kept in step with the configuration: zones, services, pools, places.
 *
 * The control thread's alone. A change costs what changed: a record its name, a pool its plans, a
 * zone its names.
 */
#ifndef MERIDIAN_GEODNS_CONTENT_H
#define MERIDIAN_GEODNS_CONTENT_H

#include "db/store.h"
#include "geodns/steerings.h"
#include "geodns/zone.h"

struct content {
	struct quiesce *quiesce;
	struct zones zones;
	struct pools pools;
	struct steerings steerings;
	struct strmap services; /* "example.com/www" -> struct content_service */
	struct strmap dirty;	/* ids of names that are to be made anew: "example.com/www" */
	struct strmap reload;	/* zones that are to be read whole */
	uint32_t counters_used; /* of COUNTERS_ANSWERS */
	/* Called now and then in the middle of long work; may be NULL. */
	void (*breathe)(void *context);
	void *breathe_context;
};

/* A service as it is served, and what its parts are owned by. */
struct content_service {
	struct service_live *live;
	struct steering_live *steering;
	char *zone;
};

/* QUIESCE and MAPMAKER are borrowed. Begins empty, over ATLAS. */
void content_init(struct content *content, struct quiesce *quiesce, struct mapmaker *mapmaker,
		  struct atlas *atlas);
/* No reader may be left. */
void content_fini(struct content *content);

/*
 * Takes up what MOVED names, as it is in MODEL and STORE; OLD is the model before. Pools are judged
 * by VIEW, whose model is MODEL. False with ERROR where the store could not be read or an object in
 * it is malformed: what it concerns stays as it was (a zone that is new: SERVFAIL) and is tried
 * again by content_retry().
 */
bool content_apply(struct content *content, struct store *store, const struct model *old,
		   const struct pools_view *view, const struct moved *moved, size_t count,
		   struct error *error) __attribute__((warn_unused_result));

/* As content_apply() of everything in VIEW's model, for the first time. */
bool content_load(struct content *content, struct store *store, const struct pools_view *view,
		  struct error *error) __attribute__((warn_unused_result));

/* Whether anything could not be taken up yet; and takes it up. */
bool content_is_behind(const struct content *content);
bool content_retry(struct content *content, struct store *store, const struct pools_view *view,
		   struct error *error) __attribute__((warn_unused_result));

/* Judges the pools anew: all of them where ALL, else those of which a health word changed. Returns
 * how many changed. */
size_t content_judge(struct content *content, const struct pools_view *view, bool all);

/* The service ID, or NULL. */
const struct content_service *content_service(const struct content *content, const char *id);

#endif
