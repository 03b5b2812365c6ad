/*
 * actuate: makes BIRD announce what was decided, and checks that it does.
 *
 * A job blocks (for milliseconds; for seconds where BIRD hangs), so it runs on a thread of its own,
 * one at a time, and touches nothing but itself; of it, only PRESSED is touched from outside.
 */
#ifndef MERIDIAN_BGPCTL_ACTUATE_H
#define MERIDIAN_BGPCTL_ACTUATE_H

#include "bgpctl/bird_conf.h"
#include "bgpctl/freshness.h"
#include "bgpctl/sight.h"

enum { ACTUATE_VERIFY_MS = 2000, ACTUATE_SAID_MAX = 1024 };

/* How far a job had to go (see bgpctl/ladder.h). */
enum ladder_step {
	LADDER_NONE,
	LADDER_INCLUDE,	 /* L1: the file was read by BIRD, and what BIRD exports agrees */
	LADDER_PROTOCOL, /* L2: meridian4 or meridian6 is disabled */
	LADDER_SESSIONS, /* L3: BGP sessions are disabled */
	LADDER_OPERATOR	 /* L4: nothing of that helped: BIRD is to be stopped, by a person */
};

struct actuate_job {
	/* in: borrowed until the job ends */
	const char *socket, *include;
	const char *responder; /* its control socket, asked how old its data is; may be NULL */
	struct include_entry *entries; /* all that is decided; sorted by prefix by the job */
	size_t count;
	uint64_t generation; /* of the file that the decision was made on; out: of the file now */
	bool apply;	     /* write and configure, else look only, over a restricted connection */
	bool urgent;	     /* something goes by proof or by order: no check, no undo */
	bool attributes;     /* look at what neighbours are shown, not only whether */
	/* one an entry, as they are sorted, or NULL: BIRD did it wrong before, and the decision
	 * leaves it as it was, so that nothing is undone or waited for because of it */
	bool *excused;
	char *memory; /* what is kept over a restart (owned by the caller), NULL: nothing; where */
	const char *memory_path;
	struct bird_conf conf; /* in, out: the files that BIRD reads, as known; to be moved */
	/* A withdrawal waits for this job to end, so that it verifies no announcement any longer.
	 * Set by the event loop while the job runs, read by the job, relaxed: nothing else is told
	 * by it. */
	_Atomic bool pressed;
	/* between the steps */
	bool announces, withdraws; /* what the new file changes of the old */
	char *old_file;		   /* NULL: none that can be put back */
	/* out */
	enum bird_reach reach;
	char bird_error[256];	      /* why BIRD could not be asked; "" */
	char failure[256];	      /* why the decision is not in force; "" */
	struct sight sight;	      /* holds where REACH is BIRD_UP */
	enum sight_verdict *verdicts; /* one an entry */
	char *file;		      /* the file as it is now; NULL where it cannot be read */
	bool file_missing;
	bool refused; /* not applied: the decision was older than the file, or empty; see FAILURE */
	bool stale;   /* of these: somebody wrote a newer generation */
	bool undone;  /* BIRD was taken back to what it did before, and the file with it */
	enum ladder_step step;
	int64_t took_us;
	int64_t verify_us; /* of it: until BIRD was seen to do what was decided, or time was over */
	char said[ACTUATE_SAID_MAX]; /* what was ordered of BIRD and its answers, a line each */
	char hash_before[DIGEST_TEXT_MAX], hash_after[DIGEST_TEXT_MAX]; /* of the file; "": none */
	char conf_error[256];		 /* why the files that BIRD reads cannot be watched; "" */
	struct freshness_seen freshness; /* of a job that looks */
};

void actuate_run(struct actuate_job *job);
/* Frees what the job found and still has, not what was borrowed. */
void actuate_fini(struct actuate_job *job);

#endif
