/* Knows under which path each kind of object is found. */
#include "web/object_path.h"

#include "base/mem.h"
#include "db/names.h"
#include "db/rdata.h"
#include "web/request.h"

#include <stdlib.h>
#include <string.h>

static char *zone_part(const char *zone, const char *rest)
{
	return mem_printf("%s/%s", zone, rest);
}

static char *prefix_id(const char *text)
{
	struct prefix prefix;
	char canonical[PREFIX_TEXT_MAX];
	if (!prefix_parse(text, &prefix, NULL))
		return NULL;
	prefix_format(&prefix, canonical);
	return mem_strdup(canonical);
}

static char *rrset_id(const char *zone, const char *owner, const char *type_text)
{
	uint16_t type;
	char canonical[16];
	if (!rdata_type_parse(type_text, &type))
		return NULL;
	rdata_type_format(type, canonical);
	return mem_printf("%s/%s/%s", zone, owner, canonical);
}

char *object_path_id(enum kind kind, char *const *parameter)
{
	char zone[DNS_NAME_TEXT_MAX], owner[DNS_NAME_TEXT_MAX];
	switch (kind) {
	case KIND_ZONE:
	case KIND_SERVICE:
	case KIND_RRSET:
		if (dns_name_canonical(parameter[0], zone) != NULL)
			return NULL;
		if (kind == KIND_ZONE)
			return mem_strdup(zone);
		if (dns_owner_canonical(parameter[1], zone, owner) != NULL)
			return NULL;
		return kind == KIND_RRSET ? rrset_id(zone, owner, parameter[2])
					  : zone_part(zone, owner);
	case KIND_GEO:
	case KIND_PREFIX:
		return prefix_id(parameter[0]);
	case KIND_SAFETY:
		return mem_strdup("safety");
	default:
		return mem_strdup(parameter[0]);
	}
}

static const char *collection_of(enum kind kind)
{
	static const char *const names[KIND_COUNT] = {
		[KIND_SITE] = "sites",
		[KIND_REGION] = "regions",
		[KIND_GEO] = "geo",
		[KIND_MONITOR] = "monitors",
		[KIND_POOL] = "pools",
		[KIND_ZONE] = "zones",
		[KIND_PREFIX] = "prefixes",
		[KIND_ALERT] = "alerts",
		[KIND_OVERRIDE] = "overrides",
	};
	return names[kind];
}

static char *below_zone(const char *zone, const char *what, const char *name, const char *type)
{
	char *zone_text = percent_encode(zone), *name_text = percent_encode(name);
	char *path = mem_printf("/api/v1/zones/%s/%s/%s%s%s", zone_text, what, name_text,
				type != NULL ? "/" : "", type != NULL ? type : "");
	free(zone_text);
	free(name_text);
	return path;
}

char *object_path(const struct object *object)
{
	switch (object->kind) {
	case KIND_SERVICE:
		return below_zone(object->service.zone, "services", object->service.name, NULL);
	case KIND_RRSET:
		return below_zone(object->rrset.zone, "records", object->rrset.name,
				  object->rrset.type_text);
	case KIND_SAFETY:
		return mem_strdup("/api/v1/safety");
	case KIND_GEO:
	case KIND_PREFIX:
	case KIND_OVERRIDE:
		return mem_printf("/api/v1/%s/%s", collection_of(object->kind), object->id);
	default: {
		char *id = percent_encode(object->id);
		char *path = mem_printf("/api/v1/%s/%s", collection_of(object->kind), id);
		free(id);
		return path;
	}
	}
}

const char *object_path_key(enum kind kind)
{
	switch (kind) {
	case KIND_GEO:
		return "cidr";
	case KIND_PREFIX:
		return "prefix";
	case KIND_OVERRIDE:
		return "object";
	case KIND_SAFETY:
		return NULL;
	default:
		return "name";
	}
}

static void fill(json_t *body, const char *key, const char *value)
{
	if (json_object_get(body, key) == NULL)
		json_object_set_new(body, key, json_string(value));
}

void object_path_fill(enum kind kind, const char *id, json_t *body)
{
	const char *key = object_path_key(kind);
	if (key == NULL || !json_is_object(body))
		return;
	if (kind == KIND_RRSET) { /* ZONE/OWNER/TYPE; the zone's name may hold a "/" */
		const char *type = strrchr(id, '/');
		char *head = mem_dup(id, (size_t)(type - id) + 1);
		head[type - id] = '\0';
		fill(body, key, strrchr(head, '/') + 1);
		fill(body, "type", type + 1);
		free(head);
		return;
	}
	fill(body, key, kind == KIND_SERVICE ? strrchr(id, '/') + 1 : id);
}
