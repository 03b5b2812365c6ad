/* Knows how chance, or the hash of an address, becomes one of a plan's choices. */
#include "geodns/plan.h"

#include "geodns/deciding.h"

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
	if (plan_is_by_place(plan))
		return plan_choose_by_place(plan, client->ecs, client->resolver);
	if (plan->steering == STEERING_WEIGHTED)
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
