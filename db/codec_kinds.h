/*
 * codec_kinds: the pair of functions that each kind of object has; what codec.c chooses from.
 *
 * A decoder fills OBJECT (empty, of its kind) and its id from READER, which is open and is closed
 * by the caller; what it could not read it leaves empty. An encoder returns a new reference.
 */
#ifndef MERIDIAN_DB_CODEC_KINDS_H
#define MERIDIAN_DB_CODEC_KINDS_H

#include "db/codec.h"
#include "db/jread.h"

/* What a record or a service inherits from where it stands. ZONE is NULL for every other kind. */
struct codec_scope {
	const char *zone;
	uint32_t ttl;
};

typedef void codec_decoder(struct jread *reader, const struct codec_scope *scope,
			   struct object *object);
typedef json_t *codec_encoder(const struct object *object);

codec_decoder codec_decode_site, codec_decode_region, codec_decode_geo, codec_decode_monitor,
	codec_decode_pool, codec_decode_zone, codec_decode_service, codec_decode_prefix,
	codec_decode_safety, codec_decode_alert, codec_decode_override, codec_decode_record;
codec_encoder codec_encode_site, codec_encode_region, codec_encode_geo, codec_encode_monitor,
	codec_encode_pool, codec_encode_zone, codec_encode_service, codec_encode_prefix,
	codec_encode_safety, codec_encode_alert, codec_encode_override, codec_encode_record;

/* Reads "EU-DE" (place.h) as text for the heap; NULL with a finding at PATH. */
char *codec_place(const char *text, const struct jpath *path, struct findings *findings);
/* Reads ADDR/LEN; false with a finding at PATH. */
bool codec_cidr(const char *text, const struct jpath *path, struct findings *findings,
		struct prefix *prefix) __attribute__((warn_unused_result));
/* {"lat", "lon"} into JSON, null where not known. */
void codec_put_position(json_t *json, const struct position *position);
json_t *codec_texts(const struct texts *texts);
/* The JSON text, or null where TEXT is NULL. */
json_t *codec_text(const char *text);

#endif
