/*
 * cursor: reading and writing octets with an error that sticks.
 *
 * A reader or writer that once ran out of room has failed for good: every later read gives zero or
 * NULL and every later write is dropped, so that a caller does a whole run of steps and asks once
 * at the end. Numbers are in wire order (RFC 1035 section 2.3.2). Nothing here forms a pointer
 * outside the buffer.
 */
#ifndef MERIDIAN_GEODNS_WIRE_CURSOR_H
#define MERIDIAN_GEODNS_WIRE_CURSOR_H

#include <endian.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct reader {
	const uint8_t *bytes; /* borrowed */
	size_t len, at;	      /* at <= len */
	bool failed;
};

struct writer {
	uint8_t *bytes; /* borrowed */
	size_t cap, at; /* at <= cap */
	bool failed;
};

/* Numbers at a place that is known to be inside the buffer, aligned or not. */
static inline uint16_t wire_get_u16(const uint8_t *at)
{
	uint16_t be;
	memcpy(&be, at, sizeof be);
	return be16toh(be);
}

static inline uint32_t wire_get_u32(const uint8_t *at)
{
	uint32_t be;
	memcpy(&be, at, sizeof be);
	return be32toh(be);
}

static inline void wire_put_u16(uint8_t *at, uint16_t value)
{
	uint16_t be = htobe16(value);
	memcpy(at, &be, sizeof be);
}

static inline void wire_put_u32(uint8_t *at, uint32_t value)
{
	uint32_t be = htobe32(value);
	memcpy(at, &be, sizeof be);
}

/* Copies LEN octets, 16 or more, in blocks of 16, the last of which ends with them. */
static inline void wire_copy_blocks(uint8_t *to, const uint8_t *from, size_t len)
{
	for (size_t at = 0; at + 16 < len; at += 16)
		memcpy(to + at, from + at, 16);
	memcpy(to + len - 16, from + len - 16, 16);
}

static inline void reader_init(struct reader *reader, const uint8_t *bytes, size_t len)
{
	*reader = (struct reader){.bytes = bytes, .len = len};
}

static inline size_t reader_left(const struct reader *reader)
{
	return reader->failed ? 0 : reader->len - reader->at;
}

/* The next LEN octets, inside the buffer, or NULL and failed where there are fewer. */
static inline const uint8_t *reader_take(struct reader *reader, size_t len)
{
	if (reader->failed || len > reader->len - reader->at) {
		reader->failed = true;
		return NULL;
	}
	const uint8_t *at = reader->bytes + reader->at;
	reader->at += len;
	return at;
}

static inline uint8_t reader_u8(struct reader *reader)
{
	const uint8_t *at = reader_take(reader, 1);
	return at == NULL ? 0 : *at;
}

static inline uint16_t reader_u16(struct reader *reader)
{
	const uint8_t *at = reader_take(reader, 2);
	return at == NULL ? 0 : wire_get_u16(at);
}

static inline uint32_t reader_u32(struct reader *reader)
{
	const uint8_t *at = reader_take(reader, 4);
	return at == NULL ? 0 : wire_get_u32(at);
}

static inline void writer_init(struct writer *writer, uint8_t *bytes, size_t cap)
{
	*writer = (struct writer){.bytes = bytes, .cap = cap};
}

/* Room for LEN octets that the caller fills, or NULL and failed where there is none. */
static inline uint8_t *writer_room(struct writer *writer, size_t len)
{
	if (writer->failed || len > writer->cap - writer->at) {
		writer->failed = true;
		return NULL;
	}
	uint8_t *at = writer->bytes + writer->at;
	writer->at += len;
	return at;
}

static inline void writer_bytes(struct writer *writer, const void *bytes, size_t len)
{
	uint8_t *at = writer_room(writer, len);
	if (at != NULL && len > 0)
		memcpy(at, bytes, len);
}

static inline void writer_u8(struct writer *writer, uint8_t value)
{
	uint8_t *at = writer_room(writer, 1);
	if (at != NULL)
		*at = value;
}

static inline void writer_u16(struct writer *writer, uint16_t value)
{
	uint8_t *at = writer_room(writer, 2);
	if (at != NULL)
		wire_put_u16(at, value);
}

static inline void writer_u32(struct writer *writer, uint32_t value)
{
	uint8_t *at = writer_room(writer, 4);
	if (at != NULL)
		wire_put_u32(at, value);
}

#endif
