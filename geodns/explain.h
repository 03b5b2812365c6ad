/*
 * explain: why a client gets the answer it gets: the answer path itself, run with a trace.
 */
#ifndef MERIDIAN_GEODNS_EXPLAIN_H
#define MERIDIAN_GEODNS_EXPLAIN_H

#include "geodns/responder.h"

#include <jansson.h>

/*
 * ARGS: {"name", "type", "client": "ADDR[/LEN]"|null, "resolver": "ADDR"|null, "assume_down":
 * ["endpoint/eu/eu1", "pool/eu"]}. The answer and the steps that led to it, or a failure. The
 * caller owns the result.
 */
json_t *explain(struct responder *responder, const json_t *args);

/* ARGS: {"address"}. The place of an address and where that is known from. */
json_t *explain_geo_lookup(struct responder *responder, const json_t *args);

#endif
