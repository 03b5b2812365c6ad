/*
 * target: one address under one monitor: its checks, one after the other, and its verdict.
 *
 * Several endpoints may stand for the same address and monitor: they share the target, and it is
 * checked once.
 */
#ifndef MERIDIAN_HEALTHCHECK_TARGET_H
#define MERIDIAN_HEALTHCHECK_TARGET_H

#include "base/addr.h"
#include "base/rng.h"
#include "healthcheck/doubt.h"
#include "healthcheck/flap.h"
#include "healthcheck/history.h"
#include "healthcheck/runner.h"
#include "healthcheck/series.h"
#include "healthcheck/stall.h"
#include "healthcheck/tally.h"
#include "healthcheck/verdict.h"
#include "healthcheck/wayout.h"

struct conscience;
struct target;

/* What targets work with; borrowed by each for its life. */
struct target_services {
	struct probe_env *env;
	struct runner *runner; /* its begin callback is target_begin, its context unused */
	const struct stall *stall;
	struct rng *rng;
	struct tally *tally;
	struct series *series;	       /* NULL: none are kept */
	struct conscience *conscience; /* NULL: results are never doubted */
	/* Called after each result, when TARGET has taken it in. BEFORE is the verdict before it.
	 */
	void (*judged)(void *context, struct target *target, enum verdict before);
	void *context;
};

struct target {
	struct runner_item item; /* first */
	const struct target_services *services;
	char *key;
	uint64_t hash;
	struct object *monitor; /* referenced */
	char *address;
	struct addr ip; /* ADDR_NONE: ADDRESS is a host name */
	struct probe *probe;
	struct member *members; /* the fleet's */

	struct verdict_memory memory;
	struct flap flap;
	struct doubt_part doubt; /* the conscience's */
	enum way way;		 /* the conscience's: to ip, when last heard of */
	uint16_t flip_after_s;
	int64_t since_ms;	/* wall clock, of the last change of verdict; 0: never */
	char *reason;		/* of the last failure, until it is up again with a pass; or NULL */
	struct mono began;	/* the running or last check */
	struct mono well;	/* the begin of the last check that passed; ns 0: none did */
	uint32_t down_after_ms; /* from then to the word that said down; 0: it never was */
	uint64_t stalled_before_ms;
	unsigned excused; /* results in a row that our own lateness made worthless */

	/* Of the last result: what was forgiven says nothing; that something answered, whatever it
	 * said; when the check began. */
	enum probe_outcome heard;
	bool answered;
	struct mono heard_began;
	struct certificate *cert; /* NULL: none was seen */
	struct history history;
	struct series_minute minute;
};

/* The key of MONITOR's check of ADDRESS; the caller frees. */
char *target_key(const char *monitor, const char *address);

/* Takes KEY. HELD is the word an earlier run left, or VERDICT_NONE. Not started. */
struct target *target_new(const struct target_services *services, char *key,
			  const struct object *monitor, const char *address,
			  struct health_state held);
void target_free(struct target *target);

/* Lets the first check begin soon; BATCH new targets share the time. */
void target_start(struct target *target, size_t batch);

/* MONITOR says something else than before: verdict and history stay, the next check follows it. */
void target_reconfigure(struct target *target, const struct object *monitor);

/* What its results were held back from, they may do now. */
void target_reconsider(struct target *target);
/* Failures of late are nobody's fault. */
void target_forgive(struct target *target);

void target_begin(void *context, struct runner_item *item);

/* The word as it is to be published. */
struct health_state target_state(const struct target *target);

#endif
