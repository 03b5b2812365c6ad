/*
 * applier: when BIRD is to be changed or looked at, and what came of it last.
 *
 * A new decision goes out at once. A change by somebody else, and a failure, are answered at once
 * the first time and then with growing pauses. Every two seconds it looks whether BIRD still does
 * what was decided.
 */
#ifndef MERIDIAN_BGPCTL_APPLIER_H
#define MERIDIAN_BGPCTL_APPLIER_H

#include "bgpctl/actuate.h"
#include "bgpctl/announcement.h"

enum {
	APPLIER_LOOK_MS = 2000,
	APPLIER_SOON_MS = 100,
	APPLIER_PAUSE_MAX_MS = 30000,
	APPLIER_QUIET_MS = 60000
};

enum applier_want { APPLIER_NOTHING, APPLIER_LOOK, APPLIER_APPLY };

/* What the last job that changed something did, for the record. */
struct deed {
	char said[ACTUATE_SAID_MAX];
	char hash_before[DIGEST_TEXT_MAX], hash_after[DIGEST_TEXT_MAX];
	int64_t verify_us;
};

struct applier {
	bool busy;		 /* a job is under way */
	struct actuate_job *job; /* that one; it is another thread's */
	bool adopted;		 /* BIRD, or the file, was looked at once */
	bool trouble;		 /* BIRD or the file is not as decided */
	bool file_differs;
	bool file_known;   /* it was as decided once */
	bool file_foreign; /* the last look found it changed by somebody else, to FILE_HASH */
	char file_hash[DIGEST_TEXT_MAX];
	struct mono next_look, retry_at, last_trouble;
	int64_t pause_ms; /* before the next answer to trouble */
	uint64_t generation;
	/* what the last job found */
	enum bird_reach reach;
	char bird_error[256], failure[256];
	char refused[256]; /* why the last decision was not put into the file at all; "" */
	struct bird_status status;
	struct bird_protocols protocols;
	struct sight_export *exports; /* entries renumbered to the order of announcements */
	size_t export_count;
	int64_t took_us;
	enum ladder_step step; /* of the last job that changed something */
	uint64_t looks;
	struct freshness_seen freshness; /* at the last look */
	struct deed deed;
	struct bird_conf conf; /* the files that BIRD reads; with the job while one is under way */
	char conf_error[256];  /* why they cannot be watched; "" */
};

void applier_fini(struct applier *applier);

/* What may be done: carry decisions out; put back what others took away, which has BIRD load all
 * that they changed. What they did not let go is always put right. */
struct applier_leave {
	bool decisions, announcements;
};

/* What is to be done at NOW; nothing while a job is under way. */
enum applier_want applier_want(const struct applier *applier, struct announcement *const *items,
			       size_t count, const struct applier_leave *leave, struct mono now);

/* Something happened at BIRD: it is looked at soon, but not more often than that. */
void applier_hurry(struct applier *applier, struct mono now);

/* A withdrawal that was decided does not wait for an announcement to be verified. */
void applier_press(const struct applier *applier, struct announcement *const *items, size_t count);

/* Makes a job of WANT; the caller runs it on another thread and gives it to applier_take(). */
struct actuate_job *applier_job(struct applier *applier, const struct instance *instance,
				struct announcement *const *items, size_t count,
				enum applier_want want);

/*
 * Ends the first job, which only looked: takes over what is announced already, so that a restart
 * changes nothing. *FOUND (heap) are the routes in BIRD or, where BIRD does not answer, in the
 * file.
 */
void applier_adopt(struct applier *applier, struct actuate_job *job, struct include_entry **found,
		   size_t *count, struct mono now);

/* Takes what the job found over into APPLIER and the announcements it was about, and frees it. */
void applier_take(struct applier *applier, struct actuate_job *job,
		  struct announcement *const *items, size_t count, struct mono now);

#endif
