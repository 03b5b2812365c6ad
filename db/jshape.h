/*
 * jshape: what a strict reader (jread) asks for, as JSON Schema (draft 2020-12).
 *
 * The one truth about the keys of an object is the code that reads it. While findings carry a
 * shape, each key that is asked for is noted there, with its type, range, words and default.
 */
#ifndef MERIDIAN_DB_JSHAPE_H
#define MERIDIAN_DB_JSHAPE_H

#include "db/jread.h"

/* An object that holds no other keys stands at PATH. Nothing where FINDINGS carry no shape, as
 * below. */
void jshape_object(struct findings *findings, const struct jpath *path);
/* READER asks for KEY. */
void jshape_key(const struct jread *reader, const char *key, enum jread_need need);
/* What is known of KEY: members packed with FORMAT as json_pack() does. */
void jshape_says(const struct jread *reader, const char *key, const char *format, ...);
/* Text, nullable where it need not be there. */
void jshape_text(const struct jread *reader, const char *key, enum jread_need need, size_t max);
void jshape_uint(const struct jread *reader, const char *key, uint32_t low, uint32_t high,
		 uint32_t fallback);
void jshape_real(const struct jread *reader, const char *key, double low, double high,
		 double fallback);
void jshape_words(const struct jread *reader, const char *key, const char *const *words,
		  unsigned count, unsigned fallback);
/* A text of at most MAX octets stands at PATH. */
void jshape_element(struct findings *findings, const struct jpath *path, size_t max);

#endif
