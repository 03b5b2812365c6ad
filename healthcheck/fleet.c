/* Knows how the set of targets follows the configuration. */
#include "healthcheck/fleet.h"

#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

const char *pool_state_name(enum pool_state state)
{
	static const char *const names[] = {[POOL_UNKNOWN] = "unknown",
					    [POOL_HEALTHY] = "healthy",
					    [POOL_DEGRADED] = "degraded",
					    [POOL_DOWN] = "down"};
	return names[state];
}

enum pool_state fleet_judge(const size_t counts[VERDICT_DOWN + 1], uint32_t min_healthy)
{
	size_t unknown = counts[VERDICT_UNKNOWN], up = counts[VERDICT_UP];
	size_t degraded = counts[VERDICT_DEGRADED], down = counts[VERDICT_DOWN];
	if (up + degraded + down == 0)
		return POOL_UNKNOWN;
	if (up + degraded + unknown < (min_healthy > 0 ? min_healthy : 1))
		return POOL_DOWN;
	return degraded + down == 0 ? POOL_HEALTHY : POOL_DEGRADED;
}

static void update_pool(struct fleet *fleet, struct fleet_pool *pool)
{
	enum pool_state before = pool->state;
	enum pool_state now = fleet_judge(pool->counts, pool->min_healthy);
	/* A new pool is told of once, when all of it is known. */
	if (before == POOL_UNKNOWN && pool->counts[VERDICT_UNKNOWN] > 0)
		return;
	pool->state = now;
	/* What an earlier run left is no change, and a pool that goes has no state. */
	if (now != before && fleet->loaded && pool->members.count > 0)
		fleet->listener.pool(fleet->listener.context, pool, before);
}

static void on_judged(void *context, struct target *target, enum verdict before)
{
	struct fleet *fleet = context;
	enum verdict now = target->memory.verdict;
	for (struct member *member = target->members; member != NULL;
	     member = member->next_of_target) {
		fleet->listener.word(fleet->listener.context, member, before);
		if (now == before)
			continue;
		member->pool->counts[before]--;
		member->pool->counts[now]++;
		update_pool(fleet, member->pool);
	}
}

void fleet_init(struct fleet *fleet, const struct target_services *services,
		const struct fleet_listener *listener)
{
	*fleet = (struct fleet){.services = *services, .listener = *listener};
	fleet->services.judged = on_judged;
	fleet->services.context = fleet;
}

static void note_fresh(struct fleet *fleet, struct target *target)
{
	if (fleet->fresh_count == fleet->fresh_capacity) {
		fleet->fresh_capacity = fleet->fresh_capacity > 0 ? 2 * fleet->fresh_capacity : 64;
		fleet->fresh =
			mem_resize(fleet->fresh, fleet->fresh_capacity, sizeof(struct target *));
	}
	fleet->fresh[fleet->fresh_count++] = target;
}

static void forget_fresh(struct fleet *fleet, const struct target *target)
{
	for (size_t i = 0; i < fleet->fresh_count; i++)
		if (fleet->fresh[i] == target)
			fleet->fresh[i] = fleet->fresh[--fleet->fresh_count];
}

/* The target for MONITOR's check of ADDRESS, made when there is none. ID is the endpoint that asks.
 */
static struct target *target_for(struct fleet *fleet, const struct object *monitor,
				 const char *address, const char *id)
{
	char *key = target_key(monitor->monitor.name, address);
	struct target *target = strmap_find(&fleet->targets, key);
	if (target != NULL) {
		free(key);
		return target;
	}
	struct health_state held = {.verdict = VERDICT_NONE};
	if (!fleet->loaded)
		held = fleet->listener.held(fleet->listener.context, id);
	target = target_new(&fleet->services, key, monitor, address, held);
	strmap_put(&fleet->targets, key, target);
	note_fresh(fleet, target);
	return target;
}

static void attach(struct fleet *fleet, struct member *member, struct target *target)
{
	member->target = target;
	member->next_of_target = target->members;
	target->members = member;
	member->pool->counts[target->memory.verdict]++;
	fleet->listener.word(fleet->listener.context, member, target->memory.verdict);
}

/* Ends the target, too, when nobody else stands for it. */
static void detach(struct fleet *fleet, struct member *member)
{
	struct target *target = member->target;
	struct member **link = &target->members;
	while (*link != member)
		link = &(*link)->next_of_target;
	*link = member->next_of_target;
	member->pool->counts[target->memory.verdict]--;
	fleet->listener.removed(fleet->listener.context, member->id);
	if (target->members != NULL)
		return;
	strmap_remove(&fleet->targets, target->key);
	forget_fresh(fleet, target);
	target_free(target);
}

static void free_member(struct member *member)
{
	free(member->id);
	free(member->endpoint);
	free(member);
}

static void remove_member(struct fleet *fleet, struct member *member)
{
	detach(fleet, member);
	strmap_remove(&member->pool->members, member->endpoint);
	strmap_remove(&fleet->members, member->id);
	free_member(member);
}

static struct member *add_member(struct fleet *fleet, struct fleet_pool *pool, const char *name)
{
	struct member *member = mem_new(struct member);
	member->id = mem_printf("endpoint/%s/%s", pool->name, name);
	member->endpoint = mem_strdup(name);
	member->pool = pool;
	strmap_put(&pool->members, name, member);
	strmap_put(&fleet->members, member->id, member);
	return member;
}

static void want_endpoint(struct fleet *fleet, struct fleet_pool *pool,
			  const struct object *monitor, const struct endpoint *endpoint)
{
	char address[ADDR_TEXT_MAX];
	bool literal = endpoint->ip.family != ADDR_NONE;
	if (literal)
		addr_format(&endpoint->ip, address);
	const char *text = literal ? address : endpoint->address;
	struct member *member = strmap_find(&pool->members, endpoint->name);
	if (member == NULL)
		member = add_member(fleet, pool, endpoint->name);
	member->wanted = true;
	if (member->target != NULL && strcmp(member->target->address, text) == 0 &&
	    strcmp(member->target->monitor->id, monitor->id) == 0) {
		if (member->target->monitor != monitor)
			target_reconfigure(member->target, monitor);
		return;
	}
	if (member->target != NULL)
		detach(fleet, member);
	struct target *target = target_for(fleet, monitor, text, member->id);
	if (target->monitor != monitor)
		target_reconfigure(target, monitor);
	attach(fleet, member, target);
}

static void drop_unwanted(struct fleet *fleet, struct fleet_pool *pool)
{
	struct member **gone = mem_array(pool->members.count, sizeof *gone);
	size_t count = 0, cursor = 0;
	const char *name;
	void *value;
	while (strmap_next(&pool->members, &cursor, &name, &value)) {
		struct member *member = value;
		if (!member->wanted)
			gone[count++] = member;
		member->wanted = false;
	}
	for (size_t i = 0; i < count; i++)
		remove_member(fleet, gone[i]);
	free(gone);
}

static void free_pool(struct fleet *fleet, struct fleet_pool *pool)
{
	strmap_remove(&fleet->pools, pool->name);
	strmap_fini(&pool->members);
	free(pool->name);
	free(pool);
}

static struct fleet_pool *pool_for(struct fleet *fleet, const char *name)
{
	struct fleet_pool *pool = strmap_find(&fleet->pools, name);
	if (pool == NULL) {
		pool = mem_new(struct fleet_pool);
		pool->name = mem_strdup(name);
		strmap_put(&fleet->pools, name, pool);
	}
	return pool;
}

/* Makes the members of pool NAME what MODEL says; MODEL NULL: nobody. */
static void sync_pool(struct fleet *fleet, const struct model *model, const char *name)
{
	const struct object *object = model != NULL ? model_find(model, KIND_POOL, name) : NULL;
	const struct object *monitor = NULL;
	if (object != NULL && object->pool.monitor != NULL)
		monitor = model_find(model, KIND_MONITOR, object->pool.monitor);
	if (monitor == NULL && strmap_find(&fleet->pools, name) == NULL)
		return;
	struct fleet_pool *pool = pool_for(fleet, name);
	pool->min_healthy = object != NULL ? object->pool.min_healthy : 1;
	for (size_t i = 0; monitor != NULL && i < object->pool.endpoint_count; i++)
		if (object->pool.endpoints[i].enabled)
			want_endpoint(fleet, pool, monitor, &object->pool.endpoints[i]);
	drop_unwanted(fleet, pool);
	update_pool(fleet, pool);
	if (pool->members.count == 0)
		free_pool(fleet, pool);
}

static void sync_everything(struct fleet *fleet, const struct model *model)
{
	size_t count = 0, cursor = 0;
	char **gone = mem_array(fleet->pools.count, sizeof *gone);
	const char *name;
	void *pool;
	while (strmap_next(&fleet->pools, &cursor, &name, &pool))
		if (model == NULL || model_find(model, KIND_POOL, name) == NULL)
			gone[count++] = mem_strdup(name);
	for (size_t i = 0; i < count; i++) {
		sync_pool(fleet, model, gone[i]);
		free(gone[i]);
	}
	free(gone);
	const struct objects none = {0};
	const struct objects *pools = model != NULL ? &model->of[KIND_POOL] : &none;
	for (size_t i = 0; i < pools->count; i++)
		sync_pool(fleet, model, pools->at[i]->id);
}

static void sync_moved(struct fleet *fleet, const struct model *model, const struct moved *moved)
{
	if (moved->kind == KIND_POOL)
		sync_pool(fleet, model, moved->id);
	if (moved->kind != KIND_MONITOR)
		return;
	const struct objects *pools = &model->of[KIND_POOL];
	for (size_t i = 0; i < pools->count; i++) {
		const char *monitor = pools->at[i]->pool.monitor;
		if (monitor != NULL && strcmp(monitor, moved->id) == 0)
			sync_pool(fleet, model, pools->at[i]->id);
	}
}

static void start_fresh(struct fleet *fleet)
{
	for (size_t i = 0; i < fleet->fresh_count; i++)
		if (fleet->fresh[i]->item.state == RUNNER_IDLE)
			target_start(fleet->fresh[i], fleet->fresh_count);
	fleet->fresh_count = 0;
}

void fleet_apply(struct fleet *fleet, const struct model *model, const struct moved *moved,
		 size_t count)
{
	if (moved == NULL)
		sync_everything(fleet, model);
	for (size_t i = 0; moved != NULL && i < count; i++)
		sync_moved(fleet, model, &moved[i]);
	start_fresh(fleet);
	fleet->loaded = true;
}

void fleet_fini(struct fleet *fleet)
{
	/* Words stay for the next run: what is freed here is not removed from the configuration. */
	fleet->listener.removed = NULL;
	size_t cursor = 0;
	const char *key;
	void *value;
	while (strmap_next(&fleet->targets, &cursor, &key, &value))
		target_free(value);
	for (cursor = 0; strmap_next(&fleet->members, &cursor, &key, &value);)
		free_member(value);
	for (cursor = 0; strmap_next(&fleet->pools, &cursor, &key, &value);) {
		struct fleet_pool *pool = value;
		strmap_fini(&pool->members);
		free(pool->name);
		free(pool);
	}
	strmap_fini(&fleet->targets);
	strmap_fini(&fleet->members);
	strmap_fini(&fleet->pools);
	free(fleet->fresh);
}
