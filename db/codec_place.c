/* Knows sites, regions and geo overrides as JSON: where on earth something is. */
#include "base/mem.h"
#include "db/codec_kinds.h"

#include <stdio.h>

enum { NOTE_MAX = 500 };

void codec_decode_site(struct jread *reader, const struct codec_scope *scope, struct object *object)
{
	(void)scope;
	object->site.name = jread_name(reader, "name", REQUIRED);
	object->site.position = jread_position(reader);
	object->id = mem_strdup(object->site.name);
}

json_t *codec_encode_site(const struct object *object)
{
	json_t *json = json_pack("{s:s}", "name", object->site.name);
	codec_put_position(json, &object->site.position);
	return json;
}

static void decode_places(struct jread *reader, struct texts *places)
{
	const json_t *array = jread_array(reader, "places", OPTIONAL);
	struct jpath path = jpath_key(reader->path, "places");
	places->at = mem_array(json_array_size(array), sizeof *places->at);
	for (size_t i = 0; i < json_array_size(array); i++) {
		struct jpath at = jpath_index(&path, i);
		const char *text =
			jread_element_text(json_array_get(array, i), &at, 32, reader->findings);
		char *place = text != NULL ? codec_place(text, &at, reader->findings) : NULL;
		if (place != NULL)
			places->at[places->count++] = place;
	}
}

static void decode_cidrs(struct jread *reader, struct prefixes *cidrs)
{
	const json_t *array = jread_array(reader, "cidrs", OPTIONAL);
	struct jpath path = jpath_key(reader->path, "cidrs");
	cidrs->at = mem_array(json_array_size(array), sizeof *cidrs->at);
	for (size_t i = 0; i < json_array_size(array); i++) {
		struct jpath at = jpath_index(&path, i);
		const char *text =
			jread_element_text(json_array_get(array, i), &at, 64, reader->findings);
		if (text != NULL &&
		    codec_cidr(text, &at, reader->findings, &cidrs->at[cidrs->count]))
			cidrs->count++;
	}
}

static void decode_asns(struct jread *reader, struct asns *asns)
{
	const json_t *array = jread_array(reader, "asns", OPTIONAL);
	struct jpath path = jpath_key(reader->path, "asns");
	asns->at = mem_array(json_array_size(array), sizeof *asns->at);
	for (size_t i = 0; i < json_array_size(array); i++) {
		struct jpath at = jpath_index(&path, i);
		const json_t *value = json_array_get(array, i);
		json_int_t number = json_integer_value(value);
		if (json_is_integer(value) && number >= 1 && number <= UINT32_MAX)
			asns->at[asns->count++] = (uint32_t)number;
		else
			jpath_finding(&at, reader->findings,
				      "must be an autonomous system's number, an integer of 1 to "
				      "4294967295");
	}
}

void codec_decode_region(struct jread *reader, const struct codec_scope *scope,
			 struct object *object)
{
	struct region *region = &object->region;
	(void)scope;
	size_t before = findings_total(reader->findings);
	region->name = jread_name(reader, "name", REQUIRED);
	decode_places(reader, &region->places);
	decode_cidrs(reader, &region->cidrs);
	decode_asns(reader, &region->asns);
	object->id = mem_strdup(region->name);
	if (region->places.count + region->cidrs.count + region->asns.count == 0 &&
	    findings_total(reader->findings) == before)
		jpath_finding(reader->path, reader->findings,
			      "this region is empty; name at least one of places, cidrs and asns");
}

json_t *codec_encode_region(const struct object *object)
{
	const struct region *region = &object->region;
	json_t *cidrs = json_array(), *asns = json_array();
	for (size_t i = 0; i < region->cidrs.count; i++) {
		char text[PREFIX_TEXT_MAX];
		prefix_format(&region->cidrs.at[i], text);
		json_array_append_new(cidrs, json_string(text));
	}
	for (size_t i = 0; i < region->asns.count; i++)
		json_array_append_new(asns, json_integer(region->asns.at[i]));
	return json_pack("{s:s, s:o, s:o, s:o}", "name", region->name, "places",
			 codec_texts(&region->places), "cidrs", cidrs, "asns", asns);
}

static uint32_t decode_asn(struct jread *reader)
{
	if (reader->json != NULL && json_is_null(json_object_get(reader->json, "asn"))) {
		(void)jread_value(reader, "asn", OPTIONAL);
		return 0;
	}
	return jread_uint(reader, "asn", 1, UINT32_MAX, 0);
}

void codec_decode_geo(struct jread *reader, const struct codec_scope *scope, struct object *object)
{
	struct geo_override *geo = &object->geo;
	char id[PREFIX_TEXT_MAX];
	(void)scope;
	size_t before = findings_total(reader->findings);
	struct jpath at_cidr = jpath_key(reader->path, "cidr");
	struct jpath at_place = jpath_key(reader->path, "place");
	const char *cidr = jread_text(reader, "cidr", REQUIRED, 64);
	if (cidr != NULL && codec_cidr(cidr, &at_cidr, reader->findings, &geo->cidr)) {
		prefix_format(&geo->cidr, id);
		object->id = mem_strdup(id);
	}
	const char *place = jread_text(reader, "place", OPTIONAL, 32);
	if (place != NULL)
		geo->place = codec_place(place, &at_place, reader->findings);
	geo->position = jread_position(reader);
	geo->asn = decode_asn(reader);
	geo->note = mem_strdup(jread_text(reader, "note", OPTIONAL, NOTE_MAX));
	if (geo->place == NULL && !geo->position.known && geo->asn == 0 &&
	    findings_total(reader->findings) == before)
		jpath_finding(reader->path, reader->findings,
			      "this geo override says nothing; give place, lat and lon, or asn");
}

json_t *codec_encode_geo(const struct object *object)
{
	const struct geo_override *geo = &object->geo;
	char cidr[PREFIX_TEXT_MAX];
	prefix_format(&geo->cidr, cidr);
	json_t *json = json_pack("{s:s, s:o}", "cidr", cidr, "place", codec_text(geo->place));
	codec_put_position(json, &geo->position);
	json_object_set_new(json, "asn", geo->asn != 0 ? json_integer(geo->asn) : json_null());
	json_object_set_new(json, "note", codec_text(geo->note));
	return json;
}
