/* Knows where one object names another. */
#include "web/users.h"

#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

char *object_name(enum kind kind, const char *id)
{
	return kind == KIND_SAFETY ? mem_strdup("safety")
				   : mem_printf("%s/%s", kind_name(kind), id);
}

static bool is(const char *name, const char *wanted)
{
	return name != NULL && strcmp(name, wanted) == 0;
}

static bool texts_have(const struct texts *texts, const char *wanted)
{
	for (size_t i = 0; i < texts->count; i++) {
		if (strcmp(texts->at[i], wanted) == 0)
			return true;
	}
	return false;
}

static bool service_names_pool(const struct service *service, const char *pool)
{
	if (is(service->default_pool, pool) || is(service->fallback_pool, pool))
		return true;
	for (size_t i = 0; i < service->rule_count; i++) {
		if (is(service->rules[i].pool, pool))
			return true;
	}
	for (size_t i = 0; i < service->pool_count; i++) {
		if (is(service->pools[i].pool, pool))
			return true;
	}
	return false;
}

static bool service_names_region(const struct service *service, const char *region)
{
	for (size_t i = 0; i < service->rule_count; i++) {
		const struct rule *rule = &service->rules[i];
		for (size_t j = 0; j < rule->match_count; j++) {
			if (rule->matches[j].kind == MATCH_REGION &&
			    is(rule->matches[j].text, region))
				return true;
		}
	}
	return false;
}

static bool names(const struct object *user, enum kind kind, const char *id)
{
	switch (kind) {
	case KIND_POOL:
		return (user->kind == KIND_POOL && is(user->pool.fallback, id)) ||
		       (user->kind == KIND_SERVICE && service_names_pool(&user->service, id)) ||
		       (user->kind == KIND_PREFIX && texts_have(&user->prefix.needs_pools, id));
	case KIND_MONITOR:
		return user->kind == KIND_POOL && is(user->pool.monitor, id);
	case KIND_REGION:
		return user->kind == KIND_SERVICE && service_names_region(&user->service, id);
	case KIND_SITE:
		return user->kind == KIND_PREFIX && texts_have(&user->prefix.sites, id);
	default:
		return false;
	}
}

json_t *users_of(const struct model *model, enum kind kind, const char *id)
{
	static const enum kind users[] = {KIND_POOL, KIND_SERVICE, KIND_PREFIX};
	json_t *list = json_array();
	for (size_t i = 0; i < sizeof users / sizeof users[0]; i++) {
		const struct objects *objects = &model->of[users[i]];
		for (size_t j = 0; j < objects->count; j++) {
			if (!names(objects->at[j], kind, id))
				continue;
			char *name = object_name(users[i], objects->at[j]->id);
			json_array_append_new(list, json_string(name));
			free(name);
		}
	}
	return list;
}
