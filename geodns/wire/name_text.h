/*
 * name_text: names between wire and presentation form, with the escapes \. and \DDD (RFC 1035
 * section 5.1).
 */
#ifndef MERIDIAN_GEODNS_WIRE_NAME_TEXT_H
#define MERIDIAN_GEODNS_WIRE_NAME_TEXT_H

#include "geodns/wire/name.h"

/* Four octets for each of 255, the final dot and the NUL stay within it. */
enum { NAME_TEXT_MAX = 1024 };

/*
 * Reads TEXT, with or without the final dot ("." is the root), into NAME, case kept; returns its
 * length, or 0 where TEXT is empty, has an empty label, a bad escape, a label above 63 or a name
 * above 255 octets.
 */
size_t name_text_parse(const char *text, uint8_t name[NAME_WIRE_MAX])
	__attribute__((warn_unused_result));

/* As name_text_parse(), but a TEXT without final dot is taken below ORIGIN, and "@" is ORIGIN
 * itself. */
size_t name_text_parse_below(const char *text, const uint8_t *origin, uint8_t name[NAME_WIRE_MAX])
	__attribute__((warn_unused_result));

/* Writes NAME with its final dot; TEXT holds NAME_TEXT_MAX octets. */
void name_text_format(const uint8_t *name, char text[NAME_TEXT_MAX]);

#endif
