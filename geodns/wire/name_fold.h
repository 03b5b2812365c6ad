/*
 * name_fold: lower case and hash of a name in one pass, many octets at once. For name.c, and for
 * the one name that every query brings; everybody else uses name.h.
 */
#ifndef MERIDIAN_GEODNS_WIRE_NAME_FOLD_H
#define MERIDIAN_GEODNS_WIRE_NAME_FOLD_H

#include <endian.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Vectors of the compiler: two or four instructions where the machine has them, plain code
 * elsewhere. */
typedef uint8_t name_octets16 __attribute__((vector_size(16)));
typedef uint8_t name_octets8 __attribute__((vector_size(8)));

#define NAME_FOLD_SEED	 0x243f6a8885a308d3 /* digits of pi */
#define NAME_FOLD_FACTOR 0x9e3779b97f4a7c15 /* 2^64 / golden ratio */

/*
 * The hash takes 16 octets at a step, by one multiplication folded to 64 bits (as wyhash, Wang Yi
 * 2019). A name of 16 octets and more is read in blocks of 16, the last of which ends with the name
 * and may overlap the one before; one of 8 to 15 in two words that may overlap; a shorter one in
 * one word with zeros behind. Nothing outside the name takes part.
 */
static inline uint64_t name_fold_step(uint64_t hash, uint64_t first, uint64_t second)
{
	unsigned __int128 product = (unsigned __int128)(hash ^ first) * (second ^ NAME_FOLD_FACTOR);
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
	return name_fold_step(hash, le64toh(words[0]), le64toh(words[1]));
}

/* A name of 16 octets or more. */
static inline __attribute__((always_inline)) uint64_t name_fold_long(const uint8_t *name,
								     size_t len, uint8_t *lower)
{
	uint64_t hash = name_fold_begin(len);
	if (len > 16)
		hash = name_fold_16(hash, name, lower);
	for (size_t at = 16; __builtin_expect(at + 16 < len, 0); at += 16)
		hash = name_fold_16(hash, name + at, lower + at);
	return name_fold_16(hash, name + len - 16, lower + len - 16);
}

/* A name of 8 to 15 octets. */
static inline uint64_t name_fold_middle(const uint8_t *name, size_t len, uint8_t *lower)
{
	uint64_t first = name_fold_word(name_fold_load(name));
	uint64_t last = name_fold_word(name_fold_load(name + len - 8));
	name_fold_store(lower, first);
	name_fold_store(lower + len - 8, last);
	return name_fold_step(name_fold_begin(len), first, last);
}

/* A name of 1 to 7 octets, read into WORD with zeros behind them; eight octets are written. */
static inline uint64_t name_fold_short(uint64_t word, size_t len, uint8_t *lower)
{
	word = name_fold_word(word);
	name_fold_store(lower, word);
	return name_fold_step(name_fold_begin(len), word, 0);
}

/* name_lower_in_message(), for the caller to inline. */
static inline __attribute__((always_inline)) uint64_t name_fold_in_message(const uint8_t *name,
									   size_t len,
									   uint8_t lower[256])
{
	if (__builtin_expect(len >= 16, 1))
		return name_fold_long(name, len, lower);
	if (len >= 8)
		return name_fold_middle(name, len, lower);
	/* Loaded with what is before the name, and moved down over it. */
	return name_fold_short(name_fold_load(name + len - 8) >> (8 * (8 - len)), len, lower);
}

/* One to seven octets as a word, zeros behind them. */
static inline uint64_t name_fold_load_short(const uint8_t *from, size_t len)
{
	if (len >= 4) { /* two words that may overlap */
		uint32_t first, last;
		memcpy(&first, from, sizeof first);
		memcpy(&last, from + len - 4, sizeof last);
		return le32toh(first) | (uint64_t)le32toh(last) << (8 * (len - 4));
	}
	return from[0] | (uint64_t)from[len / 2] << (8 * (len / 2)) |
	       (uint64_t)from[len - 1] << (8 * (len - 1));
}

/* name_hash(), for the caller to inline: the steps of the three above, for octets that are in lower
 * case. */
static inline uint64_t name_fold_hash(const uint8_t *lower, size_t len)
{
	uint64_t hash = name_fold_begin(len);
	if (len < 8)
		return name_fold_step(hash, name_fold_load_short(lower, len), 0);
	if (len < 16)
		return name_fold_step(hash, name_fold_load(lower), name_fold_load(lower + len - 8));
	for (size_t at = 0; at + 16 < len; at += 16)
		hash = name_fold_step(hash, name_fold_load(lower + at),
				      name_fold_load(lower + at + 8));
	return name_fold_step(hash, name_fold_load(lower + len - 16),
			      name_fold_load(lower + len - 8));
}

static inline bool name_fold_same_16(const uint8_t *a, const uint8_t *b)
{
	return ((name_fold_load(a) ^ name_fold_load(b)) |
		(name_fold_load(a + 8) ^ name_fold_load(b + 8))) == 0;
}

/* Whether two lower-case names of LEN octets, 16 or more, are the same. */
static inline bool name_fold_same_long(const uint8_t *a, const uint8_t *b, size_t len)
{
	if (!name_fold_same_16(a, b))
		return false;
	for (size_t at = 16; __builtin_expect(at + 16 < len, 0); at += 16) {
		if (!name_fold_same_16(a + at, b + at))
			return false;
	}
	return name_fold_same_16(a + len - 16, b + len - 16);
}

/* The same of names of any length. */
static inline bool name_fold_same(const uint8_t *a, const uint8_t *b, size_t len)
{
	if (len >= 16)
		return name_fold_same_long(a, b, len);
	if (len < 8)
		return name_fold_load_short(a, len) == name_fold_load_short(b, len);
	return ((name_fold_load(a) ^ name_fold_load(b)) |
		(name_fold_load(a + len - 8) ^ name_fold_load(b + len - 8))) == 0;
}

#endif
