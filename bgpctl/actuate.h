/*
 * actuate: makes BIRD announce what was decided, and checks that it does.
 *
 * A job blocks (for milliseconds; for seconds where BIRD hangs), so it runs on a thread of its own,
 * one at a time, and touches nothing but itself. The ladder: L1 writes the include file and has
 * BIRD read it; where that cannot withdraw, L2 disables the whole static protocol of the family,
 * unless that would take away a prefix which is to stay.
 */
#ifndef MERIDIAN_BGPCTL_ACTUATE_H
#define MERIDIAN_BGPCTL_ACTUATE_H

#include "bgpctl/sight.h"

enum { ACTUATE_VERIFY_MS = 2000 };

struct actuate_job {
	/* in: borrowed until the job ends */
	const char *socket, *include;
	struct include_entry *entries; /* all that is decided; sorted by prefix by the job */
	size_t count;
	uint64_t generation; /* of the last file written; out: of the file as it is now */
	bool apply;	     /* write and configure, else look only */
	/* out */
	enum bird_reach reach;
	char bird_error[256];	      /* why BIRD could not be asked; "" */
	char failure[256];	      /* why the decision is not in force; "" */
	struct sight sight;	      /* holds where REACH is BIRD_UP */
	enum sight_verdict *verdicts; /* one an entry */
	char *file; /* the include file as it is now; NULL where it cannot be read */
	bool file_missing;
	bool braked_ipv4, braked_ipv6; /* L2 was used */
	int64_t took_us;
};

void actuate_run(struct actuate_job *job);
/* Frees what the job found, not what was borrowed. */
void actuate_fini(struct actuate_job *job);

#endif
