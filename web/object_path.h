/* object_path: between the id of an object and its place under /api/v1/ (pure). */
#ifndef MERIDIAN_WEB_OBJECT_PATH_H
#define MERIDIAN_WEB_OBJECT_PATH_H

#include "db/model.h"

#include <jansson.h>

/* The id of KIND from decoded path parameters in canonical spelling, on the heap; NULL where they
 * are no id of that kind. */
char *object_path_id(enum kind kind, char *const *parameter) __attribute__((warn_unused_result));

/* "/api/v1/pools/eu", on the heap. */
char *object_path(const struct object *object) __attribute__((warn_unused_result));

/* Sets the members of BODY that the path says already (name; name and type; ...), where they are
 * absent. */
void object_path_fill(enum kind kind, const char *id, json_t *body);

/* The member of BODY that holds the id: for a pointer. */
const char *object_path_key(enum kind kind);

#endif
