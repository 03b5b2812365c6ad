/*
 * limit: what rate limiting makes of a response that is ready to be sent.
 */
#ifndef MERIDIAN_GEODNS_LIMIT_H
#define MERIDIAN_GEODNS_LIMIT_H

#include "geodns/answer.h"

/* What a response is about, so that all names that somebody can make up share an account. */
struct limit_about {
	bool wildcard;	  /* a wildcard stood for the name */
	uint64_t subject; /* the hash of the name whose data it is */
};

/*
 * A response ABOUT something, of LEN octets at OUT (of CAP octets), to QUERY over UDP. Returns the
 * octets to be sent: LEN, those of a truncated response written in its place, or 0.
 */
size_t limit_response(struct answerer *answerer, const struct query *query,
		      const struct addr *resolver, const struct limit_about *about, uint8_t *out,
		      size_t len, size_t cap);

/* The account of a response of RCODE whose header is at OUT. */
enum rrl_class limit_class(const uint8_t *out, unsigned rcode, bool wildcard);

/* The same once it is known what is to be done. */
size_t limit_apply(struct answerer *answerer, const struct query *query, enum rrl_action action,
		   uint8_t *out, size_t len, size_t cap);

#endif
