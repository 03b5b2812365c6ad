/* Knows what each kind of object owns, and so how it is freed. */
#include "base/mem.h"
#include "db/model.h"

#include <assert.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

static const char *const names[KIND_COUNT] = {
	[KIND_SITE] = "site",	    [KIND_REGION] = "region",	  [KIND_GEO] = "geo",
	[KIND_MONITOR] = "monitor", [KIND_POOL] = "pool",	  [KIND_ZONE] = "zone",
	[KIND_SERVICE] = "service", [KIND_PREFIX] = "prefix",	  [KIND_SAFETY] = "safety",
	[KIND_ALERT] = "alert",	    [KIND_OVERRIDE] = "override", [KIND_RRSET] = "rrset",
};

const char *kind_name(enum kind kind)
{
	assert((unsigned)kind < KIND_COUNT);
	return names[kind];
}

bool kind_parse(const char *text, enum kind *kind)
{
	for (unsigned i = 0; i < KIND_COUNT; i++) {
		if (strcmp(text, names[i]) == 0) {
			*kind = (enum kind)i;
			return true;
		}
	}
	return false;
}

static void texts_fini(struct texts *texts)
{
	for (size_t i = 0; i < texts->count; i++)
		free(texts->at[i]);
	free(texts->at);
}

static void region_fini(struct region *region)
{
	free(region->name);
	texts_fini(&region->places);
	free(region->cidrs.at);
	free(region->asns.at);
}

static void headers_fini(struct header *headers, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		free(headers[i].name);
		free(headers[i].value);
	}
	free(headers);
}

static void monitor_fini(struct monitor *monitor)
{
	headers_fini(monitor->headers, monitor->header_count);
	headers_fini(monitor->expect_headers, monitor->expect_header_count);
	free(monitor->expect_status);
	char *const owned[] = {monitor->name,
			       monitor->path,
			       monitor->host,
			       monitor->sni,
			       monitor->method,
			       monitor->expect_status_text,
			       monitor->expect_body,
			       monitor->ca_file,
			       monitor->client_cert,
			       monitor->client_key,
			       monitor->expect_body_regex,
			       monitor->body,
			       monitor->send,
			       monitor->expect,
			       monitor->query_type,
			       monitor->expect_rcode};
	for (size_t i = 0; i < sizeof owned / sizeof *owned; i++)
		free(owned[i]);
}

static void pool_fini(struct pool *pool)
{
	for (size_t i = 0; i < pool->endpoint_count; i++) {
		free(pool->endpoints[i].name);
		free(pool->endpoints[i].address);
	}
	free(pool->endpoints);
	free(pool->name);
	free(pool->monitor);
	free(pool->fallback);
}

static void rules_fini(struct rule *rules, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		for (size_t k = 0; k < rules[i].match_count; k++)
			free(rules[i].matches[k].text);
		free(rules[i].matches);
		free(rules[i].pool);
	}
	free(rules);
}

static void service_fini(struct service *service)
{
	rules_fini(service->rules, service->rule_count);
	for (size_t i = 0; i < service->pool_count; i++)
		free(service->pools[i].pool);
	free(service->pools);
	free(service->zone);
	free(service->name);
	free(service->default_pool);
	free(service->fallback_pool);
}

static void rrset_fini(struct rrset *rrset)
{
	free(rrset->zone);
	free(rrset->name);
	free(rrset->type_text);
	texts_fini(&rrset->data);
	free(rrset->rdata);
}

static void prefix_fini(struct announce_prefix *prefix)
{
	texts_fini(&prefix->sites);
	texts_fini(&prefix->needs_pools);
	free(prefix->interface);
	free(prefix->needs_dns);
}

static void object_fini(struct object *object)
{
	switch (object->kind) {
	case KIND_SITE:
		free(object->site.name);
		break;
	case KIND_REGION:
		region_fini(&object->region);
		break;
	case KIND_GEO:
		free(object->geo.place);
		free(object->geo.note);
		break;
	case KIND_MONITOR:
		monitor_fini(&object->monitor);
		break;
	case KIND_POOL:
		pool_fini(&object->pool);
		break;
	case KIND_ZONE:
		free(object->zone.name);
		free(object->zone.primary);
		free(object->zone.contact);
		break;
	case KIND_SERVICE:
		service_fini(&object->service);
		break;
	case KIND_PREFIX:
		prefix_fini(&object->prefix);
		break;
	case KIND_ALERT:
		free(object->alert.name);
		free(object->alert.url);
		free(object->alert.secret_file);
		free(object->alert.to);
		free(object->alert.from);
		free(object->alert.smtp);
		texts_fini(&object->alert.events);
		break;
	case KIND_OVERRIDE:
		free(object->override.object);
		free(object->override.reason);
		free(object->override.author);
		break;
	case KIND_RRSET:
		rrset_fini(&object->rrset);
		break;
	case KIND_SAFETY:
	case KIND_COUNT:
		break;
	}
}

struct object *object_new(enum kind kind)
{
	assert((unsigned)kind < KIND_COUNT);
	/* Record sets come by the million and are the smallest member of the union. */
	size_t size = kind == KIND_RRSET ? offsetof(struct object, rrset) + sizeof(struct rrset)
					 : sizeof(struct object);
	struct object *object = mem_array(1, size);
	object->kind = kind;
	object->refs = 1;
	return object;
}

/* Only the count changes, which is not part of what an object says; so a const object may be
 * referenced. */
struct object *object_ref(const struct object *object)
{
	struct object *shared = (struct object *)(uintptr_t)object;
	__atomic_add_fetch(&shared->refs, 1, __ATOMIC_RELAXED);
	return shared;
}

/* The release half orders every use before the last drop; the acquire half orders the free after
 * them. */
void object_unref(struct object *object)
{
	if (object == NULL || __atomic_sub_fetch(&object->refs, 1, __ATOMIC_ACQ_REL) > 0)
		return;
	object_fini(object);
	free(object->id);
	free(object);
}
