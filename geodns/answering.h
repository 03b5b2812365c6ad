/*
 * answering: one answer while it is made; shared by answer.c and the files that write a part of it,
 * and by nobody else.
 */
#ifndef MERIDIAN_GEODNS_ANSWERING_H
#define MERIDIAN_GEODNS_ANSWERING_H

#include "geodns/answer.h"

struct answering {
	struct answerer *answerer;
	const struct query *query;
	const struct addr *resolver;
	struct reply reply;
	bool wildcard; /* one stood for a name on the way */
	bool proven;   /* the client's address, by a cookie of ours */
	uint8_t cookie[COOKIE_LEN];

	/* The name that is being answered: the question's, or where a CNAME led. */
	const uint8_t *name; /* lower case */
	uint8_t name_len;
	uint16_t at; /* where it stands in the reply, uncompressed */
	uint64_t hash;
	/* The hash of the name that the answer is about to rate limiting: the question's, or that
	 * of the cut or DNAME above it, below which names can be made up. */
	uint64_t subject;

	unsigned links;			 /* CNAMEs followed */
	uint64_t seen[ANSWER_CHAIN_MAX]; /* hashes of the names before */
	uint8_t target[256];		 /* the name, once a CNAME was followed */

	/* DNAMEs in the answer: a chain may pass through one again, an RRset stands there once. */
	unsigned redirections;
	const struct node *redirected[ANSWER_CHAIN_MAX + 1];
};

/* Adds a prepared RRset of a name of which the last octets stand at OFFSET in the reply. False
 * where it did not fit. */
bool answering_put(struct answering *answering, enum reply_section section, const uint8_t *records,
		   size_t len, unsigned count, unsigned offset);

/* Where in the reply the suffix of the present name that is LEN octets long stands. */
static inline unsigned answering_suffix(const struct answering *answering, unsigned len)
{
	return answering->at + (unsigned)answering->name_len - len;
}

/* Goes on with the name that stands at OFFSET in the reply. False where the chain ends: too long, a
 * loop. */
bool answering_follow(struct answering *answering, unsigned offset);

/* The zone's SOA in SECTION. False where it did not fit. */
bool answering_soa(struct answering *answering, const struct zone_live *zone,
		   enum reply_section section, uint32_t ttl_s);

/* A referral to the name servers of CUT, with glue. */
void answering_refer(struct answering *answering, const struct zone_live *zone,
		     const struct node *cut);

/* DNAME at OWNER and the CNAME that follows from it. True where the chain goes on. */
bool answering_dname(struct answering *answering, const struct node *owner);

/* What is sent instead of the LEN octets at OUT where the rate of responses is exceeded and ACTION
 * is to be taken; counts the query. */
size_t answer_limited(struct answerer *answerer, const uint8_t *in, size_t in_len,
		      const struct addr *resolver, enum rrl_action action, uint8_t *out, size_t len,
		      size_t cap);

#endif
