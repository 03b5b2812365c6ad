/* Knows what a moved object touches, and the order in which that is put right. */
#include "geodns/content.h"

#include "base/mem.h"
#include "geodns/loading.h"

#include <stdlib.h>
#include <string.h>

void content_init(struct content *content, struct quiesce *quiesce, struct mapmaker *mapmaker,
		  struct atlas *atlas)
{
	*content = (struct content){.quiesce = quiesce, .counters_used = 1};
	zones_init(&content->zones, quiesce);
	pools_init(&content->pools, quiesce);
	steerings_init(&content->steerings, quiesce, &content->pools, mapmaker, atlas);
}

void content_fini(struct content *content)
{
	size_t cursor = 0;
	const char *key;
	void *service;
	while (strmap_next(&content->services, &cursor, &key, &service))
		loading_free_service(service);
	zones_fini(&content->zones);
	steerings_fini(&content->steerings);
	pools_fini(&content->pools);
	strmap_fini(&content->services);
	strmap_fini(&content->dirty);
	strmap_fini(&content->reload);
}

const struct content_service *content_service(const struct content *content, const char *id)
{
	return strmap_find(&content->services, id);
}

static void mark(struct strmap *set, const char *id)
{
	strmap_put(set, id, set);
}

/* Whether rankings depend on what changed: then the services that name the pool are made anew. */
static bool steers_otherwise(const struct pool *a, const struct pool *b)
{
	bool same_fallback = (a->fallback == NULL) == (b->fallback == NULL) &&
			     (a->fallback == NULL || strcmp(a->fallback, b->fallback) == 0);
	return !same_fallback || a->position.known != b->position.known ||
	       a->position.lat != b->position.lat || a->position.lon != b->position.lon;
}

static void mark_services_of_pool(struct content *content, const char *pool)
{
	size_t cursor = 0;
	const char *id;
	void *value;
	while (strmap_next(&content->services, &cursor, &id, &value)) {
		const struct content_service *service = value;
		if (service->steering != NULL && steering_pool(service->steering, pool) >= 0)
			mark(&content->dirty, id);
	}
}

static bool names_region(const struct service *service, const char *region)
{
	for (size_t i = 0; i < service->rule_count; i++) {
		const struct rule *rule = &service->rules[i];
		for (size_t k = 0; k < rule->match_count; k++) {
			if (rule->matches[k].kind == MATCH_REGION &&
			    strcmp(rule->matches[k].text, region) == 0)
				return true;
		}
	}
	return false;
}

static void mark_services_of_region(struct content *content, const struct model *model,
				    const char *region)
{
	const struct objects *services = &model->of[KIND_SERVICE];
	for (size_t i = 0; i < services->count; i++) {
		if (names_region(&services->at[i]->service, region))
			mark(&content->dirty, services->at[i]->id);
	}
}

/* Pools come first: what is made of them later finds them judged. */
static void apply_pool(struct content *content, const struct model *old,
		       const struct pools_view *view, const char *name)
{
	const struct object *before = old != NULL ? model_find(old, KIND_POOL, name) : NULL;
	const struct object *after = model_find(view->model, KIND_POOL, name);
	if (after != NULL) {
		pools_put(&content->pools, after);
		(void)pools_judge(&content->pools, name, view, true);
		steerings_outdate(&content->steerings, name);
	}
	if (before != NULL && (after == NULL || steers_otherwise(&before->pool, &after->pool)))
		mark_services_of_pool(content, name);
}

static bool apply_zone(struct content *content, const struct model *model, const char *name,
		       int64_t revision, struct error *error)
{
	const struct object *after = model_find(model, KIND_ZONE, name);
	struct zone_live *zone = zones_find(&content->zones, name);
	if (after == NULL) {
		if (zone != NULL)
			loading_remove_zone(content, zone);
		return true;
	}
	bool is_new = zone == NULL;
	zone = zones_put(&content->zones, after, error);
	if (zone == NULL)
		return false;
	/* Without a revision, records may be others than those that were read: after a restore. */
	if (is_new || revision == 0)
		mark(&content->reload, name);
	else
		zone_set_serial(zone, revision);
	return true;
}

/* Marks the name of an rrset or a service, "ZONE/NAME[/TYPE]", in a zone that is served. Zone and
 * name may hold slashes themselves (RFC 2317). */
static void mark_name(struct content *content, const struct moved *moved)
{
	char *id = mem_strdup(moved->id);
	char *type = moved->kind == KIND_RRSET ? strrchr(id, '/') : NULL;
	if (type != NULL)
		*type = '\0';
	for (char *slash = strchr(id, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		struct zone_live *zone = zones_find(&content->zones, id);
		*slash = '/';
		if (zone != NULL) {
			mark(&content->dirty, id);
			if (moved->revision != 0)
				zone_set_serial(zone, moved->revision);
			break;
		}
	}
	free(id);
}

static bool apply_one(struct content *content, const struct pools_view *view,
		      const struct moved *moved, struct error *error)
{
	switch (moved->kind) {
	case KIND_ZONE:
		return apply_zone(content, view->model, moved->id, moved->revision, error);
	case KIND_REGION:
		mark_services_of_region(content, view->model, moved->id);
		return true;
	case KIND_RRSET:
	case KIND_SERVICE:
		mark_name(content, moved);
		return true;
	default:
		return true;
	}
}

static void apply_geo(struct content *content, const struct model *model)
{
	struct atlas *atlas = atlas_with_overrides(content->steerings.atlas, model);
	steerings_set_atlas(&content->steerings, atlas);
	atlas_unref(atlas);
}

static void remove_pools(struct content *content, const struct model *model,
			 const struct moved *moved, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (moved[i].kind == KIND_POOL &&
		    model_find(model, KIND_POOL, moved[i].id) == NULL) {
			pools_remove(&content->pools, moved[i].id);
			steerings_outdate(&content->steerings, moved[i].id);
		}
	}
	steerings_replan(&content->steerings);
	pools_retire(&content->pools);
}

bool content_is_behind(const struct content *content)
{
	return content->dirty.count > 0 || content->reload.count > 0;
}

bool content_retry(struct content *content, struct store *store, const struct pools_view *view,
		   struct error *error)
{
	bool done = loading_zones(content, store, view->model, error);
	return loading_names(content, store, view->model, error) && done;
}

bool content_apply(struct content *content, struct store *store, const struct model *old,
		   const struct pools_view *view, const struct moved *moved, size_t count,
		   struct error *error)
{
	bool good = true, geo = false, override = false;
	for (size_t i = 0; i < count; i++) {
		if (moved[i].kind == KIND_POOL)
			apply_pool(content, old, view, moved[i].id);
		geo |= moved[i].kind == KIND_GEO;
		override |= moved[i].kind == KIND_OVERRIDE;
	}
	steerings_replan(&content->steerings);
	if (geo)
		apply_geo(content, view->model);
	if (override)
		(void)content_judge(content, view, true);
	/* Zones before names: a name of a new zone is read with it. */
	for (size_t i = 0; i < count; i++) {
		if (moved[i].kind == KIND_ZONE)
			good = apply_one(content, view, &moved[i], error) && good;
	}
	for (size_t i = 0; i < count; i++) {
		if (moved[i].kind != KIND_ZONE)
			good = apply_one(content, view, &moved[i], error) && good;
	}
	good = content_retry(content, store, view, error) && good;
	remove_pools(content, view->model, moved, count);
	return good;
}

bool content_load(struct content *content, struct store *store, const struct pools_view *view,
		  struct error *error)
{
	static const enum kind kinds[] = {KIND_POOL, KIND_GEO, KIND_ZONE};
	size_t count = 0, at = 0;
	for (size_t k = 0; k < 3; k++)
		count += view->model->of[kinds[k]].count;
	struct moved *moved = mem_array(count, sizeof *moved);
	for (size_t k = 0; k < 3; k++) {
		const struct objects *objects = &view->model->of[kinds[k]];
		for (size_t i = 0; i < objects->count; i++)
			moved[at++] = (struct moved){.revision = objects->at[i]->revision,
						     .kind = kinds[k],
						     .id = objects->at[i]->id};
	}
	bool good = content_apply(content, store, NULL, view, moved, count, error);
	free(moved);
	return good;
}

size_t content_judge(struct content *content, const struct pools_view *view, bool all)
{
	size_t cursor = 0, changed = 0;
	const char *name;
	void *pool;
	while (strmap_next(&content->pools.of, &cursor, &name, &pool)) {
		if (all ? pools_judge(&content->pools, name, view, false)
			: view->health != NULL && pools_follow(&content->pools, pool, view)) {
			steerings_outdate(&content->steerings, name);
			changed++;
		}
	}
	steerings_replan(&content->steerings);
	pools_retire(&content->pools);
	return changed;
}
