/*
 * service: a name whose addresses are decided by query: from a plan and a client to records.
 */
#ifndef MERIDIAN_GEODNS_SERVICE_H
#define MERIDIAN_GEODNS_SERVICE_H

#include "geodns/plan.h"

#include <stdatomic.h>

/* Where the current plan of one steering stands. The control thread writes (release), workers read
 * (acquire). */
struct plan_cell {
	_Atomic(const struct plan *) plan;
};

/* Immutable but for what it points to; part of a node's life (node.h). */
struct service_live {
	char *id; /* "example.com/www" */
	uint32_t ttl_s;
	uint32_t counters; /* of its first pool among the counters of answers */
	uint32_t counters_len;
	const struct plan_cell *cell;
};

struct service_client {
	const struct addr *ecs; /* NULL: none, or of no use */
	const struct addr *resolver;
	uint64_t chance;
	const struct plan *assumed; /* for explain: instead of the current plan; else NULL */
};

/* What a service answers a client with, before it is written. */
struct service_answer {
	struct plan_chosen chosen; /* choice NULL: no pool has anything of the type, for nobody */
	const struct poolset *set; /* NULL: as type */
	const struct poolset_type *type; /* NULL: nothing of the type asked for */
	struct poolset_pick pick;
	uint32_t ttl_s;
	uint8_t scope;
	bool is_cname;
};

/* Pure but for reading the plan. QTYPE is any type; a pool of host names answers all with CNAME. */
struct service_answer service_decide(const struct service_live *service, uint16_t qtype,
				     const struct service_client *client);

#endif
