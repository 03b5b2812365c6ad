/*
 * name_fold: lower case and hash of a name in one pass, many octets at once. For name.c, and for
 * the one name that every query brings; everybody else uses name.h.
 */
#ifndef MERIDIAN_GEODNS_WIRE_NAME_FOLD_H
#define MERIDIAN_GEODNS_WIRE_NAME_FOLD_H

#include <endian.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Vectors of the compiler: two or four instructions where the machine has them, plain code
 * elsewhere. */
typedef uint8_t name_octets16 __attribute__((vector_size(16)));
typedef uint8_t name_octets8 __attribute__((vector_size(8)));

#define NAME_FOLD_SEED	 0x243f6a8885a308d3 /* digits of pi */
#define NAME_FOLD_FACTOR 0x9e3779b97f4a7c15 /* 2^64 / golden ratio */

/* One step of the hash: a multiplication folded to 64 bits. */
static inline uint64_t name_fold_step(uint64_t hash, uint64_t word)
{
	unsigned __int128 product = (unsigned __int128)(hash ^ word) * NAME_FOLD_FACTOR;
	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* Where the hash of a name of LEN octets begins. */
static inline uint64_t name_fold_begin(size_t len)
{
	return NAME_FOLD_SEED + len;
}

static inline uint64_t name_fold_load(const uint8_t *from)
{
	uint64_t word;
	memcpy(&word, from, sizeof word);
	return le64toh(word);
}

static inline void name_fold_store(uint8_t *to, uint64_t word)
{
	word = htole64(word);
	memcpy(to, &word, sizeof word);
}

/* Eight octets in lower case. Length octets are below 'A' and stay what they are. */
static inline uint64_t name_fold_word(uint64_t word)
{
	name_octets8 octets;
	memcpy(&octets, &word, sizeof octets);
	octets |= (name_octets8)((name_octets8)(octets - 'A') < 26) & 0x20;
	memcpy(&word, &octets, sizeof word);
	return word;
}

/* Sixteen octets from FROM to TO in lower case; returns the hash with them in. */
static inline uint64_t name_fold_16(uint64_t hash, const uint8_t *from, uint8_t *to)
{
	name_octets16 octets;
	uint64_t words[2];
	memcpy(&octets, from, sizeof octets);
	octets |= (name_octets16)((name_octets16)(octets - 'A') < 26) & 0x20;
	memcpy(to, &octets, sizeof octets);
	memcpy(words, &octets, sizeof words);
	return name_fold_step(name_fold_step(hash, le64toh(words[0])), le64toh(words[1]));
}

/* A word of the name that is in no block of 16. */
static inline uint64_t name_fold_8(uint64_t hash, uint64_t word, uint8_t *to)
{
	word = name_fold_word(word);
	name_fold_store(to, word);
	return name_fold_step(hash, word);
}

/* name_lower_in_message(), for the caller to inline. */
static inline uint64_t name_fold_in_message(const uint8_t *name, size_t len, uint8_t lower[256])
{
	uint64_t hash = name_fold_begin(len);
	size_t at = 0;
	for (; at + 16 <= len; at += 16)
		hash = name_fold_16(hash, name + at, lower + at);
	if (at + 8 <= len) {
		hash = name_fold_8(hash, name_fold_load(name + at), lower + at);
		at += 8;
	}
	/* The last octets are loaded with what is before them, and moved down over it. */
	if (at < len)
		hash = name_fold_8(hash, name_fold_load(name + len - 8) >> (8 * (8 - (len - at))),
				   lower + at);
	return hash;
}

#endif
