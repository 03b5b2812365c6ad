/*
 * deciding: how a place becomes a pool and a pool records, for the callers that inline it: plan.c
 * and service.c, which know the other ways too, and the short way of answers. One decision, one
 * code; everybody else uses plan.h and service.h.
 */
#ifndef MERIDIAN_GEODNS_DECIDING_H
#define MERIDIAN_GEODNS_DECIDING_H

#include "geodns/geomap_layout.h"
#include "geodns/service.h"
#include "geodns/wire/dns.h"

/* Whether the choice is everybody's, or made by place. */
static inline bool plan_is_by_place(const struct plan *plan)
{
	return plan->count == 1 || plan->map != NULL;
}

/* plan_choose() where plan_is_by_place(). RFC 7871 section 7.1.2 leaves it to us what to do with an
 * address that says nothing: ask the resolver's. */
static inline __attribute__((always_inline)) struct plan_chosen plan_choose_by_place(
	const struct plan *plan, const struct addr *ecs, const struct addr *resolver)
{
	struct geomap_found found = {.value = GEOMAP_NO_PLACE};
	struct plan_chosen chosen = {.by = ecs};
	/* One choice for everybody: the answer does not depend on place (scope 0). */
	if (plan->count == 1)
		return (struct plan_chosen){.choice = plan->choices};
	if (ecs != NULL) {
		found = ecs->family == ADDR_IPV4 ? geomap_find4(plan->map, ranges_key4(ecs))
						 : geomap_find6(plan->map, ecs);
		chosen.scope = found.scope;
	}
	if (found.value == GEOMAP_NO_PLACE) {
		chosen.scope = 0;
		chosen.by = resolver;
		found = geomap_find(plan->map, resolver);
	}
	chosen.ranking = found.value == GEOMAP_NO_PLACE ? plan->unknown : found.value;
	chosen.choice = &plan->choices[chosen.ranking];
	return chosen;
}

/* The chance of a pick: the halves change places, for a pool chosen by chance took the upper one.
 */
static inline uint64_t service_turn(uint64_t chance)
{
	return chance << 32 | chance >> 32;
}

/* NULL where the pool has nothing that answers QTYPE. A pool has addresses or host names. */
static inline const struct poolset_type *service_type(const struct poolset *set, uint16_t qtype)
{
	const struct poolset_type *type = &set->cname;
	if (qtype == DNS_TYPE_A && set->a.count > 0)
		return &set->a;
	if (qtype == DNS_TYPE_AAAA && set->aaaa.count > 0)
		return &set->aaaa;
	return type->count > 0 ? type : NULL;
}

/* Whether any client would get records of QTYPE. */
static inline bool service_has(const struct plan *plan, uint16_t qtype)
{
	unsigned types = PLAN_CNAME;
	if (qtype == DNS_TYPE_A)
		types |= PLAN_A;
	else if (qtype == DNS_TYPE_AAAA)
		types |= PLAN_AAAA;
	return (plan->types & types) != 0;
}

static inline uint32_t service_least(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

/* service_decide() after the choice of a pool, but for what a pick depends on. */
static inline __attribute__((always_inline)) struct service_answer service_answer_of(
	const struct service_live *service, uint16_t qtype, const struct plan *plan,
	struct plan_chosen chosen)
{
	const struct choice *choice = chosen.choice;
	struct service_answer answer = {.chosen = chosen, .scope = chosen.scope};
	answer.set = choice->set;
	answer.ttl_s = service_least(choice->ttl_cap_s, service->ttl_s);
	answer.type = choice->set != NULL ? service_type(choice->set, qtype) : NULL;
	/* What nobody gets does not depend on place. */
	if (answer.type == NULL && !service_has(plan, qtype))
		return (struct service_answer){
			.ttl_s = service_least(plan->ttl_cap_s, service->ttl_s)};
	answer.is_cname = answer.type != NULL && answer.type == &choice->set->cname;
	return answer;
}

#endif
