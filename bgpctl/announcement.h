/*
 * announcement: one prefix of this site while the controller runs: its configuration, the probes of
 * the responder on its service address, its state, and what BIRD was last seen to do with it.
 */
#ifndef MERIDIAN_BGPCTL_ANNOUNCEMENT_H
#define MERIDIAN_BGPCTL_ANNOUNCEMENT_H

#include "bgpctl/plan.h"
#include "bgpctl/presence.h"
#include "bgpctl/probe.h"
#include "bgpctl/sight.h"
#include "db/instance.h"
#include "db/model.h"

/* How one probe ended, for the record. */
struct probe_note {
	int64_t time_ms; /* wall clock; 0: none yet */
	enum probe_transport transport;
	enum probe_outcome outcome;
	int64_t took_us;
	char reason[EVIDENCE_REASON_MAX];
};
enum { PROBE_NOTES = 8 };

struct announcement {
	struct prefix prefix;
	char net[PREFIX_TEXT_MAX];    /* "192.0.2.0/24" */
	char id[8 + PREFIX_TEXT_MAX]; /* "prefix/192.0.2.0/24" */
	struct object *object;	      /* its configuration, referenced; NULL: none is known */
	bool known;		      /* false until the configuration was read once */
	bool here;		      /* this site is among its sites */
	/* The last configuration that was known, referenced: while it is announced, it is watched
	 * by that, although it may be of this site no more. NULL: there was none. */
	struct object *watched;
	/* the responder */
	bool asked;
	struct question question;
	uint16_t port;
	struct probe probes[2]; /* by enum probe_transport */
	struct evidence evidence[2];
	struct mono due[2];
	struct probe_note notes[PROBE_NOTES]; /* a ring */
	size_t noted;			      /* how many were written ever */
	/* what else is known */
	unsigned pools, pools_serving;
	enum prefix_order order;
	char order_reason[PREFIX_REASON_MAX];
	bool frozen;
	char freeze_reason[PREFIX_REASON_MAX];
	/* the decision */
	struct prefix_state state;
	bool guarded; /* the guard was asked about the last change, or refuses one now */
	struct guard_case guard;
	/* the deed */
	enum level applied; /* what the last job was to do */
	int64_t took_us;    /* from the last decision that changed it to BIRD's proof */
	bool changing;	    /* a job that changes it is under way */
	enum sight_verdict verdict;
	/* what was last shown, and counted */
	char shown[16];
	enum guard_rule told_rule;
	enum level told_level;
	int64_t shown_since_ms;
	uint64_t changes[8]; /* by index of announcement_word() */
};

/* A prefix found announced at LEVEL, or LEVEL_NONE. The caller frees with announcement_free(). */
struct announcement *announcement_new(const struct prefix *prefix, enum level level,
				      struct mono now);
void announcement_free(struct announcement *announcement, struct prober *prober);

/* Takes over OBJECT (NULL: none) of the configuration. Answers that no longer prove it are
 * forgotten. */
void announcement_configure(struct announcement *announcement, const struct object *object,
			    const struct instance *instance, struct prober *prober,
			    struct mono now);

/* True where SITE is among the sites of CONFIG. */
bool announcement_names_site(const struct announce_prefix *config, const char *site);

/* Takes over what MODEL orders of it at WALL_MS, and whether it, or all of them, are frozen. */
void announcement_order(struct announcement *announcement, const struct model *model,
			int64_t wall_ms);

/* Begins the probes that are due. */
void announcement_probe(struct announcement *announcement, struct prober *prober, struct mono now);

/* Makes all probes due now. */
void announcement_hurry(struct announcement *announcement, struct mono now);

/* Takes the end of PROBE, which is one of its own; WATCHED: the responder's process is watched.
 * True where it proves something new. */
bool announcement_probed(struct announcement *announcement, const struct probe *probe,
			 enum probe_outcome outcome, const char *reason, bool watched,
			 struct mono now);

/* What the plan is to know. PRESENCE may be NULL. Whether the controller stops, and how old the
 * responder's data is, is left to the caller. */
void announcement_facts(const struct announcement *announcement, const struct presence *presence,
			struct plan_facts *facts);

/* Word I of those a prefix can show, for counters; NULL behind the last. */
const char *announcement_word(size_t i);

#endif
