/*
 * siphash: SipHash-2-4 (Aumasson and Bernstein 2012), a hash that nobody without the key can
 * foresee.
 */
#ifndef MERIDIAN_GEODNS_SIPHASH_H
#define MERIDIAN_GEODNS_SIPHASH_H

#include <stddef.h>
#include <stdint.h>

enum { SIPHASH_KEY_LEN = 16 };

/* Of LEN octets at DATA. As octets, the result is little-endian. */
uint64_t siphash24(const uint8_t key[SIPHASH_KEY_LEN], const uint8_t *data, size_t len);

#endif
