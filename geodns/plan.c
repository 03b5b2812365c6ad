/* Knows how an address, or chance, becomes one of a plan's choices, and how far that holds. */
#include "geodns/plan.h"

#include "geodns/geomap_layout.h"

#define NONE UINT32_MAX

_Static_assert(GEOMAP_NO_PLACE == NONE, "a value that is no ranking");

/* RFC 7871 section 7.1.2 leaves it to us what to do with an address that says nothing: ask the
 * resolver's. */
static struct plan_chosen by_place(const struct plan *plan, const struct plan_client *client)
{
	struct geomap_found found = {.value = GEOMAP_NO_PLACE};
	struct plan_chosen chosen = {.by = client->ecs};
	if (client->ecs != NULL) {
		found = client->ecs->family == ADDR_IPV4
				? geomap_find4(plan->map, ranges_key4(client->ecs))
				: geomap_find6(plan->map, client->ecs);
		chosen.scope = found.value == GEOMAP_NO_PLACE ? 0 : found.scope;
	}
	if (found.value == GEOMAP_NO_PLACE) {
		chosen.by = client->resolver;
		found = geomap_find(plan->map, client->resolver);
	}
	chosen.ranking = found.value == GEOMAP_NO_PLACE ? plan->unknown : found.value;
	return chosen;
}

static uint32_t by_weight(const struct plan *plan, uint64_t chance)
{
	uint64_t total = plan->choices[plan->count - 1].weight_upto;
	uint64_t point = (uint64_t)(((unsigned __int128)chance * total) >> 64);
	uint32_t low = 0, high = plan->count - 1;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		if (point < plan->choices[middle].weight_upto)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

static struct plan_chosen by_hash(const struct plan *plan, const struct plan_client *client)
{
	struct plan_chosen chosen = {.by = client->ecs != NULL ? client->ecs : client->resolver};
	uint64_t key = poolset_client(chosen.by), best = 0;
	for (uint32_t i = 0; i < plan->count; i++) {
		uint64_t score = poolset_score(key, plan->choices[i].seed);
		if (score >= best) {
			best = score;
			chosen.ranking = i;
		}
	}
	if (client->ecs != NULL)
		chosen.scope = plan_hash_scope(client->ecs);
	return chosen;
}

struct plan_chosen plan_choose(const struct plan *plan, const struct plan_client *client)
{
	struct plan_chosen chosen = {.ranking = 0};
	/* One choice for everybody: the answer does not depend on place (scope 0). */
	if (plan->count == 1)
		chosen.by = NULL;
	else if (plan->map != NULL)
		chosen = by_place(plan, client);
	else if (plan->steering == STEERING_WEIGHTED)
		chosen.ranking = by_weight(plan, client->chance);
	else if (plan->steering == STEERING_HASH)
		chosen = by_hash(plan, client);
	chosen.choice = &plan->choices[chosen.ranking];
	return chosen;
}

uint8_t plan_hash_scope(const struct addr *addr)
{
	struct addr inside;
	unsigned before = 0;
	if (addr_embedded_ipv4(addr, &inside, &before))
		return (uint8_t)(before + POOLSET_HASH_LEN4);
	return addr->family == ADDR_IPV4 ? POOLSET_HASH_LEN4 : POOLSET_HASH_LEN6;
}
