/*
 * answer_short: the short way to the answers that nearly every query gets.
 *
 * It knows a query of the usual shape (one question of class IN, no other record but OPT, with any
 * options) for records or a service that are at its name or a wildcard's, and names that do not
 * exist or are somebody else's, and writes what answer_general() would write, octet for octet;
 * whatever else comes up (an error, a referral, a name that leads on) is left to that. What decides
 * (the table of names, the plan, the pool's records) is the same code; tests and a fuzzer hold the
 * two together.
 */
#ifndef MERIDIAN_GEODNS_ANSWER_SHORT_H
#define MERIDIAN_GEODNS_ANSWER_SHORT_H

#include "geodns/answer.h"

/* answer_packet() where nobody is to be told and nothing is assumed. */
size_t answer_short(struct answerer *answerer, const uint8_t *in, size_t in_len,
		    const struct addr *resolver, bool stream, uint8_t *out, size_t cap);

#endif
