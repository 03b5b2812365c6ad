/*
 * responder: the daemon put together: workers that answer, and one control thread that keeps what
 * they answer from in step with configuration, health and places.
 */
#ifndef MERIDIAN_GEODNS_RESPONDER_H
#define MERIDIAN_GEODNS_RESPONDER_H

#include "db/instance.h"
#include "geodns/binding.h"
#include "geodns/content.h"
#include "geodns/counters.h"
#include "geodns/feed.h"
#include "geodns/places_watch.h"
#include "geodns/secrets.h"
#include "geodns/workers.h"

struct control;

/* The control thread's but for what says otherwise. */
struct responder {
	const struct instance *instance;
	struct quiesce *quiesce;
	struct feed feed;
	struct content content;
	struct binding *binding;
	struct mapmaker *mapmaker;
	struct workers *workers;
	const struct reply_server *server; /* what the workers say of the server */
	struct secrets secrets;		   /* of cookies */
	struct control *control;
	struct journal *journal;
	int64_t started_ms;
	/* Places. */
	struct places_watch places;
	/* What was taken up, and what was not. */
	struct error content_problem;
	struct mono retried, ticked, followed;
	int64_t retry_ms;
	bool fresh;	     /* health was, when last looked at */
	int64_t override_ms; /* the next begin or end of an override */
	uint64_t config_applies, config_apply_us, pools_changed;
};

/* Reads everything once, binds the sockets, starts the threads. INSTANCE is borrowed. False with
 * ERROR. */
bool responder_open(struct responder *responder, const struct instance *instance,
		    struct error *error) __attribute__((warn_unused_result));

/* Follows what changes until ENDING_FD is readable. */
void responder_run(struct responder *responder, int ending_fd);
void responder_close(struct responder *responder);

/* What pools are judged by at this moment. */
struct pools_view responder_view(struct responder *responder);

#endif
