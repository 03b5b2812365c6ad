/*
 * name: a domain name in wire form: a run of labels, each a length octet and its octets, closed by
 * the root's zero (RFC 1035 section 3.1).
 *
 * "Name" here is uncompressed and valid unless it is said otherwise: 1..255 octets with the root.
 * Whatever compares or hashes names takes them in lower case; name_lower() makes that form (ASCII
 * alone, RFC 4343 section 3).
 */
#ifndef MERIDIAN_GEODNS_WIRE_NAME_H
#define MERIDIAN_GEODNS_WIRE_NAME_H

#include "geodns/wire/cursor.h"

enum {
	NAME_WIRE_MAX = 255,  /* RFC 1035 section 2.3.4 */
	NAME_LABEL_MAX = 63,  /* the same */
	NAME_LABELS_MAX = 127 /* labels without the root that fit into 255 octets */
};

/* The length of the name that begins at WIRE, of which LEN octets may be read; 0 where it is cut,
 * too long, compressed, or has a label type other than 00 (RFC 1035 section 4.1.4, RFC 6891 section
 * 5). */
static inline size_t name_scan(const uint8_t *wire, size_t len)
{
	size_t most = len < NAME_WIRE_MAX ? len : NAME_WIRE_MAX;
	for (size_t at = 0; at < most;) {
		unsigned label = wire[at];
		at += 1 + (size_t)label;
		if (label - 1 >= NAME_LABEL_MAX) /* the root, or no label */
			return label == 0 ? at : 0;
	}
	return 0;
}

/* The length of a name that is known to be valid. */
size_t name_len(const uint8_t *name);

/* Writes NAME of LEN octets in lower case to LOWER (256 octets; up to seven zeros may follow the
 * name) and returns the hash of what it wrote, name_hash(LOWER, LEN). */
uint64_t name_lower(const uint8_t *name, size_t len, uint8_t lower[256]);

/* The same as name_lower() where at least 8 octets can be read before NAME: for a name inside a
 * message. */
uint64_t name_lower_in_message(const uint8_t *name, size_t len, uint8_t lower[256]);

/* A 64-bit hash of a lower-case name; good in all of its bits. The same within a build, not across
 * machines. */
uint64_t name_hash(const uint8_t *lower, size_t len);

bool name_equal(const uint8_t *a, size_t a_len, const uint8_t *b, size_t b_len);

/* Canonical order (RFC 4034 section 6.1) of two lower-case names: negative, 0 or positive. */
int name_compare(const uint8_t *a, const uint8_t *b);

/* Labels without the root: 0 for the root. */
unsigned name_labels(const uint8_t *name);

/* The name without its first label; the root's parent is the root. Points into NAME. */
const uint8_t *name_parent(const uint8_t *name);

/* Whether NAME is APEX or below it; both in lower case. */
bool name_is_at_or_below(const uint8_t *name, size_t len, const uint8_t *apex, size_t apex_len);

/* Whether the first label is "*" (RFC 4592 section 2.1.1). */
bool name_is_wildcard(const uint8_t *name);

/* Skips a name in a message, compressed or not, without following the pointer; the reader fails
 * where it is malformed. */
void name_skip(struct reader *reader);

/*
 * Reads a name at the reader of a whole message into NAME (255 octets), as sent, following
 * compression pointers, which must point back (RFC 1035 section 4.1.4). Returns its length; 0 and a
 * failed reader where it is malformed.
 */
size_t name_unpack(struct reader *message, uint8_t name[NAME_WIRE_MAX])
	__attribute__((warn_unused_result));

#endif
