/*
 * controller: the anycast controller's one state, stepped by its event loop.
 *
 * Nothing here waits: what talks to BIRD is handed out as a job and comes back when it is done.
 */
#ifndef MERIDIAN_BGPCTL_CONTROLLER_H
#define MERIDIAN_BGPCTL_CONTROLLER_H

#include "bgpctl/applier.h"
#include "bgpctl/conf_watch.h"
#include "bgpctl/echo.h"
#include "bgpctl/feed.h"
#include "bgpctl/heartbeat.h"
#include "bgpctl/pools.h"
#include "db/journal.h"

struct controller {
	const struct instance *instance;
	int64_t started_ms; /* wall clock */
	struct feed feed;
	struct pools pools;
	struct prober *prober;
	struct heartbeat heartbeat;
	struct echo echo;
	struct conf_watch conf_watch;
	char conf_asks[PREFIX_REASON_MAX]; /* why announcing waits for a person; "": it does not */
	struct presence *presence;
	char presence_error[512];
	int responder_fd; /* pidfd, -1: not watched */
	int wake_fd;	  /* epoll: readable when controller_step has something to do */
	int watched_store_fd;
	struct journal *journal;
	struct applier applier;
	struct announcement **items; /* sorted by prefix */
	size_t count;
	struct prefix_params params;
	struct plan_limits limits;
	struct guard_history history;
	json_t *memory; /* of the controller before this one; NULL: none */
	char *memory_path;
	uint64_t blocks[GUARD_RULES]; /* how often each rule refused */
	bool news;		      /* something is known that was not decided about */
	struct mono next_decision;    /* though nothing is new: time passes */
	struct mono next_clock;	      /* what is done once a second */
	char *responder_socket;
	struct freshness freshness;
	bool stopping;
	bool stopped;  /* in order, and with nothing left to do */
	bool keeping;  /* while stopping: nothing is withdrawn, it comes back at once */
	bool settling; /* all was withdrawn, the responder still answers who comes late */
	struct mono settled;
};

/* INSTANCE is borrowed. False with ERROR. */
bool controller_init(struct controller *controller, const struct instance *instance,
		     struct error *error) __attribute__((warn_unused_result));
void controller_fini(struct controller *controller);

/*
 * Takes what is new, decides, and returns a job to be run on another thread, or NULL. To be called
 * when wake_fd is readable and every 50 ms.
 */
struct actuate_job *controller_step(struct controller *controller, struct mono now);

/* Takes a job that was run. Call controller_step() right after it. */
void controller_done(struct controller *controller, struct actuate_job *job, struct mono now);

/* ACTOR has looked at the change of BIRD's configuration that ID names. False with ERROR where that
 * is not what was found last, or nothing is to be confirmed. */
bool controller_confirm(struct controller *controller, const char *id, const char *actor,
			struct error *error) __attribute__((warn_unused_result));

/* Everything is to be withdrawn, in order to end; nothing, where an upgrade is under way. */
void controller_stop(struct controller *controller);
/* True where nothing is left to withdraw, or nothing more can be done about it. */
bool controller_stopped(struct controller *controller, struct mono now);

/* True while what was decided about ITEM is not yet what BIRD was last asked to do. */
bool controller_under_way(const struct controller *controller, const struct announcement *item);

/* The word to show for ITEM ("announced", "fault", ...) and one sentence why. */
const char *controller_shown(const struct controller *controller, const struct announcement *item);
const char *controller_reason(const struct controller *controller, const struct announcement *item);

#endif
