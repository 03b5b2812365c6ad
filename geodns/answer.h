/*
 * answer: from a query's octets to the response's: the whole of what the responder says.
 *
 * Pure but for the counters and the generator of its worker: no system call, no lock, no
 * allocation. Names and plans are read through atomic pointers; between two quiescent points
 * nothing that was read goes away.
 */
#ifndef MERIDIAN_GEODNS_ANSWER_H
#define MERIDIAN_GEODNS_ANSWER_H

#include "base/mono.h"
#include "base/rng.h"
#include "geodns/chaos.h"
#include "geodns/cookie.h"
#include "geodns/counters.h"
#include "geodns/lookup.h"
#include "geodns/rrl.h"
#include "geodns/trace.h"
#include "geodns/wire/reply.h"

enum {
	ANSWER_CHAIN_MAX = 8 /* CNAMEs and DNAMEs followed: more is a mistake of the zone's */
};

/* A query of the short way (answer_short.h) while it is answered. */
struct short_query {
	const uint8_t *in;
	size_t in_len;
	const struct addr *resolver;
	uint8_t *out;
	size_t cap;
	uint64_t hash;	   /* of the name */
	uint32_t end;	   /* octets to the question's end */
	uint32_t address;  /* of the client subnet, where SOURCE is above 0 and not HAS_MORE */
	uint32_t opt_len;  /* of the query's OPT; 0: no EDNS */
	uint32_t opt_room; /* that the reply's may take */
	uint8_t source;	   /* of the client subnet */
	uint8_t scope;	   /* of the client subnet, as found */
	bool has_ecs;
	bool has_more; /* OPT has other options than an IPv4 subnet: they are in answerer->more */
	bool wildcard; /* one stands for the name */
	bool stream;
	bool proven; /* the client's address */
	uint16_t type;

	/* What was found. */
	uint16_t flags;
	uint32_t len, counts; /* of records */
};

/* What one worker answers with. */
struct answerer {
	const struct names *names;
	const struct reply_server *server;
	struct rng rng;
	struct counters *counters; /* NULL: nothing is counted */
	const struct trace *trace; /* NULL on the answer path */
	/* The time, as of the batch: what cookies and the rate are judged by. */
	struct mono now;
	uint32_t now_s;			      /* since 1970, modulo 2^32 */
	const struct cookie_secrets *cookies; /* NULL: cookies are ignored */
	struct rrl *rrl;		      /* NULL: no limit */
	const struct chaos *chaos;	      /* NULL: all hidden */
	/* For explain: the plan that holds instead of a service's own; else NULL. */
	const struct plan *(*assume)(void *context, const struct service_live *service);
	void *assume_context;
	/* Of the query at hand: its name in lower case, its client subnet. Nothing outside one
	 * answer. */
	_Alignas(16) uint8_t qname[256];
	struct addr subnet;
	struct short_query asked;
	struct query more; /* the options of its OPT, where they are rarer ones */
};

/*
 * Answers IN, which came from RESOLVER, into OUT of CAP octets (DNS_UDP_MIN at least). Returns the
 * octets to send, 0 for silence.
 */
size_t answer_packet(struct answerer *answerer, const uint8_t *in, size_t in_len,
		     const struct addr *resolver, bool stream, uint8_t *out, size_t cap);

/* The same, and always the long way: what answer_short.h is held to. */
size_t answer_general(struct answerer *answerer, const uint8_t *in, size_t in_len,
		      const struct addr *resolver, bool stream, uint8_t *out, size_t cap);

#endif
