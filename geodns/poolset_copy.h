/*
 * poolset_copy: a pool's addresses into an answer, all of them; for poolset.c, and for the short
 * way of answers.
 */
#ifndef MERIDIAN_GEODNS_POOLSET_COPY_H
#define MERIDIAN_GEODNS_POOLSET_COPY_H

#include "geodns/poolset.h"

#include <string.h>

/* Rotation: whoever takes the first record of an answer shares the load. */
static inline unsigned poolset_first(const struct poolset_type *type, struct poolset_pick pick)
{
	return (unsigned)(((pick.chance >> 32) * type->count) >> 32);
}

/* The one record that there is. */
static inline size_t poolset_copy_address(const struct poolset *set,
					  const struct poolset_type *type, uint32_t ttl_be,
					  uint8_t *out)
{
	const uint8_t *record = (const uint8_t *)set + type->records_at;
	size_t stride = type->stride;
	memcpy(out, record, 16);
	memcpy(out + stride - 16, record + stride - 16, 16);
	memcpy(out + 6, &ttl_be, sizeof ttl_be);
	return stride;
}

/*
 * All records from the Ith on, and round to the ones before it. Addresses have records of one
 * length, 16 octets or 28, copied without a call.
 */
static inline size_t poolset_copy_addresses(const struct poolset *set,
					    const struct poolset_type *type, unsigned i,
					    uint32_t ttl_be, uint8_t *out)
{
	const uint8_t *records = (const uint8_t *)set + type->records_at;
	unsigned stride = type->stride, end = type->count * stride, from = i * stride;
	uint8_t *at = out;
	for (unsigned left = type->take;;) {
		memcpy(at, records + from, 16);
		memcpy(at + stride - 16, records + from + stride - 16, 16);
		memcpy(at + 6, &ttl_be, sizeof ttl_be);
		at += stride;
		if (--left == 0)
			break;
		from = from + stride == end ? 0 : from + stride;
	}
	return (size_t)(at - out);
}

#endif
