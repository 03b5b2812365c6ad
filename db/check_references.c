/* Knows which members of an object name other objects. */
#include "base/mem.h"
#include "db/check_parts.h"
#include "db/names.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One walk over all references of a model. */
struct walk {
	const struct check *check;
	const struct object *user;
	const struct change *user_change; /* NULL: the user stays as it was */
	struct strmap users; /* "kind/id" of a removed object -> text that names its users */
};

/* Adds the present user to those of the removed object (KIND, ID). */
static void note_user(struct walk *walk, enum kind kind, const char *id)
{
	char *key = mem_printf("%s/%s", kind_name(kind), id);
	char *before = strmap_find(&walk->users, key);
	char *user = mem_printf("%s %s", kind_name(walk->user->kind), walk->user->id);
	size_t len = before != NULL ? strlen(before) : 0, user_len = strlen(user);
	bool named = len >= user_len && strcmp(before + len - user_len, user) == 0;
	if (!named) {
		char *users =
			before != NULL ? mem_printf("%s, %s", before, user) : mem_strdup(user);
		strmap_put(&walk->users, key, users);
		free(before);
	}
	free(user);
	free(key);
}

/* The user names (KIND, ID) at SUFFIX. ID may be NULL. */
static void reference(struct walk *walk, enum kind kind, const char *id, const char *suffix)
{
	if (id == NULL || model_find(walk->check->after, kind, id) != NULL)
		return;
	if (walk->user_change != NULL)
		check_finding(walk->check, walk->user_change, suffix,
			      "there is no %s \"%s\"; create it, or name another one",
			      kind_name(kind), id);
	else if (check_find(walk->check, kind, id) != NULL)
		note_user(walk, kind, id);
}

static void walk_rules(struct walk *walk, const struct service *service)
{
	char suffix[64];
	for (size_t i = 0; i < service->rule_count; i++) {
		const struct rule *rule = &service->rules[i];
		for (size_t k = 0; k < rule->match_count; k++) {
			if (rule->matches[k].kind != MATCH_REGION)
				continue;
			snprintf(suffix, sizeof suffix, "/rules/%zu/match/%zu", i, k);
			reference(walk, KIND_REGION, rule->matches[k].text, suffix);
		}
		snprintf(suffix, sizeof suffix, "/rules/%zu/pool", i);
		reference(walk, KIND_POOL, rule->pool, suffix);
	}
}

static void walk_service(struct walk *walk, const struct service *service)
{
	char suffix[32];
	reference(walk, KIND_ZONE, service->zone, "");
	reference(walk, KIND_POOL, service->default_pool, "/default");
	reference(walk, KIND_POOL, service->fallback_pool, "/fallback_pool");
	walk_rules(walk, service);
	for (size_t i = 0; i < service->pool_count; i++) {
		snprintf(suffix, sizeof suffix, "/pools/%zu", i);
		reference(walk, KIND_POOL, service->pools[i].pool, suffix);
	}
}

/* The canonical name of "example.com. SOA". */
static void name_of_question(const char *question, char name[DNS_NAME_TEXT_MAX])
{
	const char *dot = strstr(question, ". ");
	size_t len = dot != NULL ? (size_t)(dot - question) : 0;
	if (len == 0 || len >= DNS_NAME_TEXT_MAX) {
		memcpy(name, ".", 2);
		return;
	}
	memcpy(name, question, len);
	name[len] = '\0';
}

/* The zone that holds NAME, NULL where none does. */
static const struct object *zone_of_name(const struct model *model, const char *name)
{
	for (const char *rest = name; rest != NULL && *rest != '\0';) {
		const struct object *zone = model_find(model, KIND_ZONE, rest);
		if (zone != NULL)
			return zone;
		rest = strchr(rest, '.');
		rest = rest != NULL ? rest + 1 : NULL;
	}
	return model_find(model, KIND_ZONE, ".");
}

/* A zone holds what the responder must answer. */
static void walk_question(struct walk *walk, const char *question)
{
	char name[DNS_NAME_TEXT_MAX];
	name_of_question(question, name);
	if (zone_of_name(walk->check->after, name) != NULL)
		return;
	if (walk->user_change != NULL)
		check_finding(walk->check, walk->user_change, "/needs/dns",
			      "no zone here holds the name of \"%s\", so the prefix could never "
			      "be announced",
			      question);
	for (size_t i = 0; walk->user_change == NULL && i < walk->check->changes->count; i++) {
		const struct change *change = &walk->check->changes->at[i];
		if (change->kind == KIND_ZONE && change->after == NULL &&
		    dns_name_within(name, change->id, NULL))
			note_user(walk, KIND_ZONE, change->id);
	}
}

static void walk_prefix(struct walk *walk, const struct announce_prefix *prefix)
{
	char suffix[48];
	for (size_t i = 0; i < prefix->sites.count; i++) {
		snprintf(suffix, sizeof suffix, "/sites/%zu", i);
		reference(walk, KIND_SITE, prefix->sites.at[i], suffix);
	}
	for (size_t i = 0; i < prefix->needs_pools.count; i++) {
		snprintf(suffix, sizeof suffix, "/needs/pools/%zu", i);
		reference(walk, KIND_POOL, prefix->needs_pools.at[i], suffix);
	}
	if (prefix->needs_dns != NULL)
		walk_question(walk, prefix->needs_dns);
}

static bool has_endpoint(const struct model *model, const char *text)
{
	char pool[64];
	const char *slash = strchr(text, '/');
	if (slash == NULL || (size_t)(slash - text) >= sizeof pool)
		return false;
	memcpy(pool, text, (size_t)(slash - text));
	pool[slash - text] = '\0';
	const struct object *object = model_find(model, KIND_POOL, pool);
	for (size_t i = 0; object != NULL && i < object->pool.endpoint_count; i++) {
		if (strcmp(object->pool.endpoints[i].name, slash + 1) == 0)
			return true;
	}
	return false;
}

/* An override begins over something that is there; it may outlive it, for it ends by itself. */
static void walk_override(struct walk *walk, const struct override *override)
{
	const char *object = override->object;
	const struct model *after = walk->check->after;
	if (walk->user_change == NULL)
		return;
	bool there = strncmp(object, "endpoint/", 9) == 0 ? has_endpoint(after, object + 9)
		     : strncmp(object, "pool/", 5) == 0
			     ? model_find(after, KIND_POOL, object + 5) != NULL
			     : strcmp(object, "prefix/*") == 0 ||
				       model_find(after, KIND_PREFIX, object + 7) != NULL;
	if (!there)
		check_finding(walk->check, walk->user_change, "/object", "there is no %s", object);
}

static void walk_object(struct walk *walk, const struct object *object)
{
	walk->user = object;
	walk->user_change = check_find(walk->check, object->kind, object->id);
	switch (object->kind) {
	case KIND_POOL:
		reference(walk, KIND_MONITOR, object->pool.monitor, "/monitor");
		reference(walk, KIND_POOL, object->pool.fallback, "/fallback");
		break;
	case KIND_SERVICE:
		walk_service(walk, &object->service);
		break;
	case KIND_PREFIX:
		walk_prefix(walk, &object->prefix);
		break;
	case KIND_OVERRIDE:
		walk_override(walk, &object->override);
		break;
	default:
		break;
	}
}

/* Each removal of something that others still name is one finding that names them all. */
static void report_users(struct walk *walk)
{
	for (size_t i = 0; i < walk->check->changes->count; i++) {
		const struct change *change = &walk->check->changes->at[i];
		if (change->after != NULL || change->kind == KIND_RRSET)
			continue;
		char *key = mem_printf("%s/%s", kind_name(change->kind), change->id);
		char *users = strmap_remove(&walk->users, key);
		free(key);
		if (users == NULL)
			continue;
		check_finding(walk->check, change, "",
			      "cannot be removed, it is in use by %s; change that first", users);
		*walk->check->blocked = true;
		free(users);
	}
	strmap_fini(&walk->users);
}

void check_references(const struct check *check)
{
	struct walk walk = {.check = check};
	for (unsigned kind = 0; kind < KIND_RRSET; kind++) {
		const struct objects *objects = &check->after->of[kind];
		for (size_t i = 0; i < objects->count; i++)
			walk_object(&walk, objects->at[i]);
	}
	report_users(&walk);
}
