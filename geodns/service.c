/* Knows what of a pool's answers a question of some type gets, for how long, and for whom else. */
#include "geodns/service.h"

#include "geodns/wire/dns.h"

/* NULL where the pool has nothing that answers QTYPE. */
static const struct poolset_type *type_for(const struct poolset *set, uint16_t qtype)
{
	const struct poolset_type *type = NULL;
	if (set->cname.count > 0)
		type = &set->cname;
	else if (qtype == DNS_TYPE_A)
		type = &set->a;
	else if (qtype == DNS_TYPE_AAAA)
		type = &set->aaaa;
	return type != NULL && type->count > 0 ? type : NULL;
}

/* Whether any client would get records of QTYPE. */
static bool has_any(const struct plan *plan, uint16_t qtype)
{
	unsigned types = PLAN_CNAME;
	if (qtype == DNS_TYPE_A)
		types |= PLAN_A;
	else if (qtype == DNS_TYPE_AAAA)
		types |= PLAN_AAAA;
	return (plan->types & types) != 0;
}

static uint32_t least(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

struct service_answer service_decide(const struct service_live *service, uint16_t qtype,
				     const struct service_client *client)
{
	const struct plan *plan = client->assumed;
	if (plan == NULL)
		plan = atomic_load_explicit(&service->cell->plan, memory_order_acquire);
	/* What nobody gets does not depend on place, and is decided without asking for it. */
	if (!has_any(plan, qtype))
		return (struct service_answer){.ttl_s = least(plan->ttl_cap_s, service->ttl_s)};
	struct plan_client who = {
		.ecs = client->ecs, .resolver = client->resolver, .chance = client->chance};
	struct service_answer answer = {.chosen = plan_choose(plan, &who)};
	const struct choice *choice = answer.chosen.choice;
	answer.set = choice->set;
	answer.ttl_s = least(choice->ttl_cap_s, service->ttl_s);
	answer.scope = answer.chosen.scope;
	answer.type = choice->set != NULL ? type_for(choice->set, qtype) : NULL;
	if (answer.type == NULL)
		return answer;
	answer.is_cname = answer.type == &choice->set->cname;
	/* The halves change places: a pool chosen by chance took the upper one. */
	answer.pick.chance = client->chance << 32 | client->chance >> 32;
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
