/*
 * explanation: one explain while it is made; shared by explain.c, which asks, and explain_steps.c,
 * which tells.
 */
#ifndef MERIDIAN_GEODNS_EXPLANATION_H
#define MERIDIAN_GEODNS_EXPLANATION_H

#include "geodns/explain.h"
#include "geodns/trace.h"

struct explanation {
	struct responder *responder;
	json_t *steps;
	bool has_subnet; /* the question carries a client subnet */
	struct prefix subnet;
	struct addr resolver;
	/* What is assumed to be down, and the pools and plans as they would then be. */
	const char **down;
	size_t down_count;
	struct strmap pools; /* name -> struct pool_live */
	struct strmap plans; /* service id -> struct plan */
	/* Of the last service met. */
	char *service, *pool;
	json_t *place;
	bool has_ttl;
	uint32_t ttl_s;
};

/* Adds {"step": STEP, "text": ...}. */
void explanation_step(struct explanation *explanation, const char *step, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* The pool as it is, or as it would be. NULL where there is none. */
const struct pool_live *explanation_pool(struct explanation *explanation, const char *name);

/* The members of struct trace. */
void explanation_name(void *context, const uint8_t *name, const struct zone_live *zone,
		      const char *what);
void explanation_service(void *context, const struct service_live *service,
			 const struct service_answer *answer);

/* {"continent", ..., "source", "prefix"} of what is known of ADDR. */
json_t *explanation_place(const struct atlas *atlas, const struct addr *addr);

#endif
