/*
 * object: configuration objects as HTTP resources, the same for every kind: list, create, get, put,
 * patch, delete. The route's kind and path parameters say which.
 */
#ifndef MERIDIAN_WEB_OBJECT_H
#define MERIDIAN_WEB_OBJECT_H

#include "web/app.h"

struct response *object_list(struct app *app, struct call *call);
struct response *object_create(struct app *app, struct call *call);
struct response *object_get(struct app *app, struct call *call);
struct response *object_put(struct app *app, struct call *call);
struct response *object_patch(struct app *app, struct call *call);
struct response *object_delete(struct app *app, struct call *call);

/*
 * For resources that are not quite like the others (zones, endpoints, overrides):
 */

/* The object, referenced; NULL where there is none (ERROR empty) or it cannot be read. */
struct object *object_find(struct app *app, enum kind kind, const char *id, struct error *error);
/* NULL where the request's If-Match names REVISION; else 428 or 412. */
struct response *object_check_match(const struct call *call, int64_t revision);
/* 200 (or STATUS) with the object, its revision and its ETag. */
struct response *object_answer(unsigned status, const struct object *object, int64_t revision);
/* The object as JSON with its revision. */
json_t *object_json(const struct object *object, int64_t revision);
/* Takes away the members that only answers have. */
void object_strip(json_t *body);
/* 404 that names the object. */
struct response *object_missing(enum kind kind, const char *id);

#endif
