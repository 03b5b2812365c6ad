/* Knows the values that objects of several kinds hold: places, prefixes, positions, lists of text.
 */
#include "base/mem.h"
#include "db/codec_kinds.h"
#include "db/place.h"

char *codec_place(const char *text, const struct jpath *path, struct findings *findings)
{
	struct place_name place;
	char why[128];
	if (place_parse(text, &place, why))
		return mem_strdup(text);
	jpath_finding(path, findings, "\"%.80s\" %s", text, why);
	return NULL;
}

bool codec_cidr(const char *text, const struct jpath *path, struct findings *findings,
		struct prefix *prefix)
{
	const char *why = "is not a prefix";
	if (prefix_parse(text, prefix, &why))
		return true;
	jpath_finding(path, findings,
		      "\"%.80s\" %s; write a prefix as 192.0.2.0/24 or 2001:db8::/32", text, why);
	return false;
}

void codec_put_position(json_t *json, const struct position *position)
{
	json_object_set_new(json, "lat", position->known ? json_real(position->lat) : json_null());
	json_object_set_new(json, "lon", position->known ? json_real(position->lon) : json_null());
}

json_t *codec_texts(const struct texts *texts)
{
	json_t *list = json_array();
	for (size_t i = 0; i < texts->count; i++)
		json_array_append_new(list, json_string(texts->at[i]));
	return list;
}

json_t *codec_text(const char *text)
{
	return text != NULL ? json_string(text) : json_null();
}
