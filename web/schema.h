/* schema: the components of openapi.json: objects of the configuration as JSON Schema (pure). */
#ifndef MERIDIAN_WEB_SCHEMA_H
#define MERIDIAN_WEB_SCHEMA_H

#include "web/router.h"

/* {"Pool": {...}, "PoolList": ..., "Document": ..., "Problem": ...} */
json_t *schema_components(void);

/* The schema of what ROUTE answers or takes, a reference; NULL where it is no object of the
 * configuration. The caller owns the reference. */
json_t *schema_answer(const struct route *route);
json_t *schema_body(const struct route *route);

#endif
