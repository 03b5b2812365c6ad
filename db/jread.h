/*
 * jread: a strict reader of one JSON object: every key is taken with the type and range it must
 * have, and what nobody took is refused with its pointer.
 *
 * Each fault is a finding at the pointer of the value (RFC 6901) and leaves a harmless value
 * behind, so that reading goes on and everything wrong is found. Whether there was a fault at all
 * is asked of the findings (findings_total).
 */
#ifndef MERIDIAN_DB_JREAD_H
#define MERIDIAN_DB_JREAD_H

#include "db/codec.h"

/*
 * Where a value stands, as a chain on the stack; it becomes text only when something is wrong with
 * the value. A root has TEXT, a pointer taken as it is; a member has UP and TEXT, its key; an
 * element has UP and INDEX.
 */
struct jpath {
	const struct jpath *up;
	const char *text;
	size_t index;
};

struct jpath jpath_root(const char *pointer);
struct jpath jpath_key(const struct jpath *up, const char *key);
struct jpath jpath_index(const struct jpath *up, size_t index);
/* The pointer on the heap. */
char *jpath_text(const struct jpath *path);

/* Adds a finding at PATH. */
void jpath_finding(const struct jpath *path, struct findings *findings, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Findings so far, those beyond FINDINGS_MAX too. */
size_t findings_total(const struct findings *findings);

enum { JREAD_KEYS = 48 };

struct jread {
	const json_t *json; /* NULL where it is no object: then every key is absent */
	const struct jpath *path;
	const char *what; /* "pool": for messages */
	struct findings *findings;
	const char *known[JREAD_KEYS];
	size_t known_count, present;
};

enum jread_need { OPTIONAL, REQUIRED };

/* Begins to read JSON, which stands at PATH and describes a WHAT. All are borrowed. */
void jread_open(struct jread *reader, const json_t *json, const struct jpath *path,
		const char *what, struct findings *findings);
/* Refuses the keys that nobody asked for. */
void jread_close(struct jread *reader);

/* The value of KEY as it is, or NULL where it is absent (a finding where it is REQUIRED). */
const json_t *jread_value(struct jread *reader, const char *key, enum jread_need need);
/* A finding at KEY. */
void jread_wrong(struct jread *reader, const char *key, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Text of 1..MAX octets without control characters; the reader's, or NULL where it is absent, null
 * (allowed where OPTIONAL) or wrong. */
const char *jread_text(struct jread *reader, const char *key, enum jread_need need, size_t max);
/* A name of an object (name_valid), on the heap; NULL as above. */
char *jread_name(struct jread *reader, const char *key, enum jread_need need);
/* An integer of LOW..HIGH; FALLBACK where it is absent or wrong. */
uint32_t jread_uint(struct jread *reader, const char *key, uint32_t low, uint32_t high,
		    uint32_t fallback);
/* A number of LOW..HIGH, rounded to six digits after the point; FALLBACK where it is absent, null
 * or wrong. */
double jread_real(struct jread *reader, const char *key, double low, double high, double fallback);
bool jread_bool(struct jread *reader, const char *key, bool fallback);
/* One of the COUNT WORDS, as its index; FALLBACK (an index, or COUNT: the key is required) where it
 * is absent, and 0 where it is wrong. */
unsigned jread_word(struct jread *reader, const char *key, const char *const *words, unsigned count,
		    unsigned fallback);
/* An array, or NULL where it is absent or wrong. */
const json_t *jread_array(struct jread *reader, const char *key, enum jread_need need);

/* The text JSON, an element at PATH, under the rules of jread_text; NULL with a finding. */
const char *jread_element_text(const json_t *json, const struct jpath *path, size_t max,
			       struct findings *findings);
/* An array of names without repetitions, on the heap; empty where it is absent. */
struct texts jread_names(struct jread *reader, const char *key, enum jread_need need);
/* "lat" and "lon": both or none. */
struct position jread_position(struct jread *reader);

#endif
