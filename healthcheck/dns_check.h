/*
 * dns_check: what is asked of a name server, and whether its reply is the one that was wanted
 * (pure but for memory).
 */
#ifndef MERIDIAN_HEALTHCHECK_DNS_CHECK_H
#define MERIDIAN_HEALTHCHECK_DNS_CHECK_H

#include "healthcheck/probe.h"

#include <stddef.h>

enum { DNS_CHECK_MAX = 300 };

struct dns_check {
	uint8_t query[DNS_CHECK_MAX];
	size_t len;
	const struct monitor *monitor; /* borrowed */
};

/* False where MONITOR's name or type cannot be asked for. */
bool dns_check_make(const struct monitor *monitor, struct dns_check *check)
	__attribute__((warn_unused_result));
void dns_check_set_id(struct dns_check *check, uint16_t id);

/* False where OCTETS are no reply to the query: go on waiting. Else RESULT says whether it is as
 * wanted. */
bool dns_check_judge(const struct dns_check *check, const uint8_t *octets, size_t len,
		     struct probe_result *result) __attribute__((warn_unused_result));

#endif
