/*
 * rdata: record data between presentation and wire form (ldns behind it), used where configuration
 * is written.
 *
 * Every type of ldns and, for the rest, RFC 3597 (TYPE65280, \# 4 0a000001). Names inside data may
 * be relative to the origin.
 */
#ifndef MERIDIAN_DB_RDATA_H
#define MERIDIAN_DB_RDATA_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* "A" -> 1, "TYPE65280" -> 65280; false where TEXT is no type of data (so not ANY, OPT, AXFR, ...).
 */
bool rdata_type_parse(const char *text, uint16_t *type) __attribute__((warn_unused_result));
void rdata_type_format(uint16_t type, char text[16]);

/* TEXT as wire form into WIRE (65,535 octets); ORIGIN is the zone's name without final dot. */
bool rdata_parse(uint16_t type, const char *text, const char *origin, uint8_t *wire, size_t *len,
		 struct error *error) __attribute__((warn_unused_result));

/* Wire form as canonical presentation text on the heap, or NULL where it is malformed. */
char *rdata_format(uint16_t type, const uint8_t *wire, size_t len);

#endif
