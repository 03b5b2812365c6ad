/* attention: what needs somebody, worst first (pure). */
#ifndef MERIDIAN_WEB_ATTENTION_H
#define MERIDIAN_WEB_ATTENTION_H

#include <jansson.h>

/*
 * [{"severity", "object", "text", "since", "reason", "share", "link"}] out of the answers of GET
 * health, anycast and status, and of traffic_view(). All are borrowed.
 */
json_t *attention_list(const json_t *health, const json_t *anycast, const json_t *status,
		       const json_t *traffic);

#endif
