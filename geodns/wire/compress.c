/* Knows how to find a name's longest suffix among the names of a message. */
#include "geodns/wire/compress.h"

#include "geodns/wire/dns.h"

#include <assert.h>

/* Offsets a pointer can hold (RFC 1035 section 4.1.4: 14 bits). */
enum { POINTER_LIMIT = 0x4000 };

static void learn(struct compress *compress, size_t offset)
{
	if (compress->count < COMPRESS_MAX && offset < POINTER_LIMIT)
		compress->targets[compress->count++] = (uint16_t)offset;
}

void compress_learn(struct compress *compress, const uint8_t *message, size_t offset)
{
	while (message[offset] != 0) {
		learn(compress, offset);
		offset += 1u + message[offset];
	}
}

static inline uint8_t lower(uint8_t octet)
{
	return octet >= 'A' && octet <= 'Z' ? octet | 0x20 : octet;
}

static bool label_matches(const uint8_t *a, const uint8_t *b)
{
	if (*a != *b)
		return false;
	for (unsigned i = 1; i <= *a; i++) {
		if (lower(a[i]) != lower(b[i])) /* RFC 4343 section 3.1 */
			return false;
	}
	return true;
}

/* Whether the name at OFFSET of MESSAGE, which we wrote and which so is valid, is NAME. */
static bool name_matches(const uint8_t *message, size_t offset, const uint8_t *name)
{
	for (;;) {
		const uint8_t *at = message + offset;
		if (*at >= 0xc0) {
			size_t target = wire_get_u16(at) & 0x3fff;
			if (target >= offset) /* ours lead back, so that each walk ends */
				return false;
			offset = target;
			continue;
		}
		if (!label_matches(at, name))
			return false;
		if (*at == 0)
			return true;
		offset += 1u + *at;
		name += 1u + *name;
	}
}

/* The offset of NAME in MESSAGE, or 0 (which is the header's) where it is not known. */
static size_t find(const struct compress *compress, const uint8_t *message, unsigned known,
		   const uint8_t *name)
{
	for (unsigned i = 0; i < known; i++) {
		if (name_matches(message, compress->targets[i], name))
			return compress->targets[i];
	}
	return 0;
}

void compress_write(struct compress *compress, struct writer *writer, const uint8_t *name)
{
	/* What a name without room left learnt of is not there: the message is whatever stood in
	 * its place before. */
	if (writer->failed)
		return;
	/* The labels written below are not looked at: their end is not there yet. */
	unsigned known = compress->count;
	for (; *name != 0; name += 1u + *name) {
		size_t target = find(compress, writer->bytes, known, name);
		if (target != 0) {
			writer_u16(writer, (uint16_t)(DNS_POINTER | target));
			return;
		}
		assert(*name <= NAME_LABEL_MAX);
		learn(compress, writer->at);
		writer_bytes(writer, name, 1u + *name);
	}
	writer_u8(writer, 0);
}
