/* Knows what the pick of records depends on. */
#include "geodns/service.h"

#include "geodns/deciding.h"

struct service_answer service_decide(const struct service_live *service, uint16_t qtype,
				     const struct service_client *client)
{
	const struct plan *plan = client->assumed;
	if (plan == NULL)
		plan = atomic_load_explicit(&service->cell->plan, memory_order_acquire);
	struct plan_client who = {
		.ecs = client->ecs, .resolver = client->resolver, .chance = client->chance};
	struct service_answer answer =
		service_answer_of(service, qtype, plan, plan_choose(plan, &who));
	if (answer.type == NULL)
		return answer;
	answer.pick.chance = service_turn(client->chance);
	if (answer.type->pick != ANSWERS_HASH)
		return answer;
	const struct addr *by = answer.chosen.by;
	if (by == NULL)
		by = client->ecs != NULL ? client->ecs : client->resolver;
	answer.pick.client = poolset_client(by);
	/* An answer that hashes on the client holds for the client's prefix and no further. */
	if (by == client->ecs && answer.type->take < answer.type->count &&
	    answer.scope < plan_hash_scope(by))
		answer.scope = plan_hash_scope(by);
	return answer;
}
