/* Knows what may stand beside what at one name: CNAME alone, a service without addresses or hints
 * of them, NS at every apex. */
#include "base/mem.h"
#include "db/check_parts.h"
#include "db/names.h"
#include "db/svcb.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Above this many touched names of one zone the whole zone is read once. */
enum { SINGLE_READS_MAX = 64 };

/* The numbers of IANA's registry that the rules speak of. */
enum { TYPE_A = 1, TYPE_NS = 2, TYPE_CNAME = 5, TYPE_AAAA = 28, TYPE_DNAME = 39 };

/* What stands at one touched name once the changes hold. */
struct at_name {
	struct at_name *next;	     /* of the same zone */
	const char *name;	     /* the change's */
	const struct change *change; /* one that touches the name, the CNAME's where there is one */
	unsigned sets;
	bool cname, dname, addresses, ns, hints;
};

struct touched_zone {
	struct touched_zone *next; /* in the order in which they were touched */
	const char *name;	   /* the change's */
	struct strmap by_name;	   /* name -> struct at_name */
	struct at_name *first, *last;
	const struct change *change; /* of the zone itself, or NULL */
};

struct names {
	const struct check *check;
	struct strmap by_zone; /* name -> struct touched_zone */
	struct touched_zone *first, *last;
};

static struct touched_zone *touch_zone(struct names *names, const char *name)
{
	struct touched_zone *zone = strmap_find(&names->by_zone, name);
	if (zone != NULL)
		return zone;
	zone = mem_new(struct touched_zone);
	zone->name = name;
	strmap_put(&names->by_zone, name, zone);
	if (names->last != NULL)
		names->last->next = zone;
	else
		names->first = zone;
	names->last = zone;
	return zone;
}

/* ZONE and NAME are CHANGE's own and live as long. */
static struct at_name *touch(struct names *names, const char *zone_name, const char *name,
			     const struct change *change)
{
	struct touched_zone *zone = touch_zone(names, zone_name);
	struct at_name *at = strmap_find(&zone->by_name, name);
	if (at != NULL)
		return at;
	at = mem_new(struct at_name);
	*at = (struct at_name){.name = name, .change = change};
	strmap_put(&zone->by_name, name, at);
	if (zone->last != NULL)
		zone->last->next = at;
	else
		zone->first = at;
	zone->last = at;
	return at;
}

static void add_set(struct at_name *at, const struct rrset *rrset)
{
	at->sets++;
	at->cname |= rrset->type == TYPE_CNAME;
	at->dname |= rrset->type == TYPE_DNAME;
	at->ns |= rrset->type == TYPE_NS;
	at->hints |= svcb_hints_at_itself(rrset);
	at->addresses |= rrset->type == TYPE_A || rrset->type == TYPE_AAAA;
}

/* The object of an rrset's or a service's change, which says where it is: the one before where it
 * is removed. NULL where nobody filled that in and nothing can be said. */
static const struct object *subject(const struct change *change)
{
	return change->after != NULL ? change->after : change->before;
}

static void touch_rrset(struct names *names, const struct change *change)
{
	const struct object *object = subject(change);
	if (object == NULL)
		return;
	struct at_name *at = touch(names, object->rrset.zone, object->rrset.name, change);
	if (change->after == NULL)
		return;
	add_set(at, &object->rrset);
	if (object->rrset.type == TYPE_CNAME)
		at->change = change;
}

static void touch_change(struct names *names, const struct change *change)
{
	const struct object *object = subject(change);
	switch (change->kind) {
	case KIND_RRSET:
		touch_rrset(names, change);
		break;
	case KIND_SERVICE:
		if (object != NULL)
			touch(names, object->service.zone, object->service.name, change);
		break;
	case KIND_ZONE:
		touch_zone(names, change->id)->change = change;
		if (change->after != NULL)
			touch(names, change->id, "@", change)->change = change;
		break;
	default:
		break;
	}
}

static void visit_stored(void *context, const struct object *rrset)
{
	struct names *names = context;
	const struct touched_zone *zone = strmap_find(&names->by_zone, rrset->rrset.zone);
	struct at_name *at = zone != NULL ? strmap_find(&zone->by_name, rrset->rrset.name) : NULL;
	if (at != NULL && check_find(names->check, KIND_RRSET, rrset->id) == NULL)
		add_set(at, &rrset->rrset);
}

static void read_stored(struct names *names, const struct touched_zone *zone)
{
	const struct check_records *records = names->check->records;
	if (records == NULL)
		return;
	if (zone->by_name.count > SINGLE_READS_MAX) {
		records->each(records->store, zone->name, NULL, visit_stored, names);
		return;
	}
	for (const struct at_name *at = zone->first; at != NULL; at = at->next)
		records->each(records->store, zone->name, at->name, visit_stored, names);
}

/* True where some pool of SERVICE holds host names, so that its answer is a CNAME. */
static bool answers_cname(const struct model *model, const struct service *service)
{
	const char *pools[2] = {service->default_pool, service->fallback_pool};
	size_t count = 2 + service->rule_count + service->pool_count;
	for (size_t i = 0; i < count; i++) {
		const char *name = i < 2 ? pools[i]
				   : i - 2 < service->rule_count
					   ? service->rules[i - 2].pool
					   : service->pools[i - 2 - service->rule_count].pool;
		const struct object *pool =
			name != NULL ? model_find(model, KIND_POOL, name) : NULL;
		if (pool != NULL && pool->pool.cname)
			return true;
	}
	return false;
}

static void judge_service(const struct names *names, const struct touched_zone *zone,
			  const struct at_name *at)
{
	char id[2 * DNS_NAME_TEXT_MAX];
	if (names->check->after->of[KIND_SERVICE].count == 0)
		return;
	snprintf(id, sizeof id, "%s/%s", zone->name, at->name);
	const struct object *service = model_find(names->check->after, KIND_SERVICE, id);
	if (service != NULL && at->cname)
		check_finding(names->check, at->change, "",
			      "a CNAME stands beside service %s; a name has one or the other", id);
	else if (service != NULL && at->addresses)
		check_finding(names->check, at->change, "",
			      "A or AAAA records stand beside service %s, which answers these "
			      "types; remove one or the other",
			      id);
	else if (service != NULL && at->ns && strcmp(at->name, "@") != 0)
		check_finding(names->check, at->change, "",
			      "NS records stand beside service %s, and give the name to other "
			      "servers, so that the service would never be asked; remove one or "
			      "the other",
			      id);
	else if (service != NULL && at->hints)
		check_finding(names->check, at->change, "",
			      "address hints of SVCB or HTTPS stand beside service %s, and would "
			      "lead clients past its decision; leave ipv4hint and ipv6hint out: "
			      "clients ask for A and AAAA (RFC 9460 section 7.3)",
			      id);
	else if (service != NULL && at->sets > 0 &&
		 answers_cname(names->check->after, &service->service))
		check_finding(names->check, at->change, "",
			      "records stand beside service %s, which answers with a CNAME, and a "
			      "CNAME stands alone (RFC 1034 section 3.6.2)",
			      id);
}

static void judge_name(const struct names *names, const struct touched_zone *zone,
		       const struct at_name *at)
{
	bool apex = strcmp(at->name, "@") == 0;
	if (apex && at->cname)
		check_finding(names->check, at->change, "",
			      "a CNAME cannot stand at the apex of a zone, beside SOA and NS (RFC "
			      "1034 section 3.6.2); use a service");
	else if (at->cname && at->sets > 1)
		check_finding(names->check, at->change, "",
			      "a CNAME stands beside other records of its name, where it must be "
			      "alone (RFC 1034 section 3.6.2); remove one or the other");
	if (!apex && at->ns && at->dname)
		check_finding(names->check, at->change, "",
			      "a DNAME stands beside NS records, below which the name is another "
			      "zone's (RFC 6672 section 2.3); remove one or the other");
	if (apex && !at->ns)
		check_finding(names->check, at->change, "",
			      "zone %s has no NS record at its apex; add one with the name \"@\"",
			      zone->name);
	judge_service(names, zone, at);
}

static void judge_zone(struct names *names, const struct touched_zone *zone)
{
	if (model_find(names->check->after, KIND_ZONE, zone->name) == NULL) {
		/* A service without its zone is told by check_references. */
		for (const struct at_name *at = zone->first; at != NULL; at = at->next) {
			if (at->change->kind == KIND_RRSET && at->change->after != NULL)
				check_finding(names->check, at->change, "",
					      "there is no zone \"%s\"; create it first",
					      zone->name);
		}
		return;
	}
	read_stored(names, zone);
	for (const struct at_name *at = zone->first; at != NULL; at = at->next)
		judge_name(names, zone, at);
}

static void names_fini(struct names *names)
{
	for (struct touched_zone *zone = names->first, *next_zone; zone != NULL; zone = next_zone) {
		next_zone = zone->next;
		for (struct at_name *at = zone->first, *next; at != NULL; at = next) {
			next = at->next;
			free(at);
		}
		strmap_fini(&zone->by_name);
		free(zone);
	}
	strmap_fini(&names->by_zone);
}

/* The kind of a pool decides what may stand beside the services that use it. */
static void touch_services_of_pools(struct names *names)
{
	bool turned = false;
	for (size_t i = 0; i < names->check->changes->count; i++) {
		const struct change *change = &names->check->changes->at[i];
		turned |= change->kind == KIND_POOL && change->after != NULL &&
			  change->before != NULL &&
			  change->after->pool.cname != change->before->pool.cname;
	}
	const struct objects *services = &names->check->after->of[KIND_SERVICE];
	for (size_t i = 0; turned && i < services->count; i++) {
		const struct service *service = &services->at[i]->service;
		for (size_t k = 0; k < names->check->changes->count; k++) {
			const struct change *change = &names->check->changes->at[k];
			if (change->kind != KIND_POOL || change->after == NULL ||
			    !change->after->pool.cname ||
			    !answers_cname(names->check->after, service))
				continue;
			touch(names, service->zone, service->name, change);
			break;
		}
	}
}

void check_names(const struct check *check)
{
	struct names names = {.check = check};
	for (size_t i = 0; i < check->changes->count; i++)
		touch_change(&names, &check->changes->at[i]);
	touch_services_of_pools(&names);
	for (struct touched_zone *zone = names.first; zone != NULL; zone = zone->next)
		judge_zone(&names, zone);
	names_fini(&names);
}
