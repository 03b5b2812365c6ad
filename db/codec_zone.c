/* Knows zones as JSON: what goes into their SOA and what their records inherit. */
#include "base/mem.h"
#include "db/codec_kinds.h"
#include "db/names.h"

#include <stdlib.h>
#include <string.h>

/* An "@" that is not part of a label: a mail address where a name must stand. */
static bool is_mailbox(const char *text)
{
	for (const char *at = strchr(text, '@'); at != NULL; at = strchr(at + 1, '@')) {
		if (at == text || at[-1] != '\\')
			return true;
	}
	return false;
}

/* A DNS name in canonical form with its final dot, FALLBACK.ZONE where it is absent. */
static char *decode_server(struct jread *reader, const char *key, const char *fallback,
			   const char *zone)
{
	char canonical[DNS_NAME_TEXT_MAX];
	const char *text = jread_text(reader, key, OPTIONAL, DNS_NAME_TEXT_MAX - 1);
	char *name = text != NULL
			     ? mem_strdup(text)
			     : mem_printf("%s.%s", fallback, strcmp(zone, ".") == 0 ? "" : zone);
	const char *wrong = is_mailbox(name)
				    ? "holds an \"@\"; write hostmaster.example.com. instead"
				    : dns_name_canonical(name, canonical);
	if (wrong != NULL)
		jread_wrong(reader, key, "\"%.80s\" %s", name, wrong);
	free(name);
	if (wrong != NULL)
		return NULL;
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
