/*
 * rrl: response rate limiting: how often one network may be told the same over UDP, so that this
 * server is of no use to those who forge the address of a victim.
 *
 * The semantics are Knot's: a source is an IPv4 /24 or an IPv6 /56, an account is a source and a
 * class of responses; where the same name gives different answers to different questions, the name
 * takes part, else a flood of random names would never be the same twice. What is beyond the rate
 * is truncated (one in SLIP), so that a real client asks again over TCP, or dropped.
 *
 * Pure: the time is an argument; fixed memory; one table a worker, which nobody else touches. An
 * account is known by a keyed hash of all 64 bits, so that a flood of one source is never taken for
 * another's; where a table is full, the account that has been quiet the longest is forgotten, which
 * lets more through, never less.
 */
#ifndef MERIDIAN_GEODNS_RRL_H
#define MERIDIAN_GEODNS_RRL_H

#include "base/addr.h"
#include "base/mono.h"

enum { RRL_ALLOW_MAX = 64, RRL_RATE_MAX = 1000000, RRL_SLIP_MAX = 100 };

/* Which responses are the same to a source. */
enum rrl_class {
	RRL_NORMAL = 1, /* data of a name: by name */
	RRL_EMPTY,	/* NODATA, and referrals by the name of the cut: by name */
	RRL_NXDOMAIN,	/* all names that are not there together */
	RRL_WILDCARD,	/* all names that a wildcard answers together */
	RRL_ERROR	/* REFUSED, FORMERR, ...: all together */
};

struct rrl_settings {
	unsigned rate;	/* responses a second an account, over all workers; 0: no limit */
	unsigned slip;	/* one in so many beyond it is truncated, the others dropped; 0: all dropped
			 */
	unsigned share; /* workers that the rate is divided among; at least 1 */
	unsigned allow_count;
	struct prefix allow[RRL_ALLOW_MAX]; /* sources without a limit */
};

struct rrl;

enum rrl_action { RRL_PASS, RRL_TRUNCATE, RRL_DROP };

/* SEED keeps outsiders from choosing what falls together. SETTINGS are copied. NULL where the rate
 * is 0. The caller frees with rrl_free(). */
struct rrl *rrl_new(const struct rrl_settings *settings, uint64_t seed);
void rrl_free(struct rrl *rrl); /* NULL is allowed */

/* True where SOURCE is on the list of those without a limit. */
bool rrl_allows(const struct rrl *rrl, const struct addr *source);

/* What is to be done with one more response of CLASS about the name of hash NAME (used as the class
 * says) to SOURCE at NOW, which does not go back. */
enum rrl_action rrl_account(struct rrl *rrl, const struct addr *source, enum rrl_class class_,
			    uint64_t name, struct mono now);

#endif
