/*
 * answer_plain: the short way to the answers that nearly every query gets.
 *
 * It knows a query of the usual shape (UDP, one question of class IN, no OPT or one with at most a
 * client subnet) for records or a service of exactly that name, and writes what answer_general()
 * would write, octet for octet; whatever else comes up is left to that. What decides (the table of
 * names, the plan, the pool's records) is the same code; tests and a fuzzer hold the two together.
 */
#ifndef MERIDIAN_GEODNS_ANSWER_PLAIN_H
#define MERIDIAN_GEODNS_ANSWER_PLAIN_H

#include "geodns/answer.h"

/* answer_packet() of a query over UDP where nobody is to be told and nothing is assumed. */
size_t answer_plain(struct answerer *answerer, const uint8_t *in, size_t in_len,
		    const struct addr *resolver, uint8_t *out, size_t cap);

#endif
