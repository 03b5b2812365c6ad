/* Knows how chance, or the hash of an address, becomes one of a plan's choices. */
#include "geodns/plan.h"

#include "geodns/deciding.h"

static uint32_t by_weight(const struct plan *plan, uint64_t chance)
{
	uint64_t total = plan->choices[plan->count - 1].pick;
	uint64_t point = (uint64_t)(((unsigned __int128)chance * total) >> 64);
	uint32_t low = 0, high = plan->count - 1;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		if (point < plan->choices[middle].pick)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

static uint32_t best_even(const struct plan *plan, uint64_t key)
{
	uint64_t best = 0;
	uint32_t at = 0;
	for (uint32_t i = 0; i < plan->count; i++) {
		uint64_t score = poolset_score(key, plan->choices[i].pick);
		if (score >= best) {
			best = score;
			at = i;
		}
	}
	return at;
}

static uint32_t best_weighted(const struct plan *plan, uint64_t key)
{
	double best = 0;
	uint32_t at = 0;
	for (uint32_t i = 0; i < plan->count; i++) {
		const struct choice *choice = &plan->choices[i];
		double score = poolset_weighted(poolset_score(key, choice->pick), choice->weight);
		if (score > best) {
			best = score;
			at = i;
		}
	}
	return at;
}

static struct plan_chosen by_hash(const struct plan *plan, const struct plan_client *client)
{
	struct plan_chosen chosen = {.by = client->ecs != NULL ? client->ecs : client->resolver};
	uint64_t key = poolset_client(chosen.by);
	chosen.ranking = plan->uneven ? best_weighted(plan, key) : best_even(plan, key);
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
