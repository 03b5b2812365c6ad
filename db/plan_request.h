/*
 * plan_request: how the anycast controller is asked what would follow from changes that are not
 * made: the arguments of its control verb "plan".
 */
#ifndef MERIDIAN_DB_PLAN_REQUEST_H
#define MERIDIAN_DB_PLAN_REQUEST_H

#include "db/check.h"

/* {"changes": [{"kind", "id", "object"}]} of what announcements depend on among CHANGES (NULL:
 * none). A new reference. */
json_t *plan_request(const struct changes *changes);

#endif
