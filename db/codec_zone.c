/* Knows zones as JSON: what goes into their SOA and what their records inherit. */
#include "base/mem.h"
#include "db/codec_kinds.h"
#include "db/names.h"

#include <string.h>

/* A DNS name in canonical form with its final dot, FALLBACK.ZONE where it is absent. */
static char *decode_server(struct jread *reader, const char *key, const char *fallback,
			   const char *zone)
{
	char canonical[DNS_NAME_TEXT_MAX];
	const char *text = jread_text(reader, key, OPTIONAL, DNS_NAME_TEXT_MAX - 1);
	const char *dot = strcmp(zone, ".") == 0 ? "" : ".";
	if (text == NULL)
		return mem_printf("%s.%s%s", fallback, strcmp(zone, ".") == 0 ? "" : zone, dot);
	const char *wrong = strchr(text, '@') != NULL
				    ? "holds an \"@\"; write hostmaster.example.com. instead"
				    : dns_name_canonical(text, canonical);
	if (wrong != NULL) {
		jread_wrong(reader, key, "\"%.80s\" %s", text, wrong);
		return NULL;
	}
	return mem_printf("%s%s", canonical, strcmp(canonical, ".") == 0 ? "" : ".");
}

void codec_decode_zone(struct jread *reader, const struct codec_scope *scope, struct object *object)
{
	struct zone *zone = &object->zone;
	char canonical[DNS_NAME_TEXT_MAX] = "invalid";
	(void)scope;
	const char *name = jread_text(reader, "name", REQUIRED, DNS_NAME_TEXT_MAX - 1);
	const char *wrong = name != NULL ? dns_name_canonical(name, canonical) : NULL;
	if (wrong == NULL && name != NULL && strchr(canonical, '/') != NULL)
		wrong = "holds a \"/\", which separates the parts of our ids; RFC 2317 allows "
			"\"-\" in its place";
	if (wrong != NULL)
		jread_wrong(reader, "name", "\"%.80s\" %s", name, wrong);
	zone->name = mem_strdup(canonical);
	object->id = mem_strdup(canonical);
	zone->ttl = jread_uint(reader, "ttl", 0, TTL_MAX, ZONE_TTL_DEFAULT);
	zone->negative_ttl = jread_uint(reader, "negative_ttl", 0, TTL_MAX, 300);
	zone->primary = decode_server(reader, "primary", "ns1", canonical);
	zone->contact = decode_server(reader, "contact", "hostmaster", canonical);
	zone->ecs = jread_bool(reader, "ecs", true);
}

json_t *codec_encode_zone(const struct object *object)
{
	const struct zone *zone = &object->zone;
	return json_pack("{s:s, s:I, s:s, s:s, s:I, s:b}", "name", zone->name, "ttl",
			 (json_int_t)zone->ttl, "primary", zone->primary, "contact", zone->contact,
			 "negative_ttl", (json_int_t)zone->negative_ttl, "ecs", zone->ecs);
}
