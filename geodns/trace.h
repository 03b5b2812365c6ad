/*
 * trace: the steps of one decision, told while it is made. The answer path takes NULL and pays a
 * branch; explain takes one and reads it afterwards.
 */
#ifndef MERIDIAN_GEODNS_TRACE_H
#define MERIDIAN_GEODNS_TRACE_H

#include "geodns/service.h"
#include "geodns/zone.h"

/* Called as the answer is made; a member may be NULL. Nothing is owned. */
struct trace {
	void *context;
	/* A name (the question's, or where a CNAME led) was looked up. */
	void (*name)(void *context, const uint8_t *name, const struct zone_live *zone,
		     const char *what);
	void (*service)(void *context, const struct service_live *service,
			const struct service_answer *answer);
};

#endif
