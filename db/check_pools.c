/* Knows what makes a pool fit for the pool or the service that names it. */
#include "base/mem.h"
#include "db/check_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* As many fallbacks, one of another, as the responder follows (STEER_CHAIN_MAX). */
enum { FALLBACK_DEPTH_MAX = 8 };

static const struct pool *find_pool(const struct check *check, const char *name)
{
	const struct object *object =
		name != NULL ? model_find(check->after, KIND_POOL, name) : NULL;
	return object != NULL ? &object->pool : NULL;
}

static bool is_on_way(const struct pool *const *way, int count, const struct pool *pool)
{
	for (int i = 0; i < count; i++) {
		if (way[i] == pool)
			return true;
	}
	return false;
}

/* A loop of COUNT pools is told once: at the first of those that change, by their names. */
static bool is_told_elsewhere(const struct check *check, const struct pool *const *loop, int count)
{
	for (int i = 1; i < count; i++) {
		if (strcmp(loop[i]->name, loop[0]->name) < 0 &&
		    check_find(check, KIND_POOL, loop[i]->name) != NULL)
			return true;
	}
	return false;
}

static void refuse_loop(const struct check *check, const struct change *change,
			const struct pool *const *loop, int count)
{
	if (count == 1) {
		check_finding(check, change, "/fallback",
			      "names itself; name another pool or none");
		return;
	}
	if (is_told_elsewhere(check, loop, count))
		return;
	char *way = mem_strdup(loop[0]->name);
	for (int i = 1; i <= count; i++) {
		char *longer = mem_printf("%s -> %s", way, loop[i % count]->name);
		free(way);
		way = longer;
	}
	check_finding(
		check, change, "/fallback",
		"closes a loop of fallbacks: %s; take one of them out, and let a service whose "
		"pools stand in for each other name them in their order",
		way);
	free(way);
}

static void check_fallback_kind(const struct check *check, const struct change *change,
				const struct pool *next)
{
	bool cname = change->after->pool.cname;
	if (next->cname != cname)
		check_finding(check, change, "/fallback",
			      "holds %s and \"%s\" %s; both must be of one kind",
			      cname ? "host names" : "addresses", next->name,
			      next->cname ? "host names" : "addresses");
}

/* A chain has an end, and the responder follows it to there. A loop that does not go through the
 * pool itself is told at those through which it goes. */
static void check_fallback(const struct check *check, const struct change *change)
{
	const struct pool *way[FALLBACK_DEPTH_MAX + 1] = {&change->after->pool};
	for (int depth = 0; depth <= FALLBACK_DEPTH_MAX; depth++) {
		const struct pool *next = find_pool(check, way[depth]->fallback);
		if (next == NULL)
			return;
		if (next == way[0])
			refuse_loop(check, change, way, depth + 1);
		if (is_on_way(way, depth + 1, next))
			return;
		if (depth == 0)
			check_fallback_kind(check, change, next);
		if (depth < FALLBACK_DEPTH_MAX)
			way[depth + 1] = next;
	}
	check_finding(check, change, "/fallback",
		      "begins a chain of more than %d fallbacks, which is not followed to its end; "
		      "shorten it",
		      FALLBACK_DEPTH_MAX);
}

/* A pool that changes keeps the kind that pools falling back to it have. */
static void check_fallback_users(const struct check *check, const struct change *change)
{
	const struct objects *pools = &check->after->of[KIND_POOL];
	if (change->before == NULL || change->before->pool.cname == change->after->pool.cname)
		return;
	for (size_t i = 0; i < pools->count; i++) {
		const struct pool *user = &pools->at[i]->pool;
		if (user->fallback != NULL && strcmp(user->fallback, change->id) == 0 &&
		    user->cname != change->after->pool.cname &&
		    check_find(check, KIND_POOL, user->name) == NULL)
			check_finding(check, change, "/kind",
				      "pool \"%s\" falls back to it and is of the other kind",
				      user->name);
	}
}

/* Where a fault in how SERVICE uses POOL is told: at the service if it changes, else at the pool;
 * NULL where neither does. */
static const struct change *change_of_use(const struct check *check, const struct object *service,
					  const char *pool, bool *at_service)
{
	const struct change *change = check_find(check, KIND_SERVICE, service->id);
	*at_service = change != NULL;
	return change != NULL ? change : check_find(check, KIND_POOL, pool);
}

static void check_use(const struct check *check, const struct object *object, const char *name,
		      const char *suffix)
{
	const struct service *service = &object->service;
	const struct pool *pool = find_pool(check, name);
	bool at_service, apex = strcmp(service->name, "@") == 0;
	if (pool == NULL)
		return;
	bool unplaced = service->steering == STEERING_NEAREST && !pool->position.known &&
			strcmp(suffix, "/fallback_pool") != 0 && strcmp(suffix, "/default") != 0;
	if (!unplaced && !(apex && pool->cname))
		return;
	const struct change *change = change_of_use(check, object, name, &at_service);
	if (change == NULL)
		return;
	if (unplaced)
		check_finding(check, change, at_service ? suffix : "",
			      "service %s steers to the nearest pool, and pool \"%s\" has no "
			      "coordinates; give it lat and lon",
			      object->id, name);
	if (apex && pool->cname)
		check_finding(check, change, at_service ? suffix : "",
			      "service %s stands at the apex of its zone, where a CNAME cannot be "
			      "(RFC 1034 section 3.6.2); pool \"%s\" must hold addresses",
			      object->id, name);
}

static void check_service(const struct check *check, const struct object *object)
{
	const struct service *service = &object->service;
	char suffix[48];
	check_use(check, object, service->default_pool, "/default");
	check_use(check, object, service->fallback_pool, "/fallback_pool");
	for (size_t i = 0; i < service->rule_count; i++) {
		snprintf(suffix, sizeof suffix, "/rules/%zu/pool", i);
		check_use(check, object, service->rules[i].pool, suffix);
	}
	for (size_t i = 0; i < service->pool_count; i++) {
		snprintf(suffix, sizeof suffix, "/pools/%zu", i);
		check_use(check, object, service->pools[i].pool, suffix);
	}
}

void check_pools(const struct check *check)
{
	bool judge_services = false;
	for (size_t i = 0; i < check->changes->count; i++) {
		const struct change *change = &check->changes->at[i];
		judge_services |= change->kind == KIND_POOL || change->kind == KIND_SERVICE;
		if (change->kind != KIND_POOL || change->after == NULL)
			continue;
		check_fallback(check, change);
		check_fallback_users(check, change);
	}
	const struct objects *services = &check->after->of[KIND_SERVICE];
	for (size_t i = 0; judge_services && i < services->count; i++)
		check_service(check, services->at[i]);
}
