/* users: which objects name an object, for "used by" and for what stands in the way of a removal
 * (pure). */
#ifndef MERIDIAN_WEB_USERS_H
#define MERIDIAN_WEB_USERS_H

#include "db/model.h"

#include <jansson.h>

/* ["service/example.com/www", "pool/us"], sorted by kind, then id. */
json_t *users_of(const struct model *model, enum kind kind, const char *id);

/* "kind/id", on the heap. */
char *object_name(enum kind kind, const char *id);

#endif
