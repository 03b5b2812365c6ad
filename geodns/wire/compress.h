/*
 * compress: which names stand where in a message, so that later ones can point to them (RFC 1035
 * section 4.1.4).
 */
#ifndef MERIDIAN_GEODNS_WIRE_COMPRESS_H
#define MERIDIAN_GEODNS_WIRE_COMPRESS_H

#include "geodns/wire/name.h"

enum { COMPRESS_MAX = 32 }; /* targets remembered; later names are just less compressed */

struct compress {
	uint16_t count;
	uint16_t targets[COMPRESS_MAX]; /* offsets of labels in the message, each below 0x4000 */
};

/* Forgets everything. */
static inline void compress_init(struct compress *compress)
{
	compress->count = 0;
}

/* Remembers each suffix of the uncompressed name that stands at OFFSET in MESSAGE. */
void compress_learn(struct compress *compress, const uint8_t *message, size_t offset);

/*
 * Writes NAME to WRITER, which holds the message from its first octet: as many labels as needed,
 * then a pointer to the longest suffix that stands in the message already, compared without case.
 * What it wrote is remembered. Without room the writer fails: from then on nothing is looked at or
 * written, and what was remembered since it last had room is to be forgotten.
 */
void compress_write(struct compress *compress, struct writer *writer, const uint8_t *name);

#endif
