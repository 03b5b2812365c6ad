/* Knows what must exist above a name, and when it no longer must. */
#include "geodns/zone.h"

#include "base/mem.h"
#include "geodns/wire/name_text.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>

enum { TYPE_NS = 2, TYPE_SOA = 6, TYPE_DNAME = 39, CLASS_IN = 1 };

void zones_init(struct zones *zones, struct quiesce *quiesce)
{
	*zones = (struct zones){.quiesce = quiesce, .names = names_new(quiesce)};
}

static void zone_free(void *what)
{
	struct zone_live *zone = what;
	free(atomic_load(&zone->settings));
	free(zone->text);
	free(zone);
}

void zones_fini(struct zones *zones)
{
	size_t cursor = 0;
	const char *key;
	void *value;
	names_free(zones->names);
	while (strmap_next(&zones->of, &cursor, &key, &value))
		zone_free(value);
	strmap_fini(&zones->of);
	strmap_fini(&zones->below);
}

struct zone_live *zones_find(const struct zones *zones, const char *text)
{
	return strmap_find(&zones->of, text);
}

static uint8_t *put32(uint8_t *out, uint32_t value)
{
	value = htobe32(value);
	memcpy(out, &value, sizeof value);
	return out + sizeof value;
}

/* RFC 1035 section 3.3.13. The serial is left 0: it is patched in by who answers. */
static size_t put_soa(uint8_t *out, const struct zone *config, const uint8_t *mname,
		      size_t mname_len, const uint8_t *rname, size_t rname_len)
{
	const uint16_t head[] = {htobe16(0xc00c), htobe16(TYPE_SOA), htobe16(CLASS_IN)};
	uint16_t rdlength = htobe16((uint16_t)(mname_len + rname_len + 20));
	uint8_t *at = out;
	memcpy(at, head, sizeof head);
	at = put32(at + sizeof head, config->ttl);
	memcpy(at, &rdlength, sizeof rdlength);
	memcpy(at + 2, mname, mname_len);
	memcpy(at + 2 + mname_len, rname, rname_len);
	at = put32(at + 2 + mname_len + rname_len, 0);
	at = put32(at, ZONE_REFRESH_S);
	at = put32(at, ZONE_RETRY_S);
	at = put32(at, ZONE_EXPIRE_S);
	at = put32(at, config->negative_ttl);
	return (size_t)(at - out);
}

static struct zone_settings *settings_new(const struct zone *config, struct error *error)
{
	uint8_t mname[NAME_WIRE_MAX], rname[NAME_WIRE_MAX];
	size_t mname_len = name_text_parse(config->primary, mname);
	size_t rname_len = name_text_parse(config->contact, rname);
	if (mname_len == 0 || rname_len == 0) {
		error_set(error, "the %s of zone %s is not a domain name: \"%s\"",
			  mname_len == 0 ? "primary" : "contact", config->name,
			  mname_len == 0 ? config->primary : config->contact);
		return NULL;
	}
	size_t soa_len = 12 + mname_len + rname_len + 20;
	struct zone_settings *settings = mem_array(
		1, sizeof *settings + (soa_len > ZONE_SOA_USUAL ? soa_len : ZONE_SOA_USUAL));
	settings->ecs = config->ecs;
	settings->soa_ttl = config->ttl;
	settings->negative_ttl =
		config->ttl < config->negative_ttl ? config->ttl : config->negative_ttl;
	settings->soa_len =
		(uint16_t)put_soa(settings->soa, config, mname, mname_len, rname, rname_len);
	return settings;
}

/* "b.c" of "a.b.c", "." of "c", NULL of ".". Zone names of the store hold no escaped dots. */
static const char *enclosing(const char *text)
{
	if (strcmp(text, ".") == 0)
		return NULL;
	const char *dot = strchr(text, '.');
	return dot != NULL ? dot + 1 : ".";
}

/* Every enclosing name has one served zone more, or less, below it. */
static void count_below(struct zones *zones, const char *text, bool more)
{
	for (const char *at = enclosing(text); at != NULL; at = enclosing(at)) {
		uintptr_t count = (uintptr_t)strmap_find(&zones->below, at);
		count = more ? count + 1 : count - 1;
		if (count > 0)
			strmap_put(&zones->below, at, (void *)count);
		else
			strmap_remove(&zones->below, at);
		struct zone_live *zone = zones_find(zones, at);
		if (zone != NULL)
			atomic_store_explicit(&zone->subzones, (uint32_t)count,
					      memory_order_release);
	}
}

static void link_node(struct node *node)
{
	struct zone_live *zone = node->zone;
	node->mark = zone->mark;
	node->next = zone->first;
	if (zone->first != NULL)
		zone->first->previous = node;
	zone->first = node;
}

static void unlink_node(struct node *node)
{
	if (node->previous != NULL)
		node->previous->next = node->next;
	else
		node->zone->first = node->next;
	if (node->next != NULL)
		node->next->previous = node->previous;
}

/* Puts a new node, which has no predecessor at its name. */
static void put_new(struct zones *zones, struct node *node)
{
	link_node(node);
	names_put(zones->names, node);
}

/* TEXT as a lower-case wire name; 0 where it is none. */
static size_t parse_lower(const char *text, uint8_t lower[256])
{
	uint8_t name[NAME_WIRE_MAX];
	size_t len = name_text_parse(text, name);
	if (len > 0)
		name_lower(name, len, lower);
	return len;
}

static struct zone_live *zone_new(struct zones *zones, const struct zone *config,
				  struct error *error)
{
	struct zone_live *zone = mem_new(struct zone_live);
	size_t len = parse_lower(config->name, zone->name);
	if (len == 0) {
		error_set(error, "the zone \"%s\" has a name that is not a domain name",
			  config->name);
		free(zone);
		return NULL;
	}
	zone->text = mem_strdup(config->name);
	zone->name_len = (uint8_t)len;
	zone->labels = (uint8_t)node_count_labels(zone->name);
	zone->hash = name_hash(zone->name, len);
	atomic_init(&zone->subzones, (uint32_t)(uintptr_t)strmap_find(&zones->below, config->name));
	return zone;
}

struct zone_live *zones_put(struct zones *zones, const struct object *config, struct error *error)
{
	struct zone_settings *settings = settings_new(&config->zone, error);
	if (settings == NULL)
		return NULL;
	struct zone_live *zone = zones_find(zones, config->zone.name);
	if (zone != NULL) {
		struct zone_settings *old = atomic_load(&zone->settings);
		atomic_store_explicit(&zone->settings, settings, memory_order_release);
		quiesce_retire(zones->quiesce, old, free);
		return zone;
	}
	zone = zone_new(zones, &config->zone, error);
	if (zone == NULL) {
		free(settings);
		return NULL;
	}
	atomic_init(&zone->settings, settings);
	atomic_init(&zone->failed, true);
	strmap_put(&zones->of, zone->text, zone);
	count_below(zones, zone->text, true);
	names_put_apex(zones->names, zone->name, zone->name_len);
	put_new(zones, node_new(zone, zone->name, zone->name_len, NULL, 0, NULL, NULL));
	return zone;
}

void zones_remove(struct zones *zones, struct zone_live *zone)
{
	/* While its names go one by one, what is left of it must not look like all there is. */
	zone_set_failed(zone, true);
	while (zone->first != NULL) {
		struct node *node = zone->first;
		unlink_node(node);
		names_remove(zones->names, node);
	}
	names_remove_apex(zones->names, zone->name, zone->name_len);
	count_below(zones, zone->text, false);
	strmap_remove(&zones->of, zone->text);
	quiesce_retire(zones->quiesce, zone, zone_free);
}

static bool is_apex(const struct node *node)
{
	return node->name_len == node->zone->name_len;
}

/* A name at or below which the zone's own data may not be what is answered. */
static bool is_cut(const struct node *node)
{
	return node_find(node, TYPE_DNAME) != NULL ||
	       (!is_apex(node) && node_find(node, TYPE_NS) != NULL);
}

static struct node *find_in(const struct zones *zones, const struct zone_live *zone,
			    const uint8_t *name, size_t len)
{
	return names_find_in(zones->names, zone, name_hash(name, len), name, len);
}

/* PARENT has one name more directly below it, NAME, which is about to be put. */
static void adopt(struct node *parent, const uint8_t *name)
{
	parent->children++;
	if (name_is_wildcard(name))
		node_set_wildcard(parent, true);
}

/* The node of NAME's parent, made as an empty non-terminal (RFC 4592 section 2.2.2) where there is
 * none. */
static struct node *parent_of(struct zones *zones, struct zone_live *zone, const uint8_t *name,
			      size_t len)
{
	const uint8_t *parent = name + *name + 1;
	size_t parent_len = len - *name - 1u;
	struct node *node = find_in(zones, zone, parent, parent_len);
	if (node != NULL)
		return node;
	adopt(parent_of(zones, zone, parent, parent_len), parent);
	node = node_new(zone, parent, parent_len, NULL, 0, NULL, NULL);
	put_new(zones, node);
	return node;
}

/* Takes NODE out, and the empty non-terminals above it that stood for it alone. */
static void remove_upwards(struct zones *zones, struct node *node)
{
	while (!is_apex(node) && node->children == 0 && node->rrset_count == 0 &&
	       node->service == NULL) {
		const uint8_t *name = node_name(node);
		struct node *parent =
			find_in(zones, node->zone, name + *name + 1, node->name_len - *name - 1u);
		bool wildcard = name_is_wildcard(name);
		unlink_node(node);
		names_remove(zones->names, node);
		parent->children--;
		if (wildcard)
			node_set_wildcard(parent, false);
		node = parent;
	}
}

/* There is one cut more, or less: NODE. */
static void count_cut(const struct node *node, bool more)
{
	struct zone_live *zone = node->zone;
	if (is_apex(node))
		atomic_store_explicit(&zone->redirected, more, memory_order_release);
	if (more)
		atomic_fetch_add_explicit(&zone->cuts, 1, memory_order_release);
	else
		atomic_fetch_sub_explicit(&zone->cuts, 1, memory_order_release);
}

/* NODE instead of BEFORE (NULL: new). A cut is counted before it shows, uncounted after it is gone.
 */
static void put_node(struct zones *zones, struct node *node, const struct node *before)
{
	struct zone_live *zone = node->zone;
	bool had = before != NULL && is_cut(before), has = is_cut(node);
	if (has && !had)
		count_cut(node, true);
	if (before == NULL) {
		adopt(parent_of(zones, zone, node_name(node), node->name_len), node_name(node));
		put_new(zones, node);
	} else {
		node->mark = zone->mark;
		names_put(zones->names, node);
	}
	if (had && !has)
		count_cut(node, false);
}

/* NAME relative to ZONE as a lower-case wire name; 0 where it is none or too long. */
static size_t absolute_name(const struct zone_live *zone, const char *name, uint8_t *wire)
{
	if (strcmp(name, "@") == 0) {
		memcpy(wire, zone->name, zone->name_len);
		return zone->name_len;
	}
	size_t len = parse_lower(name, wire);
	if (len == 0 || len - 1 + zone->name_len > NODE_NAME_MAX)
		return 0;
	memcpy(wire + len - 1, zone->name, zone->name_len);
	return len - 1 + zone->name_len;
}

bool zone_put_name(struct zones *zones, struct zone_live *zone, const char *name,
		   const struct object *const *rrsets, size_t count,
		   const struct service_live *service, struct error *error)
{
	uint8_t wire[2 * NODE_NAME_MAX];
	size_t len = absolute_name(zone, name, wire);
	if (len == 0) {
		error_set(error, "the name \"%s\" in zone %s is not a domain name", name,
			  zone->text);
		return false;
	}
	struct node *before = find_in(zones, zone, wire, len);
	bool empty = count == 0 && service == NULL;
	if (empty && before == NULL)
		return true;
	struct node *node = node_new(zone, wire, len, rrsets, count, service, error);
	if (node == NULL)
		return false;
	put_node(zones, node, before);
	if (empty)
		remove_upwards(zones, node);
	return true;
}

void zone_load_begin(struct zone_live *zone)
{
	zone->mark++;
}

static bool is_stale(const struct node *node)
{
	return node->mark != node->zone->mark && (node->rrset_count > 0 || node->service != NULL);
}

/* A node with data is only removed here, so the list of what is stale stays good while it is
 * worked off. */
void zone_load_end(struct zones *zones, struct zone_live *zone)
{
	size_t count = 0;
	for (struct node *node = zone->first; node != NULL; node = node->next)
		count += is_stale(node);
	struct node **stale = mem_array(count, sizeof(struct node *));
	size_t at = 0;
	for (struct node *node = zone->first; node != NULL; node = node->next) {
		if (is_stale(node))
			stale[at++] = node;
	}
	for (size_t i = 0; i < count; i++) {
		struct node *empty = node_new(zone, node_name(stale[i]), stale[i]->name_len, NULL,
					      0, NULL, NULL);
		put_node(zones, empty, stale[i]);
		remove_upwards(zones, empty);
	}
	free(stale);
}

void zone_set_serial(struct zone_live *zone, int64_t revision)
{
	atomic_store_explicit(&zone->serial, (uint32_t)revision, memory_order_release);
}

void zone_set_failed(struct zone_live *zone, bool failed)
{
	atomic_store_explicit(&zone->failed, failed, memory_order_release);
}
