/* http1_request: the octets that a monitor of type http or https sends (pure but for memory). */
#ifndef MERIDIAN_HEALTHCHECK_HTTP1_REQUEST_H
#define MERIDIAN_HEALTHCHECK_HTTP1_REQUEST_H

#include "db/model.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* On the heap, *LEN octets: RFC 9112 section 3. NAME is whom it is for where MONITOR has no host;
 * PORT stands beside it where it is not the usual one. */
char *http1_request(const struct monitor *monitor, const char *name, uint16_t port, bool secure,
		    size_t *len);

#endif
