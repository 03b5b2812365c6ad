/*
 * mmdb_writer: small MaxMind DB files for tests, sound or spoiled on purpose.
 */
#ifndef MERIDIAN_TESTS_MMDB_WRITER_H
#define MERIDIAN_TESTS_MMDB_WRITER_H

#include "base/addr.h"

#include <assert.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	WRITER_NODES = 2048,
	WRITER_OCTETS = 65536,
	WRITER_EMPTY = -1,
	WRITER_DATA = 0x40000000, /* plus the offset of the record */
	WRITER_ALIAS = 0x20000000 /* the node where IPv4 begins */
};

struct mmdb_writer {
	unsigned ip_version, record_size;
	const char *type;
	int nodes[WRITER_NODES][2];
	int node_count;
	uint8_t data[WRITER_OCTETS];
	size_t data_len;
	/* Spoil on purpose. */
	int loop_node;	/* the node whose right record is node 1, above it; 0: none */
	int stray_node; /* the node whose right record points outside the data; 0: none */
};

static inline void writer_init(struct mmdb_writer *writer, unsigned ip_version,
			       unsigned record_size, const char *type)
{
	memset(writer, 0, sizeof *writer);
	writer->ip_version = ip_version;
	writer->record_size = record_size;
	writer->type = type;
	writer->nodes[0][0] = writer->nodes[0][1] = WRITER_EMPTY;
	writer->node_count = 1;
}

static inline void put(struct mmdb_writer *writer, const void *bytes, size_t len)
{
	assert(writer->data_len + len <= sizeof writer->data);
	memcpy(writer->data + writer->data_len, bytes, len);
	writer->data_len += len;
}

static inline void put_octet(struct mmdb_writer *writer, unsigned octet)
{
	put(writer, &(uint8_t){(uint8_t)octet}, 1);
}

/* Control octets: format 2.0, "Data Field Format". Types above 7 take a second octet. */
static inline void put_control(struct mmdb_writer *writer, unsigned type, size_t size)
{
	assert(size < 29);
	put_octet(writer, (type <= 7 ? type << 5 : 0) | (unsigned)size);
	if (type > 7)
		put_octet(writer, type - 7);
}

static inline void put_map(struct mmdb_writer *writer, size_t pairs)
{
	put_control(writer, 7, pairs);
}

static inline void put_text(struct mmdb_writer *writer, const char *text)
{
	put_control(writer, 2, strlen(text));
	put(writer, text, strlen(text));
}

static inline void put_number(struct mmdb_writer *writer, unsigned type, size_t size,
			      uint64_t number)
{
	put_control(writer, type, size);
	for (size_t i = size; i-- > 0;)
		put_octet(writer, (unsigned)(number >> 8 * i) & 0xff);
}

static inline void put_double(struct mmdb_writer *writer, double number)
{
	uint64_t bits;
	memcpy(&bits, &number, sizeof bits);
	put_number(writer, 3, 8, bits);
}

/* Begins a record; what follows is put into it. Returns what writer_insert() takes. */
static inline int writer_record(const struct mmdb_writer *writer)
{
	return WRITER_DATA + (int)writer->data_len;
}

static inline int writer_country(struct mmdb_writer *writer, const char *code)
{
	int record = writer_record(writer);
	put_map(writer, 1);
	put_text(writer, "country");
	put_map(writer, 1);
	put_text(writer, "iso_code");
	put_text(writer, code);
	return record;
}

static inline int writer_asn(struct mmdb_writer *writer, uint32_t asn)
{
	int record = writer_record(writer);
	put_map(writer, 1);
	put_text(writer, "autonomous_system_number");
	put_number(writer, 6, 4, asn);
	return record;
}

/* Sets the leaf of PREFIX; what it is split out of keeps its value. */
static inline void writer_insert(struct mmdb_writer *writer, const char *text, int record)
{
	struct prefix prefix;
	bool ok = prefix_parse(text, &prefix, NULL);
	assert(ok);
	bool mapped = writer->ip_version == 6 && prefix.addr.family == ADDR_IPV4;
	unsigned len = prefix.len + (mapped ? 96u : 0u);
	int node = 0;
	for (unsigned i = 0; i < len; i++) {
		unsigned at = mapped ? i - 96 : i;
		int bit = mapped && i < 96 ? 0 : prefix.addr.bytes[at / 8] >> (7 - at % 8) & 1;
		int *child = &writer->nodes[node][bit];
		if (i == len - 1) {
			*child = record;
			return;
		}
		if (*child < 0 || *child >= WRITER_ALIAS) {
			assert(writer->node_count < WRITER_NODES);
			int *made = writer->nodes[writer->node_count];
			made[0] = made[1] = *child;
			*child = writer->node_count++;
		}
		node = *child;
	}
}

static inline int writer_ipv4_node(const struct mmdb_writer *writer)
{
	int node = 0;
	for (int i = 0; i < 96; i++)
		node = writer->nodes[node][0];
	return node;
}

static inline uint32_t writer_record_value(const struct mmdb_writer *writer, int node, int side)
{
	int child = writer->nodes[node][side];
	if (side == 1 && node == writer->loop_node && node != 0)
		return 1;
	if (side == 1 && node == writer->stray_node && node != 0)
		return (uint32_t)writer->node_count + 16 + (uint32_t)writer->data_len + 5;
	if (child == WRITER_EMPTY)
		return (uint32_t)writer->node_count;
	if (child == WRITER_ALIAS)
		return (uint32_t)writer_ipv4_node(writer);
	if (child >= WRITER_DATA)
		return (uint32_t)writer->node_count + 16 + (uint32_t)(child - WRITER_DATA);
	return (uint32_t)child;
}

static inline void write_node(const struct mmdb_writer *writer, int node, FILE *to)
{
	uint32_t left = writer_record_value(writer, node, 0);
	uint32_t right = writer_record_value(writer, node, 1);
	unsigned size = writer->record_size;
	if (size == 32)
		putc((int)(left >> 24), to);
	for (int shift = 16; shift >= 0; shift -= 8)
		putc((int)(left >> shift & 0xff), to);
	if (size == 28)
		putc((int)((left >> 24 & 15) << 4 | (right >> 24 & 15)), to);
	if (size == 32)
		putc((int)(right >> 24), to);
	for (int shift = 16; shift >= 0; shift -= 8)
		putc((int)(right >> shift & 0xff), to);
}

static inline void put_metadata(struct mmdb_writer *meta, const struct mmdb_writer *writer)
{
	put(meta, "\xab\xcd\xefMaxMind.com", 14);
	put_map(meta, 9);
	put_text(meta, "node_count");
	put_number(meta, 6, 4, (uint64_t)writer->node_count);
	put_text(meta, "record_size");
	put_number(meta, 5, 2, writer->record_size);
	put_text(meta, "ip_version");
	put_number(meta, 5, 2, writer->ip_version);
	put_text(meta, "database_type");
	put_text(meta, writer->type);
	put_text(meta, "languages");
	put_control(meta, 11, 0);
	put_text(meta, "binary_format_major_version");
	put_number(meta, 5, 2, 2);
	put_text(meta, "binary_format_minor_version");
	put_number(meta, 5, 2, 0);
	put_text(meta, "build_epoch");
	put_number(meta, 9, 8, 1700000000);
	put_text(meta, "description");
	put_map(meta, 0);
}

static inline void writer_write(const struct mmdb_writer *writer, const char *path)
{
	struct mmdb_writer *meta = calloc(1, sizeof *meta);
	FILE *to = fopen(path, "wb");
	assert(to != NULL && meta != NULL);
	for (int i = 0; i < writer->node_count; i++)
		write_node(writer, i, to);
	fwrite((char[16]){0}, 1, 16, to);
	fwrite(writer->data, 1, writer->data_len, to);
	put_metadata(meta, writer);
	fwrite(meta->data, 1, meta->data_len, to);
	fclose(to);
	free(meta);
}

#endif
