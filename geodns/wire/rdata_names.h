/*
 * rdata_names: where names stand in the RDATA of the types of RFC 1035, the only ones whose names
 * may be compressed (RFC 3597 section 4).
 */
#ifndef MERIDIAN_GEODNS_WIRE_RDATA_NAMES_H
#define MERIDIAN_GEODNS_WIRE_RDATA_NAMES_H

#include <stdint.h>

/* RDATA is BEFORE plain octets, NAMES names one behind the other, and what is left, plain again. */
struct rdata_names {
	uint8_t before, names;
};

/* NAMES is 0 for a type without compressible names. */
struct rdata_names rdata_names_of(uint16_t type);

#endif
