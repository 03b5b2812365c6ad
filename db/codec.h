/*
 * codec: objects as JSON and back, one shape for the document, the API and the store.
 *
 * Decoding is strict: an unknown key, a wrong type, a value out of range or a malformed name,
 * address or record is a finding with the JSON pointer (RFC 6901) of the value and one sentence.
 * Everything wrong is found, not only the first (bounded by FINDINGS_MAX). What needs other objects
 * to judge is in check.h.
 */
#ifndef MERIDIAN_DB_CODEC_H
#define MERIDIAN_DB_CODEC_H

#include "db/model.h"

#include <jansson.h>

enum { FINDINGS_MAX = 100, ZONE_TTL_DEFAULT = 300, TTL_MAX = 2147483647 /* RFC 2181 section 8 */ };

/* How our objects are written: 15 digits give every coordinate back as it was typed. */
#define CODEC_DUMP_FLAGS (JSON_REAL_PRECISION(15) | JSON_ENCODE_ANY)

struct finding {
	char *pointer; /* "/zones/0/records/3/data/0" */
	char *message; /* "is not an IPv4 address: \"192.0.2.300\"" */
	char *confirm; /* what lets it pass once it is confirmed: "prefix/192.0.2.0/24"; or NULL */
};

struct findings {
	struct finding at[FINDINGS_MAX];
	size_t count;
	size_t dropped; /* found beyond FINDINGS_MAX */
	json_t *shape;	/* what was asked for is noted here (jshape.h); NULL: nowhere. Borrowed. */
};

void findings_add(struct findings *findings, const char *pointer, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* Of the last one that was added: it passes when ID is confirmed by name. */
void findings_ask(struct findings *findings, const char *id);
void findings_fini(struct findings *findings);
/* [{"pointer", "message", "confirm"?}], for RFC 9457 problems and for the CLI. */
json_t *findings_json(const struct findings *findings);

/*
 * One object from JSON. POINTER is where JSON stands in what the user sent. ZONE is the zone's name
 * for rrset and service, NULL else. Returns a new object with its id set and defaults filled in, or
 * NULL when there was any finding.
 */
struct object *codec_decode(enum kind kind, const json_t *json, const char *zone,
			    const char *pointer, struct findings *findings);

/* As codec_decode for a record set whose zone's TTL is known: DEFAULT_TTL holds where it states
 * none (codec_decode itself takes ZONE_TTL_DEFAULT). */
struct object *codec_decode_rrset(const json_t *json, const char *zone, uint32_t default_ttl,
				  const char *pointer, struct findings *findings);

/* The same object as JSON with every default written out; decode(encode(x)) equals x. The caller
 * owns the reference. */
json_t *codec_encode(const struct object *object);

/* True where both say the same (revision apart). */
bool codec_equal(const struct object *a, const struct object *b);

/* One endpoint alone, for pools/{pool}/endpoints. To write one, decode its pool with it inside. */
json_t *codec_encode_endpoint(const struct endpoint *endpoint);

#endif
